/** A part of what the engine answers; keys not given keep the value of a container that was started without options. */
export interface Parts {
  readonly id?: string;
  readonly name?: string;
  readonly state?: object;
  readonly path?: string;
  readonly args?: readonly string[];
  readonly config?: object;
  readonly host?: object;
  readonly mounts?: readonly object[];
  readonly networks?: object;
  readonly ports?: object;
}

const hex = '0123456789abcdef';

/** 64 hex digits that begin with a number, as ids of containers and images look. */
export function idOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}${hex.repeat(3)}${hex.slice(0, 8)}`;
}

/** An inspect answer in the shape that dockerd 20.10 gives, without a Drone program behind it. */
export function inspectAnswer(parts: Parts = {}) {
  const id = parts.id ?? idOf(1);
  return {
    Id: id,
    Created: '2026-03-01T10:00:00.000000001Z',
    Path: parts.path ?? '/bin/drone-server',
    Args: parts.args ?? [],
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      OOMKilled: false,
      ExitCode: 0,
      Error: '',
      StartedAt: '2026-03-01T10:00:01Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...parts.state,
    },
    Image: `sha256:${idOf(200)}`,
    Name: `/${parts.name ?? 'drone'}`,
    RestartCount: 0,
    AppArmorProfile: '',
    HostConfig: {
      Binds: null as readonly string[] | null,
      LogConfig: { Type: 'json-file', Config: {} },
      NetworkMode: 'default',
      PortBindings: {},
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      CapAdd: null,
      CapDrop: null,
      CgroupnsMode: 'host',
      IpcMode: 'private',
      PidMode: '',
      Privileged: false,
      ReadonlyRootfs: false,
      SecurityOpt: null,
      UTSMode: '',
      UsernsMode: '',
      Runtime: 'runc',
      CpuShares: 0,
      Memory: 0,
      NanoCpus: 0,
      CpuPeriod: 0,
      CpuQuota: 0,
      Devices: [],
      DeviceCgroupRules: null,
      DeviceRequests: null,
      PidsLimit: null,
      MaskedPaths: ['/proc/acpi', '/proc/kcore'],
      ReadonlyPaths: ['/proc/bus', '/proc/sys'],
      ...parts.host,
    },
    Mounts: parts.mounts ?? [],
    Config: {
      Hostname: id.slice(0, 12),
      User: '',
      ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
      Env: ['DRONE_SERVER_HOST=ci.example.com', 'PATH=/usr/bin:/bin'],
      Cmd: null,
      Image: 'drone/drone:2.24.0',
      Entrypoint: ['/bin/drone-server'],
      Labels: {},
      ...parts.config,
    },
    NetworkSettings: {
      SandboxKey: '/var/run/docker/netns/0123456789ab',
      Ports: parts.ports ?? {},
      Networks: parts.networks ?? { bridge: { Aliases: null, NetworkID: idOf(300) } },
    },
  };
}
