import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it, test } from 'vitest';
import { type Format, formats } from '../../src/commands/formats.ts';
import { render } from '../../src/commands/output.ts';
import type { Report } from '../../src/model/report.ts';
import { temporaryFolder } from '../support/cli.ts';
import { masked, whole } from '../support/text.ts';
import { largeReport } from './large-report.ts';
import { finding, place, privilegedStep, report, rules, source } from './sample-report.ts';

const look = {
  ...{ color: false, width: 80, verbose: true, summary: false, rules, familyOf: new Map() },
  cardTemplate: 'https://ci.example.com/card.json',
};
const partsOf = async (format: Format, of: Report): Promise<readonly string[]> => [...(await render(format, of, look))];
const written = async (format: Format, of: Report): Promise<string> => whole(await render(format, of, look));

describe('a large report', () => {
  const large = largeReport(10_000);

  it.each(formats)('is written as %s in parts', async (format) => {
    const longest = (await partsOf(format, large)).reduce((most, part) => Math.max(most, part.length), 0);
    expect(longest).toBeLessThanOrEqual(64 * 1024);
  });

  it('is written in every format with little more memory than it has itself', async () => {
    const program = join(temporaryFolder(), 'write-large.mjs');
    await build({
      ...{ entryPoints: ['test/reporters/write-large.ts'], outfile: program, bundle: true, platform: 'node' },
      ...{ format: 'esm', target: 'node20', logLevel: 'error' },
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    // The report takes about 120 MB; as JSON it has as many, as JSON Lines 90, and as GitLab's 70.
    const { stdout } = spawnSync(process.execPath, ['--max-old-space-size=192', program, '100000'], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...formats, '']);
  });
});

/** A text that no compression makes smaller. */
function noise(length: number, seed: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

test('no quotes make SARIF larger than GitHub takes', async () => {
  const findings = Array.from({ length: 5000 }, (_, index) => {
    const lines = Array.from({ length: 5 }, (_, line) => `# ${noise(390, index * 10 + line)}\n`);
    const of = source(`${index}.yml`, `${lines.slice(0, 2).join('')}privileged: true ${lines.slice(2).join('')}`);
    const at = place(of, 'privileged: true');
    return finding(privilegedStep, at, 'm', { related: [{ at: place(of, lines[0] ?? ''), message: masked('m') }] });
  });
  const sarif = await written('sarif', report(findings));
  expect(gzipSync(sarif).length).toBeLessThan(10_000_000);
  const { results } = JSON.parse(sarif).runs[0];
  const snippets = results.map((result: { locations: { physicalLocation: { region: { snippet?: object } } }[] }) =>
    Boolean(result.locations[0]?.physicalLocation.region.snippet),
  );
  expect(snippets[0]).toBe(true);
  expect(snippets).toContain(false);
});

test('JUnit leaves out what GitLab does not take, the least severe first, and counts it', async () => {
  const large = largeReport(40_000);
  const clean = { name: 'clean.env', form: 'env', gave: {}, sha256: '', hashOf: 'original', bytes: 0 } as const;
  const xml = await written('junit', { ...large, sources: [clean] });
  const cases = xml.match(/<testcase /g)?.length ?? 0;
  const [, left] = /message="(\d+) further cases left out: /.exec(xml) ?? [];
  const all = large.findings.filter(({ suppressed }) => !suppressed).length + large.problems.length + 1;
  expect(cases - 1 + Number(left)).toBe(all);
  expect(Buffer.byteLength(xml)).toBeLessThan(30_000_000);
  const objects = xml.match(/<[a-z]| [a-z]+="|>[^<\s]/g)?.length ?? 0;
  expect(objects).toBeLessThan(250_000);
  expect(xml).toContain(`<testsuites name="drone-audit" tests="${cases}"`);
  expect(xml.match(/<error /g)?.length).toBeGreaterThanOrEqual(2000);
  expect(xml.match(/<failure /g)?.length).toBe(16_000);
});

test('JUnit counts bytes, too', async () => {
  const of = source(`${'日'.repeat(900)}.yml`, 'privileged: true\n');
  const at = place(of, 'true');
  const many = Array.from({ length: 8000 }, () => finding(privilegedStep, at, '本'.repeat(1000)));
  const xml = await written('junit', report(many, { exitCode: 1 }));
  expect(Buffer.byteLength(xml)).toBeLessThan(30_000_000);
  expect(xml).toMatch(/message="\d+ further cases left out: /);
});
