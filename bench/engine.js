// npm run bench:engine [CONTAINERS] [RUNS] [ROOT]: what `scan --docker` costs on a host with many step containers. An engine on a
// unix socket answers for a server, a runner and so many containers in the shape that runner 1.8.4 leaves behind; printed
// are the processor time and the largest resident memory of the scan, without the engine.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const bin = join(process.argv[4] ?? root, 'bin/drone-audit.js');
const count = Number(process.argv[2] ?? 2000);
const runs = Number(process.argv[3] ?? 3);

const hex = (n) => n.toString(16).padStart(12, '0').repeat(6).slice(0, 64);

const masked = [
  ...['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list'],
  ...['/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
];

/** What the runner puts in front of the commands of a step (runner-go shell/bash/bash.go). */
const script = `
if [ ! -z "\${DRONE_NETRC_FILE}" ]; then
\techo $DRONE_NETRC_FILE > $HOME/.netrc
\tchmod 600 $HOME/.netrc
fi
unset DRONE_SCRIPT
unset DRONE_NETRC_MACHINE
set -e
remote_debug() {
\tif [ "$?" -ne "0" ]; then
\t\t/usr/drone/bin/tmate -F
\tfi
}
${'# comments and commands of a step, as long as those that the runner writes\n'.repeat(14)}
echo + "make build"
make build
`;

/** About as many variables as a step has, with the secrets of its pipeline. */
function environment(n) {
  const build = { NUMBER: n, EVENT: 'push', ACTION: '', STATUS: 'success', CREATED: 1795927105, STARTED: 1795927105 };
  const commit = {
    SHA: hex(n).slice(0, 40),
    REF: 'refs/heads/main',
    BRANCH: 'main',
    AUTHOR: 'octocat',
    MESSAGE: `change ${n}`,
  };
  const repo = {
    NAME: 'hello-world',
    NAMESPACE: 'octocat',
    OWNER: 'octocat',
    BRANCH: 'main',
    VISIBILITY: 'private',
    PRIVATE: true,
  };
  const stage = {
    NAME: 'default',
    KIND: 'pipeline',
    TYPE: 'docker',
    OS: 'linux',
    ARCH: 'amd64',
    NUMBER: 1,
    MACHINE: 'runner-1',
  };
  const system = { HOST: 'ci.example.com', HOSTNAME: 'ci.example.com', PROTO: 'https', VERSION: '2.25.0' };
  const named = (prefix, values) => Object.entries(values).map(([key, value]) => `${prefix}_${key}=${value}`);
  return [
    'CI=true',
    'DRONE=true',
    'GIT_TERMINAL_PROMPT=0',
    ...['DRONE', 'CI'].flatMap((prefix) => [
      ...named(`${prefix}_BUILD`, build),
      ...named(`${prefix}_COMMIT`, commit),
      ...named(`${prefix}_REPO`, repo),
    ]),
    ...named('DRONE_STAGE', stage),
    ...named('DRONE_SYSTEM', system),
    ...['WORKSPACE', 'WORKSPACE_BASE', 'CARD_PATH'].map((name) => `DRONE_${name}=/drone/src`),
    'DRONE_REMOTE_URL=https://git.example.com/octocat/hello-world.git',
    'DRONE_GIT_HTTP_URL=https://git.example.com/octocat/hello-world.git',
    ...['AUTHOR', 'COMMITTER'].flatMap((who) => [`GIT_${who}_NAME=drone`, `GIT_${who}_EMAIL=noreply@drone`]),
    ...Array.from({ length: 20 }, (_, k) => `DRONE_EXTRA_VARIABLE_${k}=1795927105`),
    'DRONE_NETRC_MACHINE=git.example.com',
    `DRONE_NETRC_USERNAME=bench-user-${n % 40}-9f8e7d6c5b4a`,
    'DRONE_NETRC_PASSWORD=x-oauth-basic',
    'PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `DEPLOY_KEY=bench-secret-${n % 40}-1029384756abcdef`,
    `DRONE_SCRIPT=${script}`,
  ];
}

function stepLabels(n) {
  return {
    'io.drone': 'true',
    'io.drone.build.number': `${n}`,
    'io.drone.created': '1795927105',
    'io.drone.expires': '1795934305',
    'io.drone.protected': 'false',
    'io.drone.repo.name': 'hello-world',
    'io.drone.repo.namespace': 'octocat',
    'io.drone.repo.slug': 'octocat/hello-world',
    'io.drone.stage.name': 'default',
    'io.drone.stage.number': '1',
    'io.drone.step.name': 'build',
    'io.drone.step.number': '2',
    'io.drone.system.host': 'ci.example.com',
    'io.drone.system.proto': 'https',
    'io.drone.system.version': '2.25.0',
    'io.drone.ttl': '1h0m0s',
  };
}

function container(n, { name, image, path, env, labels, binds = [], mounts = [] }) {
  const id = hex(n);
  const folder = `/var/lib/docker/containers/${id}`;
  const layers = `/var/lib/docker/overlay2/${hex(n + 7)}`;
  return {
    Id: id,
    Created: '2026-11-29T04:38:25.71452454Z',
    Path: path,
    Args: ['-c', 'echo "$DRONE_SCRIPT" | /bin/sh'],
    State: {
      ...{ Status: 'exited', Running: false, Paused: false, Restarting: false, OOMKilled: false, Dead: false, Pid: 0 },
      ...{ ExitCode: 0, Error: '', StartedAt: '2026-11-29T04:38:26Z', FinishedAt: '2026-11-29T04:39:26Z' },
    },
    Image: `sha256:${hex(1)}`,
    ResolvConfPath: `${folder}/resolv.conf`,
    HostnamePath: `${folder}/hostname`,
    HostsPath: `${folder}/hosts`,
    LogPath: `${folder}/${id}-json.log`,
    Name: `/${name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: {
      Binds: binds,
      ContainerIDFile: '',
      LogConfig: { Type: 'json-file', Config: {} },
      NetworkMode: 'default',
      PortBindings: null,
      RestartPolicy: { Name: '', MaximumRetryCount: 0 },
      ...{ AutoRemove: false, VolumeDriver: '', VolumesFrom: null, CapAdd: null, CapDrop: null, CgroupnsMode: 'host' },
      ...{
        Dns: null,
        DnsOptions: null,
        DnsSearch: null,
        ExtraHosts: null,
        GroupAdd: null,
        IpcMode: 'private',
        Cgroup: '',
      },
      ...{ Links: null, OomScoreAdj: 0, PidMode: '', Privileged: false, PublishAllPorts: false, ReadonlyRootfs: false },
      ...{ SecurityOpt: null, UTSMode: '', UsernsMode: '', ShmSize: 67108864, Runtime: 'runc', ConsoleSize: [0, 0] },
      ...{
        Isolation: '',
        CpuShares: 0,
        Memory: 0,
        NanoCpus: 0,
        CgroupParent: '',
        BlkioWeight: 0,
        BlkioWeightDevice: null,
      },
      ...{ BlkioDeviceReadBps: null, BlkioDeviceWriteBps: null, BlkioDeviceReadIOps: null, BlkioDeviceWriteIOps: null },
      ...{ CpuPeriod: 0, CpuQuota: 0, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0, CpusetCpus: '', CpusetMems: '' },
      ...{ Devices: null, DeviceCgroupRules: null, DeviceRequests: null, KernelMemory: 0, KernelMemoryTCP: 0 },
      ...{
        MemoryReservation: 0,
        MemorySwap: 0,
        MemorySwappiness: null,
        OomKillDisable: false,
        PidsLimit: null,
        Ulimits: null,
      },
      ...{ CpuCount: 0, CpuPercent: 0, IOMaximumIOps: 0, IOMaximumBandwidth: 0, MaskedPaths: masked },
      ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
    GraphDriver: {
      Data: {
        LowerDir: `${layers}-init/diff:/var/lib/docker/overlay2/${hex(3)}/diff`,
        MergedDir: `${layers}/merged`,
        UpperDir: `${layers}/diff`,
        WorkDir: `${layers}/work`,
      },
      Name: 'overlay2',
    },
    Mounts: mounts,
    Config: {
      ...{
        Hostname: id.slice(0, 12),
        Domainname: '',
        User: '',
        AttachStdin: false,
        AttachStdout: true,
        AttachStderr: true,
      },
      ...{
        Tty: false,
        OpenStdin: false,
        StdinOnce: false,
        Env: env,
        Cmd: ['echo "$DRONE_SCRIPT" | /bin/sh'],
        Image: image,
      },
      ...{ Volumes: null, WorkingDir: '/drone/src', Entrypoint: [path, '-c'], OnBuild: null, Labels: labels },
    },
    NetworkSettings: {
      ...{
        Bridge: '',
        SandboxID: id,
        HairpinMode: false,
        LinkLocalIPv6Address: '',
        LinkLocalIPv6PrefixLen: 0,
        Ports: {},
      },
      ...{
        SandboxKey: `/var/run/docker/netns/${id.slice(0, 12)}`,
        SecondaryIPAddresses: null,
        EndpointID: '',
        Gateway: '',
      },
      Networks: {
        [`drone-${hex(n).slice(0, 20)}`]: {
          ...{ IPAMConfig: null, Links: null, Aliases: ['build', id.slice(0, 12)], NetworkID: id, EndpointID: id },
          ...{ Gateway: '172.21.0.1', IPAddress: '172.21.0.2', IPPrefixLen: 16, MacAddress: '02:42:ac:15:00:02' },
        },
      },
    },
  };
}

const socketMount = {
  Type: 'bind',
  Source: '/var/run/docker.sock',
  Destination: '/var/run/docker.sock',
  Mode: '',
  RW: true,
  Propagation: 'rprivate',
};

const containers = [
  container(1, {
    name: 'drone',
    image: 'drone/drone:2.25.0',
    path: '/bin/drone-server',
    env: [
      'DRONE_RPC_SECRET=bench-rpc-5b1f0a7c9d3e2468',
      'DRONE_SERVER_HOST=ci.example.com',
      'DRONE_SERVER_PROTO=https',
    ],
    labels: {},
  }),
  container(2, {
    name: 'runner',
    image: 'drone/drone-runner-docker:1.8.4',
    path: '/bin/drone-runner-docker',
    env: ['DRONE_RPC_SECRET=bench-rpc-5b1f0a7c9d3e2468', 'DRONE_RPC_HOST=ci.example.com', 'DRONE_RPC_PROTO=https'],
    labels: {},
    binds: ['/var/run/docker.sock:/var/run/docker.sock'],
    mounts: [socketMount],
  }),
  ...Array.from({ length: count }, (_, k) => {
    const n = k + 10;
    const volume = `drone-${hex(n).slice(0, 20)}`;
    return container(n, {
      name: `drone-${hex(n).slice(0, 20)}`,
      image: 'docker.io/library/golang:1.22',
      path: '/bin/sh',
      env: environment(n),
      labels: stepLabels(n),
      binds: [`${volume}:/drone/src`],
      mounts: [
        {
          ...{
            Type: 'volume',
            Name: volume,
            Source: `/var/lib/docker/volumes/${volume}/_data`,
            Destination: '/drone/src',
          },
          ...{ Driver: 'local', Mode: 'z', RW: true, Propagation: '' },
        },
      ],
    });
  }),
];
const list = containers.map(({ Id, Name, Config, Image, Created, NetworkSettings, Mounts }) => ({
  ...{ Id, Names: [Name], Image: Config.Image, ImageID: Image, Command: 'x', Created: Date.parse(Created) / 1000 },
  ...{
    Ports: [],
    Labels: Config.Labels,
    State: 'exited',
    Status: 'Exited (0)',
    HostConfig: { NetworkMode: 'default' },
  },
  ...{ NetworkSettings: { Networks: NetworkSettings.Networks }, Mounts },
}));
const answers = new Map(
  Object.entries({
    '/version': { Version: '20.10.24', ApiVersion: '1.41', Components: [] },
    '/info': { Name: 'build-1', SecurityOptions: ['name=seccomp,profile=default'], SystemTime: '2026-11-30T00:00:00Z' },
    '/containers/json': list,
    '/networks': [],
    '/volumes': { Volumes: [], Warnings: null },
    [`/images/sha256:${hex(1)}/json`]: { Id: `sha256:${hex(1)}`, RepoTags: [], RepoDigests: [], Config: { Env: [] } },
    ...Object.fromEntries(containers.map((one) => [`/containers/${one.Id}/json`, one])),
  }).map(([path, answer]) => [path, JSON.stringify(answer)]),
);

const folder = mkdtempSync(join(tmpdir(), 'drone-audit-bench-'));
const socket = join(folder, 'docker.sock');
const server = createServer((request, response) => {
  const answer = answers.get((request.url ?? '').replace(/\?.*$/, ''));
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(answer ?? '{"message":"no such thing"}');
});
server.listen(socket, async () => {
  const size = answers.get(`/containers/${hex(10)}/json`)?.length;
  console.log(`Node ${process.version}, ${count} step containers of ${size} bytes\n`);
  for (let run = 0; run < runs; run++) {
    const { wall, processor, memory, status, errors } = await measure({
      args: [bin, 'scan', '--docker', `unix://${socket}`, '--format', 'json', '--exit-zero'],
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
    });
    if (status !== 0) throw new Error(`the scan ended with ${status}: ${errors}`);
    console.log(
      `${(wall / 1000).toFixed(2)} s, of the processor ${(processor / 1000).toFixed(2)} s, ${Math.round(memory)} MB`,
    );
  }
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
