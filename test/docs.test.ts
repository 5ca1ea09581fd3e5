import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Example, type RuleExamples, ruleMarkdown, rulesMarkdown } from '../src/reporters/rule-page.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { droneAudit } from './support/cli.ts';
import { fixturesIn } from './support/fixtures.ts';
import { applyPatch } from './support/patch.ts';

// Everything here is derived. `npm run update` writes it anew; a stale file fails.

/** The first fixture of a kind that is one file, if possible one with a patch, or in the form of another example. */
function example(folder: string, kind: 'bad' | 'good', beside?: Example): Example | undefined {
  const names = fixturesIn(folder).filter((name) => name.startsWith(kind) && statSync(join(folder, name)).isFile());
  const form = beside && endingOf(beside.name);
  const name =
    names.find((each) => existsSync(join(folder, patchOf(each)))) ??
    names.find((each) => endingOf(each) === form) ??
    names.find((each) => !each.endsWith('.inspect.yml')) ??
    names[0];
  return name === undefined ? undefined : { name, text: readFileSync(join(folder, name), 'utf8') };
}

const endingOf = (name: string): string => name.slice(name.indexOf('.') + 1);
const patchOf = (name: string): string => `${name.split('.')[0]}.patch`;

/** A fixture as a page shows it. */
const shown = ({ name, text }: Example): Example => ({
  name: endingOf(name),
  text: text.split('\n').flatMap(withoutExpectation).join('\n'),
});

/** A setting of a site, `scm=public` or `images=golang,node`, as the config writes it. */
function asConfig(setting: string): string {
  const [key = '', value = ''] = setting.split('=');
  return `${key}: ${/^(?:scm|trust|allRunners)$/.test(key) ? value : `[${value.replaceAll(',', ', ')}]`}`;
}

/** A line without what is only for the test, and what its site is as the config writes it; none if it is nothing else. */
function withoutExpectation(line: string): readonly string[] {
  const site = /^([ +-]?)\s*#\s*site:\s*(.+)$/.exec(line);
  if (site) return [`${site[1]}# drone-audit.yml: site: { ${site[2]?.trim().split(/\s+/).map(asConfig).join(', ')} }`];
  if (/^[ +-]?\s*#\s*(?:expect\b|(?:seen|name):\s*\S+$)/.test(line)) return [];
  return [line.replace(/\s*#\s*expect(?:\[[+-]\d+\])?:.*$/, '')];
}

/** The lines of a patch without file names and line numbers, which are those of the fixture. */
function difference(patch: string): string {
  const lines = patch
    .trimEnd()
    .split('\n')
    .filter((line) => !/^(?:---|\+\+\+|\\) /.test(line));
  return lines
    .map((line) => (line.startsWith('@@') ? '@@' : line))
    .flatMap(withoutExpectation)
    .slice(1)
    .join('\n')
    .replace(/^-(.*)\n\+\1$/gm, ' $1');
}

function examplesOf(folder: string): RuleExamples {
  const bad = example(folder, 'bad');
  const good = example(folder, 'good', bad);
  const path = bad && join(folder, patchOf(bad.name));
  const patch = path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const mended = bad && patch && applyPatch(patch, new Map([[bad.name, bad.text]])).get(bad.name);
  return {
    bad: bad && shown(bad),
    mended: bad && mended ? shown({ name: bad.name, text: mended }) : undefined,
    difference: patch && difference(patch),
    good: good && shown(good),
  };
}

describe('docs/rules', () => {
  it.each(allRules.map((rule) => [rule.id, rule] as const))('%s', async (id, rule) => {
    const family = familyOf.get(id) ?? '';
    const page = ruleMarkdown(rule, family, examplesOf(join('test/fixtures/rules', family, id)));
    await expect(page).toMatchFileSnapshot(`../docs/rules/${family}/${id}.md`);
  });

  it('lists all rules', async () => {
    await expect(rulesMarkdown(allRules, familyOf)).toMatchFileSnapshot('../docs/rules/README.md');
  });

  it('has no page of a rule that is gone', () => {
    const pages = readdirSync('docs/rules', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'README.md')
      .map((entry) => entry.name.replace(/\.md$/, ''));
    expect(pages.filter((id) => !familyOf.has(id))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  it('shows the help of every command', async () => {
    const commands = ['scan', 'explain', 'rules', 'init', 'completion'];
    const parts = [
      droneAudit(['--help']),
      ...commands.map((command) => droneAudit(['help', command])),
      droneAudit(['probe', 'secret', '--help']),
    ];
    const text = parts.map(({ stdout }) => `\`\`\`\n${stdout.trim()}\n\`\`\`\n`).join('\n');
    const head =
      '# Command line\n\nThis is what `--help` prints. Exit status: 0, nothing at or above `--fail-on`; 1, findings at or above it; 2, an error on the\ncommand line or in the config, and nothing was audited; 3, incomplete: something could not be read or understood, there\nwas nothing to audit, or an output could not be written; 4, a fault of drone-audit itself, and what could be\naudited is reported all the same. 1 wins over 3, and 4 over both.\n\n`-o` replaces a file when the report is complete, and keeps its mode, its owner and links to it; a device, a pipe or\n`/dev/stdout` is written to. A report that cannot be written is said on standard error and costs no other report. With\n`--exit-zero` the report says that the gate is off, and with `--fail-on never` that no finding fails the audit.\n\n';
    await expect(head + text).toMatchFileSnapshot('../docs/cli.md');
  });
});

describe('README.md', () => {
  it('shows what the tool really prints', () => {
    const shown = [
      ...readFileSync('README.md', 'utf8').matchAll(/\n```\n\$ drone-audit ([^\n]+)\n```\n\n```\n([\s\S]*?)```\n/g),
    ];
    expect(shown.map(([, args]) => args?.split(' ')[0])).toEqual(['scan', 'paths']);
    for (const [, args = '', printed] of shown) {
      const { stdout } = droneAudit(args.split(' '), { cwd: resolve('.') });
      expect(stdout.split('\n').length).toBeGreaterThan(20);
      expect(printed).toBe(stdout);
    }
  });

  it('shows a picture of what the tool really prints on a terminal', async () => {
    const { stdout } = spawnSync(process.execPath, ['scripts/pictures.js', '--text'], { encoding: 'utf8' });
    await expect(stdout).toMatchFileSnapshot('../docs/pictures/report.svg');
  });
});

describe('npm packages', () => {
  it('are pinned exactly', () => {
    const manifest: { devDependencies: Record<string, string>; dependencies?: Record<string, string> } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    );
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });
});
