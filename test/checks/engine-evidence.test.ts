import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EngineTarget, lookAtEngine, lookAtEngines } from '../../src/checks/engine.ts';
import type { Source } from '../../src/model/source.ts';
import { readInspect } from '../../src/readers/docker/inspect.ts';
import { keptLine } from '../../src/readers/docker/log.ts';
import { plain } from '../support/text.ts';
import { type Answer, type FakeEngine, fakeEngine } from './fake-engine.ts';
import { idOf, inspectAnswer, type Parts } from './inspect-answer.ts';

async function engineWith(answers: Readonly<Record<string, Answer>>): Promise<FakeEngine> {
  const engine = await fakeEngine(answers);
  onTestFinished(() => engine.close());
  return engine;
}

function targetAt(engine: FakeEngine, more: Partial<EngineTarget> = {}): EngineTarget {
  return { host: `unix://${engine.socket}`, environment: {}, home: '/nonexistent', ...more };
}

const info = {
  ID: 'NO:TI:NTHE:TEXT',
  Containers: 7,
  Images: 3,
  NFd: 53,
  NGoroutines: 59,
  SystemTime: '2026-11-21T00:11:52.455770471Z',
  Name: 'build-1',
  ServerVersion: '20.10.24+dfsg1',
  Driver: 'overlay2',
  HttpProxy: 'http://octocat:hunter22@proxy.example.com',
  SecurityOptions: ['name=seccomp,profile=default'],
  Warnings: null as readonly string[] | null,
  LiveRestoreEnabled: false,
  RegistryConfig: {
    InsecureRegistryCIDRs: ['127.0.0.0/8'],
    IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
  },
  Swarm: { LocalNodeState: 'inactive', ControlAvailable: false, NodeAddr: '' },
};
const version = {
  Version: '20.10.24+dfsg1',
  ApiVersion: '1.41',
  KernelVersion: '6.1.0',
  Components: [{ Name: 'runc', Version: '1.1.5', Details: { GitCommit: 'abc', BuildTime: 'now' } }],
};
const stage = { 'io.drone': 'true', 'io.drone.expires': '1795934305', 'com.example.secret': 'hunter22' };
const networks = [
  { Name: 'drone-b', Id: idOf(501), Driver: 'bridge', Labels: stage, Containers: {}, IPAM: {} },
  { Name: 'bridge', Id: idOf(502), Driver: 'bridge', Options: { 'com.docker.network.bridge.enable_icc': 'true' } },
  { Name: 'blog_default', Id: idOf(503), Driver: 'bridge', Labels: {} },
];
const volumes = {
  Volumes: [
    { Name: 'drone-v', Driver: 'local', Labels: stage, Mountpoint: '/var/lib/docker/volumes/drone-v/_data' },
    { Name: 'data', Driver: 'local', Labels: null, Options: { o: 'password=hunter22' } },
  ],
  Warnings: null,
};

/** The answers of an engine with some containers. */
function answersFor(containers: readonly Parts[], more: Readonly<Record<string, Answer>> = {}): Record<string, Answer> {
  const inspected = containers.map((parts, index) => inspectAnswer({ id: idOf(index + 1), ...parts }));
  return {
    '/version': version,
    '/info': info,
    '/networks': networks,
    '/volumes': volumes,
    '/containers/json': inspected.map(({ Id, Name, Config, Image, NetworkSettings }) => ({
      ...{ Id, Names: [Name], Image: Config.Image, ImageID: Image, Labels: Config.Labels, NetworkSettings },
    })),
    ...Object.fromEntries(inspected.map((one) => [`/containers/${one.Id}/json`, one])),
    [`/images/sha256:${idOf(200)}/json`]: { RepoTags: [], RepoDigests: [], Config: { Env: [] } },
    ...more,
  };
}

const parsed = (source: Source | undefined) => JSON.parse(source?.text ?? 'null');
const named = (sources: readonly Source[]) => sources.map(({ name }) => name);
const messages = (problems: readonly { readonly message: unknown }[]) => problems.map(({ message }) => plain(message));

describe('what an engine tells of itself', () => {
  test('is a source, with its networks and volumes of Drone and how it was reached', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    chmodSync(engine.socket, 0o660);
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
    expect(new Set(sources.map(({ seenAt }) => seenAt))).toEqual(new Set(['2026-11-21T00:11:52.455Z']));
    const { uid, gid } = userInfo();
    expect(parsed(sources[0])).toEqual({
      Version: {
        Version: '20.10.24+dfsg1',
        ApiVersion: '1.41',
        Components: [{ Name: 'runc', Version: '1.1.5', Details: { GitCommit: 'abc' } }],
      },
      Info: {
        Name: 'build-1',
        ServerVersion: '20.10.24+dfsg1',
        Driver: 'overlay2',
        SecurityOptions: ['name=seccomp,profile=default'],
        Warnings: null,
        LiveRestoreEnabled: false,
        RegistryConfig: {
          InsecureRegistryCIDRs: ['127.0.0.0/8'],
          IndexConfigs: { 'docker.io': { Name: 'docker.io', Secure: true, Official: true } },
        },
        Swarm: { LocalNodeState: 'inactive', ControlAvailable: false },
      },
      Networks: [
        {
          ...{ Name: 'bridge', Id: idOf(502), Driver: 'bridge', Labels: {} },
          Options: { 'com.docker.network.bridge.enable_icc': 'true' },
        },
        {
          ...{ Name: 'drone-b', Id: idOf(501), Driver: 'bridge' },
          Labels: { 'io.drone': 'true', 'io.drone.expires': '1795934305' },
        },
      ],
      Volumes: [{ Name: 'drone-v', Driver: 'local', Labels: { 'io.drone': 'true', 'io.drone.expires': '1795934305' } }],
      droneAudit: {
        address: `unix://${engine.socket}`,
        transport: 'socket',
        socket: { path: engine.socket, mode: '660', user: `${uid}`, group: `${gid}` },
      },
    });
    expect(JSON.stringify(sources)).not.toContain('hunter22');
  });

  test('matters without a container of Drone, too', async () => {
    const engine = await engineWith(answersFor([]));
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1']);
    expect(messages(problems)).toEqual(['has no Drone container (0 containers looked at)']);
  });

  test.each([
    ['/networks', 'its networks', 'NETWORKS', 'Networks'],
    ['/volumes', 'its volumes', 'VOLUMES', 'Volumes'],
  ])('may lack %s, which a proxy refuses', async (path, what, variable, key) => {
    const engine = await engineWith(answersFor([{ name: 'drone' }], { [path]: 403 }));
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
    expect(messages(problems)).toEqual([
      `not permitted by the engine or its proxy (403): ${what}; a docker-socket-proxy allows it with ${variable}=1`,
    ]);
    expect(parsed(sources[0])[key]).toBeNull();
  });

  test('names accounts where the engine is on this machine', async () => {
    const engine = await engineWith(answersFor([], { '/info': { ...info, Name: hostname() } }));
    const { sources } = await lookAtEngine(targetAt(engine));
    expect(parsed(sources[0]).droneAudit.socket.user).toBe(userInfo().username);
  });

  test('does not list more of what builds left than is taken, and says so', async () => {
    const many = Array.from({ length: 1200 }, (_, n) => ({ Name: `drone-${n}`, Labels: { 'io.drone': 'true' } }));
    const engine = await engineWith(answersFor([{ name: 'drone' }], { '/volumes': { Volumes: many } }));
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(parsed(sources[0]).Volumes).toHaveLength(1000);
    expect(messages(problems)).toEqual(['has 1200 volumes of Drone, but only 1000 were looked at']);
  });
});

describe('the folder behind /data', () => {
  async function filesOf(make: (folder: string) => void, more: object = {}): Promise<unknown> {
    const folder = mkdtempSync(join(tmpdir(), 'drone-audit-data-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'database.sqlite'), '');
    make(data);
    const mounts = [{ Type: 'bind', Source: data, Destination: '/data', RW: true }];
    const answers = answersFor([{ name: 'drone', mounts }], { '/info': { ...info, Name: hostname(), ...more } });
    const engine = await engineWith(answers);
    const { sources } = await lookAtEngine(targetAt(engine));
    const files: readonly { path: string }[] | undefined = parsed(sources[1]).droneAudit.files;
    return files?.map((file) => ({ ...file, path: file.path.slice(folder.length) }));
  }
  const { username: user } = userInfo();

  test('is looked at with its database', async () => {
    const found = await filesOf((data) => {
      chmodSync(data, 0o755);
      chmodSync(join(data, 'database.sqlite'), 0o644);
    });
    expect(found).toMatchObject([
      { path: '/data', mode: '755', user },
      { path: '/data/database.sqlite', mode: '644', user },
    ]);
  });

  test('hides what is in it from other accounts, if they may not enter it', async () => {
    expect(await filesOf((data) => chmodSync(data, 0o750))).toMatchObject([{ path: '/data', mode: '750' }]);
  });

  test('is out of reach of other accounts below a folder that is closed to them', async () => {
    expect(await filesOf((data) => chmodSync(join(data, '..'), 0o710))).toBeUndefined();
  });

  test('is not looked for where the engine is on another machine', async () => {
    expect(await filesOf(() => {}, { Name: 'elsewhere' })).toBeUndefined();
  });
});

describe('volumes', () => {
  test('that are folders of the host are named with them, and other options are left out', async () => {
    const mount = (Name: string) => ({
      Type: 'volume',
      Name,
      Source: `/var/lib/docker/${Name}`,
      Destination: `/${Name}`,
      RW: true,
    });
    const mounts = [mount('folder'), mount('share'), mount('plain')];
    const folder = { type: 'none', o: 'ro,bind', device: '/etc' };
    const share = { type: 'cifs', o: 'username=octocat,password=hunter22', device: '//files.example.com/share' };
    const engine = await engineWith(
      answersFor([{ name: 'drone', mounts }], {
        '/volumes': {
          Volumes: [{ Name: 'folder', Options: folder }, { Name: 'share', Options: share }, { Name: 'plain' }],
        },
      }),
    );
    const [, container] = (await lookAtEngine(targetAt(engine))).sources;
    expect(parsed(container).droneAudit.volumes).toEqual({ folder: '/etc' });
    expect(container?.text).not.toContain('hunter22');
    const seen = container && readInspect(container).containers[0]?.mounts;
    expect(seen?.map(({ type, source }) => [type, source])).toEqual([
      ['bind', '/etc'],
      ['volume', 'plain'],
      ['volume', 'share'],
    ]);
  });
});

describe('steps', () => {
  test('keep of their variables those of the build, because the others may be secrets', async () => {
    const Env = [
      'DRONE_BUILD_EVENT=pull_request',
      'DRONE_SYSTEM_HOST=ci.example.com',
      'DRONE_NETRC_USERNAME=canary-of-netrc',
      'DRONE_SCRIPT=deploy canary-in-script',
      'DRONE_REPO_LINKED_SECRET=canary-of-a-name',
      'DEPLOY_KEY=canary-of-a-secret',
      'PLUGIN_PASSWORD=canary-of-a-plugin',
      'DRONE_NETRC_PASSWORD=canary-of-a-clone',
      'CI_NETRC_PASSWORD=canary-of-a-clone',
      'PLUGIN_TOKEN=',
      'odd name=canary',
      'PATH=/canary',
    ];
    const config = { Image: 'golang:1.22', Labels: { 'io.drone': 'true' }, Env };
    const engine = await engineWith(answersFor([{ name: 'drone-step', path: '/bin/sh', config }]));
    const { sources } = await lookAtEngine(targetAt(engine));
    const { Config, droneAudit } = parsed(sources[1]);
    expect(Config.Env).toEqual(Env.slice(0, 2));
    expect(droneAudit.variablesLeftOut).toBe(10);
    expect(droneAudit.namesLeftOut).toEqual(['DEPLOY_KEY', 'DRONE_NETRC_PASSWORD', 'PLUGIN_PASSWORD']);
    expect(JSON.stringify(sources)).not.toContain('canary');
  });
});

/** What is read of a container, without the places and the environment, of which a step keeps a part. */
function facts(source: Source | undefined): unknown {
  const { containers, problems } = readInspect(source ?? expect.fail('no source'));
  expect(problems).toEqual([]);
  const [{ environment, imageEnvironment, owner, observed, ...container } = expect.fail('no container')] = containers;
  const own = { ...container, names: container.role === 'step' ? [] : [...environment.variables.keys()] };
  const text = JSON.stringify(own, (key, value: unknown) =>
    key === 'at' || key === 'keyAt' ? undefined : value instanceof Map ? [...value] : value,
  );
  const { repoDigests, imageCreated, engineVersion, engineSecurityOptions, ...seen } =
    observed ?? expect.fail('unseen');
  return { own: JSON.parse(text), seen };
}

const samples = '../shared/samples';
const recordings = existsSync(samples)
  ? [samples, join(samples, 'engine')].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^(?:inspect-|podman-|real-steps).*\.json$/.test(name))
        .map((name) => join(folder, name)),
    )
  : [];

describe.skipIf(recordings.length === 0)('recorded inspections', () => {
  test.each(recordings)('%s is read the same of what is taken', async (path) => {
    const text = readFileSync(path, 'utf8');
    const all = [JSON.parse(text)].flat();
    const listed = all.map(({ Id, Name, Config, ImageName }) => ({
      ...{ Id, Names: [Name], Image: Config.Image ?? ImageName, ImageID: '', Labels: Config.Labels },
    }));
    const engine = await engineWith({
      ...answersFor([]),
      '/info': { ...info, SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] },
      '/containers/json': listed,
      ...Object.fromEntries(all.map((one) => [`/containers/${one.Id}/json`, one])),
    });
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    const taken = sources.filter(({ form }) => form === 'docker-inspect');
    expect(taken.length).toBe(all.length);
    const droneAudit = { engine: { rootless: true } };
    for (const one of all) {
      const short = (one.Name as string).replace(/^\//, '');
      const source = taken.find(({ name }) => name === `docker://${short}`);
      const whole: Source = {
        name: `docker://${short}`,
        form: 'docker-inspect',
        text: JSON.stringify({ ...one, droneAudit }),
      };
      expect(facts(source)).toEqual(facts(whole));
    }
  });
});

describe('several engines', () => {
  const named1 = (name: string, id: string) => ({ '/info': { ...info, Name: name, ID: id } });

  test('are told apart by their names', async () => {
    const one = await engineWith(answersFor([{ name: 'drone' }], named1('build-1', 'A')));
    const two = await engineWith(answersFor([{ name: 'runner' }], named1('build/2', 'B')));
    const { sources, problems } = await lookAtEngines([targetAt(one), targetAt(two)]);
    expect(problems).toEqual([]);
    expect(named(sources)).toEqual([
      'docker-engine://build-1/',
      'docker://build-1/drone',
      'docker-engine://build_2/',
      'docker://build_2/runner',
    ]);
  });

  test('of one name get a number', async () => {
    const one = await engineWith(answersFor([{ name: 'drone' }], named1('build', 'A')));
    const two = await engineWith(answersFor([{ name: 'drone' }], named1('build', 'B')));
    const { sources } = await lookAtEngines([targetAt(one), targetAt(two)]);
    expect(named(sources)).toEqual([
      'docker-engine://build/',
      'docker://build/drone',
      'docker-engine://build-2/',
      'docker://build-2/drone',
    ]);
  });

  test('that are the same one are asked once', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    const twice = await lookAtEngines([targetAt(engine), targetAt(engine)]);
    expect(named(twice.sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
    const other = await engineWith(answersFor([{ name: 'drone' }]));
    const sameId = await lookAtEngines([targetAt(engine), targetAt(other)]);
    expect(named(sameId.sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
  });

  test.each<[string, object, readonly Parts[]]>([
    ['name', { Name: 'build-2' }, [{ name: 'drone' }]],
    ['folder', { DockerRootDir: '/srv/docker' }, [{ name: 'drone' }]],
    ['containers', {}, [{ name: 'drone' }, { name: 'runner', path: '/bin/drone-runner-docker' }]],
  ])('with one id and another %s are clones of one machine, and both are looked at', async (_, more, containers) => {
    const one = await engineWith(answersFor([{ name: 'drone' }]));
    const other = await engineWith(answersFor(containers, { '/info': { ...info, ...more } }));
    const { sources, problems } = await lookAtEngines([targetAt(one), targetAt(other)]);
    expect(problems).toEqual([]);
    expect(sources.filter(({ form }) => form === 'docker-engine')).toHaveLength(2);
    expect(sources.filter(({ form }) => form === 'docker-inspect')).toHaveLength(1 + containers.length);
  });

  test('that are the same one may have other builds meanwhile', async () => {
    const step = (name: string): Parts => ({
      id: idOf(50 + name.length),
      name,
      config: { Labels: { 'io.drone': 'true' } },
    });
    const one = await engineWith(answersFor([{ name: 'drone' }, step('a')]));
    const again = await engineWith(answersFor([{ name: 'drone' }, step('bb'), step('ccc')]));
    const { sources } = await lookAtEngines([targetAt(one), targetAt(again)]);
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://a', 'docker://drone']);
  });

  test('of which one does not answer keep their names, and say which', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }], { '/networks': 403 }));
    const { sources, problems } = await lookAtEngines([
      targetAt(engine),
      { host: 'unix:///nonexistent/docker.sock', environment: {}, home: '/nonexistent' },
    ]);
    expect(named(sources)).toEqual(['docker-engine://build-1/', 'docker://build-1/drone']);
    expect(problems.map(({ source, message }) => `${source}: ${plain(message)}`)).toEqual([
      'docker://: no Docker Engine answered: "unix://~/docker.sock" (--docker) is not there',
      expect.stringMatching(/^docker:\/\/build-1: not permitted .*NETWORKS=1$/),
    ]);
  });
});

/** Output in frames, as the engine sends it of a container without a terminal. */
function framed(...parts: readonly (readonly [stream: 1 | 2, text: string])[]): Buffer {
  return Buffer.concat(
    parts.flatMap(([stream, text]) => {
      const bytes = Buffer.from(text);
      const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(bytes.length, 4);
      return [head, bytes];
    }),
  );
}

describe('logs', () => {
  const keep = (line: string) => {
    const [, error] = /^cannot ping (\w+)$/.exec(line) ?? [];
    return error === undefined ? undefined : { message: 'cannot ping', fields: { thread: '1', error } };
  };
  const sending =
    (bytes: Buffer): Answer =>
    (_, response) =>
      void response.writeHead(200).end(bytes);
  const logOf = (index: number) => `/containers/${idOf(index)}/logs`;

  async function look(containers: readonly Parts[], more: Readonly<Record<string, Answer>>) {
    const engine = await engineWith(answersFor(containers, more));
    const { sources, problems } = await lookAtEngine(targetAt(engine, { keep }));
    return { engine, sources, problems, logs: sources.filter(({ form }) => form === 'docker-log') };
  }

  test('are asked of the control plane alone, and only what is kept of a line is taken', async () => {
    const bytes = framed([2, 'canary one\ncannot ping a\n'], [1, 'cannot ping b\r\n'], [2, 'cannot ping a\n']);
    const step = { name: 'step', config: { Image: 'x', Labels: { 'io.drone': 'true' } } };
    const database = { name: 'db', path: 'x', config: { Image: 'postgres:16', Entrypoint: ['x'], Env: [] } };
    const net = { networks: { ci: {} } };
    const { engine, logs, problems } = await look([{ name: 'drone', ...net }, step, { ...database, ...net }], {
      [logOf(1)]: sending(bytes),
    });
    expect(problems).toEqual([]);
    expect(logs).toMatchObject([{ name: 'docker-log://drone', seenAt: '2026-11-21T00:11:52.455Z' }]);
    expect(parsed(logs[0])).toEqual({
      container: 'docker://drone',
      lines: 4,
      kept: [
        { message: 'cannot ping', fields: { error: 'b', thread: '1' }, count: 1 },
        { message: 'cannot ping', fields: { error: 'a', thread: '1' }, count: 2 },
      ],
    });
    const asked = engine.requests.filter((request) => request.includes('/logs'));
    expect(asked).toEqual([expect.stringContaining(`GET ${logOf(1)}?`)]);
    const query = new URLSearchParams(asked[0]?.replace(/^.*\?/, ''));
    expect(Object.fromEntries(query)).toMatchObject({ stdout: 'true', stderr: 'true', tail: '2001' });
  });

  test('are not asked for unless that was wanted', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    await lookAtEngine(targetAt(engine));
    expect(engine.requests.join(' ')).not.toContain('/logs');
  });

  test('of a container with a terminal have no frames', async () => {
    const config = { Tty: true };
    const { logs } = await look([{ name: 'drone', config }], { [logOf(1)]: sending(Buffer.from('cannot ping a\r\n')) });
    expect(parsed(logs[0])).toMatchObject({ lines: 1, kept: [{ fields: { error: 'a' }, count: 1 }] });
  });

  test('that are long are looked at from their end', async () => {
    const old = `cannot ping old\n${'x'.repeat(1000)}\n`.repeat(1500);
    const { logs, problems } = await look([{ name: 'drone' }], {
      [logOf(1)]: sending(framed([1, old], [1, 'cannot ping new\n'])),
    });
    const { lines, kept } = parsed(logs[0]);
    expect(lines).toBeLessThanOrEqual(2000);
    expect(kept.map(({ fields }: { fields: { error: string } }) => fields.error)).toEqual(['old', 'new']);
    expect(problems).toMatchObject([{ source: 'docker://', incomplete: false }]);
    expect(messages(problems)).toEqual([
      'only the newest lines of long logs were looked at, at most 2000 of each ("drone")',
    ]);
  });

  test('that are just as long as is looked at have no older lines', async () => {
    const lines = Array.from({ length: 2001 }, (_, index) => `cannot ping number${index}\n`);
    const rest = { [logOf(1)]: sending(framed([1, lines.slice(1).join('')])) };
    const { problems } = await look([{ name: 'drone' }], rest);
    expect(problems).toEqual([]);
    const all = { [logOf(1)]: sending(framed([1, lines.join('')])) };
    const longer = await look([{ name: 'drone' }], all);
    expect(messages(longer.problems)).toHaveLength(1);
    expect(parsed(longer.logs[0]).lines).toBe(2000);
    expect(longer.logs[0]?.text).not.toContain('number0"');
  });

  test('keep the order in which things were last said', async () => {
    const said = ['cannot ping a', 'cannot ping b', 'cannot ping c', 'cannot ping a'].join('\n');
    const { logs } = await look([{ name: 'drone' }], { [logOf(1)]: sending(framed([1, said])) });
    expect(
      parsed(logs[0]).kept.map(({ fields, count }: { fields: { error: string }; count: number }) => [
        fields.error,
        count,
      ]),
    ).toEqual([
      ['b', 1],
      ['c', 1],
      ['a', 2],
    ]);
  });

  const record = (token: string) => ({
    level: 'info',
    login: 'octocat',
    msg: 'bootstrap: account created',
    nested: { a: [1] },
    time: '2026-11-21T10:00:00Z',
    token,
  });

  test('with records over several lines (DRONE_LOGS_PRETTY) are told as records', async () => {
    const pretty = JSON.stringify(record('canary-0123456789abcdef'), null, 2);
    const output = framed([2, `{\n  "cut": "off",\n${pretty}\nX-Drone-Token: canary\n{\n${pretty}\r\n{\n`]);
    const engine = await engineWith(answersFor([{ name: 'drone' }], { [logOf(1)]: sending(output) }));
    const { sources } = await lookAtEngine(targetAt(engine, { keep: keptLine }));
    const [log] = sources.filter(({ form }) => form === 'docker-log');
    expect(parsed(log).kept).toEqual([
      { message: 'dump of a request with X-Drone-Token', fields: {}, count: 1 },
      { message: 'bootstrap: account created', fields: { login: 'octocat', token: 'present' }, count: 2 },
    ]);
    expect(log?.text).not.toContain('canary');
  });

  test('that begin with a dump over several lines tell of it once, and once where its first line is gone', async () => {
    const dump = 'license: ""\nauthn:\n  cookie: x\n';
    const rest = `${'said\n'.repeat(30)}authn:\n`;
    for (const [output, count] of [
      [dump, 1],
      [dump + dump, 2],
      ['authn:\n', 1],
      [dump + rest, 2],
    ] as const) {
      const engine = await engineWith(answersFor([{ name: 'drone' }], { [logOf(1)]: sending(framed([1, output])) }));
      const { sources } = await lookAtEngine(targetAt(engine, { keep: keptLine }));
      expect(parsed(sources.find(({ form }) => form === 'docker-log')).kept).toEqual([
        { message: 'dump of the configuration', fields: {}, count },
      ]);
    }
  });

  test('that begin a record and never end it cost no line that follows', async () => {
    const output = framed([1, `{\n${'  "a": 1,\n'.repeat(500)}cannot ping a\n`]);
    const { logs } = await look([{ name: 'drone' }], { [logOf(1)]: sending(output) });
    expect(parsed(logs[0])).toMatchObject({ lines: 502, kept: [{ fields: { error: 'a' }, count: 1 }] });
  });

  test('of endless lines are asked for with fewer of them, and then given up', async () => {
    const { engine, logs, problems } = await look([{ name: 'drone' }], {
      [logOf(1)]: (_, response) => {
        response.writeHead(200);
        const chunk = Buffer.alloc(1 << 20, 'x');
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
          response.once('drain', more);
        };
        more();
      },
    });
    expect(logs).toEqual([]);
    expect(messages(problems)).toEqual(['its log could not be read: the engine answers more than is read']);
    expect(engine.requests.filter((request) => request.includes('/logs'))).toHaveLength(2);
  });

  test.each<[string, number, string, string, boolean]>([
    ['json-file', 500, 'its log could not be read: the engine answers with status 500', 'read', true],
    ['json-file', 403, 'CONTAINERS=1', 'permitted', true],
    ['none', 501, 'has no log to look at: the driver "none" keeps nothing', 'kept', false],
    ['splunk', 501, 'its log could not be read: the driver "splunk" sends it elsewhere', 'shipped', false],
  ])(
    'of the driver %s with status %i are a problem that names the container',
    async (driver, status, says, _, incomplete) => {
      const host = { LogConfig: { Type: driver, Config: {} } };
      const { problems } = await look([{ name: 'drone', host }], { [logOf(1)]: status });
      expect(problems).toMatchObject([{ source: 'docker://drone', incomplete }]);
      expect(messages(problems)[0]).toContain(says);
    },
  );
});

describe('what a container shares with another', () => {
  test('is told by the name of that, where the engine lists it', async () => {
    const HostConfig = {
      PidMode: `container:${idOf(2)}`,
      IpcMode: `container:${idOf(9)}`,
      NetworkMode: `container:${idOf(2)}`,
    };
    const engine = await engineWith(answersFor([{ name: 'drone', host: HostConfig }, { name: 'helper' }]));
    const { sources } = await lookAtEngine(targetAt(engine));
    expect(parsed(sources[1]).HostConfig).toMatchObject({
      PidMode: 'container:helper',
      IpcMode: `container:${idOf(9)}`,
      NetworkMode: 'container:helper',
    });
  });
});

describe('an interrupt', () => {
  test('ends the look with what was seen', async () => {
    const controller = new AbortController();
    const many = Array.from({ length: 200 }, (_, index): Parts => ({ name: `drone-${index}` }));
    const asked: string[] = [];
    const answers = answersFor(many);
    const slow = Object.fromEntries(
      Object.entries(answers).map(([path, answer]): [string, Answer] => [
        path,
        path.startsWith('/containers/') && path !== '/containers/json'
          ? (_, response) => {
              asked.push(path);
              if (asked.length === 20) controller.abort();
              // What is under way then is never answered.
              if (asked.length < 20) response.end(JSON.stringify(answer));
            }
          : answer,
      ]),
    );
    const engine = await engineWith(slow);
    const { sources, problems } = await lookAtEngines([targetAt(engine)], controller.signal);
    expect(named(sources).length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(40);
    const [unseen, ...others] = messages(problems);
    expect(unseen).toMatch(
      /^1[678]\d containers were not inspected any more \("drone-\d+", .* and 1[4-6]\d more\): the audit was interrupted$/,
    );
    expect(others.slice(-1)).toEqual(['the audit was interrupted; everything seen until then is reported']);
    expect(problems.every(({ source, incomplete }) => source === 'docker://' && incomplete)).toBe(true);
  });

  test('says which lists were not seen', async () => {
    const controller = new AbortController();
    const engine = await engineWith(answersFor([{ name: 'drone' }], { '/networks': () => controller.abort() }));
    const { problems } = await lookAtEngines([targetAt(engine)], controller.signal);
    const why = 'it was not asked any more, because the audit was interrupted';
    expect(messages(problems)).toEqual([
      `its networks: ${why}`,
      `its volumes: ${why}`,
      `the list of containers: ${why}`,
      'the audit was interrupted; everything seen until then is reported',
    ]);
  });

  test('may end many requests at once without a warning of Node', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const controller = new AbortController();
    let waiting = 0;
    const hang = (): void => {
      waiting++;
      if (waiting === 16) setTimeout(() => controller.abort(), 20);
    };
    const many = Array.from({ length: 20 }, (_, index): Parts => ({ name: `drone-${index}` }));
    const hanging = (ID: string) => ({
      ...Object.fromEntries(
        Object.entries(answersFor(many)).map(([path, answer]): [string, Answer] => [
          path,
          path.startsWith('/containers/') && path !== '/containers/json' ? hang : answer,
        ]),
      ),
      '/info': { ...info, ID, Name: ID },
    });
    const engines = [await engineWith(hanging('one')), await engineWith(hanging('two'))];
    await lookAtEngines(
      engines.map((engine) => targetAt(engine)),
      controller.signal,
    );
    await new Promise((done) => setTimeout(done, 20));
    expect(warnings).toEqual([]);
  });

  test('that came before asks nothing', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    const { sources, problems } = await lookAtEngines([targetAt(engine)], AbortSignal.abort());
    expect(sources).toEqual([]);
    expect(messages(problems)).toEqual([
      expect.stringMatching(
        /^no Docker Engine answered: .* was not asked any more, because the audit was interrupted$/,
      ),
    ]);
    expect(engine.requests).toEqual([]);
  });
});

describe('what settings name', () => {
  const own = (name: string, networks: object, config: object = {}): Parts => ({
    name,
    path: '/app',
    networks,
    config: { Image: `registry.example.com/ops/${name}:7`, Entrypoint: ['/app'], Env: [], ...config },
  });
  const calling = (Env: readonly string[], networks: object): Parts => ({ name: 'drone', config: { Env }, networks });
  const ci = { ci: { Aliases: ['app-alias'], IPAddress: '172.20.0.9' } };

  test.each([
    ['the name of a container', 'DRONE_SECRET_PLUGIN_ENDPOINT=http://app:3000/secrets', ci],
    ['an alias', 'DRONE_VALIDATE_PLUGIN_ENDPOINT=http://APP-alias:3000', ci],
    ['an alias, by a qualified name', 'AUTHN_DRONE_ADMISSION_PLUGIN_ENDPOINT=http://app-alias', ci],
    ['an address', 'DRONE_CONVERT_PLUGIN_ENDPOINT=http://172.20.0.9:3000', ci],
    ['one of a list', 'DRONE_WEBHOOK_ENDPOINT=https://hooks.example.com,http://app', ci],
    ['a database of MySQL', 'DRONE_DATABASE_DATASOURCE=octocat:hunter22@tcp(app:3306)/drone', ci],
    ['a database of Postgres', 'DRONE_DATABASE_DATASOURCE=postgres://octocat:hunter22@app:5432/drone', ci],
    ['words of Postgres', 'DRONE_DATABASE_DATASOURCE=dbname=drone host=app-alias port=5432', ci],
    ['an engine', 'DOCKER_HOST=tcp://app:2375', ci],
    ['a server', 'DRONE_RPC_HOST=app', ci],
  ])('by %s is looked at on a common network', async (_, variable, networks) => {
    const engine = await engineWith(
      answersFor([calling([variable], networks), own('app', networks), own('blog', { ci: {} })]),
    );
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://app', 'docker://drone']);
  });

  test('is looked at where they call it by a port of the host, on any network', async () => {
    const at = (HostIp: string) => ({ ports: { '3000/tcp': [{ HostIp, HostPort: '13000' }] } });
    const app = { ...own('app', { bridge: {} }), ...at('127.0.0.1') };
    const there = ['docker-engine://build-1', 'docker://app', 'docker://drone'];
    for (const [address, names] of [
      ['http://172.17.0.1:13000', there],
      ['http://host.docker.internal:13000/', there],
      ['http://172.17.0.1:3000', there.filter((name) => name !== 'docker://app')],
      ['http://10.0.0.5:13000', there.filter((name) => name !== 'docker://app')],
    ] as const) {
      const caller = calling([`DRONE_SECRET_PLUGIN_ENDPOINT=${address}`], ci);
      const engine = await engineWith(answersFor([caller, app]));
      expect(named((await lookAtEngine(targetAt(engine))).sources)).toEqual(names);
    }
  });

  test('is looked at where it opens the socket of the engine beyond the host', async () => {
    const proxy = (HostIp: string): Parts => ({
      name: 'proxy',
      networks: { elsewhere: {} },
      config: { Image: 'tecnativa/docker-socket-proxy:0.1.1', Env: [], Entrypoint: ['/docker-entrypoint.sh'] },
      ports: { '2375/tcp': [{ HostIp, HostPort: '12377' }] },
    });
    for (const [address, isSeen] of [
      ['0.0.0.0', true],
      ['127.0.0.1', false],
    ] as const) {
      const engine = await engineWith(answersFor([calling([], ci), proxy(address)]));
      expect(named((await lookAtEngine(targetAt(engine))).sources).includes('docker://proxy')).toBe(isSeen);
    }
  });

  test('is not looked at on other networks, or for what steps call', async () => {
    const Env = ['DRONE_SECRET_PLUGIN_ENDPOINT=http://app:3000'];
    const step = { name: 'step', networks: ci, config: { Image: 'x', Env, Labels: { 'io.drone': 'true' } } };
    const elsewhere = await engineWith(answersFor([calling(Env, { ci: {} }), own('app', { blog: {} })]));
    const called = await engineWith(answersFor([calling([], ci), step, own('app', ci)]));
    for (const engine of [elsewhere, called])
      expect(named((await lookAtEngine(targetAt(engine))).sources)).not.toContain('docker://app');
  });
});

describe('a swarm', () => {
  const manager = { ...info, Swarm: { LocalNodeState: 'active', ControlAvailable: true } };
  const service = (name: string, Image: string, more: object = {}, Labels: object = {}) => ({
    ID: `id-of-${name}`,
    Version: { Index: 4711 },
    Spec: {
      Name: name,
      Labels,
      TaskTemplate: { ContainerSpec: { Image, ...more }, Networks: [{ Target: idOf(503) }] },
    },
    Endpoint: { VirtualIPs: [{ Addr: '10.0.0.2/24' }] },
  });
  const stack = { 'com.docker.stack.namespace': 'ci' };

  test('tells of services of Drone and of its stack that have no container here', async () => {
    const task = { 'com.docker.swarm.service.id': 'id-of-ci_drone', ...stack };
    const engine = await engineWith(
      answersFor([{ name: 'ci_drone.1.abc', config: { Labels: task } }], {
        '/info': manager,
        '/services': [
          service('ci_drone', 'drone/drone:2', {}, stack),
          service('ci_runner', 'drone/drone-runner-docker:1', { Env: ['DRONE_RPC_SECRET=x'] }, stack),
          service('ci_db', 'postgres:16', {}, stack),
          service('blog', 'wordpress:6'),
        ],
      }),
    );
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    expect(named(sources)).toEqual([
      'docker-engine://build-1',
      'docker://ci_drone.1.abc',
      'docker-service://ci_runner',
      'docker-service://ci_db',
    ]);
    const { Spec, droneAudit, ...rest } = parsed(sources[2]);
    expect(rest).toEqual({ ID: 'id-of-ci_runner' });
    expect(Spec.Name).toBe('ci_runner');
    expect(droneAudit.networks).toEqual({ [idOf(503)]: 'blog_default' });
  });

  const published = {
    ...service('ci_drone', 'registry.example.com/ci/server:2', {}, {}),
    Spec: {
      ...service('ci_drone', 'registry.example.com/ci/server:2').Spec,
      TaskTemplate: {
        ContainerSpec: { Image: 'registry.example.com/ci/server:2', Env: ['TOKEN=hunter22'] },
        Placement: { Constraints: ['node.role == manager'] },
        Networks: [{ Target: idOf(503), Aliases: ['drone'] }],
      },
      EndpointSpec: { Mode: 'vip', Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080 }] },
    },
  };
  const task = {
    name: 'ci_drone.1.abc',
    config: { Labels: { 'com.docker.swarm.service.id': 'id-of-ci_drone' }, Entrypoint: ['/bin/drone-server'] },
  };
  const joined = {
    Spec: {
      Name: 'ci_drone',
      TaskTemplate: {
        Placement: { Constraints: ['node.role == manager'] },
        Networks: [{ Target: idOf(503), Aliases: ['drone'] }],
      },
      EndpointSpec: { Ports: published.Spec.EndpointSpec.Ports },
    },
  };

  test('tells of a task what only its service knows: its ports, its names and where it may run', async () => {
    // That it is Drone's, only the program of the task shows.
    const engine = await engineWith(answersFor([task], { '/info': manager, '/services': [published] }));
    const { sources } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://ci_drone.1.abc']);
    expect(parsed(sources[1]).droneAudit.service).toEqual(joined);
    const [container] = readInspect(sources[1] as Source).containers;
    expect(
      container?.ports.map(({ hostAddress, hostPort, containerPort }) => [hostAddress, hostPort, containerPort]),
    ).toEqual([
      ['', '8080', '80'],
      [undefined, undefined, '443'],
    ]);
    expect(container?.placement).toEqual(['node.role == manager']);
    expect(container?.aliases).toEqual(expect.arrayContaining(['ci_drone', 'drone']));
  });

  test('tells it of a task on a worker, too', async () => {
    const named = { ...task, config: { ...task.config, Image: 'drone/drone:2' } };
    const Swarm = (NodeID: string, more: object) => ({
      ...info,
      ID: NodeID,
      Name: NodeID,
      Swarm: { LocalNodeState: 'active', NodeID, ...more },
    });
    const one = await engineWith(
      answersFor([{ id: idOf(7), name: 'drone-other' }], {
        '/info': Swarm('manager-1', { ControlAvailable: true }),
        '/services': [service('ci_drone', 'drone/drone:2'), published],
      }),
    );
    const RemoteManagers = [{ NodeID: 'manager-1', Addr: '10.0.0.1:2377' }];
    const other = await engineWith(
      answersFor([named], { '/info': Swarm('worker-1', { ControlAvailable: false, RemoteManagers }) }),
    );
    const { sources, problems } = await lookAtEngines([targetAt(one), targetAt(other)]);
    expect(messages(problems)).toEqual([]);
    const source = sources.find(({ name }) => name === 'docker://worker-1/ci_drone.1.abc');
    expect(parsed(source).droneAudit.service.Spec.Name).toBe('ci_drone');
  });

  test('is not seen by a worker alone, which is said', async () => {
    const state = (LocalNodeState: string) => ({ ...info, Swarm: { LocalNodeState, ControlAvailable: false } });
    for (const [name, said] of [
      ['active', 'this node is a worker; ask a manager, too'],
      ['locked', 'the swarm is in the state "locked" here; ask another manager'],
    ] as const) {
      const engine = await engineWith(answersFor([{ name: 'drone' }], { '/info': state(name) }));
      const { problems } = await lookAtEngine(targetAt(engine));
      expect(messages(problems)).toEqual([
        `the services of its swarm, and the ports that these publish, were not seen: ${said}`,
      ]);
      expect(problems[0]?.incomplete).toBe(true);
    }
    const inactive = await engineWith(answersFor([{ name: 'drone' }], { '/info': state('inactive') }));
    expect((await lookAtEngine(targetAt(inactive))).problems).toEqual([]);
  });

  test('leaves tasks that ended to their service', async () => {
    const labels = { 'com.docker.swarm.service.id': 'id-of-ci_drone' };
    const ended = { name: 'ci_drone.1.old', config: { Labels: labels }, state: { Status: 'exited', Running: false } };
    const engine = await engineWith(
      answersFor([ended], { '/info': manager, '/services': [service('ci_drone', 'drone/drone:2')] }),
    );
    const { sources } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker-service://ci_drone']);
  });

  test('is asked of a manager alone', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }]));
    await lookAtEngine(targetAt(engine));
    expect(engine.requests).not.toContain('GET /services');
  });

  test('may hide its services', async () => {
    const engine = await engineWith(answersFor([{ name: 'drone' }], { '/info': manager, '/services': 403 }));
    const { problems } = await lookAtEngine(targetAt(engine));
    expect(messages(problems)[0]).toContain('its services; a docker-socket-proxy allows it with SERVICES=1');
  });
});

describe('an engine in trouble', () => {
  test('may answer anything', async () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const likeContainer = fc.record({
      Names: fc.oneof(anything, fc.array(fc.string())),
      Labels: fc.oneof(anything, fc.constant({ 'io.drone': 'true' })),
      NetworkSettings: anything,
      Config: fc.oneof(anything, fc.record({ Env: anything, Labels: anything, Image: anything, Entrypoint: anything })),
      HostConfig: anything,
      Mounts: fc.oneof(anything, fc.array(anything)),
    });
    const infoLike = fc.record({
      Swarm: fc.constant({ ControlAvailable: true }),
      Name: anything,
      SystemTime: anything,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ version: anything, info: infoLike, networks: anything, volumes: anything, services: anything }),
        likeContainer,
        async ({ version, info, networks, volumes, services }, container) => {
          const json =
            (value: unknown): Answer =>
            (_, response) =>
              void response.writeHead(200).end(JSON.stringify(value));
          const engine = await fakeEngine({
            '/version': json({ ApiVersion: '1', Components: version }),
            '/info': json(info),
            '/networks': json(networks),
            '/volumes': json({ Volumes: volumes }),
            '/services': json([services, { Spec: services }]),
            '/containers/json': json([container, { ...container, Id: idOf(1) }]),
            [`/containers/${idOf(1)}/json`]: json(container),
          });
          try {
            const { sources, problems } = await lookAtEngine(targetAt(engine, { keep: () => undefined }));
            for (const { name, text } of sources) {
              expect(name).toMatch(/^docker(?:-\w+)?:\/\/[\w.-]*$/);
              expect(JSON.parse(text)).toBeTypeOf('object');
            }
            expect(messages(problems)).not.toContain('its answers cannot be understood');
          } finally {
            await engine.close();
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('that dies names what was not seen, and what was seen is kept', async () => {
    const containers = Array.from({ length: 60 }, (_, n) => ({ name: `drone-${`${n}`.padStart(2, '0')}` }));
    const answers = answersFor(containers);
    let answered = 0;
    const dying: Record<string, Answer> = {};
    for (const [path, answer] of Object.entries(answers))
      if (path.startsWith('/containers/') && path !== '/containers/json')
        dying[path] = (_, response) => {
          if (++answered > 20) response.destroy();
          else response.writeHead(200).end(JSON.stringify(answer));
        };
    const engine = await engineWith({ ...answers, ...dying });
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(sources.filter(({ form }) => form === 'docker-inspect').length).toBe(20);
    expect(problems).toHaveLength(1);
    const [message = ''] = messages(problems);
    expect(message).toMatch(
      /^40 containers could not be inspected \("drone-\d\d"(?:, "drone-\d\d"){19} and 20 more\): the engine closes the connection$/,
    );
    expect(problems[0]?.incomplete).toBe(true);
  });

  test('that sends too much is cut off', async () => {
    const endless: Answer = (_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(1 << 20, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', more);
      };
      more();
    };
    const engine = await engineWith(
      answersFor([{ name: 'drone' }, { name: 'runner' }], { [`/containers/${idOf(2)}/json`]: endless }),
    );
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toContain('docker://drone');
    expect(messages(problems)).toEqual([
      '1 container could not be inspected ("runner"): the engine answers more than is read',
    ]);
  });

  test('with more containers than are inspected says so, and sees those that are no steps first', async () => {
    const listed = Array.from({ length: 10_000 }, (_, n) => ({
      ...{ Id: idOf(n + 1000), Names: [`/drone-${n}`], Labels: { 'io.drone': 'true' } },
    }));
    const answers = answersFor([{ name: 'drone' }]);
    const [server] = Object(answers['/containers/json']);
    const engine = await engineWith({ ...answers, '/containers/json': [...listed, server] });
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
    expect(messages(problems)).toEqual([
      'has 10001 containers, but only 5000 of them were looked at; containers of builds were left out first',
    ]);
    expect(engine.requests.length).toBeLessThan(5020);
  });

  test.each([
    ['an empty configuration', { Config: {} }],
    ['no state', { State: undefined, HostConfig: undefined }],
    ['null', { Config: null }],
  ])('that tells of a container with %s is not understood', async (_, more) => {
    const odd = { ...inspectAnswer({ id: idOf(2), name: 'odd' }), ...more };
    const engine = await engineWith(
      answersFor([{ name: 'drone' }, { name: 'odd' }], { [`/containers/${idOf(2)}/json`]: odd }),
    );
    const { sources, problems } = await lookAtEngine(targetAt(engine));
    expect(named(sources)).toEqual(['docker-engine://build-1', 'docker://drone']);
    expect(messages(problems)).toEqual([
      '1 container could not be inspected ("odd"): the engine does not answer like a Docker Engine',
    ]);
  });

  test('that nests without end is not understood', async () => {
    const deep = `{"Id":"x","Config":{"Labels":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    const nested: Answer = (_, response) => void response.writeHead(200).end(deep);
    const engine = await engineWith(answersFor([{ name: 'drone' }], { [`/containers/${idOf(1)}/json`]: nested }));
    const { problems } = await lookAtEngine(targetAt(engine));
    expect(messages(problems)).toEqual([
      '1 container could not be inspected ("drone"): the engine does not answer like a Docker Engine',
    ]);
  });

  test('that closes a kept connection is asked anew', async () => {
    let asked = 0;
    const answers = answersFor([{ name: 'drone' }]);
    const engine = await engineWith({
      ...answers,
      // The answer to /volumes is lost with the connection, once.
      '/volumes': (request, response) => {
        if (asked++ === 0) request.socket.destroy();
        else response.writeHead(200).end('{"Volumes": []}');
      },
    });
    const { problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    expect(asked).toBe(2);
  });

  test('gets nothing but GET, over few connections', async () => {
    const containers = Array.from({ length: 100 }, (_, n) => ({ name: `drone-${n}` }));
    const connections = new Set<unknown>();
    const answers = answersFor(containers);
    const counted = Object.entries(answers).map(([path, answer]): [string, Answer] => [
      path,
      (request, response) => {
        connections.add(request.socket);
        response.writeHead(200).end(JSON.stringify(answer));
      },
    ]);
    const engine = await engineWith(Object.fromEntries(counted));
    const { problems } = await lookAtEngine(targetAt(engine));
    expect(problems).toEqual([]);
    expect(engine.requests.every((request) => request.startsWith('GET /'))).toBe(true);
    expect(connections.size).toBeLessThanOrEqual(8);
  });
});
