import { describe, expect, test } from 'vitest';
import type { ConsequenceFinding, Finding, MaskedSource, Report } from '../../src/model/report.ts';
import type { Severity } from '../../src/model/severity.ts';
import { positionOf } from '../../src/model/source.ts';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { textReport, textSummary } from '../../src/reporters/text.ts';
import { masked, whole } from '../support/text.ts';
import { hostileReport } from './hostile.ts';
import {
  branchWithoutEvent,
  finding,
  fullReport,
  place,
  privilegedStep,
  report,
  source,
  weakRpcSecret,
} from './sample-report.ts';

function text(of: Report, verbose = false, width = 80): string {
  return whole(textReport(of, { color: false, width, verbose }));
}

/** The summary without its first line, which says what was audited. */
function summary(of: Report, verbose = false, width = 80): string {
  const [head = '', ...rest] = whole(textSummary(of, { color: false, width, verbose })).split('\n\n');
  expect(head).toMatch(/^drone-audit 0\.1\.0 · \d+ files?/);
  return rest.join('\n\n');
}

/** Of the lines but those that are a place alone, which is never broken. */
function widest(shown: string): number {
  const isPlace = (line: string): boolean => /^\S.*:\d+(?::\d+)?$|^ (?:not seen: | {10})\S.*:\d+:$/.test(line);
  return Math.max(...shown.split('\n').map((line) => (isPlace(line) ? 0 : displayWidth(line))));
}

/** Where a line begins with this place. */
function atLineStart(shown: string, where: string): boolean {
  return `\n${shown}`.includes(`\n${where}  `) || `\n${shown}`.includes(`\n${where}\n`);
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
  const colored = whole(textReport(fullReport(), { color: true, width: 80, verbose: false }));
  expect(colored).toContain('\x1b[');
  expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(text(fullReport()));
});

test('findings of one rule that are mended in different ways each have their own fix', () => {
  const file = source('compose.yml', 'one\ntwo\nthree\n');
  const more = [
    { advice: 'runner', fix: 'Use the runner.', toldWith: '1' },
    { advice: 'server', fix: 'Use the server.', toldWith: '2' },
    { advice: 'server', fix: 'Use the server.', toldWith: '3' },
  ];
  const findings = more.map((own, index) =>
    finding(weakRpcSecret, place(file, ['one', 'two', 'three'][index] ?? ''), `fault ${index}`, own),
  );
  expect(text(report(findings)).match(/Fix: .*/g)).toEqual(['Fix: Use the runner.', 'Fix: Use the server.']);
  const many = Array.from({ length: 20 }, () => findings).flat();
  expect(text(report(many)).match(/Fix: .*/g)).toEqual(['Fix: Use the runner.', 'Fix: Use the server.']);
});

test('what is to do first is a decision for each fix, and one for fixes that begin alike', () => {
  const file = source('.drone.yml', 'one\ntwo\nthree\nfour\n');
  const more = [
    { advice: 'windows', fix: 'Use a pipeline for Linux.' },
    { advice: 'socket', fix: 'Remove the volume.' },
    { advice: 'socket', fix: 'Remove the volume.' },
    { advice: 'mount', fix: 'Remove the volume. Then restart.' },
  ];
  const findings = more.map((own, index) =>
    finding(privilegedStep, place(file, ['one', 'two', 'three', 'four'][index] ?? ''), `fault ${index}`, own),
  );
  const told = text(report(findings));
  expect(told).toContain('  Remove the volume: fault 1 (3 places; removes 3 findings)\n');
  expect(told).toContain('  Use a pipeline for Linux (removes 1 finding)\n');
  expect(told).not.toContain('by rule:');
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
    expect(text(long)).toMatch(/\n {2}│ open to everyone who can open/);
  });
});

/** The same line in a file, over and over. */
function fileOf(name: string, lines: number): MaskedSource {
  return source(name, 'privileged: true\n'.repeat(lines));
}

function step(file: MaskedSource, line: number, more: Partial<Finding> = {}): Finding {
  const message = `step "s${line}" runs privileged`;
  return finding(privilegedStep, place(file, 'true', `steps[${line}]`, line), message, more);
}

describe('many places of one rule in a file', () => {
  const file = fileOf('.drone.yml', 20);
  const many = report(Array.from({ length: 20 }, (_, index) => step(file, index + 1)));

  test('are explained once, then listed shortly, and counted', () => {
    const shown = text(many);
    expect(shown.match(/Fix:/g)).toHaveLength(1);
    expect(shown).toContain('\n.drone.yml:2:13  step "s2" runs privileged\n');
    expect(shown).toContain('\nand 14 more (-v lists them)\n');
    expect(shown).toContain(' 20 high\n');
    expect(shown.split('\n').length).toBeLessThan(40);
  });

  test('are all listed when wanted', () => {
    expect(text(many, true)).toContain('\n.drone.yml:20:13  step "s20" runs privileged\n');
  });

  test('say what differs from the first', () => {
    const other = { label: masked('pipeline "nightly"'), reach: masked('writers by push') };
    expect(text(report([step(file, 1), step(file, 2, other)]), false, 100)).toContain(
      '.drone.yml:2:13  step "s2" runs privileged (pipeline "nightly"), open to writers by push\n',
    );
  });
});

describe('the order', () => {
  const [a, b] = [source('a.yml', 'one: 1\ntwo: 2\n'), source('b.yml', 'one: 1\ntwo: 2\n')];

  test('is that of ranks: the worst artefact first, and the worst finding first in it', () => {
    const shown = text(
      report([
        finding(branchWithoutEvent, place(a, 'one'), 'in a'),
        finding(branchWithoutEvent, place(b, 'one'), 'in b'),
        finding(privilegedStep, place(b, 'two'), 'worst', { severity: 'critical', rank: 5203 }),
        finding(weakRpcSecret, place(a, 'two'), 'worse', { severity: 'critical', rank: 5003 }),
      ]),
    );
    expect(shown.match(/^[ab]\.yml:.*$/gm)?.slice(0, 4)).toEqual([
      'b.yml:2:1  CRITICAL  privileged-step',
      'b.yml:1:1  MEDIUM  branch-without-event',
      'a.yml:2:1  CRITICAL  weak-rpc-secret',
      'a.yml:1:1  MEDIUM  branch-without-event',
    ]);
  });

  test('of equal ranks is by name, and a rule is explained once in the whole report', () => {
    const shown = text(report([b, a].map((file) => finding(privilegedStep, place(file, 'one'), file.name))));
    expect(shown.indexOf('\na.yml:1:1')).toBeLessThan(shown.indexOf('\nb.yml:1:1'));
    expect(shown.match(/Fix:/g)).toHaveLength(1);
    expect(shown.match(/every capability of the kernel/g)).toHaveLength(2);
    expect(shown).toContain(`
b.yml:1:1  HIGH  privileged-step
  │ b.yml
  │   1 │ one: 1
  │     │ ^^^

`);
  });
});

describe('every place', () => {
  const file = fileOf('a.yml', 9);
  const consequence = (line: number, more: Partial<ConsequenceFinding> = {}): ConsequenceFinding => ({
    ...step(file, line),
    rule: 'printed-secret',
    severity: 'medium',
    ...more,
  });
  const related = [{ at: place(file, 'true', '', 3), message: masked('mounted here') }];
  const more = { consequences: [consequence(4)], related, rank: 4003 };

  test('begins a line, so that terminals open it and grep finds it', () => {
    const shown = text(report([step(file, 1, more), step(file, 2)]));
    expect(shown).toContain(`
a.yml:4:13  opens medium printed-secret: step "s4" runs privileged
a.yml:3:13  also: mounted here
a.yml:2:13  step "s2" runs privileged
`);
  });

  test('is there with -v, whatever it belongs to', () => {
    const shown = text(report([step(file, 1), step(file, 2, more)]), true);
    for (const line of [1, 2, 3, 4]) expect(atLineStart(shown, `a.yml:${line}:13`), `${line}`).toBe(true);
    expect(text(report([step(file, 1), step(file, 2, more)]))).toContain('runs privileged, opens printed-secret\n');
  });

  test('is never broken, and what it leaves no room for stands below', () => {
    const long = fileOf(`${'deep/'.repeat(14)}.drone.yml`, 2);
    const shown = text(report([step(long, 1, { consequences: [consequence(1)] }), step(long, 2)]), false, 60);
    expect(shown).toContain(`
${long.name}:1:13
  HIGH  privileged-step
  │ step "s1" runs privileged
`);
    expect(shown).toContain(`\n${long.name}:2:13\n    step "s2" runs privileged\n`);
  });
});

describe('more findings than fit a few screens', () => {
  const files = Array.from({ length: 30 }, (_, index) => fileOf(`f${String(index).padStart(2, '0')}.yml`, 2));
  const branch = (file: MaskedSource): Finding =>
    finding(branchWithoutEvent, place(file, 'privileged'), 'trigger has "branch" and no "event"');
  const many = report([
    ...files.flatMap((file) => [branch(file), step(file, 1)]),
    step(fileOf('last.yml', 2), 2, { severity: 'critical', rank: 5203 }),
  ]);

  test('are told by rule, the worst first, with five further places of what is severe and two of the rest', () => {
    expect(text(many).split('\n\ndo first')[0]).toBe(
      `drone-audit 0.1.0 · 2 files · 3 pipelines · 2 containers

last.yml:2:13  CRITICAL  privileged-step
  │ step "s2" runs privileged
  │   2 │ privileged: true
  │     │             ^^^^
  │ A privileged container has every capability of the kernel and all devices of
  │ the host.
  │ Fix: Remove \`privileged: true\`. To build images use a rootless builder:
  │        - name: image
  │          image: gcr.io/kaniko-project/executor:v1.23.2
f00.yml:1:13  high: step "s1" runs privileged
f01.yml:1:13  high: step "s1" runs privileged
f02.yml:1:13  high: step "s1" runs privileged
f03.yml:1:13  high: step "s1" runs privileged
f04.yml:1:13  high: step "s1" runs privileged
and 25 more in 25 files (-v lists them)

f00.yml:1:1  MEDIUM  branch-without-event
  │ trigger has "branch" and no "event" (confidence: medium)
  │ Fix: Add an event to the condition
f01.yml:1:1
f02.yml:1:1
and 27 more in 27 files (-v lists them)
`.trimEnd(),
    );
  });

  test('are all listed, by artefact, when wanted', () => {
    const shown = text(many, true);
    for (const { at } of many.findings) {
      const { line, column } = positionOf(at.source, at.span.start);
      expect(atLineStart(shown, `${at.source.name}:${line}:${column}`), at.source.name).toBe(true);
    }
    expect(shown.match(/^(?:f\d\d|last)\.yml {2}pipeline "default"$/gm)).toHaveLength(31);
    expect(shown).not.toContain('-v lists them');
  });

  test('are more than 40', () => {
    const isByArtefact = (findings: readonly Finding[]): boolean =>
      /^f00\.yml {2}pipeline/m.test(text(report(findings)));
    expect(isByArtefact(many.findings.slice(0, 40))).toBe(true);
    expect(isByArtefact(many.findings.slice(0, 41))).toBe(false);
  });
});

describe('the last screen', () => {
  const file = fileOf('a.yml', 20);
  const cause = (line: number, remains?: Severity): Finding =>
    finding(branchWithoutEvent, place(file, 'privileged', '', line), 'lets pull requests in', {
      severity: 'high',
      rank: 4213,
      reach: masked('fork pull requests'),
      consequences: [
        { ...step(file, line), severity: 'high', remains },
        { ...step(file, line), severity: 'low', remains: undefined },
      ],
    });

  test('says what to do first, what that removes, and why it is severe', () => {
    expect(summary(report([cause(1), cause(2, 'medium'), step(file, 3), step(fileOf('b.yml', 1), 1)]))).toBe(`do first

a.yml:1:1  HIGH  branch-without-event                 open to fork pull requests
  Add an event to the condition (2 places; removes 2 findings and 3 that follow,
  makes 1 less severe)
  why high: opens privileged-step: step "s1" runs privileged
a.yml:3:13  HIGH  privileged-step
  Remove \`privileged: true\` (2 places in 2 files; removes 2 findings)
  why high: A privileged container has every capability of the kernel and all
  devices of the host.

 4 high
 by rule: 2 branch-without-event, 2 privileged-step
 exit 1: findings at or above high. Details: drone-audit explain RULE
`);
  });

  test('says once what is to do after any change to a file', () => {
    const afterwards = 'Sign it again.';
    const signed = [step(file, 1, { afterwards }), step(file, 2, { afterwards }), step(fileOf('b.yml', 1), 1)];
    const shown = text(report(signed));
    expect(shown).toContain('\n\na.yml: Sign it again.\n\n 3 high\n');
    expect(shown.split(afterwards)).toHaveLength(2);
    expect(
      text(report(signed.map((each) => ({ ...each, suppressed: { by: 'comment', reason: masked('r'), where: 'a' } })))),
    ).not.toContain(afterwards);
  });

  test('has five decisions, those with the highest rank, and of equal ones those that remove most', () => {
    const rules = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ ...privilegedStep, id: `rule-${id}` }));
    const findings = rules.flatMap((rule, index) =>
      Array.from({ length: index === 6 ? 2 : 1 }, (_, nth) =>
        finding(rule, place(file, 'true', '', nth + 1), 'x', index === 3 ? { rank: 5000 } : {}),
      ),
    );
    expect(summary(report(findings)).match(/^a\.yml:.*$/gm)).toEqual(
      ['d', 'g', 'a', 'b', 'c'].map((id) => `a.yml:1:13  HIGH  rule-${id}`),
    );
  });

  test('adds what was found where the fix is too short to say of what it speaks', () => {
    expect(summary(report([step(file, 1, { fix: 'Remove the item.' })]))).toContain(
      '\n  Remove the item: step "s1" runs privileged (removes 1 finding)\n',
    );
  });

  test('cuts nothing of what to do and why', () => {
    const fix = `Replace the step ${'and whatever it needs '.repeat(9)}by \`another --with=its options\`.`;
    const why = `This is ${'long, '.repeat(60)}and ends here.`;
    const told = summary(report([step(file, 1, { fix, why })]), false, 60);
    expect(told).not.toContain('…');
    expect(told).toContain(' by\n  `another --with=its options` (removes 1 finding)\n');
    expect(told).toContain('ends here.\n');
  });

  test('names whom it is open to where the header has no room', () => {
    const reach = masked('whoever may start promotions, rollbacks and cron jobs');
    expect(summary(report([step(file, 1, { reach })]))).toContain(`why high, open to ${reach}: A\n`);
  });

  test('counts by rule, the most frequent first, in a few lines', () => {
    const rules = Array.from({ length: 30 }, (_, index) => ({
      ...privilegedStep,
      id: `rule-with-a-name-${index + 10}`,
    }));
    const of = report([
      ...rules.map((rule) => finding(rule, place(file, 'true'), 'x')),
      finding(rules[9] ?? privilegedStep, place(file, 'true', '', 2), 'x'),
    ]);
    expect(summary(of)).toContain(` by rule: 2 rule-with-a-name-19, 1 rule-with-a-name-10, 1 rule-with-a-name-11
          1 rule-with-a-name-12, 1 rule-with-a-name-13, 1 rule-with-a-name-14
          1 rule-with-a-name-15, 1 rule-with-a-name-16, 1 rule-with-a-name-17
          and 21 more rules (-v lists them)
`);
    expect(summary(of, true)).toContain('1 rule-with-a-name-39');
  });

  test.each([60, 80, 120])('is the end of the report, word by word, at %i columns', (width) => {
    for (const verbose of [false, true])
      for (const of of [fullReport(), hostileReport(), report([])]) {
        const shown = summary(of, verbose, width);
        expect(text(of, verbose, width).endsWith(shown)).toBe(true);
        expect(widest(shown)).toBeLessThanOrEqual(width);
      }
  });

  test('says nothing of what to do where nothing was found', () => {
    expect(summary(report([]))).toBe(' nothing found\n exit 0: nothing at or above high\n');
  });
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
        probed: [],
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
        probed: [],
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
      {
        exitCode: 0,
        config: {
          name: 'drone-audit.yml',
          suppressed: 1,
          excluded: 0,
          accepted: 0,
          files: [
            { name: 'drone-audit.yml', by: 'config', isAudited: true, sha256: 'a'.repeat(64), hashOf: 'original' },
          ],
          settings: [],
          entries: [],
        },
      },
    );
    expect(text(quiet)).toContain(' nothing found        1 suppressed (1 by drone-audit.yml)\n');
    expect(text(quiet)).not.toContain('own machine');
    expect(text(quiet, true)).toContain('.drone.yml:1  privileged-step: own machine (drone-audit.yml:3)');
  });
});

test.each([
  [{ exitCode: 0, failOn: 'never' }, 'exit 0: findings do not fail this audit (--fail-on never)'],
  [{ exitCode: 0, failOn: 'critical' }, 'exit 0: nothing at or above critical'],
  [{ exitCode: 0, failOn: 'low' }, 'exit 0: findings at or above low (--fail-on low) do not fail this audit'],
  [
    { exitCode: 1, failOn: 'low' },
    'exit 1: findings at or above low (--fail-on low)\n Details: drone-audit explain RULE',
  ],
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
  expect(shown).toContain('\nf0.yml:1:2  ERROR: is not YAML\n');
  expect(shown).toContain('\nand 20 more (-v lists them)\n');
});

test('hostile names do not act on the terminal', () => {
  const shown = text(hostileReport(), true);
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(shown).toContain('a\\u{1B}[2J\\u{D}\\u{A}\\u{9B}31m');
});
