import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { textReport } from '../../src/reporters/text.ts';
import { masked } from '../support/text.ts';
import { hostileReport } from './hostile.ts';
import { branchWithoutEvent, finding, fullReport, place, privilegedStep, report, source } from './sample-report.ts';

function text(of: Report, verbose = false, width = 80): string {
  return textReport(of, { color: false, width, verbose });
}

function widest(shown: string): number {
  return Math.max(...shown.split('\n').map(displayWidth));
}

test('the whole report', async () => {
  await expect(text(fullReport())).toMatchFileSnapshot('text-report.txt');
});

test('the whole report, verbose', async () => {
  await expect(text(fullReport(), true)).toMatchFileSnapshot('text-report-verbose.txt');
});

test('the same input gives the same bytes', () => {
  expect(text(fullReport())).toBe(text(fullReport()));
});

test('colour adds escape sequences and nothing else', () => {
  const colored = textReport(fullReport(), { color: true, width: 80, verbose: false });
  expect(colored).toContain('\x1b[');
  expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(text(fullReport()));
});

describe('width', () => {
  const file = source('deploy/of/a/team/with/a/long/name/.drone.yml', `kind: pipeline\nname: ${'n'.repeat(300)}\n`);
  const wordy = 'the step runs with everything that it could ever want and more '.repeat(8).trim();
  const long = report([
    finding(privilegedStep, place(file, 'n'.repeat(300), 'name'), wordy, {
      reach: masked('everyone who can open a pull request against the repository'),
      label: masked(`pipeline "${'n'.repeat(90)}"`),
      related: [{ at: place(file, 'kind'), message: masked(wordy) }],
    }),
    finding(privilegedStep, place(file, 'name', 'name'), wordy, { label: masked('another') }),
  ]);

  test.each([60, 80, 120])('of %i columns is never exceeded', (width) => {
    expect(widest(text(long, true, width))).toBeLessThanOrEqual(width);
    expect(widest(text(fullReport(), true, width))).toBeLessThanOrEqual(width);
    expect(widest(text(hostileReport(), true, width))).toBeLessThanOrEqual(width);
  });

  test('a reach that does not fit stands below the message', () => {
    expect(text(long)).toMatch(/│ open to everyone who can open/);
  });
});

describe('many places of one rule', () => {
  const file = source('.drone.yml', 'privileged: true\n'.repeat(20));
  const many = report(
    Array.from({ length: 20 }, (_, index) =>
      finding(privilegedStep, place(file, 'true', `steps[${index}]`, index + 1), `step "s${index}" runs privileged`),
    ),
  );

  test('are explained once, then listed shortly, and counted', () => {
    const shown = text(many);
    expect(shown.match(/Fix:/g)).toHaveLength(1);
    expect(shown).toContain('  │   line 2  step "s1" runs privileged\n');
    expect(shown).toContain('  │   and 14 more (-v lists them)\n');
    expect(shown).toContain(' 20 high\n');
    expect(shown.split('\n').length).toBeLessThan(40);
  });

  test('are all listed when wanted', () => {
    expect(text(many, true)).toContain('line 20  step "s19" runs privileged');
  });
});

test('the worst comes first in each component, whatever the order', () => {
  const file = source('.drone.yml', 'one: 1\ntwo: 2\n');
  const shown = text(
    report([
      finding(branchWithoutEvent, place(file, 'one'), 'first'),
      finding(privilegedStep, place(file, 'two'), 'second', { severity: 'critical' }),
    ]),
  );
  expect(shown.indexOf('CRITICAL')).toBeLessThan(shown.indexOf('MEDIUM'));
});

describe('nothing found', () => {
  test('says what was audited and what was not', () => {
    const quiet = report([], {
      sources: [],
      coverage: {
        files: 1,
        pipelines: 2,
        containers: 0,
        components: 0,
        mentions: [],
        notAsked: ['the Docker Engine (--docker)'],
        unknown: [],
        inconclusive: [],
      },
    });
    expect(text(quiet)).toBe(
      `drone-audit 0.1.0 · 1 file · 2 pipelines

 nothing found
 not asked: the Docker Engine (--docker)
 exit 0: nothing at or above high
`,
    );
  });

  test('is not said when nothing was looked at', () => {
    const empty = report([], {
      sources: [],
      coverage: {
        files: 0,
        pipelines: 0,
        containers: 0,
        components: 0,
        notAsked: [],
        mentions: [],
        unknown: [],
        inconclusive: [],
      },
      problems: [{ kind: 'empty', source: '.', message: masked('there was nothing to audit'), incomplete: true }],
      exitCode: 3,
    });
    expect(text(empty)).toContain(' nothing was audited\n exit 3: incomplete: see the problems above\n');
    expect(text(empty)).not.toContain('nothing found');
  });

  test('is not said when findings count that are not shown', () => {
    expect(text(report([], { exitCode: 1 }))).toContain(' nothing shown\n exit 1: findings at or above high\n');
  });

  test('suppressed findings are counted, and listed when wanted', () => {
    const file = source('.drone.yml', 'privileged: true\n');
    const quiet = report(
      [
        finding(privilegedStep, place(file, 'true'), 'step "a" runs privileged', {
          suppressed: { by: 'config', reason: masked('own machine'), where: 'drone-audit.yml:3' },
        }),
      ],
      { exitCode: 0, config: { name: 'drone-audit.yml', suppressed: 1, excluded: 0, accepted: 0 } },
    );
    expect(text(quiet)).toContain(' nothing found        1 suppressed (1 by drone-audit.yml)\n');
    expect(text(quiet)).not.toContain('own machine');
    expect(text(quiet, true)).toContain('.drone.yml:1: privileged-step: own machine (drone-audit.yml:3)');
  });
});

test.each([
  [{ exitCode: 0, failOn: 'never' }, 'exit 0: findings do not fail this audit (--fail-on never)'],
  [{ exitCode: 0, failOn: 'critical' }, 'exit 0: nothing at or above critical'],
  [{ exitCode: 0, failOn: 'low' }, 'exit 0: findings at or above low do not fail this audit'],
  [{ exitCode: 1, failOn: 'low' }, 'exit 1: findings at or above low. Details: drone-audit explain RULE'],
] as const)('exit line of %j', (more, line) => {
  const file = source('.drone.yml', 'a: 1\n');
  expect(text(report([finding(privilegedStep, place(file, 'a'), 'a')], more))).toContain(` ${line}`);
});

test('problems name their place and are never all printed', () => {
  const shown = text(
    report([], {
      problems: Array.from({ length: 30 }, (_, index) => ({
        kind: 'malformed' as const,
        source: `f${index}.yml`,
        line: index + 1,
        column: 2,
        message: masked('is not YAML'),
        incomplete: true,
      })),
    }),
  );
  expect(shown).toContain('  ERROR  f0.yml:1:2: is not YAML\n');
  expect(shown).toContain('  and 10 more (-v lists them)\n');
});

test('hostile names do not act on the terminal', () => {
  const shown = text(hostileReport(), true);
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(shown).toContain('a\\u{1B}[2J\\u{D}\\u{A}\\u{9B}31m');
});
