import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import { defaultCapabilities, hostCapabilities, strongCapabilities } from '../src/facts/capabilities.ts';
import { familyOf } from '../src/rules/all.ts';
import {
  docker,
  engineSocket,
  isEngineAsked,
  type RealEngine,
  realEngine,
  tryDocker,
  type Window,
  windowOnto,
} from './checks/real-engine.ts';
import { hasRegistry, realRegistry } from './checks/real-registry.ts';
import { droneAuditBeside } from './support/cli.ts';

// Rules about containers claim that Docker does something. Here it does, and the rule tells it of the engine's own answer.

/** Rules of these families whose premise is not run, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  'exposed-docker-daemon': 'needs a second daemon on the network, and a daemon takes the bridge of the one that runs',
  'plain-docker-host': 'as exposed-docker-daemon, seen from a runner',
  'outdated-docker-engine': 'a table of releases',
  'vulnerable-runtime': 'a table of releases; their escapes are not tried',
  'readable-secret-file': 'a matter of file modes alone, shown by readable-data-directory',
  'broad-privileged-image': 'what a runner makes of its settings; privileged-container shows what comes of it',
  'exec-pipeline': 'runs without Docker',
  'extra-privileged-image': 'what a runner makes of its settings; privileged-container shows what comes of it',
  'implicitly-privileged-step': 'what a runner makes of a pipeline; privileged-container shows what comes of it',
  'plugin-volumes-allowed': 'what a runner makes of its settings; host-path-mount shows what comes of it',
  'privileged-step': 'what a runner makes of a pipeline; privileged-container shows what comes of it',
  'docker-socket-volume': 'what a runner makes of a pipeline; docker-socket-mount shows what comes of it',
  'host-volume': 'what a runner makes of a pipeline; host-path-mount shows what comes of it',
  'host-device': 'what a runner makes of a pipeline; host-device-mount shows what comes of it',
  'host-network-step': 'what a runner makes of a pipeline; host-network shows what comes of it',
  'dind-without-tls': 'as plain-docker-daemon, in a pipeline',
};

/** Rules whose premise is run here, by the name of their test. */
const run = new Set<string>();

let engine: RealEngine;
let window: Window;
let images: { readonly server: string; readonly runner: string; readonly extension: string; readonly step: string };

/** Of which container, if of one, the rule of the test has to tell. */
type Premise = (name: (part: string) => string, context: TestContext) => void | Promise<void>;

/** A test of the premise of a rule. Names of containers are made by `name`, and begin with the id of the rule. */
function premise(rule: string, what: string, prove: Premise): void {
  run.add(rule);
  test.skipIf(!isEngineAsked)(`${rule}: ${what}`, async (context) => {
    await prove((part) => `${rule}-${part}-${engine.id}`, context);
  });
}

/** Starts a container that waits, off the network unless told otherwise. */
function start(name: string, image: string, ...options: string[]): string {
  const network = options.includes('--network') ? [] : ['--network', 'none'];
  docker('run', '--detach', '--name', name, ...network, ...options, image, 'sleep', '3600');
  return name;
}

/** Runs a program in a container. */
function inside(container: string, ...words: string[]): { readonly status: number | null; readonly output: string } {
  return tryDocker('exec', container, ...words);
}

/** What the docker client writes, while this process answers something. */
async function besides(...words: string[]): Promise<string> {
  const done = await promisify(execFile)('docker', words, { timeout: 60_000 }).catch((error) => error);
  return `${done.stdout}${done.stderr}`.trim();
}

/** A line of the status of the first process of a container: `CapEff`. */
function statusOf(container: string, key: string): string {
  const line = new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(inside(container, 'cat', '/proc/1/status').output);
  return line?.[1] ?? '';
}

/** What an inspect answer holds at a path: `.HostConfig.CapAdd`. */
function inspected(name: string, path: string): unknown {
  return JSON.parse(docker('inspect', '--format', `{{json ${path}}}`, name));
}

interface Report {
  readonly findings: readonly { readonly severity: string; readonly file: string; readonly message: string }[];
}

/** What the rule says of which containers: `NAME SEVERITY`. */
async function told(rule: string): Promise<readonly string[]> {
  const args = ['scan', '--docker', `unix://${window.socket}`, '--rule', rule, '--pedantic', '--min-severity', 'info'];
  const { stdout } = await droneAuditBeside([...args, '--format', 'json'], { cwd: engine.folder });
  const { findings }: Report = JSON.parse(stdout);
  return findings
    .filter(({ file }) => file.startsWith(`docker://${rule}-`) || file.startsWith('docker-engine:'))
    .map(
      ({ severity, file }) =>
        `${file
          .replace(/^docker:\/\//, '')
          .replace(`-${engine.id}`, '')
          .replace(`${rule}-`, '')} ${severity}`,
    )
    .sort();
}

/** Mounts this Node into a container: a client of sockets without a library of its own in the image. */
function withNode(): readonly string[] {
  const folders = new Set(['/usr', '/lib', '/lib64', dirname(dirname(process.execPath))].filter(existsSync));
  return [...folders].flatMap((folder) => ['--volume', `${folder}:${folder}:ro`]);
}

/** What a container with this Node in it gets from an address, or `refused`. */
function askFrom(container: string, url: string): Promise<string> {
  const program = `const say = (word) => { console.log(word); process.exit(); };
require('node:http').get(${JSON.stringify(url)}, { timeout: 10000 }, async (answer) => say((await answer.toArray()).join('')))
  .on('error', () => say('refused')).on('timeout', () => say('refused'));`;
  return besides('exec', container, process.execPath, '-e', program);
}

/** Sends a request to a socket from inside a container, as an account; returns its status, or the error. */
function askSocket(container: string, path: string, request: object, body = '', user = '0'): Promise<string> {
  const program = `const options = { socketPath: ${JSON.stringify(path)}, ...${JSON.stringify(request)} };
const say = (word) => { console.log(word); process.exit(); };
require('node:http').request(options, (answer) => say(answer.statusCode)).on('error', (error) => say(error.code)).end(${JSON.stringify(body)});`;
  return besides('exec', '--user', user, container, process.execPath, '-e', program);
}

/** The capabilities that this machine lets a container have at all. */
function isGrantable(capability: string): boolean {
  const bits = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return hasBit(bits, capability);
}

/** Numbers of capabilities (linux/capability.h). */
const numbers: ReadonlyMap<string, bigint> = new Map([
  ['DAC_READ_SEARCH', 2n],
  ['NET_ADMIN', 12n],
  ['SYS_MODULE', 16n],
  ['SYS_RAWIO', 17n],
  ['SYS_PTRACE', 19n],
  ['SYS_ADMIN', 21n],
  ['SYS_BOOT', 22n],
  ['SYS_RESOURCE', 24n],
  ['SYS_TIME', 25n],
  ['MAC_OVERRIDE', 32n],
  ['MAC_ADMIN', 33n],
  ['SYSLOG', 34n],
  ['PERFMON', 38n],
  ['BPF', 39n],
]);

function hasBit(bits: bigint, capability: string): boolean {
  return ((bits >> (numbers.get(capability) ?? 63n)) & 1n) === 1n;
}

/** An address of this machine that others reach; undefined on a machine without a network. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

async function webServer(address: string, text: string): Promise<number> {
  const server = createServer((_, response) => void response.end(text));
  await new Promise<void>((done) => server.listen(0, address, done));
  onTestFinished(() => void server.close());
  const { port }: AddressInfo = Object(server.address());
  return port;
}

async function answerOf(address: string, port: string): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  return fetch(`http://${address}:${port}/`, { signal }).then(
    (answer) => answer.text(),
    () => 'refused',
  );
}

function network(name: string): string {
  docker('network', 'create', ...engine.labels, name);
  return name;
}

function folder(name: string, mode = 0o755): string {
  const path = join(engine.folder, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

describe('premises of rules (DRONE_AUDIT_TEST_DOCKER=1 runs them on a Docker Engine)', () => {
  beforeAll(async () => {
    if (!isEngineAsked) return;
    engine = realEngine();
    chmodSync(engine.folder, 0o755);
    const registry = `${engine.id}.example.com`;
    images = {
      server: engine.image(`${registry}/drone/drone:2.28.2`, { name: 'drone-server', changes: ['EXPOSE 80'] }),
      runner: engine.image(`${registry}/drone/drone-runner-docker:1.8.5`, { changes: ['EXPOSE 3000'] }),
      extension: engine.image(`${registry}/drone/vault:1.3.0`, { changes: ['EXPOSE 3000'] }),
      step: engine.image(`${registry}/octocat/tools:1.0`),
    };
    window = await windowOnto(engine);
  });

  afterAll(async () => {
    await window?.close();
    engine?.remove();
  });

  premise('dangerous-capability', 'a capability that is added is in force', async (name, { annotate }) => {
    const with_ = start(name('with'), images.extension, '--cap-add', 'SYS_ADMIN');
    const without = start(name('without'), images.extension);
    const mount = ['mount', '-t', 'tmpfs', 'none', '/mnt'];
    for (const container of [with_, without]) inside(container, 'mkdir', '/mnt');
    expect(inside(with_, ...mount).status).toBe(0);
    expect(inside(without, ...mount).status).not.toBe(0);
    // Docker gives none of those that the rule names by itself, and all of those that it calls default.
    const byDefault = BigInt(`0x${statusOf(without, 'CapEff')}`);
    expect(byDefault.toString(2).replaceAll('0', '')).toHaveLength(defaultCapabilities.size);
    const dangerous = [...hostCapabilities, ...strongCapabilities].filter((each) => each !== 'ALL');
    expect(dangerous.filter((each) => !numbers.has(each) || hasBit(byDefault, each))).toEqual([]);
    // Docker before 23 does not know those that came with newer kernels.
    const isKnown = (capability: string): boolean =>
      tryDocker('run', '--rm', '--network', 'none', '--cap-add', capability, images.step, 'true').status === 0;
    const grantable = dangerous.filter((each) => isGrantable(each) && isKnown(each));
    const all = start(name('all'), images.extension, ...grantable.flatMap((each) => ['--cap-add', each]));
    const bits = BigInt(`0x${statusOf(all, 'CapEff')}`);
    expect(dangerous.filter((each) => hasBit(bits, each))).toEqual(grantable);
    const refused = dangerous.filter((each) => !grantable.includes(each));
    if (refused.length > 0) await annotate(`this engine gives no container ${refused.join(', ')}`);
    expect(await told('dangerous-capability')).toEqual(['all high', 'with high']);
  });

  premise('docker-socket-mount', 'whoever has the socket has the engine, read-only too', async (name) => {
    const places = {
      socket: ['/var/run/docker.sock', `${engineSocket}:/var/run/docker.sock`],
      readonly: ['/var/run/docker.sock', `${engineSocket}:/var/run/docker.sock:ro`],
      folder: ['/host/docker.sock', `${dirname(engineSocket)}:/host:ro`],
    };
    for (const [part, [path = '', mount = '']] of Object.entries(places)) {
      const container = start(name(part), images.extension, '--volume', mount, ...withNode());
      expect(await askSocket(container, path, { path: '/version' })).toBe('200');
      // A container with a folder of the host in it, which is as much as the whole disk.
      const made = `${name(part)}-made`;
      const request = {
        path: `/containers/create?name=${made}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      };
      const body = { Image: images.step, HostConfig: { Binds: [`${engine.folder}:/host`] } };
      expect(await askSocket(container, path, request, JSON.stringify(body))).toBe('201');
      expect(inspected(made, '.HostConfig.Binds')).toEqual([`${engine.folder}:/host`]);
    }
    const found = await told('docker-socket-mount');
    expect(found).toEqual(['folder high', 'readonly high', 'socket high']);
  });

  premise('exposed-port', 'a port without an address is open on all addresses', async (name) => {
    const own = network(name('network'));
    const serve = (part: string, publish: string): string => {
      docker(
        ...['run', '--detach', '--name', name(part), '--network', own, '--publish', publish],
        ...[
          images.extension.replace('vault:1.3.0', 'drone-runner-docker:1.8.5'),
          'httpd',
          '-f',
          '-p',
          '3000',
          '-h',
          '/bin',
        ],
      );
      return docker('port', name(part), '3000/tcp').split('\n')[0]?.split(':').at(-1) ?? '';
    };
    const open = serve('open', '3000');
    const closed = serve('closed', '127.0.0.1::3000');
    await vi.waitFor(async () => expect(await answerOf('127.0.0.1', closed)).not.toBe('refused'), { timeout: 30_000 });
    await vi.waitFor(async () => expect(await answerOf('127.0.0.1', open)).not.toBe('refused'), { timeout: 30_000 });
    expect(ownAddress, 'the machine has an address').toBeDefined();
    expect(await answerOf(ownAddress ?? '', open)).not.toBe('refused');
    expect(await answerOf(ownAddress ?? '', closed)).toBe('refused');
    expect(inspected(name('open'), '.HostConfig.PortBindings')).toEqual({ '3000/tcp': [{ HostIp: '', HostPort: '' }] });
    expect(await told('exposed-port')).toEqual(['open low']);
  });

  premise('host-device-mount', 'a device of the host opens in the container', async (name) => {
    const device = ['/dev/fuse', '/dev/net/tun', '/dev/kvm'].find(existsSync) ?? '';
    const { rdev } = statSync(device);
    const [major, minor] = [String(rdev >> 8), String(rdev & 0xff)];
    const opens = (container: string, path: string) => inside(container, 'sh', '-c', `exec 3<>${path}`).status === 0;
    const with_ = start(name('with'), images.extension, '--device', device);
    const ruled = start(name('ruled'), images.extension, '--device-cgroup-rule', `c ${major}:${minor} rwm`);
    const without = start(name('without'), images.extension);
    expect(opens(with_, device)).toBe(true);
    expect(inside(without, 'ls', device).status).not.toBe(0);
    for (const container of [ruled, without])
      expect(inside(container, 'mknod', '/node', 'c', major, minor).status).toBe(0);
    expect(opens(ruled, '/node')).toBe(true);
    expect(opens(without, '/node')).toBe(false);
    expect(await told('host-device-mount')).toEqual(['ruled medium', 'with medium']);
  });

  premise('host-namespace', "the host's processes, memory segments, name and users are shared", async (name) => {
    const secret = `premise-${engine.id}`;
    const other = start(name('other'), images.server, '--env', `DRONE_RPC_SECRET=${secret}`);
    const pid = docker('inspect', '--format', '{{.State.Pid}}', other).trim();
    const without = start(name('without'), images.extension);
    const sharing = start(name('pid'), images.extension, '--pid', 'host');
    expect(inside(sharing, 'cat', `/proc/${process.pid}/cmdline`).output).toContain('node');
    expect(inside(sharing, 'cat', `/proc/${pid}/environ`).output).toContain(secret);
    expect(inside(without, 'cat', `/proc/${pid}/environ`).output).not.toContain(secret);
    const beside = start(name('beside'), images.extension, '--pid', `container:${other}`);
    expect(inside(beside, 'cat', '/proc/1/environ').output).toContain(secret);
    const namespaceOf = (container: string, kind: string): string =>
      inside(container, 'readlink', `/proc/self/ns/${kind}`).output.trim();
    for (const kind of ['ipc', 'uts']) {
      const container = start(name(kind), images.extension, `--${kind}`, 'host');
      expect(namespaceOf(container, kind)).toBe(readlinkSync(`/proc/self/ns/${kind}`));
      expect(namespaceOf(without, kind)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
    }
    expect(inside(name('uts'), 'hostname').output.trim()).toBe(hostname());
    const users = start(name('userns'), images.extension, '--userns', 'host');
    expect(namespaceOf(users, 'user')).toBe(readlinkSync('/proc/self/ns/user'));
    const found = await told('host-namespace');
    expect(found).toEqual(['beside high', 'ipc medium', 'pid high', 'userns low', 'uts low']);
  });

  premise('host-network', "what listens on the host's loopback is reached", async (name) => {
    const port = await webServer('127.0.0.1', 'of the host alone');
    const with_ = start(name('with'), images.extension, '--network', 'host', ...withNode());
    const without = start(name('without'), images.extension, '--network', network(name('network')), ...withNode());
    expect(await askFrom(with_, `http://127.0.0.1:${port}/`)).toBe('of the host alone');
    expect(await askFrom(without, `http://127.0.0.1:${port}/`)).toBe('refused');
    expect(await told('host-network')).toEqual(['with high']);
  });

  premise('host-path-mount', 'files of the host are read, and written unless read-only', async (name) => {
    const path = folder('host-path');
    writeFileSync(join(path, 'file'), 'of the host', { mode: 0o600 });
    const writable = start(
      name('writable'),
      images.extension,
      '--volume',
      `${path}:/host`,
      '--volume',
      '/etc:/host-etc',
    );
    const readonly = start(
      name('readonly'),
      images.extension,
      '--volume',
      `${path}:/host:ro`,
      '--volume',
      '/etc:/host-etc:ro',
    );
    for (const container of [writable, readonly]) {
      expect(inside(container, 'cat', '/host/file').output).toBe('of the host');
      expect(inside(container, 'cat', '/host-etc/hostname').output).toBe(readFileSync('/etc/hostname', 'utf8'));
    }
    expect(inside(readonly, 'touch', '/host/new').status).not.toBe(0);
    expect(inside(writable, 'touch', '/host/new').status).toBe(0);
    expect(statSync(join(path, 'new')).uid).toBe(0);
    // A volume may be a folder under another name.
    const bound = ['--opt', 'type=none', '--opt', 'o=bind', '--opt', 'device=/etc'];
    docker('volume', 'create', ...engine.labels, ...bound, name('volume'));
    const named = start(name('named'), images.extension, '--volume', `${name('volume')}:/host-etc`);
    expect(inside(named, 'cat', '/host-etc/hostname').output).toBe(readFileSync('/etc/hostname', 'utf8'));
    expect(inspected(named, '(index .Mounts 0).Type')).toBe('volume');
    expect(await told('host-path-mount')).toEqual(['named high', 'readonly medium', 'writable high']);
  });

  premise('permissive-socket-proxy', 'POST with CONTAINERS is the host, EXEC every container', async (name) => {
    const path = folder('proxied');
    writeFileSync(join(path, 'file'), 'of the host', { mode: 0o600 });
    const secret = `premise-exec-${engine.id}`;
    const other = start(name('other'), images.server, '--env', `DRONE_RPC_SECRET=${secret}`);
    // What these sections of the API let a caller do, by the client instead of through a proxy.
    expect(
      docker('run', '--rm', '--network', 'none', '--volume', `${path}:/host`, images.step, 'cat', '/host/file'),
    ).toBe('of the host');
    expect(docker('exec', other, 'env')).toContain(secret);
    const proxy = engine.image(`${engine.id}.example.com/tecnativa/docker-socket-proxy:0.3.0`);
    start(
      name('post'),
      proxy,
      '--env',
      'POST=1',
      '--env',
      'CONTAINERS=1',
      '--volume',
      `${engineSocket}:/var/run/docker.sock`,
      ...['--network', network(name('network'))],
    );
    start(name('runner'), images.runner, '--network', name('network'));
    expect(await told('permissive-socket-proxy')).toEqual(['post low']);
  });

  premise('plain-docker-daemon', 'an engine names what a daemon in a container is told', async (name, { annotate }) => {
    const dind = engine.image(`${engine.id}.example.com/docker:dind`);
    const own = network(name('network'));
    docker(
      ...['create', '--privileged', '--name', name('dind'), '--network', own, '--env', 'DOCKER_TLS_CERTDIR='],
      ...[dind, 'dockerd', '--host=tcp://0.0.0.0:2375'],
    );
    start(name('runner'), images.runner, '--network', own, '--env', `DOCKER_HOST=tcp://${name('dind')}:2375`);
    expect(inspected(name('dind'), '.Config.Env')).toContain('DOCKER_TLS_CERTDIR=');
    expect(inspected(name('dind'), '.Args')).toEqual(['dockerd', '--host=tcp://0.0.0.0:2375']);
    await annotate(
      'what inspect shows alone: a daemon in a container is privileged, which machines of CI do not start',
    );
    expect(await told('plain-docker-daemon')).toEqual(['dind medium']);
  });

  premise('privileged-container', 'it has all capabilities, all devices and no seccomp', async (name, { annotate }) => {
    docker('create', '--privileged', '--name', name('created'), '--network', 'none', images.extension, 'sleep', '3600');
    expect(inspected(name('created'), '.HostConfig.Privileged')).toBe(true);
    expect(inspected(name('created'), '.HostConfig.SecurityOpt')).toEqual(['label=disable']);
    expect(inspected(name('created'), '.HostConfig.MaskedPaths')).toBeNull();
    const { status, output } = tryDocker('start', name('created'));
    if (status !== 0) {
      expect(output).toMatch(/operation not permitted/i);
      await annotate('what inspect shows alone: this machine starts no privileged container');
    } else {
      expect(statusOf(name('created'), 'Seccomp')).toBe('0');
      expect(BigInt(`0x${statusOf(name('created'), 'CapEff')}`)).toBeGreaterThanOrEqual((1n << 38n) - 1n);
      expect(inside(name('created'), 'ls', '/dev').output.split('\n')).toContain('kmsg');
    }
    expect(await told('privileged-container')).toEqual(['created medium']);
  });

  premise('secret-in-image', 'the image keeps it, whatever its tag leads to later', async (name) => {
    const tag = `${engine.id}.example.com/drone/drone-convert-pathschanged:1.0`;
    const secret = 'DRONE_SECRET=7a1f3e9c5b8d2046';
    engine.image(tag, { changes: [`ENV ${secret}`] });
    const before = docker('inspect', '--format', '{{.Id}}', tag).trim();
    const container = start(name('with'), tag, '--env', 'DRONE_DEBUG=false');
    expect(inspected(container, '.Config.Env')).toContain(secret);
    engine.image(tag);
    expect(inspected(tag, '.Config.Env') ?? []).not.toContain(secret);
    expect(inspected(before, '.Config.Env')).toContain(secret);
    // Whoever gets the image has it: what `docker push` and `docker save` hand on is this configuration.
    const archive = join(engine.folder, 'image.tar');
    docker('save', '--output', archive, before);
    expect(readFileSync(archive).includes(secret)).toBe(true);
    expect(await told('secret-in-image')).toEqual(['with medium']);
  });

  premise('security-profile-off', 'an option takes the profile away', async (name, { annotate }) => {
    const seccomp = start(name('seccomp'), images.extension, '--security-opt', 'seccomp=unconfined');
    const paths = start(name('paths'), images.extension, '--security-opt', 'systempaths=unconfined');
    const without = start(name('without'), images.extension);
    expect(statusOf(seccomp, 'Seccomp')).toBe('0');
    expect(statusOf(without, 'Seccomp')).toBe('2');
    const mountsOf = (container: string) => inside(container, 'cat', '/proc/1/mountinfo').output;
    expect(mountsOf(without)).toMatch(/ \/proc\/sys ro[, ]/);
    expect(inside(without, 'touch', '/proc/sys/kernel/hostname').output).toMatch(/read-only/i);
    expect(mountsOf(paths)).not.toContain(' /proc/sys ');
    expect(mountsOf(without)).toContain(' /sys/firmware ');
    expect(mountsOf(paths)).not.toContain(' /sys/firmware ');
    // The engine adds this by itself, with SELinux or without, and the rule must not take it for a choice.
    const pid = start(name('pid'), images.extension, '--pid', 'host');
    expect(inspected(pid, '.HostConfig.SecurityOpt')).toEqual(['label=disable']);
    const options = docker('info', '--format', '{{json .SecurityOptions}}');
    if (!/name=(?:apparmor|selinux)/.test(options)) await annotate('this kernel has neither AppArmor nor SELinux');
    expect(await told('security-profile-off')).toEqual(['paths high', 'seccomp high']);
  });

  premise(
    'shared-mount-propagation',
    'a mount made in the container appears on the host',
    async (name, { annotate }) => {
      const path = folder('shared');
      const mounted = spawnSync('sh', ['-c', 'mount --bind "$1" "$1" && mount --make-shared "$1"', 'sh', path]);
      if (mounted.status !== 0) {
        await annotate('this machine lets nobody mount');
        docker(
          'create',
          '--name',
          name('shared'),
          '--network',
          'none',
          '--volume',
          `${path}:/data:rshared`,
          images.extension,
        );
        expect(inspected(name('shared'), '(index .Mounts 0).Propagation')).toBe('rshared');
      } else {
        try {
          for (const [part, mode] of [
            ['shared', 'rshared'],
            ['private', 'rprivate'],
          ] as const) {
            const container = start(
              name(part),
              images.extension,
              '--cap-add',
              'SYS_ADMIN',
              '--volume',
              `${path}:/data:${mode}`,
            );
            inside(container, 'mkdir', `/data/${part}`);
            expect(inside(container, 'mount', '-t', 'tmpfs', 'none', `/data/${part}`).status).toBe(0);
            inside(container, 'touch', `/data/${part}/file`);
          }
          expect(existsSync(join(path, 'shared/file'))).toBe(true);
          expect(existsSync(join(path, 'private/file'))).toBe(false);
        } finally {
          docker('rm', '--force', name('private'));
          spawnSync('umount', [join(path, 'shared')]);
          execFileSync('umount', [path]);
        }
      }
      expect(await told('shared-mount-propagation')).toEqual(['shared low']);
    },
  );

  premise(
    'unhardened-container',
    'each of its settings denies what it says, and none of it is the default',
    async (name) => {
      const confined = start(
        name('confined'),
        images.extension,
        ...['--security-opt', 'no-new-privileges', '--cap-drop', 'ALL', '--read-only', '--user', '65534:65534'],
        ...[
          '--memory',
          '64m',
          '--cpus',
          '0.5',
          '--pids-limit',
          '50',
          '--health-cmd',
          'true',
          '--health-interval',
          '1s',
        ],
      );
      const bare = start(name('bare'), images.extension);
      const both = (prove: (container: string) => unknown) => [prove(confined), prove(bare)];
      expect(both((each) => statusOf(each, 'NoNewPrivs'))).toEqual(['1', '0']);
      expect(both((each) => BigInt(`0x${statusOf(each, 'CapBnd')}`) === 0n)).toEqual([true, false]);
      expect(both((each) => inside(each, 'touch', '/new').status === 0)).toEqual([false, true]);
      expect(both((each) => inside(each, 'id', '-u').output.trim())).toEqual(['65534', '0']);
      // A setuid program of root raises nobody who may gain nothing.
      const path = folder('setuid');
      copyFileSync('/usr/bin/id', join(path, 'id'));
      chmodSync(join(path, 'id'), 0o4755);
      const asNobody = (...options: string[]): string =>
        docker(
          ...['run', '--rm', '--network', 'none', '--user', '65534', ...withNode(), '--volume', `${path}:/setuid`],
          ...[...options, '--entrypoint', '/setuid/id', images.step, '-u'],
        ).trim();
      expect(asNobody()).toBe('0');
      expect(asNobody('--security-opt', 'no-new-privileges')).toBe('65534');
      // Version 1 of the control groups has a folder for each, version 2 has one for all.
      const limits = (container: string, one: string, two: string): string =>
        inside(
          container,
          'sh',
          '-c',
          `cat /sys/fs/cgroup/${one} 2>/dev/null || cat /sys/fs/cgroup/${two}`,
        ).output.trim();
      expect(both((each) => limits(each, 'pids/pids.max', 'pids.max'))).toEqual(['50', 'max']);
      const [memory, none] = both((each) => limits(each, 'memory/memory.limit_in_bytes', 'memory.max'));
      expect([memory, none === 'max' || Number(none) > 2 ** 60]).toEqual([String(64 * 1024 * 1024), true]);
      expect(both((each) => limits(each, 'cpu/cpu.cfs_quota_us', 'cpu.max').replace(/ .*/, ''))).toEqual([
        '50000',
        expect.stringMatching(/^(?:-1|max)$/),
      ]);
      expect(inspected(bare, '.State.Health')).toBeNull();
      await vi.waitFor(() => expect(inspected(confined, '.State.Health.Status')).toBe('healthy'), { timeout: 30_000 });
      expect([null, 0]).toContain(inspected(bare, '.HostConfig.PidsLimit'));
      expect(await told('unhardened-container')).toEqual(['bare low']);
    },
  );

  premise('unkept-logs', 'a log is discarded, kept whole, or cut', async (name) => {
    const write = ['sh', '-c', 'i=0; while [ $i -lt 3000 ]; do echo "line $i of a log"; i=$((i+1)); done'];
    const written = (part: string, ...options: string[]): string => {
      docker('run', '--name', name(part), '--network', 'none', ...options, images.runner, ...write);
      return tryDocker('logs', name(part)).output;
    };
    expect(written('none', '--log-driver', 'none')).not.toContain('line 0 of a log');
    expect(written('grows', '--log-driver', 'json-file')).toMatch(
      /^line 0 of a log\n(?:.*\n){2998}line 2999 of a log\n$/,
    );
    const cut = written('cut', '--log-driver', 'json-file', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=1');
    expect(cut).toContain('line 2999 of a log');
    expect(cut).not.toContain('line 0 of a log');
    // It is told of the last one, too, that it stays on its host.
    expect(await told('unkept-logs')).toEqual(['cut info', 'grows info', 'none low']);
  });

  premise('unpinned-container-image', 'a tag moves, a digest does not', async (name, { annotate }) => {
    const tag = `${engine.id}.example.com/drone/drone-runner-kube:latest`;
    engine.image(tag, { changes: ['ENV PROGRAM=first'] });
    const before = docker('inspect', '--format', '{{.Id}}', tag).trim();
    start(name('before'), tag);
    engine.image(tag, { changes: ['ENV PROGRAM=second'] });
    start(name('after'), tag);
    expect(inside(name('before'), 'sh', '-c', 'echo $PROGRAM').output).toBe('first\n');
    expect(inside(name('after'), 'sh', '-c', 'echo $PROGRAM').output).toBe('second\n');
    // The image that lost its tag has no name left.
    expect(inspected(before, '.RepoTags')).toEqual([]);
    if (!hasRegistry) await annotate('docker-registry is not installed, so no digest was pulled');
    else {
      const registry = await realRegistry(engine);
      onTestFinished(() => registry.close());
      const image = `${registry.address}/drone/drone-runner-kube:latest`;
      engine.image(image, { changes: ['ENV PROGRAM=first'] });
      const pinned = registry.pinned(image);
      engine.image(image, { changes: ['ENV PROGRAM=second'] });
      registry.pinned(image);
      expect(docker('run', '--rm', '--network', 'none', image, 'sh', '-c', 'echo $PROGRAM')).toBe('second\n');
      start(name('pinned'), pinned);
      expect(inside(name('pinned'), 'sh', '-c', 'echo $PROGRAM').output).toBe('first\n');
    }
    expect(await told('unpinned-container-image')).toEqual(['after medium', 'before medium']);
  });

  premise('daemon-confinement-off', 'what the engine names is what a container gets', async (name) => {
    const options = docker('info', '--format', '{{json .SecurityOptions}}');
    const container = start(name('default'), images.step);
    expect(statusOf(container, 'Seccomp')).toBe(/name=seccomp(?!,profile=unconfined)/.test(options) ? '2' : '0');
    expect(options).toMatch(/name=seccomp,profile=(?:default|builtin)/);
    expect(await told('daemon-confinement-off')).toEqual([]);
  });

  premise('open-docker-socket', 'the mode of the socket is all that keeps others out', async (name) => {
    const container = start(
      name('client'),
      images.step,
      ...withNode(),
      '--volume',
      `${engineSocket}:/docker.sock`,
      '--volume',
      `${window.socket}:/window.sock`,
    );
    onTestFinished(() => chmodSync(window.socket, 0o755));
    const ask = (path: string) => askSocket(container, path, { path: '/version' }, '', '65534:65534');
    expect(statSync(engineSocket).mode & 0o002, 'the socket of this machine').toBe(0);
    expect(await ask('/docker.sock')).toBe('EACCES');
    expect(await askSocket(container, '/docker.sock', { path: '/version' })).toBe('200');
    chmodSync(window.socket, 0o660);
    expect(await told('open-docker-socket')).toEqual([]);
    chmodSync(window.socket, 0o666);
    expect(await told('open-docker-socket')).toEqual([expect.stringMatching(/^docker-engine:.* high$/)]);
  });

  premise('plain-registry-allowed', 'only registries that may are asked without TLS', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
    onTestFinished(() => void server.close());
    const { port }: AddressInfo = Object(server.address());
    const pull = (address: string) => besides('pull', `${address}:${port}/octocat/tools:1.0`);
    // The engine has 127.0.0.0/8 in its list by itself.
    expect(docker('info', '--format', '{{json .RegistryConfig.InsecureRegistryCIDRs}}')).toContain('127.0.0.0/8');
    await pull('127.0.0.1');
    expect(asked).toContain('GET /v2/');
    asked.length = 0;
    expect(ownAddress, 'the machine has an address').toBeDefined();
    expect(await pull(ownAddress ?? '')).toMatch(/HTTP response to HTTPS client/);
    expect(asked).toEqual([]);
    expect(await told('plain-registry-allowed')).toEqual([]);
  });

  premise(
    'readable-data-directory',
    'the database lies on the host with the mode that the server gave it',
    async (name) => {
      const path = folder('data', 0o755);
      const server = start(name('server'), images.server, '--volume', `${path}:/data`);
      inside(server, 'sh', '-c', 'echo secrets > /data/database.sqlite');
      const asNobody = (file: string) => spawnSync('cat', [file], { uid: 65534, gid: 65534, encoding: 'utf8' }).stdout;
      expect(asNobody(join(path, 'database.sqlite'))).toBe('secrets\n');
      docker('volume', 'create', ...engine.labels, name('volume'));
      const second = start(name('second'), images.server, '--volume', `${name('volume')}:/data`);
      inside(second, 'sh', '-c', 'echo secrets > /data/database.sqlite');
      const mountpoint = docker('volume', 'inspect', '--format', '{{.Mountpoint}}', name('volume')).trim();
      // The folder of the engine lets nobody through, whatever is in it.
      expect(readFileSync(join(mountpoint, 'database.sqlite'), 'utf8')).toBe('secrets\n');
      expect(asNobody(join(mountpoint, 'database.sqlite'))).toBe('');
      expect(await told('readable-data-directory')).toEqual(['server medium']);
      chmodSync(path, 0o700);
      expect(asNobody(join(path, 'database.sqlite'))).toBe('');
      expect(await told('readable-data-directory')).toEqual([]);
    },
  );

  premise(
    'unhardened-docker-daemon',
    "a container's root is the host's, and setuid raises, where the engine says so",
    async (name, { annotate }) => {
      const options = docker('info', '--format', '{{json .SecurityOptions}}');
      const path = folder('root');
      const container = start(name('default'), images.step, '--volume', `${path}:/host`);
      inside(container, 'touch', '/host/file');
      expect(statSync(join(path, 'file')).uid === 0).toBe(!/name=(?:userns|rootless)/.test(options));
      expect(statusOf(container, 'NoNewPrivs')).toBe(options.includes('name=no-new-privileges') ? '1' : '0');
      const bridge = JSON.parse(docker('network', 'inspect', 'bridge'))[0]?.Options?.[
        'com.docker.network.bridge.enable_icc'
      ];
      const serve = tryDocker(
        'run',
        '--detach',
        '--name',
        name('serving'),
        '--network',
        'bridge',
        images.step,
        'httpd',
        '-f',
        '-p',
        '80',
        '-h',
        '/bin',
      );
      if (serve.status === 0 && bridge === 'true') {
        const address = docker(
          'inspect',
          '--format',
          '{{.NetworkSettings.Networks.bridge.IPAddress}}',
          name('serving'),
        ).trim();
        const asking = start(name('asking'), images.step, '--network', 'bridge', ...withNode());
        await vi.waitFor(async () => expect(await askFrom(asking, `http://${address}/`)).not.toBe('refused'), {
          timeout: 30_000,
        });
      } else await annotate('the default network of this engine cannot be used');
      const toldOfHost = await told('unhardened-docker-daemon');
      expect(toldOfHost).toEqual([expect.stringMatching(/^docker-engine:.* low$/)]);
    },
  );

  premise('name-override', 'a name leads where the option says', async (name) => {
    const port = await webServer('127.0.0.1', 'not github.com');
    const overridden = ['--network', 'host', '--add-host', 'github.com:127.0.0.1'];
    const container = start(name('with'), images.step, ...overridden, ...withNode());
    expect(await askFrom(container, `http://github.com:${port}/`)).toBe('not github.com');
  });

  premise('overdue-step-container', 'the environment of a container that has ended stays readable', async (name) => {
    const secret = `premise-step-${engine.id}`;
    const labels = ['--label', 'io.drone=true', '--label', 'io.drone.expires=1700000000'];
    docker(
      'run',
      '--name',
      name('ended'),
      '--network',
      'none',
      ...labels,
      '--env',
      `PLUGIN_PASSWORD=${secret}`,
      images.step,
      'true',
    );
    expect(inspected(name('ended'), '.State.Status')).toBe('exited');
    expect(inspected(name('ended'), '.Config.Env')).toContain(`PLUGIN_PASSWORD=${secret}`);
    expect(await told('overdue-step-container')).toEqual([expect.stringMatching(/^docker-engine:.* medium$/)]);
  });

  premise('misplaced-data-directory', 'what is written beside the mount is gone with the container', async (name) => {
    docker('volume', 'create', ...engine.labels, name('volume'));
    const options = ['--volume', `${name('volume')}:/var/lib/drone`];
    const write = 'echo kept > /var/lib/drone/file; mkdir -p /data; echo lost > /data/database.sqlite';
    inside(start(name('server'), images.server, ...options), 'sh', '-c', write);
    docker('rm', '--force', '--volumes', name('server'));
    const again = start(name('server'), images.server, ...options);
    expect(inside(again, 'cat', '/var/lib/drone/file').output).toBe('kept\n');
    expect(inside(again, 'cat', '/data/database.sqlite').status).not.toBe(0);
    expect(await told('misplaced-data-directory')).toEqual(['server low']);
  });

  premise('shared-data-volume', 'a volume is one for all containers that name it', async (name) => {
    docker('volume', 'create', ...engine.labels, name('volume'));
    const server = start(name('server'), images.server, '--volume', `${name('volume')}:/data`);
    const other = start(name('runner'), images.runner, '--volume', `${name('volume')}:/elsewhere:ro`);
    inside(server, 'sh', '-c', 'echo secrets > /data/database.sqlite');
    expect(inside(other, 'cat', '/elsewhere/database.sqlite').output).toBe('secrets\n');
    expect(await told('shared-data-volume')).toHaveLength(1);
  });

  test('are run for each rule about containers, engines and privileges, or it is said why not', () => {
    const due = [...familyOf]
      .filter(([, family]) => ['container', 'host', 'privilege'].includes(family))
      .map(([id]) => id);
    expect(due.filter((id) => !run.has(id) && !(id in notRun))).toEqual([]);
    expect(Object.keys(notRun).filter((id) => run.has(id) || !due.includes(id))).toEqual([]);
    expect([...run].filter((id) => !familyOf.has(id))).toEqual([]);
  });
});
