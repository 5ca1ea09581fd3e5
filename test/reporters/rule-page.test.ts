import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { ruleMarkdown, rulesJson, rulesMarkdown, rulesText, ruleText } from '../../src/reporters/rule-page.ts';
import { branchWithoutEvent, latestTag, privilegedStep, rules } from './sample-report.ts';

const familyOf = new Map([
  ['privileged-step', 'privilege'],
  ['branch-without-event', 'trigger'],
  ['weak-rpc-secret', 'rpc'],
  ['floating-tag', 'image'],
]);

function widest(shown: string): number {
  return Math.max(...shown.split('\n').map(displayWidth));
}

describe('page for a terminal', () => {
  test('holds everything', () => {
    const page = ruleText(privilegedStep, 'privilege', 80);
    for (const part of [
      'Step runs privileged\nprivileged-step\n',
      'severity    high',
      'judges      a pipeline',
      'It needs a trusted repository.',
      '    - name: image\n      image: gcr.io/kaniko-project/executor:v1.23.2\n',
      'CICD-SEC-5: Insufficient PBAC',
      'CIS Docker Benchmark 1.6.0: 5.5',
      'CWE-250',
      'https://docs.drone.io/pipeline/docker/syntax/steps/',
      'docker-in-docker',
      '# drone-audit: ignore[privileged-step] why this is meant',
    ])
      expect(page).toContain(part);
    expect(widest(page)).toBeLessThanOrEqual(80);
  });

  test('leaves out what there is not', () => {
    const page = ruleText(latestTag, 'image', 80);
    expect(page).not.toMatch(/Standards|References|instead/);
    expect(page).toContain('only with --pedantic');
  });

  test('colour adds escape sequences and nothing else', () => {
    const plain = ruleText(privilegedStep, 'privilege', 80, false);
    const colored = ruleText(privilegedStep, 'privilege', 80, true);
    expect(plain).not.toContain('\x1b');
    expect(colored).not.toBe(plain);
    expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(plain);
  });
});

describe('page as Markdown', () => {
  test('has its sections in order', () => {
    const page = ruleMarkdown(privilegedStep, 'privilege', {
      bad: { name: 'bad.drone.yml', text: 'privileged: true\n' },
      mended: { name: 'bad.drone.yml', text: 'image: a\n' },
      difference: '-privileged: true\n+image: a',
      good: { name: 'good.drone.yml', text: 'privileged: false\n' },
    });
    expect(page.match(/^#+ .*$/gm)).toEqual([
      '# Step runs privileged',
      '## Why',
      '## Fix',
      '## Found',
      '## Mended',
      '## Difference',
      '## Not found',
      '## Standards',
      '## References',
      '## Reported instead of',
      '## To accept one place',
      '# drone-audit: ignore[privileged-step] why this is meant',
    ]);
    expect(page).toContain('`bad.drone.yml`\n\n```yaml\nprivileged: true\n```\n');
  });

  test('an example cannot end its code block', () => {
    const text = 'a: |\n  ```\n  ````\n';
    const page = ruleMarkdown(branchWithoutEvent, 'trigger', { bad: { name: 'x.yml', text } });
    expect(page).toContain('`````yaml\na: |\n  ```\n  ````\n`````\n');
  });
});

describe('list', () => {
  test('as text is a table of 80 columns, by family', () => {
    const list = rulesText(rules, familyOf);
    expect(widest(list)).toBeLessThanOrEqual(80);
    expect(list).toContain('privilege\n  privileged-step  high      Step runs privileged\n');
    expect(list).toContain('  floating-tag  info*     Image tag moves\n');
    expect(list).toMatch(/\n4 rules, 1 of them only with --pedantic \(\*\)\n$/);
    expect(list.match(/^[a-z]+$/gm)).toEqual(['image', 'privilege', 'rpc', 'trigger']);
  });

  test('as Markdown links to the pages', () => {
    expect(rulesMarkdown(rules, familyOf)).toContain(
      '| [`privileged-step`](privilege/privileged-step.md) | high | high | Step runs privileged |\n',
    );
  });

  test('as JSON has these keys, by id', () => {
    const list = JSON.parse(rulesJson(rules, familyOf));
    expect(list.map((rule: { id: string }) => rule.id)).toEqual([
      'branch-without-event',
      'floating-tag',
      'privileged-step',
      'weak-rpc-secret',
    ]);
    expect(Object.keys(list[0])).toEqual([
      'id',
      'family',
      'on',
      'severity',
      'confidence',
      'pedantic',
      'title',
      'why',
      'fix',
      'standards',
      'since',
    ]);
    expect(list[2]).toMatchObject({ family: 'privilege', pedantic: false, standards: { cwe: ['CWE-250', 'CWE-78'] } });
  });

  test('without rules is empty', () => {
    expect(rulesText([], familyOf)).toBe('0 rules\n');
    expect(JSON.parse(rulesJson([], familyOf))).toEqual([]);
  });
});
