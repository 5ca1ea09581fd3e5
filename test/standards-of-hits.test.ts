import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinIds, standardsOf } from '../src/model/standard-ids.ts';
import { sarifReport } from '../src/reporters/sarif.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { report } from './reporters/sample-report.ts';
import { findingsIn, fixtureOf, fixturesIn, readFixture } from './support/fixtures.ts';
import { hardenedServer } from './support/hardened-server.ts';
import { whole } from './support/text.ts';

// A rule that judges several recommendations finds some of them, and its finding names only those.

const found = (rule: string, fixture: ReturnType<typeof readFixture>): readonly (readonly string[])[] =>
  findingsIn(fixture)
    .findings.filter((finding) => finding.rule === rule)
    .map(({ standards }) => standards.cisDocker?.ids ?? []);

const expected: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'unhardened-container': {
    'bad-default-capabilities.compose.yml': ['5.4'],
    'bad-health.compose.yml': ['4.6', '5.27'],
    'bad-memory.compose.yml': ['5.11'],
    'bad-new-privileges.compose.yml': ['5.26'],
    'bad-processes.compose.yml': ['5.29'],
    'bad-processor.compose.yml': ['5.12'],
    'bad-root.compose.yml': ['4.1'],
    'bad-writable-root.compose.yml': ['5.13'],
  },
  'unhardened-docker-daemon': {
    'bad-defaults.engine.yml': ['2.1', '2.2', '2.9', '2.14', '2.15'],
    'bad-one-thing.engine.yml': [],
    'bad-other-defaults.engine.yml': ['2.6', '2.18'],
  },
  'host-namespace': {
    'bad-memory.compose.yml': ['5.17', '5.21'],
    'bad-name-and-users.compose.yml': ['5.31'],
    'bad-processes-of-a-container.compose.yml': [],
    'bad-processes.compose.yml': ['5.16'],
  },
  'security-profile-off': {
    'bad-engine-with-selinux.inspect.yml': ['5.3'],
    'bad-label.compose.yml': ['5.3'],
    'bad-running-without-masked-paths.inspect.yml': [],
    'bad-running-without-the-apparmor-of-its-engine.inspect.yml': ['5.2'],
    'bad-seccomp.compose.yml': ['5.22'],
  },
  'unlimited-build-resources': {
    'bad-docker-runner.compose.yml': ['5.11', '5.12'],
    'bad-many-builds-of-an-exec-runner.service': [],
  },
  'open-docker-socket': {
    'bad-for-everyone.engine.yml': ['3.16'],
    'bad-other-owner.engine.yml': ['3.15'],
  },
};

describe.each(Object.entries(expected))('%s', (id, fixtures) => {
  const folder = join('test/fixtures/rules', familyOf.get(id) ?? '', id);

  it.each(Object.entries(fixtures))('%s', (name, ids) => {
    expect(found(id, readFixture(join(folder, name), name))).toContainEqual(ids);
  });

  it('names each recommendation of the rule in some fixture, and not all of them in each', () => {
    const rule = allRules.find((each) => each.id === id);
    const ids = rule?.standards.cisDocker?.ids ?? [];
    const all = fixturesIn(folder).flatMap((name) => found(id, readFixture(join(folder, name), name)));
    expect(ids.filter((each) => !all.flat().includes(each))).toEqual([]);
    expect(all.some((each) => each.length < ids.length)).toBe(true);
  });
});

it('is known for every rule that judges several recommendations', () => {
  const several = allRules.filter(({ standards }) => (standards.cisDocker?.ids.length ?? 0) > 1);
  expect(several.map(({ id }) => id).sort()).toEqual(Object.keys(expected).sort());
});

it('a container that lacks only a health check goes against two recommendations, not nine', () => {
  const fixture = fixtureOf('a', new Map([['docker-compose.yml', hardenedServer()]]));
  expect(found('unhardened-container', fixture)).toEqual([['4.6', '5.27']]);
});

it('what a service and its replicas lack is one finding with the recommendations of all', () => {
  const service = `
    image: drone/drone:2.25.0@sha256:0000000000000000000000000000000000000000000000000000000000000000
    environment: { DRONE_SERVER_HOST: ci.example.com }`;
  const compose = `x-common: &common
  pid: host
services:
  one:
    <<: *common
    uts: host${service}
  two:
    <<: *common
    ipc: host${service}
`;
  const fixture = fixtureOf('a', new Map([['docker-compose.yml', compose]]));
  expect(found('host-namespace', fixture)).toEqual([['5.16', '5.17', '5.21']]);
});

it('SARIF tells the recommendations of a result where they are not all of its rule', () => {
  const folder = join('test/fixtures/rules/host/unhardened-docker-daemon');
  const taxaIn = (name: string) => {
    const { findings } = findingsIn(readFixture(join(folder, name), name));
    const { taxonomies, results } = JSON.parse(whole(sarifReport(report(findings), allRules))).runs[0];
    const [result] = results.filter((each: { ruleId: string }) => each.ruleId === 'unhardened-docker-daemon');
    const docker = taxonomies.findIndex(({ name }: { name: string }) => name === 'CIS Docker Benchmark');
    const ids: readonly string[] = result.taxa
      .filter((taxon: { toolComponent: { index: number } }) => taxon.toolComponent.index === docker)
      .map((taxon: { id: string; index: number }) => {
        expect(taxonomies[docker].taxa[taxon.index].id).toBe(taxon.id);
        return taxon.id;
      });
    return ids;
  };
  expect(taxaIn('bad-other-defaults.engine.yml')).toEqual(['2.6', '2.18']);
  expect(taxaIn('bad-one-thing.engine.yml')).toEqual([]);
  const privileged = join('test/fixtures/rules/container/privileged-container');
  const name = fixturesIn(privileged).find((each) => each.startsWith('bad')) ?? '';
  const { findings } = findingsIn(readFixture(join(privileged, name), name));
  const own = findings.filter(({ rule }) => rule === 'privileged-container');
  expect(own).not.toHaveLength(0);
  expect(JSON.parse(whole(sarifReport(report(own), allRules))).runs[0].results[0].taxa).toBeUndefined();
});

it('joins the recommendations of two hits, and a hit that names none stands for all of the rule', () => {
  expect(joinIds(['5.4', '4.1'], ['4.1', '5.11'])).toEqual(['5.4', '4.1', '5.11']);
  expect(joinIds(undefined, ['4.1'])).toBeUndefined();
  const rule = { owasp: ['CICD-SEC-7'], cisDocker: { version: '1.6.0', ids: ['5.4', '4.1'] } } as const;
  expect(standardsOf(rule, undefined)).toBe(rule);
  expect(standardsOf(rule, ['5.13', '5.4'])).toEqual({
    ...rule,
    cisDocker: { version: '1.6.0', ids: ['5.4', '5.13'] },
  });
  expect(standardsOf(rule, [])).toEqual({ owasp: ['CICD-SEC-7'] });
});
