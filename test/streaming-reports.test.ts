import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, test } from 'vitest';
import type { Format } from '../src/commands/formats.ts';
import { render } from '../src/commands/output.ts';
import type { Finding, Report } from '../src/model/report.ts';
import { severities } from '../src/model/severity.ts';
import { lookedAtLines } from '../src/reporters/looked-at.ts';
import { styles } from '../src/reporters/styles.ts';
import { largeReport } from './reporters/large-report.ts';
import { finding, fullReport, place, privilegedStep, report, rules, source } from './reporters/sample-report.ts';
import { filesNamed, streamed } from './reporters/streamed-report.ts';
import { temporaryFolder } from './support/cli.ts';
import type { ListedReport } from './support/listed-report.ts';
import { masked, whole } from './support/text.ts';

// The reports for programs are written from lists that each pass makes anew, and keep little of them.

const formats = [
  ...(['json', 'jsonl', 'sarif', 'junit', 'gitlab', 'github', 'markdown', 'csv', 'controls-csv'] as const),
  ...(['unix', 'card'] as const),
] satisfies readonly Format[];

const look = {
  ...{ color: false, width: 80, verbose: true, summary: false, rules, familyOf: new Map([['floating-tag', 'image']]) },
  cardTemplate: 'https://ci.example.com/card.json',
};
const written = async (format: Format, of: Report): Promise<string> => whole(await render(format, of, look));

/** Numbers that look random, the same in each run. */
const spread = (index: number): number => Math.imul(index + 1, 2_654_435_761) >>> 0;

/** A finding of its own rank, severity, state and standards. */
function varied(of: Finding, index: number): Finding {
  const number = spread(index);
  return {
    ...of,
    rank: number % 97,
    severity: severities[(number >>> 8) % severities.length] ?? 'low',
    advice: `${of.rule} ${number % 3}`,
    why: of.why + ' It is so.'.repeat(number % 50),
    consequences: number % 9 === 0 ? [{ ...of, message: masked('what it opens') }] : [],
    ...(number % 7 === 0
      ? {
          suppressed: { by: number % 2 === 0 ? 'baseline' : 'config', reason: masked('so be it'), where: 'b.yml:3' },
          baselineState: 'unchanged',
        }
      : {}),
    ...(number % 11 === 0 ? { standards: { owasp: [`CICD-SEC-${1 + (number % 9)}`] } } : {}),
    ...(number % 13 === 0
      ? { override: { from: 'info', to: 'high', reason: masked('as agreed'), where: 'drone-audit.yml:2' } }
      : {}),
  };
}

/** More of everything than any format shows. */
function variedReport(amount: number): ListedReport {
  const large = largeReport(amount);
  const names = [...new Set(large.findings.map(({ at }) => at.source.name)), ...Array(700).keys()].map(String);
  return {
    ...large,
    findings: large.findings.map(varied),
    baseline: { kind: 'file', name: 'baseline.json', known: 7, fixed: 2 },
    config: { ...(fullReport().config as NonNullable<Report['config']>), suppressed: 3 },
    ...filesNamed(names),
    coverage: {
      ...large.coverage,
      unknown: names.map((name) => ({ source: name, message: masked('is not there') })),
      inconclusive: names.map((name, index) => ({
        ...{ rule: `rule-${index % 3}`, source: name, line: index + 1, message: masked('nobody knows') },
      })),
    },
  };
}

const reports: readonly (readonly [string, Report])[] = [
  ['with everything in it', fullReport()],
  ['with nothing in it', report([])],
  ['in which nothing fails', { ...fullReport(), exitCode: 0, failOn: 'critical', problems: [] }],
  [
    'in which all is accepted',
    { ...variedReport(300), exitCode: 0, findings: variedReport(300).findings.filter(({ suppressed }) => suppressed) },
  ],
  ['with more than any format shows', variedReport(6000)],
];

describe.each(reports)('a report %s', (_, of) => {
  it.each(formats)(
    'is written as %s from at most three passes over each of its lists, and is the same',
    async (format) => {
      const { report: passed, passes } = streamed(of);
      expect((await written(format, passed)) === (await written(format, of))).toBe(true);
      for (const [list, amount] of Object.entries(passes)) expect([list, amount <= 3]).toEqual([list, true]);
    },
  );

  it('lists what was looked at from passes, too', () => {
    const view = { ...look, style: styles(false) };
    const { report: passed, passes } = streamed(of);
    expect([...lookedAtLines(passed, view)]).toEqual([...lookedAtLines(of, view)]);
    for (const [list, amount] of Object.entries(passes)) expect([list, amount <= 3]).toEqual([list, true]);
  });
});

describe('what has room', () => {
  const large = variedReport(13_000);
  const open = large.findings.filter(({ suppressed }) => !suppressed);
  const ranked = open.toSorted((a, b) => b.rank - a.rank);

  it('is the most severe in SARIF, open before suppressed, in their order', async () => {
    const told = large.findings.filter(({ suppressed }) => suppressed?.by !== 'baseline');
    const order = ({ severity, suppressed }: Finding): number =>
      severities.indexOf(severity) + (suppressed ? severities.length : 0);
    const kept = new Set(told.toSorted((a, b) => order(a) - order(b)).slice(0, 5000));
    const [{ results, taxonomies, invocations }] = JSON.parse(await written('sarif', streamed(large).report)).runs;
    expect(results.map((each: { partialFingerprints: object }) => each.partialFingerprints)).toMatchObject(
      told.filter((each) => kept.has(each)).map(({ fingerprint }) => ({ 'droneAudit/v1': fingerprint })),
    );
    const owasp = [...kept, ...told, ...rules].flatMap(({ standards }) => standards.owasp ?? []);
    expect(taxonomies[0].taxa.map(({ id }: { id: string }) => id).toSorted()).toEqual([...new Set(owasp)].toSorted());
    const [notes] = invocations.map(
      (each: { toolExecutionNotifications: object[] }) => each.toolExecutionNotifications,
    );
    expect(notes).toHaveLength(501);
    expect(notes.at(-1).message.text).toMatch(/^\d+ notifications are left out$/);
  });

  it('is the highest rank in JUnit, while there are cases', async () => {
    const xml = await written('junit', streamed(large).report);
    const told = new Set(Array.from(xml.matchAll(/Fingerprint: ([0-9a-f]{16})/g), ([, fingerprint]) => fingerprint));
    const failing = ranked.filter(({ severity }) => severity === 'critical' || severity === 'high');
    expect([...told].toSorted()).toEqual(failing.map(({ fingerprint }) => fingerprint).toSorted());
    expect(xml.match(/<testcase /g)).toHaveLength(24_001);
  });

  it('is the highest rank in JUnit, while there are bytes', async () => {
    const of = source('.drone.yml', 'privileged: true\n');
    const findings = Array.from({ length: 12_000 }, (_, index) =>
      finding(privilegedStep, place(of, 'true'), 'x'.repeat(4000 + (spread(index) % 5000)), {
        rank: spread(index) % 500,
      }),
    );
    const xml = await written('junit', streamed(report(findings, { exitCode: 1 })).report);
    const told = Array.from(xml.matchAll(/Fingerprint: ([0-9a-f]{16})/g), ([, fingerprint]) => fingerprint);
    const [, left] = /message="(\d+) further cases left out: /.exec(xml) ?? [];
    expect(told.length + Number(left)).toBe(findings.length);
    expect(told.length).toBeGreaterThan(1500);
    expect(told).toEqual(
      findings
        .toSorted((a, b) => b.rank - a.rank)
        .slice(0, told.length)
        .map(({ fingerprint }) => fingerprint),
    );
    expect(Buffer.byteLength(xml)).toBeLessThan(30_000_000);
  });

  it('is the ten of the highest rank for GitHub, of each kind', async () => {
    const lines = (await written('github', streamed({ ...large, problems: [] }).report)).split('\n');
    const warnings = ranked.filter(({ severity }) => severity === 'medium');
    expect(lines.filter((line) => line.startsWith('::warning'))).toEqual(
      warnings.slice(0, 10).map(({ message }) => expect.stringContaining(message)),
    );
    expect(lines.filter((line) => line.includes(` (and ${warnings.length - 10} more of this kind)`))).toHaveLength(1);
  });
});

/** How much memory of JavaScript (MB) the findings of a large audit may take with any format; as objects they have 500. */
const mostHeap = 96;

test('100,000 findings with 300 MB of text are written for programs within little memory', async () => {
  const program = join(temporaryFolder(), 'write-pages.mjs');
  await build({
    ...{ entryPoints: ['test/reporters/write-pages.ts'], outfile: program, bundle: true, platform: 'node' },
    ...{ format: 'esm', target: 'node20', logLevel: 'error' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${mostHeap}`, program, '100000', ...formats],
    { encoding: 'utf8' },
  );
  expect(
    stdout.split('\n').map((line) => line.split(' ')[0]),
    stderr.slice(0, 2000),
  ).toEqual([...formats, '']);
});
