import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lineOf } from '../src/model/source.ts';
import { auditFolder } from './support/audit-folder.ts';
import type { ListedReport } from './support/listed-report.ts';

// What users copy, and what they are shown.

const list = ({ findings }: ListedReport): string[] =>
  findings
    .filter(({ suppressed }) => !suppressed)
    .map(({ at, rule, severity }) => `${at.source.name}:${lineOf(at)} ${rule} ${severity}`);

describe('examples', () => {
  it('are all looked at here', () => {
    expect(readdirSync('examples').sort()).toEqual(
      // test/gate.test.ts looks at the gate, test/fleet at the fleet.
      ['fleet', 'gate', ...hardened.map(([name]) => name), ...careless].sort(),
    );
  });
});

/** What of a hardened example is said to be elsewhere: secrets that stand in no file. */
const hardened = [
  ['hardened', []],
  [
    'hardened-kubernetes',
    [
      'Secret "runner" is not in the audit (DRONE_RPC_SECRET)',
      'Secret "runner" is not in the audit (DRONE_RPC_SECRET, DRONE_SECRET_PLUGIN_TOKEN)',
      'Secret "drone" is not in the audit (DRONE_RPC_SECRET, DRONE_COOKIE_SECRET, DRONE_DATABASE_SECRET, DRONE_GITEA_CLIENT_SECRET, DRONE_VALIDATE_PLUGIN_SECRET, DRONE_WEBHOOK_SECRET)',
    ],
  ],
  [
    'hardened-systemd',
    [
      'EnvironmentFile "/run/user/1500/drone/secrets.env" is not there',
      'EnvironmentFile "/run/drone/secrets.env" is not there',
    ],
  ],
] as const;

describe.each(hardened)('the example %s', async (name, elsewhere) => {
  const report = await auditFolder(`examples/${name}`);

  it('is understood as a whole', () => {
    expect(report.problems).toEqual([]);
    expect(report.coverage).toMatchObject({ pipelines: 4, components: name === 'hardened' ? 6 : 3, inconclusive: [] });
    expect(report.coverage.unknown.map(({ message }) => message)).toEqual(elsewhere);
  });

  it('has nothing to find', () => {
    expect(list(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
  });
});

const careless = ['careless', 'careless-kubernetes', 'careless-systemd'];

/** Rules that not all forms of the careless installation can show. */
const onlySome: ReadonlyMap<string, string> = new Map([
  [
    'server-and-runner-together',
    'one compose file is one host; the cluster chooses the node, and a unit and a script may be meant for two hosts',
  ],
  ['inline-secret', 'of an env file only where git tracks it; a copy without repository has none'],
  ['readable-secret-file', 'of an env file that git does not track, by its mode; a checkout has none'],
]);

describe('the careless examples', async () => {
  const reports = await Promise.all(careless.map((name) => auditFolder(`examples/${name}`)));
  const found = reports.map(({ findings }) => new Set(findings.map(({ rule }) => rule)));
  const first = found[0] ?? new Set();

  it('are understood as a whole', () => {
    for (const { problems, coverage } of reports) {
      expect(problems).toEqual([]);
      expect(coverage).toMatchObject({ pipelines: 2, containers: 2, components: 2, unknown: [], inconclusive: [] });
    }
  });

  it.each(careless.map((name, index) => [name, index] as const))('have the same findings as %s', (_, index) => {
    const comparable = (ids: Iterable<string>): string[] => [...ids].filter((id) => !onlySome.has(id)).sort();
    expect(comparable(found[index] ?? [])).toEqual(comparable(first));
    expect(comparable(first).length).toBeGreaterThan(15);
  });

  it('differ only where that is explained', () => {
    expect(found.map((ids) => ids.has('server-and-runner-together'))).toEqual([true, false, false]);
    for (const ids of found) expect(ids.has('inline-secret') || ids.has('readable-secret-file')).toBe(true);
  });
});
