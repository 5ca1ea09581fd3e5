import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { paceOf } from '../../src/checks/http.ts';
import { lookAtServer, type ServerEvidence, type ServerTarget } from '../../src/checks/server.ts';
import { normalAddress } from '../../src/checks/server-address.ts';
import { printedIn, probedSecrets } from '../../src/facts/documented-secrets.ts';
import { ownedHost } from '../../src/model/owned-hosts.ts';
import { read } from '../../src/read.ts';
import { formsInLog } from '../../src/secrets/in-logs.ts';
import { plain } from '../support/text.ts';
import { adminToken, type FakeDrone, type FakeDroneOptions, fakeDrone, memberToken } from './fake-drone.ts';

const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function serverWith(options: FakeDroneOptions = {}): Promise<FakeDrone> {
  const server = await fakeDrone(options);
  cleanups.push(() => server.close());
  return server;
}

const samples = probedSecrets.rpc.map((value) => ({ value, where: printedIn(value) }));

function lookAt(server: FakeDrone, more: Partial<ServerTarget> = {}): Promise<ServerEvidence> {
  const { address } = server;
  return lookAtServer({ address, rate: 1e6, probeRpc: false, samples, owned: [], progress: () => {}, ...more });
}

const said = ({ problems }: ServerEvidence): string[] => problems.map(({ message }) => plain(message));
const names = ({ sources }: ServerEvidence, { address }: FakeDrone): string[] =>
  sources.map(({ name }) => name.replace(address, ''));
const textOf = ({ sources }: ServerEvidence, end: string): string =>
  sources.find(({ name }) => name.endsWith(end))?.text ?? '';
const jsonIn = (evidence: ServerEvidence, end: string): unknown => JSON.parse(textOf(evidence, end));

const careless: FakeDroneOptions = {
  organizationSecrets: [
    { namespace: 'octocat', name: 'token', pull_request: true, data: 'must-not-be-kept' },
    { namespace: 'acme', name: 'key' },
  ],
  templates: [
    { namespace: 'octocat', name: 'go.yaml', data: 'kind: pipeline\nname: default\n' },
    { namespace: 'octocat', name: 'go.star', data: 'def main(ctx):\n  return {}\n' },
    { namespace: 'octocat', name: 'go.jsonnet', data: '{}' },
    { namespace: 'octocat', name: 'notes.txt', data: 'not a template' },
  ],
  repositories: [
    {
      slug: 'octocat/hello',
      fields: { trusted: true },
      secrets: [
        { id: 1, name: 'password', pull_request: true },
        { name: 'a-key', data: 'must-not-be-kept' },
      ],
      cron: [{ name: 'nightly', expr: '0 0 1 * * *', branch: 'main', next: 1, prev: 0 }],
      builds: [
        {
          number: 2,
          ...{
            event: 'push',
            status: 'success',
            trigger: '@hook',
            title: 'must-not-be-kept',
            created: 10,
            finished: 20,
          },
          stages: [{ name: 'default', status: 'success', machine: 'runner-1', steps: [] }],
        },
        { number: 1 },
      ],
    },
    { slug: 'octocat/asleep', active: false },
  ],
};

describe('what a server tells to anyone', () => {
  test.each([
    [500, 'Bad Host', ': it answers to other host names only ("Bad Host"); name it by its own host'],
    [502, '<html>Bad Gateway</html>', ''],
  ])('is not known where it answers with %i, which is said', async (status, body, more) => {
    const server = await serverWith({
      instead: ({ url = '' }, response) => {
        if (!/^\/(?:version|varz|welcome|login)?$/.test(url)) return false;
        response.writeHead(status);
        response.end(body);
        return true;
      },
    });
    const evidence = await lookAt(server);
    expect(said(evidence)).toEqual([
      `the server answers with status ${status} to /version, /varz, /, /welcome, /login, so what it tells there is not known${more}`,
    ]);
    expect(evidence.problems.map(({ incomplete }) => incomplete)).toEqual([true]);
  });

  test('is asked by GET alone, and never by /logout', async () => {
    const server = await serverWith();
    const evidence = await lookAt(server);
    expect(said(evidence)).toEqual([]);
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(server.requests.map(({ url }) => url).sort()).toEqual(
      ['/', '/api/user', '/debug/pprof/', '/healthz', '/login', '/metrics', '/varz', '/version', '/welcome'].sort(),
    );
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test('is one source, with what changes left out', async () => {
    const server = await serverWith();
    const evidence = await lookAt(server);
    expect(names(evidence, server)).toEqual(['/']);
    expect(jsonIn(evidence, '/')).toMatchObject({
      address: server.address,
      role: 'server',
      network: 'loopback',
      answers: {
        '/version': { status: 200, body: 'json', facts: { version: '2.28.1' } },
        '/varz': { facts: { 'license.kind': 'trial', 'scm.url': 'https://git.example.com/' } },
        '/': { status: 303, headers: { location: '/welcome' } },
        '/welcome': { status: 200, body: 'html', headers: { 'x-frame-options': 'DENY' } },
        '/login': {
          headers: {
            location: 'https://git.example.com/login/oauth/authorize',
            'set-cookie': '_oauth_state_; Max-Age=1800',
          },
        },
        '/metrics': { status: 401, body: 'text' },
        '/debug/pprof/': { status: 404 },
        '/api/user': {
          status: 401,
          headers: {
            'access-control-allow-origin': 'https://drone-audit.invalid',
            'access-control-allow-credentials': 'true',
          },
        },
      },
      tls: null,
      accepted: [],
    });
    expect((await lookAt(server)).sources[0]?.text).toBe(evidence.sources[0]?.text);
    expect(evidence.sources[0]?.seenAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('is understood as an endpoint, each value with its place', async () => {
    const { sources } = await lookAt(await serverWith());
    const { installation, problems } = read(sources, () => {
      throw new Error('nothing is looked up');
    });
    expect(problems).toEqual([]);
    const [endpoint] = installation.endpoints;
    const version = endpoint?.answers.get('/version')?.facts.get('version');
    expect(version?.value).toBe('2.28.1');
    const { span, path } = version?.at ?? { span: { start: 0, end: 0 }, path: '' };
    expect(sources[0]?.text.slice(span.start, span.end)).toBe('2.28.1');
    expect(path).toBe('answers[/version].facts[version]');
  });

  test('is nothing where no server answers', async () => {
    const server = await serverWith();
    await server.close();
    cleanups.pop();
    expect(said(await lookAt(server))).toEqual(['the server was not looked at: it refuses the connection']);
  });

  test('is nothing, and no token is sent, where something else answers', async () => {
    const server = await serverWith({
      instead: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html>welcome to something</html>');
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(evidence.sources).toEqual([]);
    expect(said(evidence)).toEqual([
      'what runs here does not answer like a Drone server, so nothing is said of it, and no token was sent',
    ]);
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

describe('what a server tells to an administrator', () => {
  test('becomes sources that hold what the model has, and nothing else', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([]);
    expect(evidence.sources.map(({ name, form }) => [name.replace(server.address, ''), form])).toEqual([
      ['/', 'drone-endpoint'],
      ['/api/repos/octocat/asleep', 'drone-repository'],
      ['/api/repos/octocat/hello', 'drone-repository'],
      ['/api/secrets', 'drone-organization-secrets'],
      ['/api/templates/octocat/go.jsonnet', 'jsonnet'],
      ['/api/templates/octocat/go.star', 'starlark'],
      ['/api/templates/octocat/go.yaml', 'drone'],
      ['/api/users', 'drone-accounts'],
    ]);
    expect(jsonIn(evidence, '/api/secrets')).toEqual([
      { namespace: 'acme', name: 'key', pull_request: false, pull_request_push: false },
      { namespace: 'octocat', name: 'token', pull_request: true, pull_request_push: false },
    ]);
    expect(jsonIn(evidence, 'octocat/hello')).toEqual({
      repository: {
        ...{ id: 1, user_id: 1, namespace: 'octocat', name: 'hello', slug: 'octocat/hello', default_branch: 'main' },
        ...{ private: false, visibility: 'public', active: true, config_path: '.drone.yml', trusted: true },
        ...{ protected: false, ignore_forks: false, ignore_pull_requests: false },
        ...{ timeout: 60, throttle: 0, archived: false },
      },
      secrets: [
        { name: 'a-key', pull_request: false, pull_request_push: false },
        { name: 'password', pull_request: true, pull_request_push: false },
      ],
      cron: [{ name: 'nightly', expr: '0 0 1 * * *', branch: 'main', disabled: false }],
      builds: [
        {
          ...{ number: 2, event: 'push', status: 'success', trigger: '@hook', source_repo: '', cron: '', debug: false },
          ...{ created: 10, finished: 20, stages: [{ name: 'default', status: 'success', machine: 'runner-1' }] },
        },
        {
          ...{ number: 1, event: '', status: '', trigger: '', source_repo: '', cron: '', debug: false },
          ...{ created: 0, finished: 0, stages: [] },
        },
      ],
    });
    // A cron job of one that is not active waits for somebody to activate it.
    expect(jsonIn(evidence, 'octocat/asleep')).toMatchObject({ secrets: [], cron: [], builds: null });
    expect(JSON.stringify(evidence)).not.toContain('must-not-be-kept');
    expect((await lookAt(server, { token: adminToken })).sources.map(({ text }) => text)).toEqual(
      evidence.sources.map(({ text }) => text),
    );
  });

  test('tells which account is that of the audit', async () => {
    const evidence = await lookAt(await serverWith(careless), { token: adminToken });
    expect(jsonIn(evidence, '/api/users')).toEqual([
      expect.not.objectContaining({ droneAudit: true }),
      expect.objectContaining({ login: 'octocat', droneAudit: true }),
    ]);
  });

  test('is asked with the token in the header alone, by GET alone', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: adminToken });
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(server.requests.filter(({ url }) => /access_token|logout|user\/token/.test(url))).toEqual([]);
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([undefined, `Bearer ${adminToken}`]),
    );
    expect(JSON.stringify(server.requests.map(({ url }) => url))).not.toContain(adminToken);
    expect(JSON.stringify(evidence)).not.toContain(adminToken);
  });

  test('has all pages of a long list, each repository once', async () => {
    const repositories = Array.from({ length: 10_050 }, (_, index) => ({
      slug: `octocat/r${index}`,
      active: index < 3,
    }));
    const server = await serverWith({ repositories });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([
      'of 10047 repositories that are not active, secrets and cron jobs were not asked for, because they are more than 1000',
    ]);
    expect(evidence.problems.some(({ incomplete }) => incomplete)).toBe(false);
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(10_050);
    expect(server.requests.filter(({ url }) => url.startsWith('/api/repos?'))).toHaveLength(101);
  });

  const many = Array.from({ length: 250 }, (_, index) => ({ slug: `octocat/r${index}`, active: false }));
  const turned = (all: readonly object[], by: number): readonly object[] => [...all.slice(by), ...all.slice(0, by)];

  test('is asked for again from the start if the list moved meanwhile', async () => {
    const server = await serverWith({
      repositories: many,
      order: (all, page, asked) => (asked <= 3 && page > 1 ? turned(all, 240) : all),
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([]);
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(250);
  });

  test('is incomplete if the list never stands still', async () => {
    const server = await serverWith({
      repositories: many,
      order: (all, page) => (page > 1 ? turned(all, 240) : all),
    });
    expect(said(await lookAt(server, { token: adminToken }))).toEqual([
      'the list of repositories changed while it was read, 3 times in a row; some may be missing',
    ]);
  });

  test('ends where a server repeats one page for ever', async () => {
    const server = await serverWith({
      repositories: many,
      instead: ({ url = '' }, response) => {
        if (!url.startsWith('/api/repos?')) return false;
        response.end(JSON.stringify(many.slice(0, 100).map(({ slug }, id) => ({ id: id + 1, slug }))));
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(100);
  });

  test('goes on to its end behind a proxy that caps its pages', async () => {
    const server = await serverWith({
      repositories: many.slice(0, 130),
      instead: (request) => {
        request.url = request.url?.replace('per_page=100', 'per_page=25');
        return false;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([]);
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(130);
    expect(server.requests.filter(({ url }) => url.startsWith('/api/repos?'))).toHaveLength(6);
  });

  test('ends where there is one short page whatever page is asked for', async () => {
    const server = await serverWith({
      repositories: many.slice(0, 3),
      instead: (request) => {
        request.url = request.url?.replace('page=2', 'page=1');
        return false;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([]);
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(3);
  });

  test('tells flags alone of a repository whose namespace has several parts, and says so', async () => {
    const server = await serverWith({
      repositories: [
        { slug: 'group/sub/app', fields: { namespace: 'group/sub', name: 'app', trusted: true } },
        { slug: 'group/app' },
      ],
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([
      'the secrets, cron jobs and builds of "group/sub/app" could not be asked for: the API of Drone does not take a namespace of several parts',
    ]);
    expect(evidence.problems.map(({ incomplete }) => incomplete)).toEqual([true]);
    expect(jsonIn(evidence, '/api/repos/group/sub/app')).toMatchObject({
      repository: { slug: 'group/sub/app', trusted: true },
      ...{ secrets: null, cron: null, builds: null },
    });
    expect(server.requests.filter(({ url }) => url.includes('sub'))).toEqual([]);
    const sources = evidence.sources.filter(({ name }) => name.includes('/sub/'));
    const [found] = read(sources, () => expect.fail('looks nothing up')).installation.repositories;
    expect(found?.namespace).toBe('group/sub');
  });

  test('names how many entries are no repositories', async () => {
    const server = await serverWith({ repositories: [{ slug: 'octocat/..' }, { slug: 'octocat/app' }] });
    expect(said(await lookAt(server, { token: adminToken }))).toEqual([
      'of the list of repositories 1 were not looked at, because their names are none that a repository can have',
    ]);
  });

  test('keeps the address of a clone where it is another than the slug, without who logs in', async () => {
    const server = await serverWith({
      repositories: [
        { slug: 'octocat/app', fields: { git_http_url: 'https://user:pass@git.example.com/gitea/octocat/app.git' } },
        { slug: 'octocat/other', fields: { git_http_url: 'https://git.example.com/octocat/other.git' } },
      ],
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(textOf(evidence, '/app')).toContain('"git_http_url": "https://git.example.com/gitea/octocat/app.git"');
    expect(textOf(evidence, '/other')).not.toContain('git_http_url');
  });

  test('is limited in a community build, which is a fact and no problem', async () => {
    const server = await serverWith({ ...careless, edition: 'community' });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([]);
    expect(jsonIn(evidence, '/')).toMatchObject({ answers: { '/api/secrets': { status: 501 } } });
    expect(jsonIn(evidence, 'octocat/hello')).toMatchObject({ secrets: null, cron: null });
    expect(names(evidence, server)).not.toContain('/api/secrets');
  });
});

describe('logs of builds', () => {
  const steps = [
    { number: 1, name: 'clone', status: 'success' },
    { number: 2, name: 'test', status: 'failure' },
    { number: 3, name: 'deploy', status: 'skipped' },
  ];
  const token = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;
  const chatty: FakeDroneOptions = {
    repositories: [
      {
        slug: 'octocat/hello',
        builds: [{ number: 7, stages: [{ number: 1, name: 'default', status: 'failure', machine: 'a', steps }] }],
        logs: {
          '1/1': ['+ git fetch\n', 'password: hunter2x\n'],
          '1/2': [`+ set\nTOKEN=${token.slice(0, 20)}`, `${token.slice(20)}\n`, `again ${token}\n`],
          '1/3': [token],
        },
      },
    ],
  };

  it('are asked for only when told to, and leave nothing but the form of a credential', async () => {
    const server = await serverWith(chatty);
    const evidence = await lookAt(server, { token: adminToken, formsInLog });
    expect(jsonIn(evidence, '/octocat/hello')).toMatchObject({
      logHits: [{ build: 7, stage: 1, step: 2, form: 'a token of GitHub' }],
    });
    expect(JSON.stringify(evidence)).not.toMatch(/ghp_|hunter2x|git fetch/);
    const asked = server.requests.map(({ url }) => url).filter((url) => url.includes('/logs/'));
    expect(asked).toEqual(['1/1', '1/2'].map((each) => `/api/repos/octocat/hello/builds/7/logs/${each}`));
    expect(said(evidence)).toEqual([]);

    const silent = await serverWith(chatty);
    const without = await lookAt(silent, { token: adminToken });
    expect(jsonIn(without, '/octocat/hello')).not.toHaveProperty('logHits');
    expect(silent.requests.some(({ url }) => url.includes('/logs/'))).toBe(false);
  });

  it('that are not there are none, and those that cannot be read are named', async () => {
    const gone = await serverWith({ repositories: chatty.repositories?.map((each) => ({ ...each, logs: {} })) });
    const evidence = await lookAt(gone, { token: adminToken, formsInLog });
    expect(jsonIn(evidence, '/octocat/hello')).toMatchObject({ logHits: [] });
    expect(said(evidence)).toEqual([]);

    const failing = await serverWith({
      ...chatty,
      instead: ({ url = '' }, response) => {
        if (url.includes('/logs/')) response.writeHead(500).end('{"message":"x"}');
        return url.includes('/logs/');
      },
    });
    expect(said(await lookAt(failing, { token: adminToken, formsInLog }))).toEqual([
      'the logs of builds of "octocat/hello" could not be read: the server answers with status 500',
    ]);
  });
});

describe('a token', () => {
  test('that the server does not know makes a guest, which is said', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: 'an-old-token' });
    expect(said(evidence)).toEqual([
      'the server does not know the token of DRONE_TOKEN; only public things were asked',
    ]);
    expect(names(evidence, server)).toEqual(['/']);
  });

  test('of an account that is no administrator shows less, which is said', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: memberToken });
    expect(said(evidence)).toEqual([
      'the account "hubot" is no administrator, so the accounts, the secrets of organisations, the templates and the repositories of others were not seen',
    ]);
    expect(names(evidence, server)).toEqual(['/', '/api/repos/octocat/hello']);
    expect(server.requests.map(({ url }) => url)).not.toContain('/api/users');
  });

  test('is not sent over plain http, except to this machine', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: adminToken, address: `http://0.0.0.0:${server.port}` });
    expect(said(evidence)).toEqual(['DRONE_TOKEN was not sent over plain http; only public things were asked']);
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test('with characters that no header takes is not sent', async () => {
    const server = await serverWith(careless);
    const evidence = await lookAt(server, { token: 'two\nlines' });
    expect(said(evidence)).toEqual(['DRONE_TOKEN holds characters that no token has, and was not sent']);
  });

  test('does not follow a redirect', async () => {
    const other = await serverWith(careless);
    const server = await serverWith({
      ...careless,
      instead: ({ headers }, response) => {
        if (headers.authorization === undefined) return false;
        response.writeHead(307, { location: `${other.address}/api/user` });
        response.end();
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([
      'the API redirects, which is not followed with a token; name the address that it leads to',
    ]);
    expect(other.requests).toEqual([]);
  });

  test('that the server repeats does not get into the evidence', async () => {
    const server = await serverWith({
      repositories: [{ slug: `octocat/${adminToken}`, fields: { default_branch: adminToken } }],
      users: [{ id: 1, login: adminToken }],
      instead: ({ url = '' }, response) => {
        if (!url.endsWith('/secrets') || url === '/api/secrets') return false;
        response.writeHead(500);
        response.end(adminToken);
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(evidence.sources.length).toBeGreaterThan(2);
    expect(JSON.stringify(evidence)).not.toContain(adminToken);
  });
});

describe('answers that fail', () => {
  const only = (part: string, status: number, body: string): FakeDroneOptions => ({
    ...careless,
    instead: ({ url = '' }, response) => {
      if (!url.startsWith('/api/repos/octocat/hello/') || !url.includes(part)) return false;
      response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' });
      response.end(body);
      return true;
    },
  });

  test.each([
    [
      'secrets',
      404,
      '{"message":"malformed ciphertext"}',
      'secrets',
      'cannot decrypt them ("malformed ciphertext"): they were stored without its DRONE_DATABASE_SECRET, or with another',
    ],
    [
      'secrets',
      404,
      '{"message":"cipher: message authentication failed"}',
      'secrets',
      'cannot decrypt them ("cipher: message authentication failed"): they were stored without its DRONE_DATABASE_SECRET, or with another',
    ],
    ['secrets', 404, '{"message":"Not Found"}', 'secrets', 'answers with status 404'],
    ['cron', 401, '{"message":"Unauthorized"}', 'cron jobs', 'answers with status 401'],
    ['builds?', 500, '{"message":"canary"}', 'builds', 'answers with status 500'],
    ['secrets', 200, '<!doctype html><html></html>', 'secrets', 'answers with a page where data is due'],
    ['secrets', 200, '{"half":', 'secrets', 'answers with something that is no JSON'],
    ['secrets', 200, '{}', 'secrets', 'answers with something that is no list'],
  ])('%s with %i %s are named', async (part, status, body, what, why) => {
    const server = await serverWith(only(part, status, body));
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([`the ${what} of "octocat/hello" could not be read: the server ${why}`]);
    expect(evidence.problems.every(({ incomplete }) => incomplete)).toBe(true);
    expect(jsonIn(evidence, 'octocat/hello')).toMatchObject({ [part.replace('?', '')]: null });
  });

  test('by breaking off are asked once more, and then named', async () => {
    const server = await serverWith({
      ...careless,
      instead: ({ url = '' }, response) => {
        if (!url.endsWith('hello/cron')) return false;
        response.writeHead(200, { 'content-length': '100' });
        response.write('[');
        response.socket?.destroy();
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toHaveLength(1);
    expect(said(evidence)[0]).toMatch(
      /^the cron jobs of "octocat\/hello" could not be read: the server (?:closes|broke)/,
    );
    expect(server.requests.filter(({ url }) => url.endsWith('hello/cron'))).toHaveLength(2);
  });

  test('by coming too late are named', async () => {
    const server = await serverWith({ ...careless, instead: ({ url = '' }) => url.endsWith('hello/cron') });
    const evidence = await lookAt(server, { token: adminToken, timeoutMs: 300 });
    expect(said(evidence)).toEqual([
      'the cron jobs of "octocat/hello" could not be read: the server did not answer within 0.3 seconds',
    ]);
  });

  test('without end are cut off', async () => {
    const server = await serverWith({
      ...careless,
      instead: ({ url = '' }, response) => {
        if (!url.endsWith('hello/cron')) return false;
        response.end(`["${'x'.repeat(2 * 1024 * 1024)}"]`);
        return true;
      },
    });
    expect(said(await lookAt(server, { token: adminToken }))).toEqual([
      'the cron jobs of "octocat/hello" could not be read: the server gave an answer of more than 1024 KiB',
    ]);
  });

  test.each([
    [500, '{"message":"canary"}', 'answers with status 500'],
    [404, '{"message":"Not Found"}', 'answers with status 404'],
    [200, '{"number":-1}', 'answers with something that is not the build'],
    [200, 'null', 'answers with something that is not the build'],
    [200, `"${'x'.repeat(2 * 1024 * 1024)}"`, 'gave an answer of more than 1024 KiB'],
  ])('to a single build (%i) are named, and what they would have told is not known', async (status, body, why) => {
    const server = await serverWith({
      ...careless,
      instead: ({ url = '' }, response) => {
        if (!url.endsWith('/builds/2')) return false;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body);
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(said(evidence)).toEqual([`the stages of builds of "octocat/hello" could not be read: the server ${why}`]);
    expect(evidence.problems[0]?.incomplete).toBe(true);
    expect(jsonIn(evidence, 'octocat/hello')).toMatchObject({
      builds: [
        { number: 2, stages: null },
        { number: 1, stages: [] },
      ],
    });
  });

  test('of a server that is asked too much are asked for again when it is ready, and more slowly', async () => {
    let refused = 0;
    const server = await serverWith({
      ...careless,
      instead: ({ url = '' }, response) => {
        if (!url.startsWith('/api/repos/') || refused >= 3) return false;
        refused++;
        response.writeHead(429, { 'retry-after': '1' });
        response.end();
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    expect(refused).toBe(3);
    expect(said(evidence)).toEqual([]);
    expect(jsonIn(evidence, 'octocat/hello')).toMatchObject({ cron: [{ name: 'nightly' }] });
  });

  test('one after the other end the look, and what was not looked at is named', async () => {
    const repositories = Array.from({ length: 60 }, (_, index) => ({ slug: `octocat/r${100 + index}` }));
    const server = await serverWith({
      repositories,
      instead: ({ url = '' }, response) => {
        if (!/^\/api\/repos\/.*\//.test(url)) return false;
        response.writeHead(500);
        response.end();
        return true;
      },
    });
    const evidence = await lookAt(server, { token: adminToken });
    const stopped = said(evidence).find((each) => each.startsWith('20 requests in a row had failed'));
    expect(stopped).toMatch(
      /: everything seen is reported; not looked at: secrets, cron jobs and builds of "octocat\/r\d+", .* and \d+ more$/,
    );
    expect(stopped?.match(/"octocat/g)).toHaveLength(20);
    expect(server.requests.filter(({ url }) => /^\/api\/repos\/.*\//.test(url)).length).toBeLessThan(30);
    expect(evidence.sources.filter(({ form }) => form === 'drone-repository')).toHaveLength(60);
  });

  test('do not hide what was seen before an interrupt', async () => {
    const controller = new AbortController();
    const repositories = Array.from({ length: 40 }, (_, index) => ({ slug: `octocat/r${index}` }));
    const server = await serverWith({
      repositories,
      instead: ({ url = '' }) => {
        if (url.includes('/r20/')) controller.abort();
        return false;
      },
    });
    const evidence = await lookAt(server, { token: adminToken, signal: controller.signal });
    expect(said(evidence)).toEqual([
      expect.stringMatching(
        /^the audit was interrupted; everything seen until then is reported; not looked at: secrets, cron jobs and builds of "octocat/,
      ),
    ]);
    expect(names(evidence, server)).toContain('/');
    const whole = evidence.sources.filter(({ text }) => text.includes('"secrets": []'));
    expect(whole.length).toBeGreaterThan(5);
    expect(whole.length).toBeLessThan(40);
  });
});

describe('the probe of the RPC endpoint', () => {
  const probe = { probeRpc: true };
  const posts = (server: FakeDrone) => server.requests.filter(({ method }) => method === 'POST');

  test('asks first without a secret, then with documented ones, until one is accepted', async () => {
    const server = await serverWith({ rpcSecret: 'bea26a2221fd8090ea38720fc445eca6' });
    const evidence = await lookAt(server, probe);
    expect(said(evidence)).toEqual([]);
    expect(posts(server).map(({ url }) => url)).toEqual(['/rpc/v2/ping', '/rpc/v2/ping', '/rpc/v2/ping']);
    expect(posts(server).map(({ rpcToken }) => rpcToken)).toEqual([
      undefined,
      'super-duper-secret',
      'bea26a2221fd8090ea38720fc445eca6',
    ]);
    const text = textOf(evidence, '/');
    expect(JSON.parse(text)).toMatchObject({
      answers: { 'POST /rpc/v2/ping': { status: 401, body: 'empty' } },
      accepted: [expect.stringMatching(/^a documented RPC secret \(Drone documentation/)],
    });
    expect(text).not.toContain('bea26a22');
  });

  test('tries each once, and says how many were refused', async () => {
    const server = await serverWith();
    const evidence = await lookAt(server, probe);
    expect(posts(server).map(({ rpcToken }) => rpcToken)).toEqual([undefined, ...probedSecrets.rpc]);
    expect(jsonIn(evidence, '/')).toMatchObject({ accepted: [], tried: 7 });
    const asked = await lookAt(server);
    expect(jsonIn(asked, '/')).not.toHaveProperty('tried');
  });

  test('tries eight at most', async () => {
    const server = await serverWith();
    const more = Array.from({ length: 20 }, (_, index) => ({ value: `sample-${index}`, where: 'here' }));
    expect(jsonIn(await lookAt(server, { ...probe, samples: more }), '/')).toMatchObject({ tried: 8 });
    expect(posts(server)).toHaveLength(9);
  });

  test('takes no refusal of a proxy for one of the server', async () => {
    let posted = 0;
    const server = await serverWith({
      instead: ({ method }, response) => {
        if (method !== 'POST' || ++posted <= 3) return false;
        response.writeHead(429);
        response.end();
        return true;
      },
    });
    const evidence = await lookAt(server, probe);
    expect(said(evidence)).toEqual([
      'after 2 documented secrets no more were tried: the server answers with status 429',
    ]);
    expect(jsonIn(evidence, '/')).toMatchObject({ accepted: [], tried: 2 });
  });

  test('tries none where no secret is set, and never version 1', async () => {
    const server = await serverWith({ rpcSecret: '' });
    expect(jsonIn(await lookAt(server, probe), '/')).toMatchObject({
      answers: { 'POST /rpc/v2/ping': { status: 403 } },
    });
    expect(posts(server)).toHaveLength(1);
    const community = await serverWith({ edition: 'community' });
    expect(jsonIn(await lookAt(community, probe), '/')).toMatchObject({
      answers: { 'POST /rpc/v2/ping': { status: 404 } },
      accepted: [],
    });
    expect(community.requests.filter(({ url }) => url.startsWith('/rpc/v1'))).toEqual([]);
  });

  test('addresses no host that is not known to be the own', async () => {
    const server = await serverWith();
    const address = `http://0.0.0.0:${server.port}`;
    expect(said(await lookAt(server, { ...probe, address }))).toEqual([
      '--probe-rpc did not address this host: only this machine and hosts that are named as yours are probed (--i-own-this 0.0.0.0)',
    ]);
    expect(posts(server)).toEqual([]);
    expect(said(await lookAt(server, { ...probe, address, owned: [ownedHost('0.0.0.0')] }))).toEqual([]);
    expect(posts(server).length).toBeGreaterThan(0);
  });
});

describe('the pace', () => {
  test('waits 30 seconds at once and two minutes in all for a server that is asked too much', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const pace = paceOf(1000, new AbortController().signal);
      for (let held = 0; held < 4; held++) {
        expect(pace.hold(3_600_000)).toBe(true);
        // What was under way is refused at the same time, and waits for the same end.
        expect(pace.hold(3_600_000)).toBe(true);
        vi.setSystemTime(Date.now() + 30_000);
      }
      expect(pace.hold(1000)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('an address', () => {
  it.each([
    ['https://ci.example.com/', 'https://ci.example.com'],
    ['https://ci.example.com//', 'https://ci.example.com'],
    ['HTTPS://CI.Example.com:443', 'https://ci.example.com'],
    ['https://user:password@ci.example.com/?access_token=x#y', 'https://ci.example.com'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (given, address) => {
    expect(normalAddress(given)).toBe(address);
  });

  it.each([
    ['https://ci.example.com/drone', 'has a path'],
    ['https://', 'cannot be understood'],
    ['ftp://ci.example.com', 'begins with https:// or http://'],
  ])('%s is refused', (given, why) => {
    expect(() => normalAddress(given)).toThrow(why);
  });
});
