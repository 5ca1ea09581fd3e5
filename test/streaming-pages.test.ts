import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, test } from 'vitest';
import { type Look, render } from '../src/commands/output.ts';
import type { Finding, Report } from '../src/model/report.ts';
import { severities } from '../src/model/severity.ts';
import { decisionsOf } from '../src/reporters/decisions.ts';
import { largeReport } from './reporters/large-report.ts';
import { finding, fullReport, place, privilegedStep, report, rules, source } from './reporters/sample-report.ts';
import { filesNamed, streamed } from './reporters/streamed-report.ts';
import { auditFolder } from './support/audit-folder.ts';
import { temporaryFolder } from './support/cli.ts';
import type { ListedReport } from './support/listed-report.ts';
import { passing } from './support/passing.ts';
import { masked, whole } from './support/text.ts';

// The reports for people are written from lists that each pass makes anew, and keep little of them.

const look: Look = { color: false, width: 80, verbose: false, summary: false, rules, familyOf: new Map() };
const ways: readonly (readonly [name: string, write: (of: Report) => Promise<string>])[] = [
  ['text', async (of) => whole(await render('text', of, look))],
  ['text with colour', async (of) => whole(await render('text', of, { ...look, color: true }))],
  ['text, verbose', async (of) => whole(await render('text', of, { ...look, verbose: true }))],
  ['summary', async (of) => whole(await render('text', of, { ...look, summary: true }))],
  ['page', async (of) => whole(await render('html', of, look))],
];

/** Numbers that look random, the same in each run. */
const spread = (index: number): number => Math.imul(index + 1, 2_654_435_761) >>> 0;

/** Findings of many ranks, fixes and states, and more sources, pipelines and unknown things than a page lists. */
function variedReport(amount: number): ListedReport {
  const large = largeReport(amount);
  const names = [...Array(1300).keys()].map((index) => `team-${index % 50}/service-${index}/.drone.yml`).toSorted();
  const findings = large.findings.map((each, index): Finding => {
    const number = spread(index);
    const severity = severities[(number >>> 8) % severities.length] ?? 'low';
    return {
      ...each,
      ...{ severity, rank: (severities.length - severities.indexOf(severity)) * 1000 + (number % 97) },
      advice: `${each.rule} ${(number >>> 4) % 4}`,
      task: `Mend it in way ${(number >>> 6) % 2}`,
      afterwards: number % 17 === 0 ? 'Sign it again.' : undefined,
      consequences: number % 9 === 0 ? [{ ...each, severity, message: masked('what it opens') }] : [],
      override: number % 13 === 0 ? { from: 'info', to: severity, reason: masked('so'), where: 'c.yml:2' } : undefined,
    };
  });
  return {
    ...large,
    ...{ findings, problems: [], config: fullReport().config },
    ...filesNamed(names),
    coverage: {
      ...large.coverage,
      unknown: names.map((name) => ({ source: name, message: masked('is not there') })),
      inconclusive: names.map((name, index) => ({
        ...{ rule: index % 3 === 0 ? 'running-differs-from-declared' : `rule-${index % 7}`, source: name },
        ...{ line: index + 1, message: masked('nobody knows') },
      })),
    },
  };
}

const step = source('.drone.yml', 'kind: pipeline\nprivileged: true\n');

const reports: readonly (readonly [name: string, of: () => Report | Promise<Report>])[] = [
  ['with everything in it', fullReport],
  ['with nothing in it', () => report([])],
  ['of an audit', () => auditFolder('examples/careless')],
  ['in which all is accepted', () => ({ ...report(fullReport().findings.filter(({ suppressed }) => suppressed)) })],
  ['with more than a few screens', () => variedReport(400)],
  ['with more than a page holds', () => variedReport(9000)],
];

describe.each(reports)('a report %s', (_, of) => {
  it.each(ways)('is written as %s from passes over its lists, and is the same', async (_name, write) => {
    const kept = await of();
    const { report: passed, passes } = streamed(kept);
    expect((await write(passed)) === (await write(kept))).toBe(true);
    for (const [list, amount] of Object.entries(passes)) expect([list, amount <= 3]).toEqual([list, true]);
    expect(passes).toHaveProperty('findings');
  });
});

test('what was known before takes one more pass where all of it is listed', async () => {
  const suppressed = { by: 'baseline', reason: masked('known from the baseline'), where: 'b.json:1' } as const;
  const known = finding(privilegedStep, place(step, 'true'), 'm', { suppressed });
  const of = report([...fullReport().findings, known]);
  const { report: passed, passes } = streamed(of);
  const [, write] = ways[2] ?? [];
  expect(await write?.(passed)).toBe(await write?.(of));
  expect(passes.findings).toBe(4);
});

describe('the text with --verbose of more findings than are put in order', () => {
  const large = largeReport(10_700);
  const open = large.findings.filter(({ suppressed }) => !suppressed);

  it('tells each file by itself, in the order of the report, and each finding once', async () => {
    expect(open.length).toBeGreaterThan(10_000);
    const [, write] = ways[2] ?? [];
    const text = (await write?.(streamed({ ...large, problems: [] }).report)) ?? '';
    const told = text.split('\nsuppressed\n')[0] ?? '';
    const places = Array.from(told.matchAll(/^(team-\S+?):(\d+):\d+/gm), ([place, file]) => ({ place, file }));
    const files = places.map(({ file }) => file).filter((file, index, all) => file !== all[index - 1]);
    expect(files).toEqual([...new Set(open.map(({ at }) => at.source.name))]);
    for (const { message } of open.filter((_, index) => index % 97 === 0)) expect(told.split(message)).toHaveLength(2);
  });
});

describe('decisions', () => {
  const like = (advice: string, rank: number, message: string): Finding =>
    finding(privilegedStep, place(step, 'true'), message, { advice, rank, task: 'Mend it' });
  const findings = [like('a', 1, 'a1'), like('b', 5, 'b5'), like('a', 5, 'a5'), like('a', 3, 'a3'), like('b', 2, 'b2')];
  const told = (order?: 'ranked'): readonly string[] =>
    decisionsOf(
      passing(function* () {
        yield* findings;
      }),
      order,
    ).flatMap((decision) => decision.findings.map(({ message }) => message));

  it('have a few of their findings, of each advice the worst first', () => {
    expect(told()).toEqual(['a5', 'a3', 'a1']);
  });

  it('begin among equal ones with that which is first by rank, where that is wanted', () => {
    expect(told('ranked')).toEqual(['b5', 'b2', 'a5']);
  });

  it('count all of their findings', () => {
    expect(decisionsOf(findings)).toMatchObject([{ places: 5, files: 1, removed: 5, counts: { high: 5, low: 0 } }]);
  });
});

/** How much memory of JavaScript (MB) findings may take that are 500 when all are kept. */
const mostHeap = 96;

test('100,000 findings with 300 MB of text are written within little memory', async () => {
  const program = join(temporaryFolder(), 'write-pages.mjs');
  await build({
    ...{ entryPoints: ['test/reporters/write-pages.ts'], outfile: program, bundle: true, platform: 'node' },
    ...{ format: 'esm', target: 'node20', logLevel: 'error' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const pages = ['text', 'text:verbose', 'html'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${mostHeap}`, program, '100000', ...pages],
    { encoding: 'utf8' },
  );
  expect(
    stdout.split('\n').map((line) => line.split(' ')[0]),
    stderr.slice(0, 2000),
  ).toEqual([...pages, '']);
});
