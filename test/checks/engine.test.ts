import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type EngineTarget, lookAtEngine, lookAtFirst } from '../../src/checks/engine.ts';
import { findCandidates } from '../../src/checks/engine-address.ts';
import { plain } from '../support/text.ts';
import { type Answer, type FakeEngine, fakeEngine } from './fake-engine.ts';
import { idOf, inspectAnswer, type Parts } from './inspect-answer.ts';

const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function engineWith(answers: Readonly<Record<string, Answer>>): Promise<FakeEngine> {
  const engine = await fakeEngine(answers);
  cleanups.push(() => engine.close());
  return engine;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'drone-audit-home-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function targetAt(engine: FakeEngine, more: Partial<EngineTarget> = {}): EngineTarget {
  return { host: `unix://${engine.socket}`, environment: {}, home: '/nonexistent', ...more };
}

/** What an engine tells of containers, without what it tells of itself. */
async function look(target: EngineTarget) {
  const { sources, problems } = await lookAtEngine(target);
  return { sources: sources.filter(({ form }) => form === 'docker-inspect'), problems };
}

/** The answers of an engine with some containers, as `/containers/json` and the inspections tell of them. */
function answersFor(containers: readonly Parts[], more: Readonly<Record<string, Answer>> = {}): Record<string, Answer> {
  const answers: Record<string, Answer> = {
    '/version': { Version: '27.1.1', ApiVersion: '1.46' },
    '/info': { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] },
    '/networks': [],
    '/volumes': { Volumes: [], Warnings: null },
  };
  const list = containers.map((parts, index) => {
    const id = idOf(index + 1);
    const answer = inspectAnswer({ id, ...parts });
    const known = answer.Config.Image === 'drone/drone:2.24.0' || answer.Config.Image.startsWith('sha256:');
    const imageId = `sha256:${idOf(known ? 200 : 1000 + index)}`;
    answers[`/containers/${id}/json`] = answer;
    return {
      Id: id,
      Names: [answer.Name],
      Image: answer.Config.Image,
      ImageID: imageId,
      Command: answer.Path,
      Labels: answer.Config.Labels,
      NetworkSettings: { Networks: answer.NetworkSettings.Networks },
    };
  });
  answers['/containers/json'] = list;
  answers[`/images/sha256:${idOf(200)}/json`] = {
    Id: `sha256:${idOf(200)}`,
    RepoTags: ['drone/drone:2.24.0'],
    RepoDigests: [],
    Created: '2025-06-01T00:00:00Z',
    Size: 1,
    Config: { Env: ['PATH=/bin'], Labels: null, Entrypoint: ['/bin/drone-server'] },
  };
  return { ...answers, ...more };
}

const other: Parts = {
  name: 'blog',
  path: 'nginx',
  config: { Image: 'wordpress:6', Entrypoint: ['apache2'], Env: ['WORDPRESS_DB_PASSWORD=blog-secret'] },
};

describe('looking at an engine', () => {
  test('asks only GET, and brings back what it answers with what was seen beside', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }, other]));
    const { sources, problems } = await look(targetAt(engine));
    expect(problems).toEqual([]);
    expect(sources.map(({ name, form }) => [name, form])).toEqual([['docker://drone', 'docker-inspect']]);
    const answer: unknown = JSON.parse(sources[0]?.text ?? '');
    // What is not set, and what nobody reads, is left out.
    expect(answer).toEqual({
      Id: idOf(1),
      Name: '/drone',
      Created: '2026-03-01T10:00:00.000000001Z',
      Path: '/bin/drone-server',
      Image: `sha256:${idOf(200)}`,
      AppArmorProfile: '',
      State: {
        Status: 'running',
        Running: true,
        StartedAt: '2026-03-01T10:00:01Z',
        FinishedAt: '0001-01-01T00:00:00Z',
      },
      Config: {
        Image: 'drone/drone:2.24.0',
        Entrypoint: ['/bin/drone-server'],
        Env: ['DRONE_SERVER_HOST=ci.example.com', 'PATH=/usr/bin:/bin'],
        ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
      },
      HostConfig: {
        Privileged: false,
        NetworkMode: 'default',
        IpcMode: 'private',
        Runtime: 'runc',
        ReadonlyRootfs: false,
        MaskedPaths: ['/proc/acpi', '/proc/kcore'],
        ReadonlyPaths: ['/proc/bus', '/proc/sys'],
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file' },
      },
      NetworkSettings: { Networks: { bridge: {} } },
      droneAudit: {
        image: {
          RepoTags: ['drone/drone:2.24.0'],
          RepoDigests: [],
          Created: '2025-06-01T00:00:00Z',
          Config: { Env: ['PATH=/bin'], Cmd: [], Entrypoint: ['/bin/drone-server'] },
        },
        engine: {
          version: '27.1.1',
          rootless: true,
          securityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
        },
      },
    });
    expect(engine.requests.every((request) => request.startsWith('GET /'))).toBe(true);
    expect([...new Set(engine.requests)].sort()).toEqual([
      `GET /containers/${idOf(1)}/json`,
      `GET /containers/${idOf(2)}/json`,
      'GET /containers/json?all=true',
      `GET /images/sha256:${idOf(200)}/json`,
      'GET /info',
      'GET /networks',
      'GET /version',
      'GET /volumes',
    ]);
  });

  test('says so when none of its containers is of Drone', async () => {
    const engine = await engineWith(answersFor([other]));
    expect(plain(await look(targetAt(engine)))).toEqual({
      sources: [],
      problems: [
        {
          kind: 'empty',
          source: 'docker://',
          message: 'has no Drone container (1 container looked at)',
          incomplete: false,
        },
      ],
    });
  });

  test('gives the same bytes for the same containers, sorted by name', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone-b' }, { name: 'drone-a' }, { name: 'drone-c' }]));
    const first = await look(targetAt(engine));
    expect(first.sources.map(({ name }) => name)).toEqual(['docker://drone-a', 'docker://drone-b', 'docker://drone-c']);
    expect(await look(targetAt(engine))).toEqual(first);
  });

  test('makes names that are safe and each its own', async () => {
    const engine = await engineWith(answersFor([{ name: '../../etc\u001b[31m' }, { name: '../../etc?[31m' }]));
    const { sources } = await look(targetAt(engine));
    expect(sources.map(({ name }) => name)).toEqual([
      'docker://.._.._etc__31m',
      `docker://.._.._etc__31m-${idOf(2).slice(0, 12)}`,
    ]);
  });
});

describe("Drone's containers", () => {
  async function seen(containers: readonly Parts[], more?: Record<string, Answer>): Promise<string[]> {
    const engine = await engineWith(answersFor(containers, more));
    const { sources } = await look(targetAt(engine));
    return sources.map(({ name }) => name.replace('docker://', ''));
  }
  const plain = { Image: 'example.com/tool:1', Entrypoint: ['/bin/tool'], Env: ['PATH=/bin'] };

  test.each([
    ['its image', { Image: 'mirror.example.com/ci/drone-runner-docker:1' }],
    ['its namespace', { Image: 'drone/vault:1.2' }],
    ['its program', { Entrypoint: ['/bin/drone-server'] }],
    ['the RPC secret', { Env: ['DRONE_RPC_SECRET=x'] }],
    ['the label of steps', { Labels: { 'io.drone': 'true' } }],
  ])('are known by %s', async (_, config) => {
    expect(await seen([{ name: 'thing', path: '/bin/tool', config: { ...plain, ...config } }])).toEqual(['thing']);
  });

  test('are known by two weak marks, not by one', async () => {
    const path = '/bin/tool';
    const networks = { drone_default: {} };
    const named = { name: 'drone-thing', path, config: plain };
    expect(await seen([named])).toEqual([]);
    expect(await seen([{ ...named, networks }])).toEqual(['drone-thing']);
    expect(await seen([{ name: 'thing', path, config: { ...plain, Env: ['DRONE_TOKEN=x'] } }])).toEqual([]);
    expect(await seen([{ ...named, config: { ...plain, Env: ['DRONE_TOKEN=x'] } }])).toEqual(['drone-thing']);
  });

  test('are told apart from others, which are named', async () => {
    const engine = await engineWith(
      answersFor([
        { name: 'drone' },
        { name: 'web', path: '/x', config: plain },
        { name: 'db', path: '/x', config: plain },
      ]),
    );
    const { sources, others } = await lookAtEngine(targetAt(engine));
    expect(sources.map(({ name }) => name)).toContain('docker://drone');
    expect(others?.toSorted()).toEqual(['docker://db', 'docker://web']);
  });

  test('are known by the tag of an image that is asked for by its id', async () => {
    const config = { ...plain, Image: `sha256:${idOf(200)}` };
    expect(await seen([{ name: 'thing', path: '/bin/tool', config }])).toEqual(['thing']);
  });

  test('bring along their compose project, and what serves them on their network', async () => {
    const compose = (project: string) => ({ Labels: { 'com.docker.compose.project': project } });
    const found = await seen([
      {
        name: 'ci-drone-1',
        config: { Env: ['DRONE_SERVER_HOST=x'], ...compose('ci') },
        networks: { ci_default: {}, web: {} },
      },
      { name: 'ci-db-1', path: 'x', config: { ...plain, ...compose('ci') } },
      {
        name: 'proxy',
        path: 'x',
        config: { ...plain, Image: 'tecnativa/docker-socket-proxy:0.1' },
        networks: { ci_default: {} },
      },
      { name: 'front', path: 'x', config: { ...plain, Image: 'traefik:3' }, networks: { web: {} } },
      { name: 'wordpress', path: 'x', config: { ...plain, ...compose('blog') }, networks: { web: {} } },
      { name: 'far', path: 'x', config: { ...plain, Image: 'postgres:16' }, networks: { elsewhere: {} } },
      { name: 'bridged', path: 'x', config: { ...plain, Image: 'postgres:16' } },
      { name: 'watchtower', path: 'x', config: { ...plain, Image: 'containrrr/watchtower' } },
    ]);
    expect(found).toEqual(['ci-db-1', 'ci-drone-1', 'front', 'proxy', 'watchtower']);
  });
});

describe('an engine that does not tell everything', () => {
  const project = answersFor([{ name: 'drone' }]);

  test('behind a proxy is told of as not permitted, and the rest is looked at', async () => {
    const engine = await engineWith({
      ...project,
      '/info': 403,
      '/version': 403,
      [`/images/sha256:${idOf(200)}/json`]: 403,
    });
    const { sources, problems } = await look(targetAt(engine));
    expect(sources).toHaveLength(1);
    expect(problems.map(({ message }) => plain(message))).toEqual([
      'not permitted by the engine or its proxy (403): its version; a docker-socket-proxy allows it with VERSION=1',
      'not permitted by the engine or its proxy (403): its system information; a docker-socket-proxy allows it with INFO=1',
      'not permitted by the engine or its proxy (403): inspecting 1 image; a docker-socket-proxy allows it with IMAGES=1',
    ]);
    expect(problems.every(({ kind, incomplete }) => kind === 'unreadable' && incomplete)).toBe(true);
    expect(sources[0]?.text).toContain('"securityOptions": null');
  });

  test('that hides its containers gives no source and a problem', async () => {
    const engine = await engineWith({ ...project, '/containers/json': 403 });
    const { sources, problems } = await look(targetAt(engine));
    expect(sources).toEqual([]);
    expect(problems).toMatchObject([{ source: 'docker://', incomplete: true }]);
    expect(plain(problems[0]?.message)).toContain('CONTAINERS=1');
  });

  test('that refuses one inspection still gives the others', async () => {
    const engine = await engineWith({
      ...answersFor([{ name: 'drone' }, { name: 'runner' }]),
      [`/containers/${idOf(2)}/json`]: 500,
    });
    const { sources, problems } = await look(targetAt(engine));
    expect(sources.map(({ name }) => name)).toEqual(['docker://drone']);
    expect(plain(problems)).toMatchObject([
      { message: '1 container could not be inspected ("runner"): the engine answers with status 500' },
    ]);
  });

  test('may lose a container or an image meanwhile', async () => {
    const gone = { [`/containers/${idOf(2)}/json`]: 404, [`/images/sha256:${idOf(200)}/json`]: 404 };
    const engine = await engineWith({ ...answersFor([{ name: 'drone' }, { name: 'drone-step' }]), ...gone });
    const { sources, problems } = await look(targetAt(engine));
    expect(problems).toEqual([]);
    expect(sources[0]?.text).toContain('"image": null');
  });

  test('that falls silent ends the look in time, with what it did tell', async () => {
    const engine = await engineWith({
      ...answersFor([{ name: 'drone' }, { name: 'runner' }]),
      [`/containers/${idOf(1)}/json`]: () => {},
    });
    // It never answers: that the look ends at all is the test. So long, the others answer on a busy machine too.
    const { sources, problems } = await look(targetAt(engine, { timeoutMs: 3000 }));
    expect(sources.map(({ name }) => name)).toEqual(['docker://runner']);
    expect(plain(problems)).toMatchObject([
      { message: '1 container could not be inspected ("drone"): the engine did not answer within 3 s' },
    ]);
  });

  test('that breaks off or trickles is given up too', async () => {
    const breaks = await engineWith({
      '/version': (_, response) => void response.writeHead(200).write('{', () => response.destroy()),
    });
    const trickles = await engineWith({
      '/version': (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    });
    for (const engine of [breaks, trickles]) {
      const { problems } = await look(targetAt(engine, { timeoutMs: 300 }));
      expect(problems).toHaveLength(1);
    }
  });

  test.each<[string, Answer, string]>([
    ['something else', { hello: 'world' }, 'does not answer like a Docker Engine'],
    ['no JSON', (_, response) => response.end('<html>'), 'does not answer like a Docker Engine'],
    ['an error', 500, 'answers with status 500'],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/x' }).end(),
      'answers with a redirect (302), which is not followed',
    ],
  ])('that answers %s is no engine', async (_, answer, reason) => {
    const engine = await engineWith({ '/version': answer });
    const { sources, problems } = await look(targetAt(engine));
    expect(sources).toEqual([]);
    expect(problems).toMatchObject([{ kind: 'unreadable', incomplete: true }]);
    expect(plain(problems[0]?.message)).toContain(reason);
    expect(plain(problems[0]?.message)).not.toContain('secret-message');
    expect(engine.requests).toEqual(['GET /version']);
  });

  test('with a container of an odd shape does not stop the look', async () => {
    const answers = answersFor([{ name: 'drone' }, { name: 'odd' }]);
    const engine = await engineWith({ ...answers, [`/containers/${idOf(2)}/json`]: [1, 2], '/info': ['x'] });
    const { sources, problems } = await look(targetAt(engine));
    expect(sources).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });
});

describe('finding the engine', () => {
  const nowhere: EngineTarget = { environment: {}, home: '/home/octo', uid: 1000 };

  function names(target: EngineTarget): [string, string][] {
    return findCandidates(target).map(({ name, from }) => [name, from]);
  }

  test('tries the sockets that Docker and Podman use, in order, when nothing is chosen', () => {
    expect(names({ ...nowhere, environment: { XDG_RUNTIME_DIR: '/run/octo' } }).map(([name]) => name)).toEqual([
      'unix:///var/run/docker.sock',
      'unix://~/.docker/run/docker.sock',
      'unix://$XDG_RUNTIME_DIR/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix://$XDG_RUNTIME_DIR/podman/podman.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ]);
  });

  test('takes what was chosen, and nothing else: flag, DOCKER_HOST, DOCKER_CONTEXT', () => {
    const environment = { DOCKER_HOST: 'tcp://build.example.com', DOCKER_CONTEXT: 'gone' };
    expect(names({ ...nowhere, host: 'unix:///run/x.sock', environment })).toEqual([
      ['unix:///run/x.sock', '--docker'],
    ]);
    expect(names({ ...nowhere, environment })).toEqual([['tcp://build.example.com', 'DOCKER_HOST']]);
    expect(names({ ...nowhere, environment: { DOCKER_CONTEXT: 'gone' } })).toEqual([
      ['gone', 'context "gone", DOCKER_CONTEXT'],
    ]);
    expect(names({ ...nowhere, environment: { DOCKER_CONTEXT: 'default' } }).length).toBeGreaterThan(3);
  });

  test.each([
    ['tcp://build.example.com', {}, { host: 'build.example.com', port: 2375, protocol: 'http' }],
    ['tcp://build.example.com:80', {}, { port: 80, protocol: 'http' }],
    ['build.example.com:2375', {}, { host: 'build.example.com', port: 2375 }],
    ['tcp://[::1]:2376', { DOCKER_TLS_VERIFY: '1' }, { host: '[::1]', port: 2376, protocol: 'https', tls: {} }],
    ['tcp://build.example.com', { DOCKER_TLS: '1' }, { port: 2376, protocol: 'https' }],
    ['http://build.example.com', {}, { port: 80, protocol: 'http' }],
    ['https://build.example.com', {}, { port: 443, protocol: 'https' }],
    ['npipe:////./pipe/docker_engine', {}, { socketPath: '//./pipe/docker_engine' }],
    ['/run/x.sock', {}, { socketPath: '/run/x.sock' }],
    ['unix://', {}, { socketPath: '/var/run/docker.sock' }],
  ])('understands %s', (host, environment, way) => {
    expect(findCandidates({ ...nowhere, host, environment })[0]?.way).toMatchObject(way);
  });

  test.each([
    ['ssh://root:hunter22@build.example.com', 'ssh -L'],
    ['unix://relative.sock', 'not the absolute path'],
    ['ftp://build.example.com', 'has an unsupported scheme'],
    ['tcp://build.example.com/prefix', 'has a path'],
    ['tcp://hunter22@:x', 'cannot be understood'],
  ])('refuses %s and shows no user of it', async (host, reason) => {
    const { sources, problems } = await look({ ...nowhere, host });
    expect(sources).toEqual([]);
    expect(problems).toMatchObject([{ kind: 'unreadable', source: 'docker://', incomplete: true }]);
    expect(plain(problems[0]?.message)).toContain(reason);
    expect(plain(problems[0]?.message)).not.toContain('hunter22');
  });

  test('says what was tried and why it failed', async () => {
    const home = folder();
    writeFileSync(join(home, 'file'), '');
    const messages = [];
    for (const path of ['gone.sock', 'file', 'file/below'])
      messages.push(
        (await look({ environment: { DOCKER_HOST: `unix://${join(home, path)}` }, home })).problems[0]?.message,
      );
    expect(messages.map(plain)).toEqual([
      'no Docker Engine answered: "unix://~/gone.sock" (DOCKER_HOST) is not there',
      'no Docker Engine answered: "unix://~/file" (DOCKER_HOST) refuses the connection',
      'no Docker Engine answered: "unix://~/file/below" (DOCKER_HOST) is not there',
    ]);
  });

  test('goes on to the next socket, and tells of one that was there but closed', async () => {
    const closed = await engineWith({ '/version': 401 });
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    const sockets = ['/nonexistent/docker.sock', closed.socket, engine.socket];
    const candidates = sockets.map((socketPath, index) => ({
      name: `socket ${index}`,
      from: 'default',
      way: { socketPath },
    }));
    const { sources, problems } = await lookAtFirst(candidates, 2000);
    expect(sources.map(({ name }) => name)).toEqual(['docker-engine://engine', 'docker://drone']);
    expect(problems.map(({ message }) => plain(message))).toEqual([
      '"socket 1" (default) does not permit it (401); "socket 2" was asked instead',
    ]);
    expect(plain((await lookAtFirst(candidates.slice(0, 2), 2000)).problems[0]?.message)).toBe(
      'no Docker Engine answered: "socket 0" (default) is not there; "socket 1" (default) does not permit it (401)',
    );
  });

  test('is not led astray by an environment that a chosen address makes needless', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    const before = process.env.DOCKER_HOST;
    cleanups.push(() => {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    });
    process.env.DOCKER_HOST = 'ssh://build.example.com';
    const { sources, problems } = await look(targetAt(engine));
    expect(problems).toEqual([]);
    expect(sources).toHaveLength(1);
  });

  function contextFolder(name: string, host: string, tls: Readonly<Record<string, string>> = {}): string {
    const home = folder();
    const id = createHash('sha256').update(name).digest('hex');
    const meta = join(home, '.docker/contexts/meta', id);
    const material = join(home, '.docker/contexts/tls', id, 'docker');
    mkdirSync(meta, { recursive: true });
    mkdirSync(material, { recursive: true });
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ auths: {}, currentContext: name }));
    writeFileSync(
      join(meta, 'meta.json'),
      JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } }),
    );
    for (const [file, text] of Object.entries(tls)) writeFileSync(join(material, file), text);
    return home;
  }

  test('follows the current context of the docker client', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    const home = contextFolder('build', `unix://${engine.socket}`);
    const { sources, problems } = await look({ environment: {}, home });
    expect(problems).toEqual([]);
    expect(sources).toHaveLength(1);
    expect(names({ environment: {}, home })[0]?.[1]).toBe('context "build", currentContext of the docker client');
    expect(names({ environment: { DOCKER_CONTEXT: 'build' }, home })[0]?.[1]).toBe('context "build", DOCKER_CONTEXT');
    expect(names({ environment: { DOCKER_CONFIG: join(home, '.docker') }, home: '/nonexistent' })).toHaveLength(1);
  });

  test('takes the TLS material of a context', () => {
    const home = contextFolder('build', 'tcp://build.example.com:2376', {
      'ca.pem': 'CA',
      'cert.pem': 'CERT',
      'key.pem': 'KEY',
    });
    expect(findCandidates({ environment: {}, home })[0]?.way).toEqual({
      host: 'build.example.com',
      port: 2376,
      protocol: 'https',
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
    });
  });

  test('takes TLS material from DOCKER_CERT_PATH', () => {
    const home = folder();
    writeFileSync(join(home, 'ca.pem'), 'CA');
    const environment = { DOCKER_HOST: 'tcp://build.example.com', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home };
    expect(findCandidates({ environment, home })[0]?.way).toMatchObject({ protocol: 'https', tls: { ca: 'CA' } });
  });

  test('says so when the current context is broken, and goes on when the config is', () => {
    const home = contextFolder('build', '');
    expect(plain(findCandidates({ environment: {}, home })[0]?.way)).toEqual({
      refused: 'is a context without a Docker address',
    });
    writeFileSync(join(home, '.docker/config.json'), '{');
    expect(findCandidates({ environment: {}, home })[0]).toMatchObject({
      name: 'unix:///var/run/docker.sock',
      from: 'default',
    });
  });
});
