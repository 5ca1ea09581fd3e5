import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { releaseOf, secretsOfPipeline, secretsOfStep } from '../../src/drone/secret-use.ts';
import { trustNeedsOf } from '../../src/drone/trust.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { plain } from '../support/text.ts';

function read(text: string) {
  return readPipelines({ name: '.drone.yml', form: 'drone', text });
}

describe('secrets', () => {
  const { pipelines } = read(`kind: pipeline
name: default
image_pull_secrets: [registry]
steps:
- name: publish
  image: plugins/docker
  environment:
    PASSWORD: {from_secret: password}
  settings:
    token: {from_secret: token}
    nested: [{from_secret: never}]
    key: {from_secret: KEY}
---
kind: secret
name: password
data: c2VjcmV0
---
kind: secret
name: token
get: {path: docker, name: token}
---
kind: secret
name: key
data: c2VjcmV0
`);
  const [pipeline] = pipelines;
  const step = pipeline?.steps[0];
  const uses = pipeline && step ? secretsOfStep(pipeline, step) : [];

  it('reach a step by its environment and settings', () => {
    expect(uses.map(({ name, by, variable, origin }) => [name, by, variable, origin])).toEqual([
      ['password', 'environment', 'PASSWORD', 'encrypted'],
      ['token', 'settings', 'PLUGIN_TOKEN', 'external'],
      // Documents are found by their exact name.
      ['KEY', 'settings', 'PLUGIN_KEY', 'stored'],
    ]);
    expect(uses.map(({ documents }) => documents.length)).toEqual([1, 1, 0]);
  });

  it('are released to pull requests by different rules', () => {
    expect(uses.map(releaseOf)).toEqual(['in private repositories', 'if the extension agrees', 'if flagged']);
  });

  it('reach a pipeline as a whole', () => {
    expect(pipeline && secretsOfPipeline(pipeline)).toMatchObject([{ name: 'registry', by: 'image_pull_secrets' }]);
    const remote = read(
      'kind: pipeline\ntype: ssh\nserver: {host: h, user: u, ssh_key: {from_secret: key}}\nsteps: []\n',
    );
    const [other] = remote.pipelines;
    expect(other && secretsOfPipeline(other)).toMatchObject([{ name: 'key', by: 'server', variable: 'ssh_key' }]);
  });
});

const privileged =
  'steps:\n- {name: a, image: b, privileged: true, dns: [192.0.2.1], network_mode: host, devices: [{name: x, path: /dev/kvm}], shm_size: 1GiB, extra_hosts: ["a:192.0.2.1"], dns_search: [example.com]}\n';

describe('trust', () => {
  const whatOf = (text: string): string[] =>
    read(text).pipelines.flatMap((pipeline) => trustNeedsOf(pipeline).map(({ what }) => plain(what)));

  test.each([
    [
      'docker',
      [
        'enable privileged mode',
        'mount devices',
        'configure dns',
        'configure dns_search',
        'configure extra_hosts',
        'configure network_mode',
        'configure shm_size',
      ],
    ],
    ['kubernetes', ['enable privileged mode']],
    ['vm', []],
    ['exec', []],
  ])('of a step of type %s', (type, expected) => {
    expect(whatOf(`kind: pipeline\ntype: ${type}\n${privileged}`)).toEqual(expected);
  });

  it('of volumes', () => {
    const volumes = `kind: pipeline
type: kubernetes
steps: [{name: a, image: b}]
volumes:
- {name: a, host: {path: /srv}}
- {name: b, temp: {medium: memory}}
- {name: c, temp: {medium: Memory}}
- {name: d, claim: {name: data}}
- {name: e, config_map: {name: data}}
- {name: f, secret: {name: data}}
- {name: g, temp: {}}
`;
    expect(whatOf(volumes)).toEqual([
      'mount host volumes',
      'mount in-memory volumes',
      'mount PVC',
      'mount configMap volumes',
      'mount secret volumes',
    ]);
  });

  it('stands where it is asked for', () => {
    const text = `kind: pipeline\n${privileged}`;
    const [pipeline] = read(text).pipelines;
    const [need] = pipeline ? trustNeedsOf(pipeline) : [];
    expect(need && text.slice(need.at.span.start, need.at.span.end)).toBe('true');
  });
});

interface Measured {
  readonly name: string;
  readonly text: string;
  readonly trusted: string | null;
  readonly untrusted: string | null;
}

interface LinterCase {
  readonly id: string;
  readonly input: string;
  readonly trusted: boolean;
  readonly namespaceRules?: unknown;
  readonly measured: { readonly runner?: string | null };
}

interface YamlCase {
  readonly name: string;
  readonly yaml: string;
  readonly runnerLintTrusted?: string | null;
  readonly runnerLintUntrusted?: string | null;
}

const linterOracle = '../shared/oracle/linter.json';
const yamlOracle = '../shared/oracle/yaml.json';

/** Cases whose verdict hangs on trust alone, or that are accepted either way. */
function measuredCases(): readonly Measured[] {
  if (!existsSync(linterOracle) || !existsSync(yamlOracle)) return [];
  const linter: readonly LinterCase[] = JSON.parse(readFileSync(linterOracle, 'utf8')).cases;
  const yaml: readonly YamlCase[] = JSON.parse(readFileSync(yamlOracle, 'utf8')).cases;
  const ofTrust = (message: string | null | undefined): boolean =>
    message === null || /untrusted repositories/.test(message ?? 'x');
  return [
    ...linter
      .filter(({ trusted, namespaceRules, measured }) => !trusted && !namespaceRules && ofTrust(measured.runner))
      .filter(({ input }) => !/^pipeline:\s*$/m.test(input))
      .map(({ id, input, measured }) => ({ name: id, text: input, trusted: null, untrusted: measured.runner ?? null })),
    ...yaml
      .filter(
        ({ runnerLintTrusted, runnerLintUntrusted }) => runnerLintTrusted === null && ofTrust(runnerLintUntrusted),
      )
      .map(({ name, yaml: text, runnerLintUntrusted }) => ({
        name,
        text,
        trusted: null,
        untrusted: runnerLintUntrusted ?? null,
      })),
  ];
}

describe.skipIf(!existsSync(linterOracle))('linters of Drone (needs the measured cases)', () => {
  const cases = measuredCases();

  it('has cases of both kinds', () => {
    expect(cases.filter(({ untrusted }) => untrusted !== null).length).toBeGreaterThan(15);
    expect(cases.filter(({ untrusted }) => untrusted === null).length).toBeGreaterThan(40);
  });

  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_, { text, untrusted }) => {
    const needs = read(text).pipelines.flatMap((pipeline) => trustNeedsOf(pipeline));
    const [first] = needs;
    expect(first ? `linter: untrusted repositories cannot ${first.what}` : null).toBe(untrusted);
  });
});
