import { describe, expect, it } from 'vitest';
import { installationsOf } from '../src/installations.ts';
import type { Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';

// To which installation the answers of an address belong.

const compose = (name: string, host?: string): Source => ({
  name,
  form: 'compose',
  text: `services:
  drone:
    image: drone/drone:2.28.2
    environment:
      DRONE_GITEA_SERVER: https://git.example.com
${host === undefined ? '' : `      DRONE_SERVER_HOST: ${host}\n`}`,
});

const endpoint = (address: string, more: object = {}): Source => ({
  name: `${address}/`,
  form: 'drone-endpoint',
  text: JSON.stringify({ address, role: 'server', answers: {}, tls: null, accepted: [], ...more }),
});

const pipeline = (name: string, slug?: string): Source => ({
  ...{ name, form: 'drone', slug, repository: name.replace(/\/.*/, '') },
  text: 'kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: test\n  image: golang:1.25.4\n  commands: [go test]\n',
});

/** The names of the sources of each installation. */
function divided(...sources: readonly Source[]): readonly (readonly string[])[] {
  const understood = read(sources, (_, path) => ({
    ...{ kind: 'unreadable', source: path, message: say`is not there`, incomplete: true },
  }));
  return installationsOf(understood).map((part) => part.sources.map(({ name }) => name).sort());
}

const ci = 'https://ci.example.com';

describe('the answers of an address', () => {
  it.each([
    ['the server with this public address', [compose('a/compose.yml', 'ci.example.com'), endpoint(ci)], 1],
    [
      'that server among several',
      [compose('a/compose.yml', 'ci.example.com'), compose('b/compose.yml', 'x.example.com'), endpoint(ci)],
      2,
    ],
    ['the only server, which does not name its address', [compose('a/compose.yml'), endpoint(ci)], 1],
    ['no server that names another address', [compose('a/compose.yml', 'x.example.com'), endpoint(ci)], 2],
    ['none of several that do not name theirs', [compose('a/compose.yml'), compose('b/compose.yml'), endpoint(ci)], 3],
    [
      'the only server, by an address of this machine',
      [compose('a/compose.yml', 'ci.example.com'), endpoint('http://127.0.0.1:8080')],
      1,
    ],
    ['no server in sight', [endpoint(ci)], 1],
  ])('belong to %s', (_, sources, count) => {
    const found = divided(...sources);
    expect(found).toHaveLength(count);
    if (count < sources.length)
      expect(found.find((names) => names.some((name) => name.includes('://')))).toContain('a/compose.yml');
  });

  it('belong together, with templates and lists', () => {
    const accounts: Source = { name: `${ci}/api/users`, form: 'drone-accounts', text: '[]' };
    const template = { ...pipeline('t'), name: `${ci}/api/templates/octocat/go.yaml`, repository: undefined };
    expect(divided(endpoint(ci), accounts, template)).toEqual([
      [`${ci}/`, `${ci}/api/templates/octocat/go.yaml`, `${ci}/api/users`],
    ]);
    expect(divided(endpoint(ci), endpoint('https://other.example.com'))).toHaveLength(2);
  });

  it('of a runner belong to the settings that told of it', () => {
    const runner = endpoint('http://10.0.0.7:3000', { role: 'runner', revealedBy: 'b/compose.yml' });
    const found = divided(compose('a/compose.yml', 'a.example.com'), compose('b/compose.yml', 'b.example.com'), runner);
    expect(found).toEqual([['a/compose.yml'], ['b/compose.yml', 'http://10.0.0.7:3000/']]);
  });
});
