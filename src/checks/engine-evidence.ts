import { compare } from '../model/compare.ts';
import { field, textIn } from './answer-fields.ts';
import { textsOf } from './engine-texts.ts';
import type { FileFacts } from './host-files.ts';

/*
 * What of the answers of an engine becomes evidence: what readers read, and nothing else, because an answer may hold
 * secrets anywhere. What is not set is left out, keys have a fixed order, and nothing is in it that changes by itself:
 * the same engine gives the same bytes.
 */

/** What is taken of a value: all of it, some keys of an object, or so much of each item of a list or object. */
type Taken = true | ReadonlyMap<string, Taken> | { readonly each: Taken };

/** These keys as they are, and some of which only a part is taken. */
function keys(names: string, parts: Readonly<Record<string, Taken>> = {}): Taken {
  const whole = names.split(' ').filter((name) => name !== '');
  return new Map<string, Taken>([...whole.map((name) => [name, true] as const), ...Object.entries(parts)]);
}

const given: Taken = { each: keys('Type Source Target ReadOnly', { BindOptions: keys('Propagation') }) };
const check = keys('Test');

const ofContainer = keys('Id Name Created Path Args Image ImageName AppArmorProfile', {
  State: keys('Status Running StartedAt FinishedAt'),
  Config: keys('Image User Entrypoint Cmd Env ExposedPorts Labels', { Healthcheck: check }),
  HostConfig: keys(
    'Privileged NetworkMode PidMode IpcMode UTSMode UsernsMode Runtime ReadonlyRootfs CapAdd CapDrop SecurityOpt MaskedPaths ' +
      'ReadonlyPaths Binds Tmpfs PortBindings CpuShares Memory NanoCpus CpuPeriod CpuQuota PidsLimit DeviceCgroupRules',
    {
      RestartPolicy: keys('Name MaximumRetryCount'),
      LogConfig: keys('Type Config'),
      Mounts: given,
      Devices: { each: keys('PathOnHost PathInContainer CgroupPermissions') },
      DeviceRequests: { each: keys('Driver Capabilities') },
    },
  ),
  Mounts: { each: keys('Type Name Source Destination RW Propagation') },
  NetworkSettings: keys('Ports', { Networks: { each: keys('Aliases DNSNames') } }),
});

const ofImage = keys('RepoTags RepoDigests Created', { Config: keys('Env Labels Entrypoint Cmd') });

/** That an image has no command is told too, so that one of the container is known for its own. */
function imagePart(image: object): object {
  const part = Object(take(image, ofImage));
  if (typeof field(image, 'Config') === 'object') part.Config = { Cmd: [], ...part.Config };
  return part;
}

const file = keys('Name UID GID Mode');
const attached: Taken = { each: keys('Target Aliases') };
const publishes = keys('', { Ports: { each: keys('Protocol TargetPort PublishedPort PublishMode') } });
const ofService = keys('ID CreatedAt', {
  Spec: keys('Name Labels Mode', {
    TaskTemplate: keys('', {
      ContainerSpec: keys('Image Command Args Env User ReadOnly CapabilityAdd CapabilityDrop Labels', {
        Privileges: keys('NoNewPrivileges', { Seccomp: keys('Mode'), AppArmor: keys('Mode') }),
        Healthcheck: check,
        Mounts: given,
        Secrets: { each: keys('SecretName', { File: file }) },
        Configs: { each: keys('ConfigName', { File: file }) },
      }),
      Resources: keys('', { Limits: keys('NanoCPUs MemoryBytes Pids') }),
      RestartPolicy: keys('Condition MaxAttempts'),
      Placement: keys('Constraints'),
      Networks: attached,
      LogDriver: keys('Name Options'),
    }),
    Networks: attached,
    EndpointSpec: publishes,
  }),
});

/** What a container does not tell of the service that it is a task of. */
const ofTask = keys('', {
  Spec: keys('Name', {
    TaskTemplate: keys('', { Placement: keys('Constraints'), Networks: attached }),
    Networks: attached,
    EndpointSpec: publishes,
  }),
});

const ofVersion = keys('Version ApiVersion', {
  Platform: keys('Name'),
  Components: { each: keys('Name Version', { Details: keys('GitCommit') }) },
});

const ofInfo = keys(
  'Name ServerVersion OperatingSystem OSType Architecture KernelVersion Driver LoggingDriver CgroupDriver CgroupVersion ' +
    'DockerRootDir DefaultRuntime SecurityOptions Warnings LiveRestoreEnabled ExperimentalBuild Debug',
  {
    Runtimes: { each: keys('path') },
    RegistryConfig: keys('InsecureRegistryCIDRs Mirrors', {
      IndexConfigs: { each: keys('Name Mirrors Secure Official') },
    }),
    Plugins: keys('Authorization'),
    Swarm: keys('LocalNodeState ControlAvailable'),
    ContainerdCommit: keys('ID'),
    RuncCommit: keys('ID'),
  },
);

const ofNetwork = keys('Name Id Created Scope Driver Internal Attachable Ingress Options');
const ofVolume = keys('Name CreatedAt Driver Scope');

/** Keys whose empty value tells something: no profile, no variables, nothing masked, no tag any more, no warnings. */
const tellsEmpty: ReadonlySet<string> = new Set([
  ...[
    'AppArmorProfile',
    'Env',
    'MaskedPaths',
    'ReadonlyPaths',
    'RepoDigests',
    'RepoTags',
    'SecurityOptions',
    'Warnings',
  ],
]);

function take(value: unknown, taken: Taken): unknown {
  if (taken === true || typeof value !== 'object' || value === null) return value;
  if ('each' in taken) {
    if (Array.isArray(value)) return value.map((item: unknown) => take(item, taken.each));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, take(item, taken.each)]));
  }
  const found: Record<string, unknown> = {};
  for (const [key, part] of taken) {
    const of = field(value, key);
    if (of !== undefined && (!isUnset(of) || tellsEmpty.has(key))) found[key] = take(of, part);
  }
  return found;
}

function isUnset(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === '' || value === 0;
}

/** What readers of containers and services are told of their engine. */
export interface EngineFacts {
  readonly version: string | null;
  readonly rootless: boolean;
  readonly securityOptions: readonly string[] | null;
}

/** From the answers to `/info` and `/version`, as far as there are any. */
export function engineFacts(info: unknown, version: unknown): EngineFacts {
  const options = field(info, 'SecurityOptions');
  const securityOptions = Array.isArray(options) ? textsOf(options) : null;
  return {
    version: textIn(version, 'Version') || textIn(info, 'ServerVersion') || null,
    rootless: securityOptions?.some((option) => /^name=rootless(?:,|$)/.test(option)) ?? false,
    securityOptions,
  };
}

function textFor(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Variables of a step that say which build it is of. All others are left out: the runner writes secrets among them under
 * any name (drone-runner-docker engine/convert.go:31-38), nothing reads them, and there may be thousands of steps.
 */
const ofBuild =
  /^DRONE_(?:BUILD_(?:EVENT|NUMBER|ACTION|LINK|DEBUG)|REPO|REPO_(?:VISIBILITY|PRIVATE)|PULL_REQUEST|TAG|BRANCH|SOURCE_BRANCH|TARGET_BRANCH|COMMIT_REF|STAGE_(?:NAME|MACHINE)|STEP_NAME|SYSTEM_(?:HOST|PROTO|VERSION))=/;

/** Variables that every step has, but for the password of its clone, and what is no name of one. */
const ofEveryStep = /^(?:DRONE_(?!NETRC_PASSWORD=)|CI_|CI=|(?:PATH|HOME|SHELL|PWD|HOSTNAME|LANG|TERM|TZ)=)/;
/** So many names are taken of a step. */
const maxNames = 100;

function namesOf(variables: readonly string[]): readonly string[] {
  const names = variables.flatMap((variable) => {
    const name = ofEveryStep.test(variable) ? undefined : /^([A-Za-z_]\w{0,99})=./s.exec(variable)?.[1];
    return name ?? [];
  });
  return [...new Set(names)].sort(compare).slice(0, maxNames);
}

/** What is kept of the inspection of a container until its image is known. */
export interface ContainerPart {
  /** As text, because there may be thousands. */
  readonly text: string;
  /** How many variables were left out. */
  readonly variablesLeftOut: number;
  /** The names of those among them that are set and are no plain build variables. */
  readonly namesLeftOut: readonly string[];
}

/** What a container may share with another, which the engine names by its id. */
const shared = ['NetworkMode', 'PidMode', 'IpcMode'] as const;

/** `nameOf` gives the name of a container by its id, where the engine listed it. */
export function containerPart(
  answer: object,
  isStep: boolean,
  nameOf: (id: string) => string | undefined,
): ContainerPart {
  const part = Object(take(answer, ofContainer));
  const mounts: unknown = part.Mounts;
  // The engine keeps them in a map, and answers in another order each time (moby/moby container/container.go MountPoints).
  if (Array.isArray(mounts))
    part.Mounts = mounts.sort((a, b) => compare(textIn(a, 'Destination'), textIn(b, 'Destination')));
  for (const key of shared) {
    const id = /^container:([0-9a-f]{12,64})$/.exec(textIn(part, 'HostConfig', key))?.[1];
    const name = id === undefined ? undefined : nameOf(id);
    if (name !== undefined) part.HostConfig[key] = `container:${name}`;
  }
  const variables = field(part, 'Config', 'Env');
  let variablesLeftOut = 0;
  let namesLeftOut: readonly string[] = [];
  if (isStep && Array.isArray(variables)) {
    const texts = textsOf(variables);
    part.Config.Env = texts.filter((variable) => ofBuild.test(variable));
    variablesLeftOut = variables.length - part.Config.Env.length;
    namesLeftOut = namesOf(texts);
  }
  return { text: JSON.stringify(part, null, 2), variablesLeftOut, namesLeftOut };
}

/** What is known of the host behind the mounts of a container. */
export interface HostFacts {
  readonly files: readonly FileFacts[];
  /** Volumes that are folders of the host under another name, with these. */
  readonly bound: readonly (readonly [name: string, path: string])[];
}

/**
 * The folders of the host that are mounted as volumes, by the name of the volume. Of their options only that is taken: those
 * of other file systems hold passwords.
 */
export function boundVolumes(volumes: readonly unknown[]): ReadonlyMap<string, string> {
  const bound = new Map<string, string>();
  for (const volume of volumes) {
    const device = textIn(volume, 'Options', 'device');
    const isBind = /(?:^|,)r?bind(?:,|$)/.test(textIn(volume, 'Options', 'o'));
    if (isBind && device.startsWith('/')) bound.set(textIn(volume, 'Name'), device);
  }
  return bound;
}

/** The text of a `docker-inspect` source. */
export function containerText(
  { text, variablesLeftOut, namesLeftOut }: ContainerPart,
  image: object | undefined,
  engine: EngineFacts,
  { files, bound }: HostFacts,
): string {
  const droneAudit = {
    image: image ? imagePart(image) : null,
    engine,
    ...(files.length > 0 ? { files } : {}),
    ...(bound.length > 0 ? { volumes: Object.fromEntries(bound) } : {}),
    ...(variablesLeftOut > 0 ? { variablesLeftOut } : {}),
    ...(namesLeftOut.length > 0 ? { namesLeftOut } : {}),
  };
  const added = JSON.stringify({ droneAudit }, null, 2);
  // Two objects become one: `{…}` and `{"droneAudit": …}`.
  return text === '{}' ? `${added}\n` : `${text.slice(0, -2)},${added.slice(1)}\n`;
}

/**
 * The text of a task, a container of a swarm service, with what only the service knows: ports that the swarm publishes
 * (the engine puts those of the mode `ingress` into no container), the names of the service, and where it may run.
 */
export function taskText(task: string, service: string): string {
  const { droneAudit, ...container } = Object(JSON.parse(task));
  const told = take(JSON.parse(service), ofTask);
  return textFor({ ...container, droneAudit: { ...droneAudit, service: told } });
}

/** The text of a `docker-service` source; the engine names networks by their ids there. */
export function serviceText(service: unknown, networks: ReadonlyMap<string, string>, engine: EngineFacts): string {
  const part = Object(take(service, ofService));
  const droneAudit = { networks: Object.fromEntries(networks), engine };
  return textFor({ ...part, droneAudit });
}

/** How the engine was reached, and the socket as a file. */
export interface Reached {
  readonly address: string;
  readonly transport: 'socket' | 'http' | 'https';
  readonly socket: FileFacts | null;
}

/** The answers of an engine about itself; undefined for what it did not answer. */
export interface EngineAnswers {
  readonly version: unknown;
  readonly info: unknown;
  readonly networks: readonly unknown[] | undefined;
  readonly volumes: readonly unknown[] | undefined;
}

/** How many networks, and how many volumes, are taken. */
export const maxResources = 1000;

/** Those that a runner made, by name, and the default bridge. */
export function resourcesOf(entries: readonly unknown[]): readonly unknown[] {
  return entries
    .filter((entry) => labelsOfDrone(entry).length > 0 || textIn(entry, 'Name') === 'bridge')
    .sort((a, b) => compare(textIn(a, 'Name'), textIn(b, 'Name')));
}

function labelsOfDrone(entry: unknown): readonly (readonly [string, unknown])[] {
  const labels = field(entry, 'Labels');
  return typeof labels === 'object' && labels !== null
    ? Object.entries(labels).filter(([key]) => /^io\.drone(?:\.|$)/.test(key))
    : [];
}

/** The text of a `docker-engine` source. */
export function engineText({ version, info, networks, volumes }: EngineAnswers, droneAudit: Reached): string {
  const resource = (entry: unknown, taken: Taken): object => ({
    ...Object(take(entry, taken)),
    Labels: Object.fromEntries(labelsOfDrone(entry)),
  });
  return textFor({
    Version: version === undefined ? null : take(version, ofVersion),
    Info: info === undefined ? null : take(info, ofInfo),
    Networks: networks?.map((entry) => resource(entry, ofNetwork)) ?? null,
    Volumes: volumes?.map((entry) => resource(entry, ofVolume)) ?? null,
    droneAudit,
  });
}
