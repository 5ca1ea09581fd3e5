import { conditionNames } from '../../facts/conditions.ts';

/*
 * The Go structs that a document is decoded to, as data: those of the server, for all types (drone/drone-yaml
 * yaml/pipeline.go:19), and those of the runner for each type. Go's own names are kept, because they appear in Drone's
 * messages.
 */

/** The sizes that docker/go-units accepts. */
export const byteSize = /^[0-9]+(?:\.[0-9]+)*[ ]?(?:[kKmMgGtTpP][iI]?)?[bB]?$/;

/** Keys that are meant for people and anchors, not for Drone. */
export const extensionKey = /^(?:x-|\.)/;

/**
 * A Go type, by what it accepts: `any` is `interface {}`. The others that have no name in Go have decoders of their
 * own: `condition` refuses nothing, `parameter` only keys that are not texts, and `custom` is not described here.
 */
export type Shape =
  | {
      readonly is:
        | 'string'
        | 'bool'
        | 'int'
        | 'int32'
        | 'int64'
        | 'float64'
        | 'bytes'
        | 'any'
        | 'condition'
        | 'parameter'
        | 'custom';
    }
  | { readonly is: 'list'; readonly go: string; readonly of: Shape }
  | { readonly is: 'map'; readonly go: string; readonly of: Shape }
  | StructShape
  /** A scalar of `first`, or otherwise the struct. */
  | { readonly is: 'either'; readonly first: 'string' | 'int'; readonly or: StructShape };

/** A Go struct with its name in Go and its keys in YAML. */
export interface StructShape {
  readonly is: 'struct';
  readonly go: string;
  readonly fields: ReadonlyMap<string, Shape>;
  /** The type of its other keys, if it accepts them (`yaml:",inline"`). */
  readonly others?: Shape;
}

const string: Shape = { is: 'string' };
const bool: Shape = { is: 'bool' };
const int: Shape = { is: 'int' };
const int32: Shape = { is: 'int32' };
const int64: Shape = { is: 'int64' };
const bytes: Shape = { is: 'bytes' };
const any: Shape = { is: 'any' };
const condition: Shape = { is: 'condition' };
const parameter: Shape = { is: 'parameter' };
const strings: Shape = { is: 'list', go: '[]string', of: string };
const stringMap: Shape = { is: 'map', go: 'map[string]string', of: string };

function struct(go: string, fields: Readonly<Record<string, Shape>>): StructShape {
  return { is: 'struct', go, fields: new Map(Object.entries(fields)) };
}

function pointers(item: StructShape): Shape {
  return { is: 'list', go: `[]*${item.go}`, of: item };
}

function values(item: StructShape): Shape {
  return { is: 'list', go: `[]${item.go}`, of: item };
}

function either(first: 'string' | 'int', or: StructShape): Shape {
  return { is: 'either', first, or };
}

function variable(pack: string): Shape {
  return either('string', struct(`${pack}.variable`, { value: string, from_secret: string }));
}

function variables(pack: string): Shape {
  return { is: 'map', go: `map[string]*${pack}.Variable`, of: variable(pack) };
}

function parameters(pack: string): Shape {
  return { is: 'map', go: `map[string]*${pack}.Parameter`, of: parameter };
}

const conditionFields = Object.fromEntries(conditionNames.map((name) => [name, condition]));
const emptyDir = { medium: string, size_limit: bytes };
const mount = { name: string, path: string };

/* The server. */

const header = { version: string, kind: string, type: string };
const platform = { os: string, arch: string, variant: string, version: string };
const serverResource = struct('yaml.ResourceObject', { cpu: { is: 'float64' }, memory: bytes });
const serverContainer = struct('yaml.Container', {
  build: either(
    'string',
    struct('yaml.build', {
      args: stringMap,
      cache_from: strings,
      context: string,
      dockerfile: string,
      image: string,
      labels: stringMap,
    }),
  ),
  command: strings,
  commands: strings,
  detach: bool,
  depends_on: strings,
  devices: pointers(struct('yaml.VolumeDevice', mount)),
  dns: strings,
  dns_search: strings,
  entrypoint: strings,
  environment: variables('yaml'),
  extra_hosts: strings,
  failure: string,
  image: string,
  network_mode: string,
  name: string,
  ports: {
    is: 'list',
    go: '[]*yaml.Port',
    of: either('int', struct('yaml.port', { port: int, host: int, protocol: string })),
  },
  privileged: bool,
  pull: string,
  push: either('string', struct('yaml.push', { image: string })),
  resources: struct('yaml.Resources', { limits: serverResource, requests: serverResource }),
  settings: parameters('yaml'),
  shell: string,
  user: string,
  volumes: pointers(struct('yaml.VolumeMount', mount)),
  when: struct('yaml.Conditions', { ...conditionFields, matrix: stringMap }),
  working_dir: string,
});
const serverPipeline = struct('yaml.Pipeline', {
  ...header,
  name: string,
  clone: struct('yaml.Clone', { disable: bool, depth: int, skip_verify: bool }),
  concurrency: struct('yaml.Concurrency', { limit: int }),
  depends_on: strings,
  node: stringMap,
  platform: struct('yaml.Platform', platform),
  image_pull_secrets: strings,
  services: pointers(serverContainer),
  steps: pointers(serverContainer),
  trigger: struct('yaml.Conditions', { ...conditionFields, matrix: stringMap }),
  volumes: pointers(
    struct('yaml.Volume', {
      name: string,
      temp: struct('yaml.VolumeEmptyDir', emptyDir),
      host: struct('yaml.VolumeHostPath', { path: string }),
    }),
  ),
  workspace: struct('yaml.Workspace', { base: string, path: string }),
});

/** What the server first decodes every document to. */
export const serverRaw = struct('yaml.RawResource', header);

const serverKinds: Readonly<Record<string, StructShape>> = {
  cron: struct('yaml.Cron', {
    ...header,
    name: string,
    spec: struct('yaml.CronSpec', {
      schedule: string,
      branch: string,
      deployment: struct('yaml.CronDeployment', { target: string }),
    }),
  }),
  secret: struct('yaml.Secret', {
    ...header,
    name: string,
    data: string,
    get: struct('yaml.SecretGet', { path: string, name: string, key: string }),
  }),
  signature: struct('yaml.Signature', { version: string, kind: string, hmac: string }),
  registry: struct('yaml.Registry', { ...header, data: stringMap }),
};

/**
 * What a `kind: template` document is decoded to, before the server reads the rendered template in its place
 * (harness/drone plugin/converter/template.go).
 */
export const templateShape = struct('core.TemplateArgs', {
  kind: string,
  load: string,
  data: { is: 'map', go: 'map[string]interface {}', of: any },
});

/** What the server decodes a document of this kind to; any kind that it does not know is a pipeline. */
export function serverShape(kind: string): StructShape {
  return Object.hasOwn(serverKinds, kind) ? (serverKinds[kind] ?? serverPipeline) : serverPipeline;
}

/* The runners. */

const manifestClone = struct('manifest.Clone', {
  disable: bool,
  depth: int,
  retries: int,
  skip_verify: bool,
  trace: bool,
});
const manifestPlatform = struct('manifest.Platform', platform);
const manifestConditions = struct('manifest.Conditions', conditionFields);
const manifestConcurrency = struct('manifest.Concurrency', { limit: int });
const manifestWorkspace = struct('manifest.Workspace', { path: string });
const manifestVariable = variable('manifest');

/** What every runner first decodes every document to (drone/runner-go manifest/manifest.go). */
export const runnerRaw = struct('manifest.RawResource', {
  ...header,
  name: string,
  depends_on: strings,
  node: stringMap,
  concurrency: manifestConcurrency,
  platform: manifestPlatform,
});

const anyPipeline = {
  ...header,
  name: string,
  clone: manifestClone,
  platform: manifestPlatform,
  trigger: manifestConditions,
};
const routedPipeline = { ...anyPipeline, concurrency: manifestConcurrency, node: stringMap };
const anyStep = {
  commands: strings,
  depends_on: strings,
  detach: bool,
  environment: variables('manifest'),
  failure: string,
  name: string,
  shell: string,
  when: manifestConditions,
};
const containerStep = {
  ...anyStep,
  entrypoint: strings,
  image: string,
  pull: string,
  settings: parameters('manifest'),
  volumes: pointers(struct('resource.VolumeMount', mount)),
  working_dir: string,
};
const dockerVolume = {
  name: string,
  temp: struct('resource.VolumeEmptyDir', emptyDir),
  host: struct('resource.VolumeHostPath', { path: string }),
};
const dockerExtras = {
  devices: pointers(struct('resource.VolumeDevice', mount)),
  dns: strings,
  dns_search: strings,
  extra_hosts: strings,
  network_mode: string,
  shm_size: bytes,
  user: string,
};

function steps(fields: Readonly<Record<string, Shape>>): Shape {
  return pointers(struct('resource.Step', fields));
}

const dockerSteps = steps({
  ...containerStep,
  ...dockerExtras,
  command: strings,
  mem_limit: bytes,
  memswap_limit: bytes,
  privileged: bool,
});
const resourceObject = struct('resource.ResourceObject', { cpu: int64, memory: bytes });
const resources = struct('resource.Resources', { limits: resourceObject, requests: resourceObject });
const kubernetesSteps = steps({
  ...containerStep,
  command: strings,
  group: int64,
  privileged: bool,
  resources,
  user: int64,
  volumes: pointers(struct('resource.VolumeMount', { ...mount, sub_path: string })),
});
const configVolume = { name: string, default_mode: int32, optional: bool };
const vmSteps = steps({ ...containerStep, ...dockerExtras, port_bindings: stringMap });
const workspacePath = struct('resource.Workspace', { path: string });
const remoteSteps = steps(anyStep);

const runnerTypes: Readonly<Record<string, StructShape>> = {
  docker: struct('resource.Pipeline', {
    ...routedPipeline,
    depends_on: strings,
    environment: stringMap,
    services: dockerSteps,
    steps: dockerSteps,
    volumes: pointers(struct('resource.Volume', dockerVolume)),
    image_pull_secrets: strings,
    workspace: struct('resource.Workspace', { base: string, path: string }),
  }),
  kubernetes: struct('resource.Pipeline', {
    ...routedPipeline,
    deps: strings,
    resources,
    environment: stringMap,
    services: kubernetesSteps,
    steps: kubernetesSteps,
    volumes: pointers(
      struct('resource.Volume', {
        ...dockerVolume,
        claim: struct('resource.VolumeClaim', { name: string, read_only: bool }),
        config_map: struct('resource.VolumeConfigMap', configVolume),
        secret: struct('resource.VolumeSecret', configVolume),
      }),
    ),
    image_pull_secrets: strings,
    workspace: workspacePath,
    metadata: struct('resource.Metadata', { namespace: string, annotations: stringMap, labels: stringMap }),
    node_name: string,
    node_selector: stringMap,
    service_account_name: string,
    tolerations: values(
      struct('resource.Toleration', {
        effect: string,
        key: string,
        operator: string,
        tolerationseconds: int,
        value: string,
      }),
    ),
    dns_config: struct('resource.DnsConfig', {
      nameservers: strings,
      searches: strings,
      options: values(struct('resource.DNSConfigOptions', { name: string, value: string })),
    }),
    host_aliases: values(struct('resource.HostAlias', { ip: string, hostnames: strings })),
  }),
  exec: struct('resource.Pipeline', {
    ...anyPipeline,
    deps: strings,
    workspace: manifestWorkspace,
    steps: steps({ ...anyStep, image: string }),
  }),
  ssh: struct('resource.Pipeline', {
    ...anyPipeline,
    deps: strings,
    server: struct('resource.Server', {
      host: manifestVariable,
      user: manifestVariable,
      password: manifestVariable,
      ssh_key: manifestVariable,
    }),
    workspace: manifestWorkspace,
    steps: remoteSteps,
  }),
  digitalocean: struct('resource.Pipeline', {
    ...anyPipeline,
    deps: strings,
    server: struct('resource.Server', { image: string, region: string, size: string, user: string }),
    token: manifestVariable,
    workspace: manifestWorkspace,
    steps: remoteSteps,
  }),
  macstadium: struct('resource.Pipeline', {
    ...routedPipeline,
    deps: strings,
    settings: struct('resource.Settings', { image: string, cpu: int }),
    environment: stringMap,
    steps: steps({ ...anyStep, working_dir: string }),
    workspace: workspacePath,
  }),
  vm: struct('resource.Pipeline', {
    ...routedPipeline,
    deps: strings,
    pool: struct('resource.Pool', { use: string }),
    environment: stringMap,
    services: vmSteps,
    steps: vmSteps,
    volumes: pointers(struct('resource.Volume', dockerVolume)),
    image_pull_secrets: strings,
    workspace: workspacePath,
  }),
};

const runnerSecret = struct('manifest.Secret', {
  ...header,
  name: string,
  data: string,
  get: struct('manifest.SecretGet', { path: string, name: string, key: string }),
});
const runnerSignature = struct('manifest.Signature', { ...header, name: string, hmac: string });

/** What the runner for a type decodes a document to; undefined if no known runner decodes it. */
export function runnerShape(kind: string, type: string): StructShape | undefined {
  if (kind === 'secret') return runnerSecret;
  if (kind === 'signature') return runnerSignature;
  if (kind !== 'pipeline') return undefined;
  const name = type === '' ? 'docker' : type;
  return Object.hasOwn(runnerTypes, name) ? runnerTypes[name] : undefined;
}

/** Keys of a pipeline that the server acts on, whatever the runner knows (harness/drone trigger/trigger.go:379). */
export const serverKeys: ReadonlySet<string> = new Set([
  'version',
  'kind',
  'type',
  'name',
  'clone',
  'concurrency',
  'depends_on',
  'node',
  'platform',
  'trigger',
]);

/** The names of conditions in `trigger` and `when`. */
export const conditionKeys: ReadonlySet<string> = new Set(conditionNames);

/* The 0.8 format, which the server converts (drone/drone-yaml yaml/converter/legacy/internal/container.go). */

const custom: Shape = { is: 'custom' };

const legacyFields = struct('yaml.Container', {
  command: custom,
  commands: custom,
  detach: bool,
  devices: strings,
  allow_failure: bool,
  tmpfs: strings,
  dns: custom,
  dns_search: custom,
  entrypoint: custom,
  environment: custom,
  extra_hosts: strings,
  image: string,
  name: string,
  privileged: bool,
  pull: bool,
  shell: string,
  volumes: strings,
  secrets: custom,
  when: struct('yaml.Constraints', {
    ref: condition,
    repo: condition,
    instance: condition,
    environment: condition,
    event: condition,
    branch: condition,
    status: condition,
    matrix: stringMap,
  }),
});

/** A step or service of the 0.8 format. Its other keys become settings. */
export const legacyContainer: StructShape = { ...legacyFields, others: any };

/**
 * What containers are decoded to if a file in the 0.8 format has them in a list: the pairs of an ordered map, which
 * nobody writes as steps (buildkite/yaml v2 decode.go sequence).
 */
export const legacyPairs: Shape = values(struct('yaml.MapItem', { key: any, value: any }));

/** Keys of a whole file in the 0.8 format. */
export const legacyKeys: readonly string[] = [
  'workspace',
  'clone',
  'pipeline',
  'services',
  'branches',
  'matrix',
  'secrets',
];
