import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../src/apply-policy.ts';
import { lineOf } from '../src/model/source.ts';
import { jsonReport } from '../src/reporters/json.ts';
import { sarifReport } from '../src/reporters/sarif.ts';
import { textReport } from '../src/reporters/text.ts';
import { allRules } from '../src/rules/all.ts';
import { auditFolder, auditPaths, everything } from './support/audit-folder.ts';
import type { ListedReport } from './support/listed-report.ts';
import { whole } from './support/text.ts';

// Whole installations, each audited as `drone-audit scan` in its folder does.
const root = 'test/fixtures/installations';

const auditOf = (name: string, policy?: Partial<Policy>): Promise<ListedReport> =>
  auditFolder(join(root, name), policy);

/** The example lies in this repository, whose commit is another with each change. */
const withoutCommits = (report: ListedReport): ListedReport => {
  const origins = report.population.origins.map(({ commit: _, ...origin }) => origin);
  return { ...report, population: { ...report.population, origins } };
};

const list = ({ findings }: ListedReport): string[] =>
  findings.map(({ at, rule, severity }) => `${at.source.name}:${lineOf(at)} ${rule} ${severity}`);

describe('a careless installation', async () => {
  const report = await auditOf('careless');
  const formats = {
    txt: whole(textReport(report, { color: false, width: 80, verbose: false })),
    json: whole(jsonReport(withoutCommits(report))),
    sarif: whole(sarifReport(report, allRules)),
  };

  it('has these findings', async () => {
    await expect(`${list(report).join('\n')}\n`).toMatchFileSnapshot(`fixtures/installations/careless.findings.txt`);
  });

  it('is understood as a whole', () => {
    expect(report.problems).toEqual([]);
    expect(report.exitCode).toBe(1);
    expect(report.coverage).toMatchObject({ files: 5, pipelines: 3, containers: 4, components: 4 });
  });

  it.each(Object.entries(formats))('is reported as %s', async (ending, text) => {
    await expect(text).toMatchFileSnapshot(`fixtures/installations/careless.report.${ending}`);
  });

  it.each(Object.entries(formats))('keeps its secrets in %s', (_, text) => {
    const secrets = [...readFileSync(join(root, 'careless/server.env'), 'utf8').matchAll(/SECRET=(.+)|token:(.+)/g)];
    expect(secrets).toHaveLength(3);
    for (const [, whole, part] of secrets) expect(text).not.toContain(whole ?? part);
  });

  it('is reported in the same bytes again', async () => {
    expect([...jsonReport(withoutCommits(await auditOf('careless')))].join('')).toBe(formats.json);
  });
});

describe('a hardened installation', async () => {
  const report = await auditOf('hardened', everything);

  it('is understood as a whole', () => {
    expect(report.problems).toEqual([]);
    expect(report.coverage).toMatchObject({ files: 6, pipelines: 3, containers: 3, components: 3, inconclusive: [] });
  });

  it('has nothing to find, however strictly one looks', () => {
    expect(list(report)).toEqual([]);
    expect(report.hiddenPedantic).toBe(0);
    expect(report.exitCode).toBe(0);
  });
});

describe('the account of a runner that the audit has not got', () => {
  const fixture = 'test/fixtures/rules/kubernetes/powerful-runner-account/good-runner-not-seen.k8s.yml';

  it('is undecided, not silent', async () => {
    const { coverage } = await auditPaths('.', [fixture], everything);
    expect(coverage.inconclusive).toEqual([
      {
        rule: 'powerful-runner-account',
        source: fixture,
        line: 13,
        message: 'the account "drone-runner" has broad rights, and no runner was seen that has it',
      },
    ]);
  });
});

describe('a runner that uses an engine which the audit has not got', () => {
  const fixture = 'test/fixtures/rules/host/plain-docker-host/good-engine-was-not-read.compose.yml';

  it('is undecided, not silent', async () => {
    const { coverage } = await auditPaths('.', [fixture], everything);
    expect(coverage.inconclusive.filter(({ rule }) => rule === 'plain-docker-host')).toEqual([
      {
        rule: 'plain-docker-host',
        source: fixture,
        line: 8,
        message: 'no container that was read is called "socket-proxy"',
      },
    ]);
  });
});
