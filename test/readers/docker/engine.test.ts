import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { Host } from '../../../src/model/engine.ts';
import type { Reading } from '../../../src/model/reading.ts';
import type { Location } from '../../../src/model/source.ts';
import { readEngine } from '../../../src/readers/docker/engine.ts';
import { expectProportional } from '../../support/cost.ts';
import { plain } from '../../support/text.ts';

function readText(text: string): Reading {
  return readEngine({ name: 'docker-engine://build-1', form: 'docker-engine', text });
}

function hostOf(answer: object): Host {
  const { hosts = [], problems } = readText(`${JSON.stringify(answer, null, 2)}\n`);
  expect(problems).toEqual([]);
  const [host, ...others] = hosts;
  expect(others).toEqual([]);
  if (!host) throw new Error('no engine was read');
  return host;
}

const written = ({ source, span }: Location): string => source.text.slice(span.start, span.end);

const answer = {
  Version: {
    Version: '20.10.24+dfsg1',
    ApiVersion: '1.41',
    Platform: { Name: '' },
    Components: [
      { Name: 'Engine', Version: '20.10.24+dfsg1', Details: { GitCommit: '5d6db84' } },
      { Name: 'runc', Version: '1.1.5+ds1', Details: { GitCommit: '1.1.5+ds1-1+deb12u1' } },
    ],
  },
  Info: {
    Name: 'build-1',
    OSType: 'linux',
    Driver: 'overlay2',
    DockerRootDir: '/var/lib/docker',
    LiveRestoreEnabled: false,
    ExperimentalBuild: false,
    SecurityOptions: ['name=seccomp,profile=default'],
    Warnings: [
      'WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n         Access to the remote API is…',
      'WARNING: No swap limit support',
    ],
    RegistryConfig: {
      InsecureRegistryCIDRs: ['127.0.0.0/8'],
      IndexConfigs: {
        'docker.io': { Name: 'docker.io', Secure: true },
        'registry.example.com:5000': { Name: 'registry.example.com:5000', Secure: false },
      },
    },
    Swarm: { LocalNodeState: 'inactive' },
  },
  Networks: [
    { Name: 'bridge', Options: { 'com.docker.network.bridge.enable_icc': 'true' }, Labels: {} },
    {
      Name: 'drone-NetQ3xY7aB2cD4eF6gH8',
      Options: {},
      Labels: { 'io.drone': 'true', 'io.drone.repo.slug': 'octocat/hello' },
    },
  ],
  Volumes: [
    { Name: 'drone-VoLq3xY7aB2cD4eF6gH8', Driver: 'local', Labels: { 'io.drone': 'true' }, Options: null },
    { Name: 'someone-elses', Labels: null },
  ],
  droneAudit: {
    address: 'unix:///var/run/docker.sock',
    transport: 'socket',
    socket: { path: '/var/run/docker.sock', mode: '660', user: 'root', group: 'docker' },
  },
};

describe('an engine', () => {
  it('is read with all that it says of itself', () => {
    const host = hostOf(answer);
    expect(plain(host)).toMatchObject({
      kind: 'host',
      owner: 'docker-engine://build-1',
      label: 'Docker engine "build-1"',
      product: 'docker',
      version: { value: '20.10.24+dfsg1' },
      os: { value: 'linux' },
      rootless: false,
      securityOptions: [{ value: 'name=seccomp,profile=default' }],
      insecureNetworks: [{ value: '127.0.0.0/8' }],
      insecureRegistries: [{ value: 'registry.example.com:5000' }],
      liveRestore: { value: false },
      experimental: { value: false },
      storageDriver: { value: 'overlay2' },
      dataRoot: { value: '/var/lib/docker' },
      bridgeTraffic: { value: true },
      swarm: { value: 'inactive' },
      listeners: [{ address: { value: 'http://0.0.0.0:2375' }, verifiesClients: false, told: 'by the engine' }],
      socket: { path: '/var/run/docker.sock', mode: 0o660, user: 'root', group: 'docker' },
      stageResources: [
        { kind: 'network', name: 'drone-NetQ3xY7aB2cD4eF6gH8' },
        { kind: 'volume', name: 'drone-VoLq3xY7aB2cD4eF6gH8' },
      ],
    });
    expect(host.platform).toBeUndefined();
    expect(host.warnings).toHaveLength(2);
    expect(host.components.map(({ name, version }) => [name, version.value])).toEqual([
      ['Engine', '20.10.24+dfsg1'],
      ['runc', '1.1.5+ds1'],
    ]);
    expect(host.stageResources[0]?.labels.get('io.drone.repo.slug')?.value).toBe('octocat/hello');
  });

  it('has each value where it is written', () => {
    const host = hostOf(answer);
    expect(host.listeners.map(({ address }) => written(address.at))).toEqual(['http://0.0.0.0:2375']);
    expect(written(host.at)).toMatch(/^"?build-1"?$/);
    expect(host.components.map(({ version }) => version.at.path)).toEqual([
      'Version.Components[Engine].Version',
      'Version.Components[runc].Version',
    ]);
    expect(host.insecureRegistries.map(({ at }) => [at.path, written(at)])).toEqual([
      ['Info.RegistryConfig.IndexConfigs[registry.example.com:5000].Secure', 'false'],
    ]);
    expect(host.socket && written(host.socket.at)).toMatch(/^"?660"?$/);
  });

  it('is Podman by its component, and rootless by its options', () => {
    const host = hostOf({
      Version: { Version: '4.3.1', Components: [{ Name: 'Podman Engine', Version: '4.3.1' }] },
      Info: { Name: 'build-1', SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] },
    });
    expect(plain(host)).toMatchObject({ label: 'Podman "build-1"', product: 'podman', rootless: true });
  });

  it('is known to listen without TLS where the audit came in so', () => {
    const seen = (transport: string): Host =>
      hostOf({ Info: { Name: 'a' }, droneAudit: { address: 'tcp://10.0.0.7:2375', transport, socket: null } });
    expect(seen('http').listeners.map(({ told }) => told)).toEqual(['by its answer']);
    expect(seen('https').listeners).toEqual([]);
    expect(seen('http').socket).toBeUndefined();
  });

  it('has no options where it answered none, and an empty list where it has none', () => {
    expect(hostOf({ Info: { Name: 'a' } }).securityOptions).toBeUndefined();
    expect(hostOf({ Info: { Name: 'a', SecurityOptions: null } }).securityOptions).toBeUndefined();
    expect(hostOf({ Info: { Name: 'a', SecurityOptions: [] } }).securityOptions).toEqual([]);
  });

  it.each(['', '[]', '{}', 'null', '{"Info": {"Name": "a"', '"text"'])('is a problem, and no engine, in %s', (text) => {
    const { hosts = [], problems } = readText(text);
    expect(hosts).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it.each([
    {
      Info: { Name: ['a'], SecurityOptions: 'x', Warnings: {}, RegistryConfig: [], Swarm: 3 },
      Networks: {},
      Volumes: 'x',
    },
    { Version: { Components: { Name: 'x' }, Version: {} }, droneAudit: { socket: { path: '/x', mode: '9z' } } },
    { Info: {}, Networks: [null, 1, { Name: 'bridge', Options: null }, { Labels: { 'io.drone': 'true' } }] },
  ])('is read from an answer of another shape', (shape) => {
    expect(hostOf(shape).stageResources).toEqual([]);
  });
});

test('logins of proxies and options of drivers are secrets', () => {
  const text = JSON.stringify(
    {
      Info: { Name: 'a', HttpProxy: 'http://ci:pr0xypass@proxy.example.com:3128', Labels: ['api_token=l4belt0ken'] },
      Volumes: [{ Name: 'v', Options: { o: 'username=ci,password=sh4repass' }, Labels: { 'io.drone': 'true' } }],
    },
    null,
    2,
  );
  const hidden = readText(text).secrets.map(written);
  for (const secret of ['pr0xypass', 'l4belt0ken', 'sh4repass'])
    expect(hidden.some((each) => each.includes(secret))).toBe(true);
});

test('the time to read an engine grows with its networks and volumes, and no faster', () => {
  expectProportional((scale) => {
    const labels = { 'io.drone': 'true', 'io.drone.expires': '1795934305' };
    const list = Array.from({ length: 8000 * scale }, (_, index) => ({
      Name: `drone-${index}`,
      Labels: labels,
      Options: {},
    }));
    const text = JSON.stringify({ Info: { Name: 'a' }, Networks: list, Volumes: list });
    return readText(text);
  });
});

const samples = '../shared/samples';
const sample = (name: string): unknown => JSON.parse(readFileSync(`${samples}/${name}`, 'utf8'));

describe.skipIf(!existsSync(samples))('recorded answers (need the recordings)', () => {
  it('are read as an engine of Debian with what a stage left', () => {
    const host = hostOf({
      Version: sample('version.json'),
      Info: sample('info.json'),
      Networks: [sample('network-bridge.json'), sample('network-drone.json')],
      Volumes: [sample('volume-drone.json')],
    });
    expect(host.version?.value).toBe('20.10.24+dfsg1');
    expect(host.bridgeTraffic?.value).toBe(true);
    expect(host.warnings).toEqual([]);
    expect(host.components.map(({ name }) => name)).toEqual(['Engine', 'containerd', 'runc', 'docker-init']);
    expect(host.stageResources.map(({ kind }) => kind)).toEqual(['network', 'volume']);
  });

  it('are read as what runner 1.8.4 made', () => {
    const host = hostOf({
      Info: sample('info.json'),
      Networks: sample('engine/real-nets.json'),
      Volumes: sample('engine/real-vols.json'),
    });
    const slugs = host.stageResources.map(({ labels }) => labels.get('io.drone.repo.slug')?.value);
    expect(slugs).toContain('acme/synced');
  });
});
