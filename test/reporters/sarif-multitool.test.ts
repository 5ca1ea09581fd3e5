import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { sarifReport } from '../../src/reporters/sarif.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { auditFolder, auditPaths } from '../support/audit-folder.ts';
import { temporaryFolder } from '../support/cli.ts';
import { whole } from '../support/text.ts';
import { hostileReport } from './hostile.ts';
import { largeReport } from './large-report.ts';
import { fullReport, report } from './sample-report.ts';

/** Where Sarif.Multitool lies (npm's @microsoft/sarif-multitool-linux, 105 MB); .ci/run installs it. */
const multitool = process.env.DRONE_AUDIT_TEST_SARIF ?? '';

function run(args: readonly string[]): string {
  return execFileSync(multitool, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // The address of the schema is not asked for, and no language of the system is needed.
    env: {
      PATH: process.env.PATH ?? '',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
    },
  });
}

/** What Microsoft's rules for SARIF and GitHub's for code scanning find: `error SARIF1004`. The exit status tells nothing. */
function complaintsAbout(file: string): readonly string[] {
  const output = run(['validate', file, '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning', ...anySize]);
  expect(output).toContain('Analysis completed successfully.');
  return [...new Set(output.match(/\b(?:error|warning) [A-Z]+\d+/g) ?? [])].sort();
}

/** It leaves what is larger than 10 MB. */
const anySize = ['--max-file-size-in-kb', '100000'];

/** That the tool has no address: it gets one with the homepage of package.json. */
const known = ['warning SARIF2005'];

describe.skipIf(multitool === '')('sarif-multitool (DRONE_AUDIT_TEST_SARIF=PATH)', () => {
  const written = (of: Report, file = join(temporaryFolder(), 'report.sarif'), homepage = ''): string => {
    writeFileSync(file, whole(sarifReport(of, allRules, familyOf, homepage)));
    return file;
  };

  it.each([
    ['nothing', report([])],
    ['everything', fullReport()],
    ['hostile names', hostileReport()],
    ['more than 5,000 findings', largeReport(6000)],
  ])('finds no fault in a report of %s', (_, of) => {
    expect(complaintsAbout(written(of))).toEqual(known);
  });

  it('finds nothing at all once the project has an address', async () => {
    const careless = await auditFolder('examples/careless');
    expect(complaintsAbout(written(careless, undefined, 'https://audit.example.com'))).toEqual([]);
  });

  it('merges the reports of shards into one that is as good', async () => {
    const folder = temporaryFolder();
    const shards = [
      written(await auditPaths('examples', ['careless']), join(folder, 'first.sarif')),
      written(await auditPaths('examples', ['careless-kubernetes']), join(folder, 'second.sarif')),
    ];
    run(['merge', ...shards, '--output-directory', folder, '--output-file', 'merged.sarif', '--log', 'ForceOverwrite']);
    const merged = join(folder, 'merged.sarif');
    const resultsIn = (file: string): number => JSON.parse(readFileSync(file, 'utf8')).runs[0].results.length;
    expect(resultsIn(merged)).toBe(shards.reduce((sum, shard) => sum + resultsIn(shard), 0));
    expect(complaintsAbout(merged)).toEqual(known);
  });
});
