import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../../src/model/container.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { settingsOf } from '../../../src/model/settings.ts';
import { type Located, type Location, lineOf, type Source } from '../../../src/model/source.ts';
import { readInspect } from '../../../src/readers/docker/inspect.ts';
import { evidenceMask, secretValuesOf } from '../../../src/secrets/evidence.ts';
import { maskFor } from '../../../src/secrets/mask.ts';
import { idOf, inspectAnswer, type Parts } from '../../checks/inspect-answer.ts';
import { expectProportional } from '../../support/cost.ts';
import { plain } from '../../support/text.ts';

function sourceOf(text: string, name = 'docker://drone'): Source {
  return { name, form: 'docker-inspect', text };
}

function pretty(value: unknown): Source {
  return sourceOf(JSON.stringify(value, null, 2));
}

/** What masks the sources of these readings when they are saved. */
function maskOf(readings: readonly Reading[]): ReturnType<typeof evidenceMask> {
  const secrets = readings.flatMap((reading) => reading.secrets);
  const values = secretValuesOf(readings.flatMap(({ containers }) => containers.map(({ environment }) => environment)));
  return evidenceMask(() => maskFor(secrets), secrets, values);
}

function only(source: Source): Container {
  const reading = readInspect(source);
  expect(reading.problems).toEqual([]);
  const [container, ...others] = reading.containers;
  expect(others).toEqual([]);
  if (!container) throw new Error('no container was read');
  return container;
}

function container(parts: Parts, droneAudit?: object): Container {
  return only(pretty({ ...inspectAnswer(parts), droneAudit }));
}

function written({ source, span }: Location): string {
  return source.text.slice(span.start, span.end);
}

function values<T>(located: readonly Located<T>[]): T[] {
  return located.map(({ value }) => value);
}

const careless: Parts = {
  name: 'drone-runner',
  path: '/bin/drone-runner-docker',
  config: {
    Image: 'registry.example.com/ci/drone-runner-docker:1.8.3',
    Entrypoint: ['/bin/drone-runner-docker'],
    ExposedPorts: { '3000/tcp': {} },
    Env: ['DRONE_RPC_SECRET=correct horse', 'DRONE_RPC_HOST=ci.example.com', 'DRONE_RUNNER_LABELS=a:b=c', 'EMPTY='],
    Labels: { 'com.docker.compose.project': 'ci', 'com.docker.compose.service': 'runner' },
    User: '0',
    Healthcheck: { Test: ['NONE'] },
  },
  host: {
    Privileged: true,
    NetworkMode: 'host',
    PidMode: 'host',
    IpcMode: 'host',
    UTSMode: 'host',
    UsernsMode: 'host',
    CapAdd: ['CAP_SYS_ADMIN', 'net_raw'],
    CapDrop: ['ALL'],
    SecurityOpt: ['seccomp=unconfined', 'label=disable'],
    Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rwm' }],
    DeviceCgroupRules: ['c 10:200 rwm'],
    DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }],
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
    Memory: 268435456,
    NanoCpus: 1500000000,
    PidsLimit: 256,
    MaskedPaths: null,
    ReadonlyPaths: null,
  },
};

describe('a container', () => {
  test('is read with all that its host configuration says', () => {
    const read = container(careless);
    expect(plain(read)).toMatchObject({
      owner: 'docker://drone',
      label: 'container "drone-runner"',
      name: 'drone-runner',
      role: 'runner-docker',
      live: true,
      project: 'ci',
      image: { value: { registry: 'registry.example.com', name: 'ci/drone-runner-docker', tag: '1.8.3' } },
      privileged: { value: true },
      readOnlyRoot: { value: false },
      networkMode: { value: 'host' },
      pidMode: { value: 'host' },
      ipcMode: { value: 'host' },
      utsMode: { value: 'host' },
      usernsMode: { value: 'host' },
      user: { value: '0' },
      healthcheck: { value: false },
      restart: { value: 'on-failure:5' },
      logDriver: { value: 'json-file' },
      memoryLimit: { value: 268435456 },
      cpuLimit: { value: 1.5 },
      pidsLimit: { value: 256 },
      observed: { state: 'running', rootless: false, repoDigests: [] },
    });
    expect(values(read.capAdd)).toEqual(['SYS_ADMIN', 'NET_RAW']);
    expect(values(read.capDrop)).toEqual(['ALL']);
    expect(values(read.securityOpt)).toEqual(['seccomp=unconfined', 'label=disable']);
    expect(values(read.devices)).toEqual(['/dev/kvm:/dev/kvm:rwm', 'nvidia', 'c 10:200 rwm']);
    expect([...read.logOptions]).toEqual([['max-size', '10m']]);
  });

  test('has no limits, user or modes where the engine writes nothing, null, 0 or -1', () => {
    const read = container({ host: { PidsLimit: -1 } });
    for (const key of ['memoryLimit', 'cpuLimit', 'pidsLimit', 'user', 'pidMode', 'usernsMode', 'healthcheck'] as const)
      expect(read[key], key).toBeUndefined();
    expect(read.observed).toMatchObject({ maskedPaths: 'default', appArmorProfile: '' });
    expect(read.observed?.finishedAt).toBeUndefined();
  });

  test('is limited by a CPU quota or weight too', () => {
    expect(container({ host: { CpuQuota: 50000, CpuPeriod: 0 } }).cpuLimit?.value).toBe(0.5);
    expect(container({ host: { CpuShares: 512 } }).cpuLimit?.value).toBe(0.5);
  });

  test('names every place by path, each holding what was read', () => {
    const read = container(careless);
    const places: [Located<unknown> | undefined, string, string][] = [
      [read.privileged, 'HostConfig.Privileged', 'true'],
      [read.capAdd[0], 'HostConfig.CapAdd[0]', 'SYS_ADMIN'],
      [read.image, 'Config.Image', 'registry.example.com/ci/drone-runner-docker:1.8.3'],
      [read.labels.get('com.docker.compose.project'), 'Config.Labels[com.docker.compose.project]', 'ci'],
      [read.devices[0], 'HostConfig.Devices[/dev/kvm]', '/dev/kvm'],
      [read.networks[0], 'NetworkSettings.Networks[bridge]', 'bridge'],
    ];
    for (const [located, path, text] of places) {
      expect(located?.at.path).toBe(path);
      expect(located && written(located.at)).toBe(text);
    }
    expect(written(read.at)).toBe('/drone-runner');
    expect(lineOf(read.at)).toBe(17);
  });
});

describe('mounts', () => {
  test('come from Mounts, whatever option made them', () => {
    const read = container({
      mounts: [
        {
          Type: 'bind',
          Source: '/var/run/docker.sock',
          Destination: '/var/run/docker.sock',
          RW: false,
          Propagation: 'rprivate',
        },
        {
          Type: 'volume',
          Name: 'drone-data',
          Source: '/var/lib/docker/volumes/drone-data/_data',
          Destination: '/data',
          RW: true,
          Propagation: '',
        },
        {
          Type: 'volume',
          Name: idOf(9),
          Source: `/var/lib/docker/volumes/${idOf(9)}/_data`,
          Destination: '/cache',
          RW: true,
        },
        { Type: 'tmpfs', Source: '', Destination: '/tmp', RW: true },
        { Type: 'cluster', Source: 'x', Destination: '/x', RW: true },
      ],
      host: { Binds: ['/var/run/docker.sock:/var/run/docker.sock:ro'] },
    });
    expect(read.mounts).toMatchObject([
      { type: 'volume', target: '/cache' },
      { type: 'volume', source: 'drone-data', target: '/data', readOnly: false },
      { type: 'tmpfs', target: '/tmp' },
      {
        type: 'bind',
        source: '/var/run/docker.sock',
        readOnly: true,
        propagation: 'rprivate',
        at: { path: 'Mounts[/var/run/docker.sock]' },
      },
      { type: 'other', target: '/x' },
    ]);
    expect(read.mounts[0]?.source).toBeUndefined();
    expect(read.mounts.map(({ at }) => written(at))).toEqual([
      '/cache',
      'drone-data',
      '/tmp',
      '/var/run/docker.sock',
      'x',
    ]);
  });

  test('are in one order, whatever order the engine answers in', () => {
    const socket = { Type: 'bind', Source: '/var/run', Destination: '/var/run', RW: true };
    const host = { Type: 'bind', Source: '/', Destination: '/host', RW: true };
    const targets = (mounts: readonly object[]) => container({ mounts }).mounts.map(({ target }) => target);
    expect(targets([socket, host])).toEqual(['/host', '/var/run']);
    expect(targets([host, socket])).toEqual(['/host', '/var/run']);
  });

  test('that only the host configuration knows are not lost', () => {
    const read = container({
      host: {
        Binds: ['/:/host:rshared', 'named:/data', 'odd'],
        Mounts: [{ Type: 'bind', Source: '/etc', Target: '/hostetc', ReadOnly: true }],
        Tmpfs: { '/run': 'size=1m' },
      },
    });
    expect(read.mounts).toMatchObject([
      { type: 'volume', source: 'named', target: '/data' },
      { type: 'bind', source: '/', target: '/host', readOnly: false, propagation: 'rshared' },
      { type: 'bind', source: '/etc', target: '/hostetc', readOnly: true },
      { type: 'tmpfs', target: '/run' },
    ]);
  });
});

describe('ports', () => {
  const bindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '53/udp': [{ HostIp: '127.0.0.1', HostPort: '' }] };

  test('of a running container are the real ones, both address families as one', () => {
    const read = container({
      host: { PortBindings: bindings },
      ports: {
        '80/tcp': [
          { HostIp: '0.0.0.0', HostPort: '8080' },
          { HostIp: '::', HostPort: '8080' },
        ],
        '443/tcp': null,
      },
    });
    expect(read.ports).toMatchObject([
      {
        hostAddress: '',
        hostPort: '8080',
        containerPort: '80',
        protocol: 'tcp',
        at: { path: 'NetworkSettings.Ports[80/tcp]' },
      },
      { containerPort: '443' },
    ]);
    expect(read.ports[1]?.hostAddress).toBeUndefined();
  });

  test('without a protocol, as one has it before its first start, are of TCP', () => {
    const written = { '80/': [{ HostIp: '', HostPort: '8080' }], '81': [{ HostIp: '', HostPort: '8081' }] };
    const { ports } = container({ state: { Status: 'created', Running: false }, host: { PortBindings: written } });
    expect(ports.map((port) => `${port.hostPort}:${port.containerPort}/${port.protocol}`)).toEqual([
      '8081:81/tcp',
      '8080:80/tcp',
      'undefined:443/tcp',
    ]);
  });

  test('of a stopped one are those it asks for', () => {
    const state = { Status: 'exited', Running: false, FinishedAt: '2026-03-01T11:00:00Z' };
    const read = container({ state, host: { PortBindings: bindings } });
    expect(read.ports).toMatchObject([
      { hostAddress: '', hostPort: '8080', at: { path: 'HostConfig.PortBindings[80/tcp]' } },
      { hostAddress: '127.0.0.1', containerPort: '53', protocol: 'udp' },
      { containerPort: '443' },
    ]);
    expect(read.ports[1]?.hostPort).toBeUndefined();
    expect(read.observed).toMatchObject({ state: 'exited', finishedAt: '2026-03-01T11:00:00Z' });
  });
});

describe('the environment', () => {
  test('has names and values where they stand in the item', () => {
    const settings = settingsOf(container(careless));
    const secret = settings.variables.get('DRONE_RPC_SECRET');
    expect(secret).toMatchObject({ origin: 'literal', heldBy: 'live', at: { path: 'Config.Env[DRONE_RPC_SECRET]' } });
    expect(secret && [written(secret.keyAt), written(secret.at)]).toEqual(['DRONE_RPC_SECRET', 'correct horse']);
    expect(settings.variables.get('DRONE_RUNNER_LABELS')?.value).toBe('a:b=c');
    expect(settings.variables.get('EMPTY')?.value).toBe('');
    expect(settings).toMatchObject({ complete: true, live: true, version: '1.8.3' });
  });

  test('keeps the value of an item with escapes apart from its name', () => {
    const read = container({ config: { Env: ['DRONE_RPC_SECRET=a"b\\c\u00e9\n'] } });
    const secret = read.environment.variables.get('DRONE_RPC_SECRET');
    expect(secret?.value).toBe('a"b\\c\u00e9\n');
    expect(secret && written(secret.at)).toBe('a\\"b\\\\c\u00e9\\n');
  });

  test('leaves out what the image sets, but for settings of Drone and secrets', () => {
    const fromImage = ['PATH=/bin', 'GODEBUG=netdns=go', 'DRONE_DATADOG_ENABLED=true', 'VAULT_TOKEN=baked-in'];
    const read = container(
      { config: { Env: [...fromImage.slice(1), 'PATH=/opt/bin', 'DRONE_SERVER_HOST=ci.example.com'] } },
      { image: { Config: { Env: fromImage } } },
    );
    expect([...read.environment.variables.keys()].sort()).toEqual([
      'DRONE_DATADOG_ENABLED',
      'DRONE_SERVER_HOST',
      'PATH',
      'VAULT_TOKEN',
    ]);
    expect([...(read.imageEnvironment?.variables.keys() ?? [])]).toEqual(fromImage.map((item) => item.split('=')[0]));
    expect(read.imageEnvironment?.variables.get('VAULT_TOKEN')?.at.path).toBe(
      'droneAudit.image.Config.Env[VAULT_TOKEN]',
    );
  });

  test('is not known as a whole where a file adds to it, or where it is missing', () => {
    const server = container({ config: { Cmd: ['--env-file', '/etc/drone.env'] } });
    expect(plain(server.environment)).toMatchObject({
      complete: false,
      gaps: ['the file of "--env-file" was not read'],
    });
    const runner = container({ config: { Cmd: ['daemon', '/etc/runner.env'] } });
    expect(runner.environment.complete).toBe(false);
    expect(container({ config: { Cmd: ['daemon', '--debug'] } }).environment.complete).toBe(true);
    expect(container({ config: { Env: undefined } }).environment.complete).toBe(false);
    expect(container({ config: { Env: null } }).environment.complete).toBe(true);
  });
});

describe('what was seen beside the container', () => {
  test('names an image that is asked for by its id', () => {
    const read = container(
      { config: { Image: `sha256:${idOf(200)}` } },
      {
        image: {
          RepoTags: ['<none>:<none>', 'drone/drone:2.25.0'],
          RepoDigests: [`drone/drone@sha256:${idOf(7)}`],
          Created: '2025-01-01T00:00:00Z',
        },
      },
    );
    expect(read.image?.value).toMatchObject({ name: 'drone/drone', tag: '2.25.0' });
    expect(read.role).toBe('server');
    expect(read.observed).toMatchObject({
      imageId: `sha256:${idOf(200)}`,
      imageCreated: '2025-01-01T00:00:00Z',
      repoDigests: [`drone/drone@sha256:${idOf(7)}`],
    });
  });

  test('stays without a name where nobody knows one', () => {
    const read = container({ config: { Image: `sha256:${idOf(200)}` } });
    expect(read.image).toBeUndefined();
    expect(read.imageText?.value).toBe(`sha256:${idOf(200)}`);
  });

  test('tells of a rootless engine and its confinement', () => {
    const engine = {
      version: '27.1.1',
      rootless: true,
      securityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
    };
    expect(container({}, { image: null, engine }).observed).toMatchObject({
      rootless: true,
      engineVersion: '27.1.1',
      engineSecurityOptions: engine.securityOptions,
    });
    const unknown = { version: null, rootless: false, securityOptions: null };
    expect(container({}, { image: null, engine: unknown }).observed?.engineSecurityOptions).toBeUndefined();
  });
});

describe('texts', () => {
  const one = inspectAnswer({ name: 'one' });
  const two = inspectAnswer({ name: 'two' });

  test.each([
    ['one array', JSON.stringify([one, two], null, 4)],
    ['arrays in a row', `${JSON.stringify([one])}\n${JSON.stringify([two])}\n`],
    ['an object a line', `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`],
    ['tabs', JSON.stringify([one, two], null, '\t')],
  ])('with several containers are read: %s', (_, text) => {
    const reading = readInspect(sourceOf(text, 'inspect.json'));
    expect(reading.problems).toEqual([]);
    expect(reading.containers.map(({ owner }) => owner)).toEqual(['inspect.json#one', 'inspect.json#two']);
    const [, second] = reading.containers;
    expect(second?.privileged?.at.path).toBe('[two].HostConfig.Privileged');
    expect(second && written(second.at)).toBe('/two');
  });

  test('may name two containers alike', () => {
    const reading = readInspect(pretty([one, one]));
    expect(reading.containers.map(({ name }) => name)).toEqual(['one', 'one#2']);
  });

  test('may be kept as YAML with comments', () => {
    const text = `# recorded\nName: /drone\nHostConfig:\n  Privileged: true # noted\nConfig:\n  Image: drone/drone:2\n  Env:\n    - DRONE_RPC_SECRET=hunter2\n`;
    const read = only(sourceOf(text));
    expect(read.privileged?.value).toBe(true);
    expect(written(read.environment.variables.get('DRONE_RPC_SECRET')?.at ?? read.at)).toBe('hunter2');
  });

  test('that are cut off tell the line and give nothing', () => {
    const text = JSON.stringify([one], null, 2).slice(0, 900);
    const { containers, problems } = readInspect(sourceOf(text));
    expect(containers).toEqual([]);
    expect(problems[0]).toMatchObject({ kind: 'malformed', source: 'docker://drone', incomplete: true });
    expect(plain(problems[0]?.message)).toMatch(/^JSON: /);
    expect(problems[0]?.line).toBeGreaterThan(10);
  });

  test('without a container say so', () => {
    expect(readInspect(sourceOf('[]')).problems).toMatchObject([{ kind: 'empty', incomplete: true }]);
    const image = { Id: 'sha256:1', RepoTags: ['a'], Config: { Env: [] } };
    expect(readInspect(pretty([image])).problems).toMatchObject([{ kind: 'empty' }]);
    expect(readInspect(pretty([image, one])).problems).toMatchObject([{ kind: 'unsupported', incomplete: false }]);
  });

  test('of Podman may lack what only Docker writes', () => {
    const read = only(
      pretty({
        Id: idOf(5),
        Name: 'drone',
        ImageName: 'docker.io/drone/drone:2',
        Config: { Entrypoint: '/bin/drone-server' },
        State: { Status: 'running' },
      }),
    );
    expect(read).toMatchObject({
      name: 'drone',
      role: 'server',
      image: { value: { name: 'drone/drone' } },
      mounts: [],
      ports: [],
    });
    expect(read.observed?.maskedPaths).toBeUndefined();
  });
});

describe('secrets', () => {
  function secretTexts(parts: Parts, droneAudit?: object): string[] {
    const source = pretty({ ...inspectAnswer(parts), droneAudit });
    return readInspect(source).secrets.map(written);
  }

  /** What every output hides of it. */
  function hiddenTexts(parts: Parts): string[] {
    const source = pretty(inspectAnswer(parts));
    const spans = maskFor(readInspect(source).secrets).spansOf(source);
    return spans.map((span) => written({ source, path: '', span }));
  }

  test('of a step are hidden whatever they are called', () => {
    const step = {
      name: 'drone-abcdefghij0123456789',
      config: {
        Labels: { 'io.drone': 'true' },
        Env: [
          'DRONE_BUILD_EVENT=pull_request',
          'DRONE_REPO=octocat/hello',
          'CI=true',
          'DRONE_NETRC_MACHINE=github.com',
          'DRONE_NETRC_USERNAME=netrc-user-token',
          'DRONE_NETRC_PASSWORD=x-oauth-basic',
          'PLUGIN_PASSWORD=plugin-password',
          'PLUGIN_REPO=octocat/image',
          'PLUGIN_SCRIPT=something odd',
          'SLACK=hook-address',
          'GOOS=linux',
        ],
      },
    };
    const found = new Set(secretTexts(step));
    expect([...found].sort()).toEqual([
      'hook-address',
      'netrc-user-token',
      'plugin-password',
      'something odd',
      'x-oauth-basic',
    ]);
    expect(container(step).role).toBe('step');
  });

  test('of a companion are known by their names', () => {
    const texts = secretTexts({
      name: 'db',
      config: { Image: 'postgres:16', Env: ['POSTGRES_PASSWORD=swordfish', 'POSTGRES_USER=drone'] },
    });
    expect(texts).toEqual(['swordfish']);
  });

  test('in the image count too', () => {
    expect(
      secretTexts({}, { image: { Config: { Env: ['VAULT_TOKEN=baked-in'], Labels: { 'api-token': 'labelled' } } } }),
    ).toEqual(['baked-in', 'labelled']);
  });

  test('in commands, labels, health checks and log options are found', () => {
    const texts = hiddenTexts({
      path: 'redis-server',
      args: ['--requirepass', 'first-one'],
      state: { Health: { Log: [{ Output: 'GET https://user:second-one@example.com/ failed' }] } },
      config: {
        Env: ['DRONE_RPC_SECRET=third-one'],
        Cmd: ['sh', '-c', 'echo "third-one" and third-one; run --api-key=fourth-one'],
        Labels: { 'deploy.token': 'fifth-one', note: 'password: sixth-one', plain: 'nothing' },
      },
      host: {
        LogConfig: { Type: 'splunk', Config: { 'splunk-token': 'seventh-one', 'splunk-url': 'https://example.com' } },
      },
    });
    expect(new Set(texts)).toEqual(
      new Set(['first-one', 'second-one', 'third-one', 'fourth-one', 'fifth-one', 'sixth-one', 'seventh-one']),
    );
  });

  test('do not take image names, mounts or paths for secrets', () => {
    const texts = secretTexts({
      config: {
        Image: 'example.com/kubernetes-secret:1.0',
        Labels: { 'com.docker.compose.project.config_files': '/srv/secrets/compose.yml' },
      },
      mounts: [{ Type: 'bind', Source: '/srv/token:x', Destination: '/run/secret', RW: true }],
    });
    expect(texts).toEqual([]);
  });
});

describe('saved evidence', () => {
  const canary = 'Xq7-canary-9fK2';
  const server = inspectAnswer({
    name: 'drone',
    config: {
      Env: [
        `DRONE_RPC_SECRET=${canary}`,
        'DRONE_COOKIE_SECRET=with"quote and \\ backslash',
        `DRONE_DATABASE_DATASOURCE=postgres://drone:${canary}@db.example.com:5432/drone?sslmode=disable`,
        'DRONE_USER_CREATE=username:octocat,admin:true,token:0123456789abcdef0123456789abcdef',
        'DRONE_SERVER_HOST=ci.example.com',
      ],
      Cmd: ['--note', canary],
    },
  });
  const runner = inspectAnswer({
    name: 'runner',
    config: { Env: [`DRONE_RPC_SECRET=${canary}`, 'DRONE_UI_PASSWORD=root'] },
  });
  const sources = [pretty(server), { ...pretty(runner), name: 'docker://runner' }];
  const readings = sources.map(readInspect);
  const mask = maskOf(readings);
  const saved = sources.map((source) => ({ ...source, text: mask(source) }));

  test('holds no secret and stays the same JSON', () => {
    for (const { text } of saved) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain('with\\"quote');
      expect(text).not.toContain('0123456789abcdef0123456789abcdef"');
    }
    const parsed: unknown = JSON.parse(saved[0]?.text ?? '');
    expect(parsed).toMatchObject({ Name: '/drone', HostConfig: server.HostConfig });
    expect(saved[0]?.text).toContain('DRONE_SERVER_HOST=ci.example.com');
  });

  test('reads as the same traits, and equal secrets stay equal', () => {
    const traits = (sourcesRead: readonly Source[]) =>
      sourcesRead.flatMap((source) =>
        [...only(source).environment.variables.values()].map(({ name, secret, parts }) => {
          const plain = [secret, ...(parts ?? []).map((part) => part.secret)].flatMap((one) =>
            one ? [{ ...one, identity: '' }] : [],
          );
          return { name, plain };
        }),
      );
    expect(traits(saved)).toEqual(traits(sources));
    const identity = (source: Source | undefined) =>
      source && only(source).environment.variables.get('DRONE_RPC_SECRET')?.secret?.identity;
    expect(identity(saved[0])).toBe(identity(saved[1]));
    const password = saved[1] && only(saved[1]).environment.variables.get('DRONE_UI_PASSWORD')?.secret?.identity;
    expect(password).not.toBe(identity(saved[1]));
  });

  test('may be saved again without change', () => {
    const again = saved.map(readInspect);
    const second = maskOf(again);
    expect(saved.map(second)).toEqual(saved.map(({ text }) => text));
  });
});

describe('properties', () => {
  const word = fc.string({ minLength: 1, maxLength: 24, unit: 'grapheme' });

  test('a secret is masked whatever characters it has, and the text stays JSON with the same length told', () => {
    fc.assert(
      fc.property(word, (secret) => {
        const source = pretty(
          inspectAnswer({ config: { Env: [`DRONE_RPC_SECRET=${secret}`, 'DRONE_SERVER_HOST=x'] } }),
        );
        const text = maskOf([readInspect(source)])(source);
        expect(() => JSON.parse(text)).not.toThrow();
        const traits = only({ ...source, text }).environment.variables.get('DRONE_RPC_SECRET')?.secret;
        expect(traits?.length).toBe(secret.length);
      }),
      { numRuns: 100 },
    );
  });

  test('it never throws, neither on cut nor on odd answers', () => {
    const text = JSON.stringify(inspectAnswer(careless), null, 1);
    fc.assert(
      fc.property(fc.nat(text.length), fc.jsonValue(), (cut, odd) => {
        readInspect(sourceOf(text.slice(0, cut)));
        readInspect(sourceOf(text.slice(cut)));
        const config = {
          Env: odd,
          Labels: odd,
          Image: odd,
          Entrypoint: odd,
          Cmd: odd,
          Healthcheck: odd,
          ExposedPorts: odd,
        };
        const host = { Binds: odd, Mounts: odd, Devices: odd, PortBindings: odd, LogConfig: odd, CapAdd: odd };
        const { secrets } = readInspect(
          pretty({ Config: config, HostConfig: host, Mounts: odd, State: odd, Name: odd, droneAudit: odd }),
        );
        for (const at of secrets) expect(at.span.end).toBeGreaterThanOrEqual(at.span.start);
      }),
      { numRuns: 100 },
    );
  });

  test.each<[string, (scale: number) => Source]>([
    ['open lists', (scale) => sourceOf('['.repeat(100_000 * scale))],
    ['open objects', (scale) => sourceOf('{"a":'.repeat(50_000 * scale))],
    ['values in a row', (scale) => sourceOf('{}'.repeat(500_000 * scale))],
    [
      'secrets and assignments',
      (scale) => {
        const Env = Array.from({ length: 5000 * scale }, (_, index) => `TOKEN=secret-value-${index}`);
        const Cmd = ['token='.repeat(10_000 * scale), 'a'.repeat(60_000 * scale)];
        return pretty(inspectAnswer({ config: { Env, Cmd } }));
      },
    ],
  ])('hostile texts are read in time in proportion: %s', (_, source) => {
    expectProportional((scale) => readInspect(source(scale)));
  });

  test('values in a row are read up to a limit', () => {
    expect(readInspect(sourceOf('{}'.repeat(5_001))).problems).toMatchObject([{ kind: 'too-large' }]);
  });
});

const samples = '../shared/samples';

describe.skipIf(!existsSync(samples))('recorded answers of a dockerd (../shared/samples)', () => {
  const read = (name: string) => only(sourceOf(readFileSync(`${samples}/${name}.json`, 'utf8'), `docker://${name}`));

  test('are all read without a problem', () => {
    const files = readdirSync(samples).filter((file) => /^inspect-.*\.json$/.test(file));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) read(file.replace(/\.json$/, ''));
  });

  test('have their roles', () => {
    expect(read('inspect-server-docs').role).toBe('server');
    expect(read('inspect-runner-bad').role).toBe('runner-docker');
    expect(read('inspect-step-socket').role).toBe('step');
  });

  test('tell what was recorded', () => {
    const bad = read('inspect-runner-bad');
    expect(values(bad.capAdd)).toEqual(['NET_ADMIN', 'SYS_ADMIN']);
    expect(bad.mounts.map(({ source }) => source)).toEqual(['/', '/etc', '/var/run/docker.sock']);
    const step = read('inspect-step-privileged');
    expect(step.privileged?.value).toBe(true);
    expect(step.observed).toMatchObject({ state: 'created' });
    const hard = read('inspect-runner-hard');
    expect(hard).toMatchObject({
      readOnlyRoot: { value: true },
      healthcheck: { value: true },
      pidsLimit: { value: 256 },
    });
    expect(read('inspect-server-docs').ports).toMatchObject([{ hostAddress: '127.0.0.1' }, { hostAddress: '' }]);
  });
});
