import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lookAtEngine } from '../../src/checks/engine.ts';
import type { Container } from '../../src/model/container.ts';
import type { Source } from '../../src/model/source.ts';
import { readInspect } from '../../src/readers/docker/inspect.ts';
import { keptLine } from '../../src/readers/docker/log.ts';
import { plain } from '../support/text.ts';
import { docker, engineSocket, isEngineAsked, realEngine, type Window, windowOnto } from './real-engine.ts';

const engine = isEngineAsked ? realEngine() : undefined;
const { id = '', folder = '', labels = [] } = engine ?? {};
const socket = engineSocket;

/** A socket in front of another that notes every byte that is sent to it. */
async function recordingSocket(socket: string): Promise<{ path: string; sent: () => string; close: () => void }> {
  const path = join(folder, 'recording.sock');
  const sent: Buffer[] = [];
  const server = createServer((client) => {
    const engine = connect(socket);
    client.on('data', (bytes) => sent.push(bytes));
    client.pipe(engine).pipe(client);
    for (const end of [client, engine]) end.on('error', () => engine.destroy());
  });
  await new Promise<void>((done) => server.listen(path, done));
  return { path, sent: () => Buffer.concat(sent).toString('latin1'), close: () => server.close() };
}

const stage = ['--label', 'io.drone=true', '--label', 'io.drone.expires=1795934305'];

describe.skipIf(!isEngineAsked)('a real engine (DRONE_AUDIT_TEST_DOCKER=1)', () => {
  const containers = new Map<string, Container>();
  const texts = new Map<string, string>();
  let window: Window | undefined;
  let others: readonly Source[] = [];

  beforeAll(async () => {
    if (!engine) return;
    // Other tests use the engine at the same time.
    window = await windowOnto(engine);
    const [server, runner, other] = [
      engine.image(`drone/drone:test-${id}`, {
        name: 'drone-server',
        changes: ['ENV DRONE_SERVER_PORT=:80', 'ENV GODEBUG=netdns=go', 'EXPOSE 80'],
      }),
      engine.image(`drone/drone-runner-docker:test-${id}`, {
        name: 'drone-runner-docker',
        lines: [
          'time="2026-11-21T10:00:00Z" level=error msg="cannot ping the remote server" error=Unauthorized',
          'live-canary-of-a-log',
        ],
        changes: ['ENV DRONE_PLATFORM_OS=linux', 'EXPOSE 3000'],
      }),
      engine.image(`example/other:test-${id}`, { name: 'other' }),
    ];
    docker('volume', 'create', ...labels, `drone-audit-${id}`);
    docker(
      ...['create', '--name', `server-${id}`, ...labels, '-p', '18080:80', '-v', `drone-audit-${id}:/data`],
      ...['-e', 'DRONE_RPC_SECRET=super-duper-secret', '-e', 'DRONE_SERVER_HOST=ci.example.com'],
      ...['-e', 'DRONE_USER_CREATE=username:octocat,admin:true,token:live-canary-token', server],
    );
    docker(
      ...['run', '--detach', '--name', `runner-${id}`, ...labels, '--network', 'none', '--restart', 'on-failure:3'],
      ...['--cap-add', 'NET_ADMIN', '--security-opt', 'seccomp=unconfined', '--memory', '64m'],
      ...['--mount', `type=bind,source=${socket},target=/var/run/docker.sock,readonly`],
      ...['-e', 'DRONE_RPC_SECRET=live "canary" secret', '-e', 'DRONE_RPC_HOST=ci.example.com', runner],
    );
    docker(
      ...['create', '--privileged', '--name', `drone-step${id}`, ...labels, '--label', 'io.drone=true'],
      ...[
        '--network',
        'none',
        '-e',
        'PLUGIN_PASSWORD=live-canary-plugin',
        '-e',
        'DRONE_BUILD_EVENT=pull_request',
        other,
      ],
    );
    docker('create', '--name', `other-${id}`, ...labels, '--network', 'none', other);
    docker('network', 'create', ...labels, ...stage, `drone-net-${id}`);
    docker('volume', 'create', ...labels, ...stage, `drone-vol-${id}`);

    // The log is written when the container runs, which takes a moment.
    await vi.waitFor(() => expect(docker('logs', `runner-${id}`)).toContain('canary'), { timeout: 10_000 });
    const target = { host: `unix://${window.socket}`, environment: {}, home: homedir() };
    const { sources, problems } = await lookAtEngine({ ...target, keep: keptLine });
    expect(problems.map(({ message }) => plain(message))).toEqual([]);
    others = sources.filter(({ form }) => form !== 'docker-inspect');
    for (const { name } of others) expect(name).toMatch(/^docker-(?:engine|log):/);
    for (const source of sources.filter(({ form, name }) => form === 'docker-inspect' && name.includes(id))) {
      const reading = readInspect(source);
      expect(reading.problems).toEqual([]);
      for (const container of reading.containers) containers.set(container.name, container);
      texts.set(source.name, source.text);
    }
  });

  afterAll(async () => {
    await window?.close();
    engine?.remove();
  });

  test("shows Drone's containers and no other", () => {
    expect([...containers.keys()]).toEqual([`drone-step${id}`, `runner-${id}`, `server-${id}`]);
    expect([...containers.values()].map(({ role }) => role)).toEqual(['step', 'runner-docker', 'server']);
  });

  test('shows a server that was only created', () => {
    const server = containers.get(`server-${id}`);
    expect(server).toMatchObject({
      owner: `docker://server-${id}`,
      image: { value: { name: 'drone/drone', tag: `test-${id}` } },
      privileged: { value: false },
      ports: [{ hostAddress: '', hostPort: '18080', containerPort: '80' }],
      mounts: [{ type: 'volume', source: `drone-audit-${id}`, target: '/data' }],
      observed: { state: 'created', maskedPaths: 'default' },
    });
    expect(server?.environment.variables.get('DRONE_RPC_SECRET')?.secret?.kind).toBe('sample');
    // What only the image sets is left out, settings of Drone are kept.
    expect(server?.environment.variables.has('GODEBUG')).toBe(false);
    expect(server?.environment.variables.has('DRONE_SERVER_PORT')).toBe(true);
  });

  test('shows a runner that runs, with the socket it mounts', () => {
    const runner = containers.get(`runner-${id}`);
    expect(runner).toMatchObject({
      mounts: [{ type: 'bind', source: socket, target: '/var/run/docker.sock', readOnly: true }],
      capAdd: [{ value: 'NET_ADMIN' }],
      securityOpt: [{ value: 'seccomp=unconfined' }],
      networkMode: { value: 'none' },
      restart: { value: 'on-failure:3' },
      memoryLimit: { value: 64 * 1024 * 1024 },
      observed: { state: 'running' },
    });
    expect(runner?.observed?.engineVersion).toMatch(/^\d+\./);
    expect(runner?.environment.variables.get('DRONE_RPC_SECRET')?.secret?.length).toBe('live "canary" secret'.length);
  });

  test('shows a privileged step', () => {
    expect(containers.get(`drone-step${id}`)).toMatchObject({
      privileged: { value: true },
    });
  });

  test('tells the same as docker inspect', () => {
    for (const name of containers.keys()) {
      const printed = docker('inspect', name);
      const [container] = readInspect({ name: 'inspect.json', form: 'docker-inspect', text: printed }).containers;
      const facts = (one: Container | undefined) => ({
        mounts: one?.mounts.map(({ source, target }) => [source, target]),
        ports: one?.ports.map(({ hostPort, containerPort }) => [hostPort, containerPort]),
        privileged: one?.privileged?.value,
        capAdd: one?.capAdd.map(({ value }) => value),
        labels: [...(one?.labels.keys() ?? [])].sort(),
      });
      expect(facts(container)).toEqual(facts(containers.get(name)));
    }
  });

  test('shows itself, and the network and volume of a stage', () => {
    const engine = JSON.parse(others.find(({ form }) => form === 'docker-engine')?.text ?? 'null');
    expect(engine.Version.Version).toMatch(/^\d+\./);
    expect(engine.Version.Components.map(({ Name }: { Name: string }) => Name)).toContain('runc');
    expect(engine.Info.SecurityOptions).not.toEqual([]);
    const left = { 'io.drone': 'true', 'io.drone.expires': '1795934305' };
    expect(engine.Networks).toContainEqual(expect.objectContaining({ Name: `drone-net-${id}`, Labels: left }));
    expect(engine.Volumes).toContainEqual(expect.objectContaining({ Name: `drone-vol-${id}`, Labels: left }));
    expect(engine.droneAudit).toMatchObject({ transport: 'socket', socket: { path: window?.socket, user: 'root' } });
    for (const { seenAt } of others) expect(Date.parse(seenAt ?? '')).toBeGreaterThan(0);
  });

  test('shows of logs what tells something, of its control plane alone', () => {
    const logs = others.filter(({ form, name }) => form === 'docker-log' && name.includes(id));
    expect(logs.map(({ name }) => name)).toEqual([`docker-log://runner-${id}`, `docker-log://server-${id}`]);
    expect(JSON.parse(logs[0]?.text ?? 'null')).toEqual({
      container: `docker://runner-${id}`,
      lines: 2,
      kept: [{ message: 'cannot ping the remote server', fields: { error: 'Unauthorized' }, count: 1 }],
    });
    expect(JSON.stringify(others)).not.toContain('live-canary');
  });

  test('gets nothing but GET', async () => {
    const recording = await recordingSocket(window?.socket ?? '');
    const host = `unix://${recording.path}`;
    const { problems } = await lookAtEngine({ host, environment: {}, home: homedir(), keep: keptLine });
    recording.close();
    expect(problems).toEqual([]);
    // A GET has no body, so what is sent is nothing but heads.
    const heads = recording.sent().split('\r\n\r\n').filter(Boolean);
    expect(heads.length).toBeGreaterThan(10);
    for (const head of heads) expect(head).toMatch(/^GET \/\S* HTTP\/1\.1\r\n/);
  });

  test('gives the same bytes for a container that did not change', async () => {
    const { sources } = await lookAtEngine({ host: `unix://${window?.socket}`, environment: {}, home: homedir() });
    for (const [name, text] of texts) expect(sources.find((source) => source.name === name)?.text).toBe(text);
  });
});
