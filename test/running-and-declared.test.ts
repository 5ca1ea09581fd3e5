import { describe, expect, it } from 'vitest';
import { usualPolicy } from '../src/apply-policy.ts';
import { everything } from './support/audit-folder.ts';
import { findingsIn, fixtureOf } from './support/fixtures.ts';

// A compose file and the containers that were made from it, in one audit.

const compose = (project: string, more = '') => `# drone
services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_RPC_PROTO: https
      DRONE_RPC_SECRET: super-duper-secret
      DRONE_UI_PASSWORD: root
${more}name: ${project}
`;

const running = (service: string, number: number, more = '') => `# name: docker://stack-${service}-${number}
Name: /stack-${service}-${number}
State: { Running: true, Status: running }
Config:
  Image: drone/drone-runner-docker:1.8.5
  Labels:
    com.docker.compose.project: stack
    com.docker.compose.service: ${service}
    com.docker.compose.project.config_files: /srv/stack/compose.yml
  Env:
    - DRONE_RPC_HOST=ci.example.com
    - DRONE_RPC_PROTO=https
    - DRONE_RPC_SECRET=super-duper-secret
    - DRONE_UI_PASSWORD=root
${more}HostConfig: { Privileged: false }
Mounts:
  - { Type: bind, Source: /var/run/docker.sock, Destination: /var/run/docker.sock, RW: true }
NetworkSettings: { Networks: { stack_default: {} } }
`;

function findings(texts: Readonly<Record<string, string>>) {
  const policy = { ...usualPolicy('2026-11-21'), ...everything };
  return findingsIn(fixtureOf('a', new Map(Object.entries(texts))), policy).findings;
}

const told = (texts: Readonly<Record<string, string>>) =>
  findings(texts).map(({ rule, at, severity }) => `${severity} ${rule} ${at.source.name}`);

describe('a file and what runs of it', () => {
  const declared = { 'compose.yml': compose('stack') };
  const both = { ...declared, 'runner.inspect.yml': running('runner', 1) };

  it('share their findings, which are told at the file with both places', () => {
    const alone = findings(declared);
    const together = findings(both);
    const inFile = together.filter(({ at }) => at.source.name === 'compose.yml');
    expect(inFile.map(({ fingerprint }) => fingerprint)).toEqual(alone.map(({ fingerprint }) => fingerprint));
    const secret = inFile.find(({ rule }) => rule === 'weak-rpc-secret');
    expect(secret?.related.map(({ at, message }) => [at.source.name, message])).toContainEqual([
      'docker://stack-runner-1',
      'the same in container "stack-runner-1"',
    ]);
    const rules = new Set(inFile.map(({ rule }) => rule));
    expect(together.filter(({ at, rule }) => at.source.name !== 'compose.yml' && rules.has(rule))).toEqual([]);
  });

  it('share them with each of several containers', () => {
    const three = { ...both, 'other.inspect.yml': running('runner', 2) };
    const secret = findings(three).filter(({ rule }) => rule === 'weak-rpc-secret');
    expect(secret).toHaveLength(1);
    expect(secret[0]?.related.filter(({ at }) => at.source.name.startsWith('docker://'))).toHaveLength(2);
  });

  it('keep apart what only one of them has', () => {
    const debug = { ...declared, 'runner.inspect.yml': running('runner', 1, '    - DRONE_RPC_DUMP_HTTP=true\n') };
    expect(told(debug)).toContain('high rpc-dump docker://stack-runner-1');
    expect(told(debug)).toContain('low running-differs-from-declared compose.yml');
    const written = {
      'compose.yml': compose('stack', '      DRONE_RPC_DUMP_HTTP: "true"\n'),
      'runner.inspect.yml': running('runner', 1),
    };
    expect(told(written)).toContain('high rpc-dump compose.yml');
    expect(told(written)).toContain('low running-differs-from-declared compose.yml');
  });

  it('share them beside an installation of which nothing is seen running', () => {
    const server = `# drone
services:
  drone:
    image: drone/drone:2.28.2
    environment:
      DRONE_GITEA_SERVER: https://git.example.org
      DRONE_SERVER_HOST: ci.example.org
      DRONE_RPC_SECRET: super-duper-secret
name: a
`;
    const texts = {
      'a/compose.yml': server,
      'stack/compose.yml': compose('stack'),
      'stack/runner.inspect.yml': running('runner', 1),
    };
    expect(told(texts)).toContain('critical weak-rpc-secret a/compose.yml');
    expect(told(texts)).toContain('critical weak-rpc-secret stack/compose.yml');
    expect(told(texts)).not.toContain('critical weak-rpc-secret docker://stack-runner-1');
  });

  it('have nothing to do with each other in different projects', () => {
    const other = { 'other/compose.yml': compose('other'), 'runner.inspect.yml': running('runner', 1) };
    expect(told(other)).toContain('critical weak-rpc-secret other/compose.yml');
    expect(told(other)).toContain('critical weak-rpc-secret docker://stack-runner-1');
  });

  it('are tied by the path of the file, as far as it is known', () => {
    const both = {
      'stack/compose.yml': compose('stack'),
      'backup/stack/compose.yml': compose('stack'),
      'runner.inspect.yml': running('runner', 1),
    };
    expect(told(both)).toContain('critical weak-rpc-secret stack/compose.yml');
    expect(told(both)).not.toContain('critical weak-rpc-secret docker://stack-runner-1');
  });

  it('are one project where the container was made from several files', () => {
    const files = '/srv/stack/compose.yml,/srv/stack/more.yml';
    const two = {
      'compose.yml': compose('stack'),
      'more.yml': 'services:\n  runner:\n    environment: { DRONE_RPC_DUMP_HTTP: "true" }\n',
      'runner.inspect.yml': running('runner', 1, '    - DRONE_RPC_DUMP_HTTP=true\n').replace(
        '/srv/stack/compose.yml',
        files,
      ),
    };
    expect(told(two)).toContain('high rpc-dump more.yml');
    expect(told(two).filter((each) => each.includes('running-differs'))).toEqual([]);
  });
});

describe('containers of two engines', () => {
  const on = (engine: string, text: string) => text.replace('docker://', `docker://${engine}/`);
  const server = `# name: docker://drone
Name: /drone
State: { Running: true, Status: running }
Config:
  Image: drone/drone:2.28.2
  Env:
    - DRONE_GITEA_SERVER=https://git.example.com
    - DRONE_SERVER_HOST=ci.example.com
    - DRONE_RPC_SECRET=super-duper-secret
HostConfig: {}
NetworkSettings: { Networks: { stack_default: {} } }
`;
  const step = `# name: docker://drone-aaaaaaaaaaaaaaaaaaaa
Name: /drone-aaaaaaaaaaaaaaaaaaaa
State: { Running: true, Status: running }
Config: { Image: golang, Env: [], Labels: { io.drone: "true" } }
HostConfig: {}
NetworkSettings: { Networks: { stack_default: {} } }
`;
  const runner = running('runner', 1);
  const apart = {
    'a.inspect.yml': on('ci-1', server),
    'b.inspect.yml': on('builds-1', runner),
    'c.inspect.yml': on('builds-1', step),
  };
  const rulesOf = (texts: Readonly<Record<string, string>>) => new Set(findings(texts).map(({ rule }) => rule));

  it('are not on one host, and share no network of one name', () => {
    const together = rulesOf({ 'a.inspect.yml': server, 'b.inspect.yml': runner, 'c.inspect.yml': step });
    const found = rulesOf(apart);
    for (const rule of ['server-and-runner-together', 'control-plane-network-for-builds']) {
      expect(together).toContain(rule);
      expect(found).not.toContain(rule);
    }
  });
});
