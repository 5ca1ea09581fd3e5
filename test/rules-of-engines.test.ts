import { describe, expect, it } from 'vitest';
import type { AnyRule } from '../src/model/rule.ts';
import rejected from '../src/rules/rpc/rejected-runner.ts';
import controlPlane from '../src/rules/runner/control-plane-network-for-builds.ts';
import misplaced from '../src/rules/storage/misplaced-data-directory.ts';
import { fixtureOf, hitsOf } from './support/fixtures.ts';
import { plain } from './support/text.ts';

// What is said of running containers has to be true of them.

const messages = (rule: AnyRule, texts: Readonly<Record<string, string>>): readonly string[] =>
  hitsOf(rule, fixtureOf('engine', new Map(Object.entries(texts)))).map(({ hit }) => plain(hit.message));

const inspected = (name: string, more: object): string =>
  `# name: docker://${name}\n${JSON.stringify({ Name: `/${name}`, State: { Status: 'running', Running: true }, HostConfig: {}, ...more })}`;

const server = {
  Image: 'drone/drone:2.28.2',
  Env: ['DRONE_SERVER_HOST=ci.example.com', 'DRONE_RPC_SECRET=8d4c5e9f2c1e7ab4d05836c7e1f09a2b'],
};

describe('the data of a running server', () => {
  const volume = (Name: string, Destination: string) => ({ Type: 'volume', Name, Destination, RW: true });
  const anonymous = volume('0c5e9b7e'.repeat(8), '/data');

  it('in the volume that its image declares is said to be there', () => {
    expect(
      messages(misplaced, { 'a.inspect.yml': inspected('drone', { Config: server, Mounts: [anonymous] }) }),
    ).toEqual(['"/data" of container "drone" is an anonymous volume: its next container gets an empty one']);
  });

  it('is not where a volume is mounted elsewhere', () => {
    const Mounts = [anonymous, volume('drone-data', '/var/lib/drone')];
    expect(messages(misplaced, { 'a.inspect.yml': inspected('drone', { Config: server, Mounts }) })).toEqual([
      'container "drone" keeps its database below "/data", an anonymous volume, but "/var/lib/drone" is mounted',
    ]);
  });
});

describe('a runner that was refused', () => {
  const log = JSON.stringify({
    container: 'docker://runner',
    lines: 9,
    kept: [{ message: 'cannot ping the remote server', fields: { error: 'Unauthorized' }, count: 3 }],
  });
  const runner = (secret: string) => ({
    Config: {
      Image: 'drone/drone-runner-docker:1.8.5',
      Env: ['DRONE_RPC_HOST=drone', `DRONE_RPC_SECRET=${secret}`],
    },
    NetworkSettings: { Networks: { ci: {} } },
  });
  const told = (secret: string) =>
    messages(rejected, {
      'a.inspect.yml': inspected('drone', { Config: server, NetworkSettings: { Networks: { ci: {} } } }),
      'b.inspect.yml': inspected('runner', runner(secret)),
      'c.log.yml': `# name: docker-log://runner\n${log}`,
    });

  it('is told that the secrets differ only where they may', () => {
    expect(told('8d4c5e9f2c1e7ab4d05836c7e1f09a2b')).toEqual([
      'container "runner" did not get through to its server 3 times: the server refused its RPC secret, although both have the same one now',
    ]);
    expect(told('0d4c5e9f2c1e7ab4d05836c7e1f09a2b')).toEqual([
      'container "runner" did not get through to its server 3 times: its RPC secret is not that of the server',
    ]);
  });
});

describe('a network of builds', () => {
  it('is told with what is on it', () => {
    const Networks = { ci: {} };
    expect(
      messages(controlPlane, {
        'a.inspect.yml': inspected('drone', { Config: server, NetworkSettings: { Networks } }),
        'b.inspect.yml': inspected('store', {
          Config: { Image: 'postgres:16', Env: [] },
          NetworkSettings: { Networks },
        }),
        'c.inspect.yml': inspected('runner', {
          Config: {
            Image: 'drone/drone-runner-docker:1.8.5',
            Env: ['DRONE_RPC_HOST=drone', 'DRONE_RUNNER_NETWORKS=ci'],
          },
          NetworkSettings: { Networks },
        }),
      }),
    ).toEqual([
      'container "runner" attaches every step to network "ci", where container "drone" (the server) and container "store" (a database) are too',
    ]);
  });
});
