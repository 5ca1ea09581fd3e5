import { isSecretName, settingsNamed } from '../../facts/settings.ts';
import type { Container, Image, Mount, Observed, Port } from '../../model/container.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import { type Located, nameInPath, type SecretPlace, type Source, type Span } from '../../model/source.ts';
import { say, Text } from '../../model/text.ts';
import { namesSecret } from '../../secrets/names.ts';
import { isOrdinary } from '../../secrets/variety.ts';
import { type RawVariable, readComponent } from '../env/settings.ts';
import { secretsInLabels, secretsInWords } from '../secret-words.ts';
import {
  type Cursor,
  entriesOf,
  flag,
  locate,
  numberOf,
  positive,
  text,
  textOf,
  texts,
  under,
} from '../yaml/cursor.ts';
import { parseYaml, parseYamlPart, type Yaml } from '../yaml/parse.ts';
import { field, isNull, itemsOf, type MappingNode, type Node } from '../yaml/tree.ts';
import { environmentOf, healthcheckOf, labelsOf, mountTypes, namedSecrets, withoutPrefix } from './answer.ts';
import { hostFile } from './host-file.ts';
import { parseImage } from './image.ts';
import { placementOf, publishedPorts, serviceNames } from './service.ts';

/**
 * Containers as the engine reports them: the text of a `docker://` source, or the output of `docker inspect` (one
 * array, or several values one after another). Everything that may be secret is in `secrets`, rather too much than too
 * little.
 */
export function readInspect(source: Source): Reading {
  const problems: Problem[] = [];
  const records: MappingNode[] = [];
  let others = 0;
  for (const yaml of valuesOf(source)) {
    for (const problem of yaml.problems) problems.push(problem);
    // Half an answer would make settings in the missing half look unset.
    if (yaml.problems.length > 0) continue;
    for (const { root } of yaml.documents) {
      for (const node of root?.kind === 'seq' ? root.items : root ? [root] : []) {
        if (isContainer(node)) records.push(node);
        else others++;
      }
    }
  }
  if (problems.length === 0 && records.length === 0)
    problems.push({ kind: 'empty', source: source.name, message: say`holds no inspected container`, incomplete: true });
  else if (others > 0)
    problems.push({
      kind: 'unsupported',
      source: source.name,
      message: say`${others} of its entries ${others === 1 ? say`is` : say`are`} not the inspection of a container`,
      incomplete: false,
    });

  const containers: Container[] = [];
  const secrets: SecretPlace[] = [];
  const taken = new Map<string, number>();
  for (const record of records) {
    const base = nameOf(record);
    const count = (taken.get(base) ?? 0) + 1;
    taken.set(base, count);
    const name = count === 1 ? base : `${base}#${count}`;
    const sole = records.length === 1;
    const read = readContainer(
      { source, prefix: sole ? '' : `[${nameInPath(name)}].` },
      record,
      name,
      sole ? source.name : `${source.name}#${name}`,
    );
    containers.push(read.container);
    // Not spread: a hostile text may have more of them than a call can take as arguments.
    for (const secret of read.secrets) secrets.push(secret);
  }
  return { ...emptyReading, containers, problems, secrets };
}

/** More values in a row than this are not an inspection; each needs a parser of its own. */
const maxValues = 5000;

/** JSON values that follow one another are not YAML, so each is parsed on its own. */
function valuesOf(source: Source): readonly Yaml[] {
  const parts = jsonValues(source.text);
  if (parts.length === 0) return [parseYaml(source)];
  if (parts.length > maxValues) {
    const message = say`holds more than ${maxValues} JSON values`;
    return [{ documents: [], problems: [{ kind: 'too-large', source: source.name, message, incomplete: true }] }];
  }
  return parts.map((part) => {
    const yaml = parts.length === 1 ? parseYaml(source) : parseYamlPart(source, part);
    const problems = yaml.problems.map((one) => ({ ...one, message: asJson(one.message) }));
    return { ...yaml, problems };
  });
}

/** The objects and arrays that a text consists of; none if it is anything but complete JSON values. */
function jsonValues(text: string): Span[] {
  const found: Span[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      if (depth++ === 0) start = i;
    } else if (character === '}' || character === ']') {
      if (--depth < 0) return [];
      if (depth === 0) found.push({ start, end: i + 1 });
    } else if (depth === 0) {
      if (!/[\s\uFEFF]/.test(character ?? '')) return [];
    } else if (character === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    }
  }
  if (depth === 0) return found;
  // Cut off: parsed as a whole, so that the parser says where it breaks.
  return found.length === 0 ? [{ start: 0, end: text.length }] : [...found, { start, end: text.length }];
}

function isContainer(node: Node): node is MappingNode {
  if (node.kind !== 'map' || field(node, 'Config')?.value.kind !== 'map') return false;
  return field(node, 'HostConfig') !== undefined || field(node, 'State') !== undefined;
}

function nameOf(record: MappingNode): string {
  const name = textOf(under(record, 'Name'))?.replace(/^\//, '');
  return name || textOf(under(record, 'Id'))?.slice(0, 12) || 'container';
}

function readContainer(
  cursor: Cursor,
  record: MappingNode,
  name: string,
  owner: string,
): { container: Container; secrets: readonly SecretPlace[] } {
  const config = under(record, 'Config');
  const host = under(record, 'HostConfig');
  const seen = under(record, 'droneAudit');
  const nameNode = under(record, 'Name');
  const at = locate(cursor, 'Name', nameNode && !isNull(nameNode) ? nameNode : record);
  const label = say`container "${name}"`;
  const labels = labelsOf(cursor, under(config, 'Labels'), 'Config.Labels');
  const isStep = labels.get('io.drone')?.value === 'true';
  const service = under(seen, 'service', 'Spec');
  const image = imageOf(cursor, record, config, seen);
  const command = texts(cursor, config, 'Config.Cmd', 'Cmd');
  const entrypoint = texts(cursor, config, 'Config.Entrypoint', 'Entrypoint');
  const program = text(cursor, record, 'Path', 'Path');

  const fromImage = environmentOf(cursor, under(seen, 'image', 'Config', 'Env'), 'droneAudit.image.Config.Env');
  const all = environmentOf(cursor, under(config, 'Env'), 'Config.Env');
  const gaps = under(config, 'Env') ? [] : [say`"Config.Env" is missing`];
  const read = readComponent({
    raw: isStep ? all : withoutImageDefaults(all, fromImage),
    gaps,
    image: image.image ? image.image.value : undefined,
    start: { entrypoint: entrypoint.length + command.length === 0 && program ? [program] : entrypoint, command },
    role: isStep ? 'step' : undefined,
    live: true,
  });
  const ofImage =
    fromImage.length === 0 ? undefined : readComponent({ raw: fromImage, gaps: [], role: 'other', live: true });
  const project =
    labels.get('com.docker.compose.project') ??
    labels.get('com.docker.stack.namespace') ??
    labels.get('io.podman.compose.project');
  const container: Container = {
    kind: 'container',
    owner,
    label,
    name,
    role: read.role,
    version: read.version,
    at,
    live: true,
    ...image,
    environment: read.environment,
    mounts: mountsOf(cursor, record, host),
    ports: portsOf(cursor, record, config, host, service),
    privileged: flag(cursor, host, 'HostConfig.Privileged', 'Privileged'),
    capAdd: texts(cursor, host, 'HostConfig.CapAdd', 'CapAdd').map(withoutPrefix),
    capDrop: texts(cursor, host, 'HostConfig.CapDrop', 'CapDrop').map(withoutPrefix),
    securityOpt: texts(cursor, host, 'HostConfig.SecurityOpt', 'SecurityOpt'),
    devices: devicesOf(cursor, host),
    user: text(cursor, config, 'Config.User', 'User'),
    readOnlyRoot: flag(cursor, host, 'HostConfig.ReadonlyRootfs', 'ReadonlyRootfs'),
    networkMode: text(cursor, host, 'HostConfig.NetworkMode', 'NetworkMode'),
    pidMode: text(cursor, host, 'HostConfig.PidMode', 'PidMode'),
    ipcMode: text(cursor, host, 'HostConfig.IpcMode', 'IpcMode'),
    utsMode: text(cursor, host, 'HostConfig.UTSMode', 'UTSMode'),
    usernsMode: text(cursor, host, 'HostConfig.UsernsMode', 'UsernsMode'),
    runtime: text(cursor, host, 'HostConfig.Runtime', 'Runtime'),
    ...networksOf(cursor, record, name, service),
    command,
    entrypoint,
    labels,
    logDriver: text(cursor, under(host, 'LogConfig'), 'HostConfig.LogConfig.Type', 'Type'),
    logOptions: new Map(
      entriesOf(under(host, 'LogConfig', 'Config')).map(({ key, value }) => [key, textOf(value) ?? '']),
    ),
    restart: restartOf(cursor, host),
    healthcheck: healthcheckOf(cursor, config, 'Config'),
    memoryLimit: positive(cursor, host, 'HostConfig.Memory', 'Memory'),
    cpuLimit: cpuLimitOf(cursor, host),
    pidsLimit: positive(cursor, host, 'HostConfig.PidsLimit', 'PidsLimit'),
    project: project ? project.value : undefined,
    placement: service ? placementOf(service) : undefined,
    observed: {
      ...observedOf(cursor, record, host, seen),
      secretVariables: isStep ? secretNamesIn(all, under(seen, 'namesLeftOut')) : undefined,
    },
    imageEnvironment: ofImage?.environment,
    gaps: [],
  };

  const known = [...read.secrets, ...(ofImage?.secrets ?? [])];
  const suspected = isStep
    ? all.flatMap(({ name, value }): readonly SecretPlace[] =>
        value && mayBeSecret(name.value, value.value)
          ? [{ ...value.at, onlyHere: isOrdinary(value.value) || undefined }]
          : [],
      )
    : [];
  const args = texts(cursor, record, 'Args', 'Args');
  const check = texts(cursor, under(config, 'Healthcheck'), 'Config.Healthcheck.Test', 'Test');
  const ofStart = (['Entrypoint', 'Cmd'] as const).map((key) =>
    texts(cursor, under(seen, 'image', 'Config'), `droneAudit.image.Config.${key}`, key),
  );
  const given = [command, entrypoint, args, check, ...ofStart].flatMap(secretsInWords);
  return {
    container,
    secrets: [...known, ...suspected, ...namedSecrets(cursor, record, freeText), ...given, ...secretsInLabels(labels)],
  };
}

/** Names that every step has and that reveal nothing secret: Drone's build variables and the shell's. */
const plainStepName = /^(?:DRONE(?:_.*)?|CI(?:_.*)?|PATH|HOME|SHELL|LANG|LC_.*|TZ|TERM|HOSTNAME|PWD|GODEBUG|TMPDIR)$/;
/** Settings of plugins that name things, and values that are never secret. */
const plainSetting =
  /^PLUGIN_(?:REPO|TAGS?|REGISTRY|DOCKERFILE|CONTEXT|DRY_RUN|AUTO_TAG(?:_SUFFIX)?|TARGET|MIRROR|PLATFORM|BRANCH|VERSION|BUCKET|REGION|ACL|SOURCE|STRIP_PREFIX|CHANNEL|DEPTH|MOUNT|INSECURE|PURGE|DEBUG)$/;
const plainValue =
  /^(?:|true|false|yes|no|on|off|none|always|never|auto|\d{1,5}|latest|linux|windows|darwin|amd64|arm64|production|staging|development|test|debug|info|main|master)$/i;

/**
 * Whether the value of a step's variable is kept out of every output. The runner writes resolved secrets into the
 * environment under any name (drone-runner-docker engine/convert.go:31-38), so everything there is hidden unless it is
 * plain.
 */
function mayBeSecret(name: string, value: string): boolean {
  if (plainValue.test(value)) return false;
  // With GitHub and Gitea, the token of the SCM is the user name (harness/drone service/netrc/netrc.go).
  return /^DRONE_NETRC_(?!MACHINE$)/.test(name) || !(plainStepName.test(name) || plainSetting.test(name));
}

/**
 * How many variables of a step are named like secrets. The login for the clone is one, whatever the number of variables that
 * hold it (harness/drone service/netrc/netrc.go; drone-runner-docker engine/compiler/compiler.go).
 */
function secretNamesIn(all: readonly RawVariable[], leftOut: Node | undefined): number {
  const given = all.flatMap(({ name, value }) => (value?.value ? [name.value] : []));
  const names = new Set([...given, ...itemsOf(leftOut).flatMap((item) => textOf(item) ?? [])]);
  return [...names].filter((name) => !/^(?:CI|DRONE)_NETRC_(?!PASSWORD$)|^CI_/.test(name) && namesSecret(name)).length;
}

/**
 * A variable with exactly the image's value was not set by the operator, so it is left out, as it is from a compose
 * file. Drone's settings and secrets are kept, because the process sees them.
 */
function withoutImageDefaults(all: readonly RawVariable[], fromImage: readonly RawVariable[]): readonly RawVariable[] {
  const defaults = new Set(fromImage.map(({ name, value }) => `${name.value}=${value?.value ?? ''}`));
  return all.filter(({ name, value }) => {
    if (!defaults.has(`${name.value}=${value?.value ?? ''}`)) return true;
    return /^DRONE_/.test(name.value) || settingsNamed(name.value).length > 0 || isSecretName(name.value) !== 'no';
  });
}

const bareImage = /^(?:sha256:)?[0-9a-f]{12,64}$/;

/** The image as it was requested; if that is a bare id, the first tag or digest that the engine has for it. */
function imageOf(
  cursor: Cursor,
  record: MappingNode,
  config: Node | undefined,
  seen: Node | undefined,
): { image?: Located<Image>; imageText?: Located<string> } {
  const asked = text(cursor, config, 'Config.Image', 'Image') ?? text(cursor, record, 'ImageName', 'ImageName');
  const known = under(seen, 'image');
  const candidates =
    asked && !bareImage.test(asked.value)
      ? [asked]
      : [
          ...texts(cursor, known, 'droneAudit.image.RepoTags', 'RepoTags'),
          ...texts(cursor, known, 'droneAudit.image.RepoDigests', 'RepoDigests'),
        ].filter(({ value }) => !value.includes('<none>'));
  for (const candidate of candidates) {
    const image = parseImage(candidate.value);
    if (image) return { image: { value: image, at: candidate.at } };
  }
  return asked ? { imageText: asked } : {};
}

/** The engine names anonymous volumes with 64 hex digits. */
const anonymousVolume = /^[0-9a-f]{64}$/;

/**
 * `Mounts` holds what `-v` and `--mount` made; `Binds`, `HostConfig.Mounts` and `Tmpfs` add what is missing there. Sorted
 * by their targets, because the engine keeps them in a map, and so answers in another order each time (moby/moby
 * container/container.go MountPoints).
 */
function mountsOf(cursor: Cursor, record: MappingNode, host: Node | undefined): readonly Mount[] {
  const mounts = new Map<string, Mount>();
  const add = (mount: Mount): void => {
    const key = mount.target ?? `${mount.source ?? ''} at ${mount.at.span.start}`;
    if (!mounts.has(key)) mounts.set(key, mount);
  };
  const addRecords = (nodes: readonly Node[], path: string, targetKey: string): void => {
    for (const node of nodes) {
      if (node.kind !== 'map') continue;
      const target = textOf(under(node, targetKey));
      const declared = mountTypes[textOf(under(node, 'Type')) ?? ''] ?? 'other';
      const nameNode = declared === 'volume' ? under(node, 'Name') : undefined;
      // A volume may be a folder of the host under another name.
      const folder = nameNode && under(record, 'droneAudit', 'volumes', textOf(nameNode) ?? '');
      const type = folder ? 'bind' : declared;
      const sourceNode = folder ?? nameNode ?? under(node, 'Source');
      const source = textOf(sourceNode);
      const writable = textOf(under(node, 'RW'));
      const propagation = textOf(under(node, 'Propagation')) ?? textOf(under(node, 'BindOptions', 'Propagation'));
      const named = source !== undefined && !(type === 'volume' && anonymousVolume.test(source));
      add({
        type,
        source: named ? source : undefined,
        target,
        volume: folder && textOf(nameNode),
        readOnly: writable === 'false' || textOf(under(node, 'ReadOnly')) === 'true',
        propagation,
        at: locate(
          cursor,
          `${path}[${nameInPath(target ?? '')}]`,
          (named ? sourceNode : under(node, targetKey)) ?? node,
        ),
      });
    }
  };
  addRecords(itemsOf(under(record, 'Mounts')), 'Mounts', 'Destination');
  for (const bind of texts(cursor, host, 'HostConfig.Binds', 'Binds')) {
    const [source, target, mode = ''] = bind.value.split(':');
    if (!source || !target?.startsWith('/')) continue;
    const modes = mode.split(',');
    const propagation = modes.find((word) => /^r?(?:shared|slave|private)$/.test(word));
    add({
      type: source.startsWith('/') ? 'bind' : 'volume',
      source,
      target,
      readOnly: modes.includes('ro'),
      propagation,
      at: { ...bind.at, path: `${cursor.prefix}Mounts[${nameInPath(target)}]` },
    });
  }
  addRecords(itemsOf(under(host, 'Mounts')), 'Mounts', 'Target');
  for (const { key, keyNode } of entriesOf(under(host, 'Tmpfs')))
    add({ type: 'tmpfs', target: key, readOnly: false, at: locate(cursor, `Mounts[${nameInPath(key)}]`, keyNode) });
  return [...mounts.values()].sort((one, other) => compareTexts(one.target ?? '', other.target ?? ''));
}

/** By UTF-16 units, the same everywhere. */
function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `80/tcp`; a container that was never started may have `80/` and `80` as well, which are the same. */
function portOf(key: string): { readonly containerPort: string; readonly protocol: string } {
  const [containerPort = key, protocol] = key.split('/');
  return { containerPort, protocol: protocol || 'tcp' };
}

/**
 * A running container reports its real ports; one that does not run reports only those that were requested. An address
 * of `` in `PortBindings`, and `0.0.0.0` with its twin `::` in `Ports`, mean all addresses.
 */
function portsOf(
  cursor: Cursor,
  record: MappingNode,
  config: Node | undefined,
  host: Node | undefined,
  service: Node | undefined,
): readonly Port[] {
  const real = under(record, 'NetworkSettings', 'Ports');
  const running = textOf(under(record, 'State', 'Running')) === 'true' || entriesOf(real).length > 0;
  const path = running ? 'NetworkSettings.Ports' : 'HostConfig.PortBindings';
  const ports: Port[] = [];
  const told = new Set<string>();
  for (const { key, keyNode, value } of entriesOf(running ? real : under(host, 'PortBindings'))) {
    const { containerPort, protocol } = portOf(key);
    const bindings = itemsOf(value);
    for (const binding of bindings) {
      const address = textOf(under(binding, 'HostIp')) ?? '';
      const hostAddress = address === '0.0.0.0' || address === '::' ? '' : address;
      const hostPort = textOf(under(binding, 'HostPort'));
      const twin = `${key} ${hostAddress} ${hostPort ?? ''}`;
      if (told.has(twin) || (address === '::' && isSecondFamily(bindings, itemsOf(under(host, 'PortBindings', key)))))
        continue;
      told.add(twin);
      const node = under(binding, 'HostPort') ?? keyNode;
      ports.push({
        hostAddress,
        hostPort,
        containerPort,
        protocol,
        at: locate(cursor, `${path}[${nameInPath(key)}]`, hostPort === undefined ? keyNode : node),
      });
    }
    if (bindings.length > 0) told.add(`${containerPort}/${protocol}`);
  }
  // In the mode `host` it is the container that has the port, too.
  for (const port of publishedPorts(cursor, service, 'droneAudit.service.')) {
    const key = `${port.containerPort}/${port.protocol}`;
    if (ports.some((other) => `${other.containerPort}/${other.protocol}` === key && other.hostPort === port.hostPort))
      continue;
    told.add(key);
    ports.push(port);
  }
  for (const { key, keyNode } of entriesOf(under(config, 'ExposedPorts'))) {
    const { containerPort, protocol } = portOf(key);
    if (!told.has(`${containerPort}/${protocol}`))
      ports.push({ containerPort, protocol, at: locate(cursor, `Config.ExposedPorts[${nameInPath(key)}]`, keyNode) });
  }
  return ports;
}

/**
 * Whether a binding of `::` goes with one of `0.0.0.0`, for one request without an address. A port that the engine chooses may
 * differ between the two (moby/moby 42442).
 */
function isSecondFamily(real: readonly Node[], requested: readonly Node[]): boolean {
  const has = (bindings: readonly Node[], address: string): boolean =>
    bindings.some((binding) => textOf(under(binding, 'HostIp')) === address);
  return has(real, '0.0.0.0') && !has(requested, '::');
}

/** Devices as `HOST:CONTAINER:PERMISSIONS`, with cgroup rules and requests (`nvidia`) as they are. */
function devicesOf(cursor: Cursor, host: Node | undefined): readonly Located<string>[] {
  const devices: Located<string>[] = [];
  for (const node of itemsOf(under(host, 'Devices'))) {
    const words = ['PathOnHost', 'PathInContainer', 'CgroupPermissions'].map((key) => textOf(under(node, key)));
    if (words[0] === undefined) continue;
    const value = words.filter((word) => word !== undefined).join(':');
    devices.push({
      value,
      at: locate(cursor, `HostConfig.Devices[${nameInPath(words[0])}]`, under(node, 'PathOnHost') ?? node),
    });
  }
  const rules = texts(cursor, host, 'HostConfig.DeviceCgroupRules', 'DeviceCgroupRules');
  itemsOf(under(host, 'DeviceRequests')).forEach((node, index) => {
    const capabilities = itemsOf(under(node, 'Capabilities')).flatMap((set) => itemsOf(set).map(textOf));
    const value = textOf(under(node, 'Driver')) ?? capabilities.find((word) => word !== undefined) ?? 'device request';
    devices.push({ value, at: locate(cursor, `HostConfig.DeviceRequests[${index}]`, under(node, 'Driver') ?? node) });
  });
  return [...devices, ...rules];
}

function networksOf(
  cursor: Cursor,
  record: MappingNode,
  name: string,
  service: Node | undefined,
): { networks: readonly Located<string>[]; aliases: readonly string[] } {
  const networks: Located<string>[] = [];
  const aliases = new Set<string>([name]);
  for (const { key, keyNode, value } of entriesOf(under(record, 'NetworkSettings', 'Networks'))) {
    networks.push({ value: key, at: locate(cursor, `NetworkSettings.Networks[${nameInPath(key)}]`, keyNode) });
    for (const list of ['Aliases', 'DNSNames'])
      for (const item of itemsOf(under(value, list))) aliases.add(textOf(item) ?? name);
  }
  for (const alias of serviceNames(service)) aliases.add(alias);
  return { networks, aliases: [...aliases] };
}

function restartOf(cursor: Cursor, host: Node | undefined): Located<string> | undefined {
  const policy = under(host, 'RestartPolicy');
  const name = text(cursor, policy, 'HostConfig.RestartPolicy.Name', 'Name');
  const count = numberOf(under(policy, 'MaximumRetryCount')) ?? 0;
  return name && count > 0 ? { value: `${name.value}:${count}`, at: name.at } : name;
}

/** `NanoCpus`, or the quota, or the weight, of which 1024 is one CPU. */
function cpuLimitOf(cursor: Cursor, host: Node | undefined): Located<number> | undefined {
  const nano = positive(cursor, host, 'HostConfig.NanoCpus', 'NanoCpus');
  if (nano) return { value: nano.value / 1e9, at: nano.at };
  const quota = positive(cursor, host, 'HostConfig.CpuQuota', 'CpuQuota');
  if (quota) return { value: quota.value / (numberOf(under(host, 'CpuPeriod')) || 100_000), at: quota.at };
  const shares = positive(cursor, host, 'HostConfig.CpuShares', 'CpuShares');
  return shares && { value: shares.value / 1024, at: shares.at };
}

function observedOf(cursor: Cursor, record: MappingNode, host: Node | undefined, seen: Node | undefined): Observed {
  const running = textOf(under(record, 'State', 'Running')) === 'true';
  const appArmor = under(record, 'AppArmorProfile');
  const masked = under(host, 'MaskedPaths');
  const readOnly = under(host, 'ReadonlyPaths');
  // Docker lists them, and sends an empty list where they are off. Podman answers null for every container (libpod
  // define.InspectContainerHostConfig has no such field), which says nothing.
  const isListed = masked?.kind === 'seq' || readOnly?.kind === 'seq';
  const bare = itemsOf(masked).length === 0 && itemsOf(readOnly).length === 0;
  const security = under(seen, 'engine', 'securityOptions');
  const tags = under(seen, 'image', 'RepoTags');
  return {
    state: textOf(under(record, 'State', 'Status')) ?? (running ? 'running' : 'unknown'),
    appArmorProfile: appArmor?.kind === 'scalar' ? (textOf(appArmor) ?? '') : undefined,
    maskedPaths: isListed ? (bare ? 'none' : 'default') : undefined,
    imageId: textOf(under(record, 'Image')),
    repoDigests: itemsOf(under(seen, 'image', 'RepoDigests')).flatMap((item) => textOf(item) ?? []),
    repoTags: tags?.kind === 'seq' ? tags.items.flatMap((item) => textOf(item) ?? []) : undefined,
    imageEntrypoint: startOfImage(seen, 'Entrypoint'),
    imageCommand: startOfImage(seen, 'Cmd'),
    created: textOf(under(record, 'Created')),
    startedAt: timeOf(under(record, 'State', 'StartedAt')),
    finishedAt: timeOf(under(record, 'State', 'FinishedAt')),
    files: itemsOf(under(seen, 'files')).flatMap(
      (node, index) => hostFile(cursor, node, `droneAudit.files[${index}]`) ?? [],
    ),
    imageCreated: textOf(under(seen, 'image', 'Created')),
    rootless: textOf(under(seen, 'engine', 'rootless')) === 'true',
    engineVersion: textOf(under(seen, 'engine', 'version')),
    engineSecurityOptions: security?.kind === 'seq' ? security.items.flatMap((item) => textOf(item) ?? []) : undefined,
  };
}

/** Evidence of former releases says nothing of the command of an image. */
function startOfImage(seen: Node | undefined, key: 'Entrypoint' | 'Cmd'): readonly string[] | undefined {
  const config = under(seen, 'image', 'Config');
  if (!under(config, 'Cmd')) return undefined;
  return itemsOf(under(config, key)).flatMap((item) => textOf(item) ?? []);
}

/** The engine writes the year 1 for "not yet". */
function timeOf(node: Node | undefined): string | undefined {
  const time = textOf(node);
  return time?.startsWith('0001-') ? undefined : time;
}

/** Fields with free text: commands, health checks with their output, labels, driver options. */
const freeText: readonly (readonly string[])[] = [
  ['Path'],
  ['Args'],
  ['State', 'Error'],
  ['State', 'Health'],
  ['Config', 'Cmd'],
  ['Config', 'Entrypoint'],
  ['Config', 'Healthcheck'],
  ['Config', 'CreateCommand'],
  ['Config', 'Labels'],
  ['HostConfig', 'LogConfig', 'Config'],
  ['HostConfig', 'Annotations'],
  ['HostConfig', 'Mounts'],
  ['droneAudit', 'image', 'Config', 'Entrypoint'],
  ['droneAudit', 'image', 'Config', 'Cmd'],
  ['droneAudit', 'image', 'Config', 'Labels'],
];
/** What is said of YAML is true of JSON, which is a part of it. */
function asJson(message: Text): Text {
  const [first = '', ...rest] = message.pieces;
  return Text.of([first.replace(/^YAML:/, 'JSON:'), ...rest]);
}
