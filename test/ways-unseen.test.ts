import { describe, expect, it, test } from 'vitest';
import type { Ways } from '../src/ways/ways.ts';
import { type Known, waysThrough } from './support/ways.ts';

/* What was not read closes nothing. */

const server = (cookie = '${DRONE_COOKIE_SECRET:?}'): string => `services:
  drone:
    image: drone/drone:2.28.2
    ports: ["443:443"]
    environment:
      DRONE_SERVER_HOST: ci.example.com
      DRONE_SERVER_PROTO: https
      DRONE_TLS_CERT: /certs/tls.crt
      DRONE_TLS_KEY: /certs/tls.key
      DRONE_GITHUB_CLIENT_ID: Iv1.0123456789abcdef
      DRONE_GITHUB_CLIENT_SECRET: \${DRONE_GITHUB_CLIENT_SECRET:?}
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?}
      DRONE_DATABASE_SECRET: \${DRONE_DATABASE_SECRET:?}
      DRONE_COOKIE_SECRET: ${cookie}
      DRONE_USER_FILTER: acme
    volumes: [drone:/data]
volumes:
  drone:
`;

const runner = (image = 'drone-runner-docker:1.8.5'): string => `services:
  runner:
    image: drone/${image}
    environment:
      DRONE_RPC_PROTO: https
      DRONE_RPC_HOST: ci.example.com
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?}
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
`;

const app = `kind: pipeline
type: docker
name: publish
trigger:
  event: [push]
steps:
  - name: publish
    image: node:22.9.0
    environment:
      NPM_TOKEN:
        from_secret: npm_token
    commands: [npm publish]
`;

const known: readonly Known[] = [
  {
    ...{ file: 'app/.drone.yml', slug: 'acme/app', active: true, visibility: 'public', private: false },
    ...{ trusted: false, protected: false, ignore_forks: false, ignore_pull_requests: false },
    secrets: [{ name: 'npm_token' }],
  },
];

const components = { 'server/compose.yml': server(), 'runner/compose.yml': runner() };

function between({ relations }: Ways, from: string, to: string): string {
  const found = relations.find((each) => each.from === from && each.to === to);
  if (!found) return 'nothing';
  const because = found.steps.find(({ certainty }) => certainty === 'unknown')?.why.pieces.join('');
  return `${found.is}: ${found.is === 'not known' ? because : (found.certainty ?? found.by?.pieces.join(''))}`;
}

describe('without a repository', () => {
  it('is not known which pull requests are built', () => {
    const ways = waysThrough(components);
    for (const to of ['host:runner', 'rpc-secret', 'secret:unseen-repository/any'])
      expect(between(ways, 'fork-author', to)).toMatch(/^not known: no repository was read/);
    expect(between(ways, 'network', 'host:runner')).toMatch(/^closed: weak-rpc: /);
  });

  it('an administrator has one built', () => {
    const ways = waysThrough({ ...components, 'server/compose.yml': server('correct-horse-battery-staple') });
    for (const to of ['host:runner', 'rpc-secret', 'secret:unseen-repository/any'])
      expect(between(ways, 'network', to)).toBe('open: assumed');
    expect(ways.cut.changes.map(({ edge }) => edge)).toEqual(['weak-cookie']);
  });

  it('a server alone gives its secrets away', () => {
    const ways = waysThrough({ 'compose.yml': server('correct-horse-battery-staple') });
    expect(between(ways, 'network', 'secret:unseen-repository/any')).toBe('open: assumed');
    expect(between(ways, 'network', 'host:unseen-runner')).toBe('not known: no runner was read');
  });
});

describe('without a runner', () => {
  const files = { 'server/compose.yml': server(), 'app/.drone.yml': app };

  test.each(['rpc-secret', 'server', 'database', 'host:unseen-runner'])('a build may get %s', (to) => {
    for (const api of [[], known])
      expect(between(waysThrough(files, api), 'fork-author', to)).toBe('not known: no runner was read');
  });

  it('a secret that is not released is not safe for that', () => {
    const told = between(waysThrough(files, known), 'fork-author', 'secret:app/npm_token');
    expect(told).toBe('not known: no runner was read');
  });

  test.each([['network'], ['neighbour'], ['log-reader'], ['supplier']])('%s is not kept out', (from) => {
    expect(between(waysThrough(files), from, 'rpc-secret')).toBe('not known: no runner was read');
  });

  it('forks that are ignored get nothing', () => {
    const ignoring = known.map((each) => ({ ...each, ignore_forks: true }));
    expect(between(waysThrough(files, ignoring), 'fork-author', 'rpc-secret')).toBe('closed: fork-build: ignore_forks');
  });
});

test.each(['network', 'neighbour', 'log-reader', 'backup-reader', 'supplier'])(
  'without a server %s is not kept out',
  (from) => {
    const ways = waysThrough({ 'runner/compose.yml': runner(), 'app/.drone.yml': app });
    expect(between(ways, from, 'secret:app/npm_token')).toMatch(
      from === 'supplier' ? /^open/ : /^not known: the settings of the server/,
    );
    expect(between(ways, from, 'host:runner')).toMatch(/^not known: the settings of the server/);
  },
);

test.each(['ssh', 'digitalocean', 'macstadium', 'nomad', 'aws'])(
  'what builds on a runner of %s get is not known',
  (kind) => {
    const image = `drone-runner-${kind}:1.0.1`;
    const ways = waysThrough({ ...components, 'runner/compose.yml': runner(image), 'app/.drone.yml': app }, known);
    const why = `not known: runner is a runner-${kind}, a kind of runner that is not modelled`;
    for (const to of ['host:runner', 'rpc-secret', 'secret:app/npm_token'])
      expect(between(ways, 'fork-author', to)).toBe(why);
  },
);

describe('who is let in further', () => {
  const ways = waysThrough({ ...components, 'app/.drone.yml': app });

  it('has what a writer has, as administrator of the repository', () => {
    const row = (from: string) =>
      ways.relations.flatMap((each) => (each.from === from ? [`${each.to} ${each.is}`] : []));
    expect(row('repo-admin')).toContain('host:runner by design');
    expect(row('repo-admin')).toEqual(row('writer'));
  });

  it('may have anything that is on the machine', () => {
    expect(between(ways, 'host-user', 'host:runner')).toBe(
      'not known: what a login on the machine of runner gives is not modelled',
    );
    expect(between(ways, 'host-user', 'server')).toMatch(/^not known: what a login on the machine of service "drone"/);
  });
});
