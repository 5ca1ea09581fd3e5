import type { Container, Image, Port } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import type { Role } from '../../model/role.ts';
import { type Located, type Location, nameInPath } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { parseImage } from '../docker/image.ts';
import type { EnvEntry } from '../env/file.ts';
import { readComponent } from '../env/settings.ts';
import type { EnvironmentReader } from './environment.ts';
import type { Project } from './load.ts';
import { layersOf } from './merge.ts';
import { mountReader } from './mounts.ts';
import { parsePort } from './ports.ts';
import { castBoolean, decimalNumber, shellWords, sizeInBytes } from './scalars.ts';
import {
  type Field,
  type Mapping,
  placeOf,
  type Reading,
  readScalar,
  type Scalar,
  shownText,
  type Value,
  valueAt,
} from './tree.ts';

/** The project of a file in the current folder, whose name the evidence does not show. */
const currentFolder = '.';

/** A service as a container, with the places in its environment that hold secret text. */
export interface ReadService {
  readonly container: Container;
  readonly secrets: readonly Location[];
}

/** Makes a reader for the services of a project whose files are merged into `root`. */
export function serviceReader(
  root: Mapping,
  project: Project,
  environments: EnvironmentReader,
): (name: string, field: Field) => ReadService {
  const mounts = mountReader(root);
  const links = linkNames(root);
  return (name, field) => readService(name, field, { root, project, environments, mounts, links });
}

interface Context {
  readonly root: Mapping;
  readonly project: Project;
  readonly environments: EnvironmentReader;
  readonly mounts: ReturnType<typeof mountReader>;
  /** By service, further names that other services give it. */
  readonly links: ReadonlyMap<string, readonly string[]>;
}

function readService(name: string, field: Field, context: Context): ReadService {
  const { root, project, environments } = context;
  const service = field.value;
  const path = `services[${nameInPath(name)}]`;
  const at = placeOf(field.keyAt, path);
  const owner = `${project.scope.source.name}#${path}`;
  const label = say`service "${name}"`;
  const fields = new ServiceFields(service, path);
  const gaps = [...(project.gaps.get(name) ?? [])];
  if (!['image', 'build', 'provider', 'extends'].some((key) => valueAt(service, key)))
    gaps.push(say`it has neither image nor build: the file is part of another`);

  const image = imageOf(service, path);
  const environment = environments.read(service, path);
  const entrypoint = fields.words('entrypoint');
  const command = fields.words('command');
  const role = roleOf(image.image?.value, command);
  const read = readComponent({
    raw: environment.raw,
    gaps: [...gaps, ...environment.gaps],
    image: image.image ? image.image.value : undefined,
    start: { command, entrypoint: valueAt(service, 'entrypoint') ? entrypoint : undefined },
    role: role || undefined,
    live: false,
  });

  const labelFiles = environments.readLabels(service, path);
  const { mounts, gaps: mountGaps } = context.mounts(service, path);
  const ports = [...publishedPorts(service, path, fields.gaps), ...exposedPorts(service, path)];
  const container: Container = {
    kind: 'container',
    owner,
    label,
    name,
    role: read.role,
    version: read.version,
    at,
    live: false,
    ...image,
    built: isBuilt(service) ? true : undefined,
    environment: read.environment,
    mounts,
    ports,
    privileged: fields.boolean('privileged'),
    capAdd: fields.texts('cap_add'),
    capDrop: fields.texts('cap_drop'),
    securityOpt: fields.texts('security_opt'),
    devices: [...devicesOf(service, path), ...fields.texts('device_cgroup_rules')],
    user: fields.text('user'),
    readOnlyRoot: fields.boolean('read_only'),
    networkMode: fields.text('network_mode') ?? fields.text('net'),
    pidMode: fields.text('pid'),
    ipcMode: fields.text('ipc'),
    utsMode: fields.text('uts'),
    usernsMode: fields.text('userns_mode'),
    runtime: fields.text('runtime'),
    networks: networksOf(service, root, project.name, path, at),
    aliases: [...new Set([...aliasesOf(name, service), ...(context.links.get(name) ?? [])])],
    command,
    entrypoint,
    labels: labelsOf(service, path, labelFiles.entries),
    logDriver: fields.text('logging.driver') ?? fields.text('log_driver'),
    logOptions: logOptionsOf(service),
    restart: fields.text('restart') ?? deployRestart(fields),
    healthcheck: healthcheckOf(service, path),
    memoryLimit: fields.size('mem_limit') ?? fields.size('deploy.resources.limits.memory'),
    cpuLimit: fields.number('cpus') ?? fields.number('deploy.resources.limits.cpus') ?? cpuQuota(fields),
    pidsLimit: fields.number('pids_limit') ?? fields.number('deploy.resources.limits.pids'),
    project: project.name ?? currentFolder,
    profiles: shownTexts(valueAt(service, 'profiles')),
    placement: shownTexts(valueAt(valueAt(valueAt(service, 'deploy'), 'placement'), 'constraints')),
    gaps: [...fields.gaps, ...mountGaps, ...labelFiles.gaps],
  };
  return { container, secrets: read.secrets };
}

/** Reads fields of a service by dotted keys, and notes those that could not be understood. */
class ServiceFields {
  readonly gaps: Text[] = [];
  private readonly service: Value;
  private readonly path: string;

  constructor(service: Value, path: string) {
    this.service = service;
    this.path = path;
  }

  private scalar(key: string): Reading | undefined {
    const value = this.value(key);
    if (!value) return undefined;
    if (value.kind === 'scalar') return readScalar(value, `${this.path}.${key}`);
    this.gaps.push(say`${key} is not understood`);
    return undefined;
  }

  private value(key: string): ReturnType<typeof valueAt> {
    if (!key.includes('.')) return valueAt(this.service, key);
    let value: ReturnType<typeof valueAt>;
    let from: Value = this.service;
    for (const step of key.split('.')) {
      value = valueAt(from, step);
      if (!value) return undefined;
      from = value;
    }
    return value;
  }

  private converted<T>(key: string, convert: (text: string) => T | undefined): Located<T> | undefined {
    const reading = this.scalar(key);
    if (!reading) return undefined;
    const value = reading.text === undefined ? undefined : convert(reading.text);
    if (value === undefined)
      this.gaps.push(say`${key} is not ${reading.text === undefined ? say`known` : say`understood`}`);
    return value === undefined ? undefined : { value, at: reading.at };
  }

  text(key: string): Located<string> | undefined {
    const reading = this.scalar(key);
    return reading && { value: reading.shown, at: reading.at };
  }

  boolean(key: string): Located<boolean> | undefined {
    return this.converted(key, castBoolean);
  }

  /** A positive number; zero and negative values mean no limit. */
  number(key: string): Located<number> | undefined {
    const found = this.converted(key, decimalNumber);
    return found && found.value > 0 ? found : undefined;
  }

  /** Bytes; zero and negative values mean no limit. */
  size(key: string): Located<number> | undefined {
    const found = this.converted(key, (text) => (/^-\d+$/.test(text) ? 0 : sizeInBytes(text)));
    return found && found.value > 0 ? found : undefined;
  }

  /** The texts of a list; of equal items, only the last is kept. */
  texts(key: string): readonly Located<string>[] {
    const value = this.value(key);
    if (!value) return [];
    if (value.kind !== 'list') {
      this.gaps.push(say`${key} is not a list`);
      return [];
    }
    const texts = new Map<string, Located<string>>();
    for (const [index, item] of value.items.entries()) {
      if (item.kind !== 'scalar') continue;
      const { shown, at } = readScalar(item, `${this.path}.${key}[${index}]`);
      texts.set(shown, { value: shown, at });
    }
    return [...texts.values()];
  }

  /** The words of a command, written as a list or as one text. */
  words(key: string): readonly Located<string>[] {
    const value = this.value(key);
    if (value?.kind === 'list')
      return value.items.flatMap((item, index) => {
        if (item.kind !== 'scalar') return [];
        const { shown, at } = readScalar(item, `${this.path}.${key}[${index}]`);
        return [{ value: shown, at }];
      });
    return value?.kind === 'scalar' ? wordsOf(value, `${this.path}.${key}`) : [];
  }
}

/** The words of a command that is written as one text. */
export function wordsOf(scalar: Scalar, path: string): readonly Located<string>[] {
  const { shown, at, exact } = readScalar(scalar, path);
  return shellWords(shown).map(({ text, start, end }) => {
    const span = { start: at.span.start + start, end: at.span.start + end };
    return { value: text, at: exact ? { ...at, span } : at };
  });
}

/** The image, or its text if a variable or template mark hides its name. A tag of that kind stays in `tag`. */
function imageOf(service: Value, path: string): { image?: Located<Image>; imageText?: Located<string> } {
  const value = valueAt(service, 'image');
  if (value?.kind !== 'scalar') return {};
  const { text, shown, at } = readScalar(value, `${path}.image`);
  const image = parseImage(text ?? shown) ?? (text === undefined ? partlyKnownImage(shown) : undefined);
  return image ? { image: { value: image, at } } : { imageText: { value: shown, at } };
}

/** With `build`, Compose builds the image, unless it is told to pull it (compose-spec 05-services.md, pull_policy). */
function isBuilt(service: Value): boolean {
  return (
    valueAt(service, 'build') !== undefined &&
    /^(?:build|never|)$/.test(shownText(valueAt(service, 'pull_policy')) ?? '')
  );
}

const unknownPart = /\$\{[^{}]*\}|\$\w+|\{\{[^{}]*\}\}/g;

function partlyKnownImage(text: string): Image | undefined {
  if (text.length > 1000) return undefined;
  // `${REGISTRY}/drone/drone:2`: the two-part name is not affected by the unknown part.
  const registry = /^(\$\{[^{}]*\}|\$\w+|\{\{[^{}]*\}\})\/(?=[^/]+\/)/.exec(text)?.[1];
  const rest = registry === undefined ? text : text.slice(registry.length + 1);
  const hidden = rest.replace(unknownPart, (part) => 'x'.repeat(part.length));
  const colon = hidden.indexOf(':', hidden.lastIndexOf('/'));
  const nameEnd = colon < 0 ? rest.length : colon;
  if (hidden.slice(0, nameEnd) !== rest.slice(0, nameEnd)) return undefined;
  const named = parseImage(rest.slice(0, nameEnd));
  if (!named) return undefined;
  return { ...named, text, registry: registry ?? named.registry, tag: colon < 0 ? named.tag : rest.slice(colon + 1) };
}

/** Before 0.8, the agent was the server's image with another command. */
function roleOf(image: Image | undefined, command: readonly Located<string>[]): Role | undefined {
  return image?.name === 'drone/drone' && command[0]?.value === 'agent' ? 'agent' : undefined;
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'list' ? value.items : [];
}

function publishedPorts(service: Value, path: string, gaps: Text[]): readonly Port[] {
  const ports = new Map<string, Port>();
  const value = valueAt(service, 'ports');
  if (value && value.kind !== 'list') gaps.push(say`ports is not a list`);
  for (const [index, item] of itemsOf(value).entries()) {
    const own = `${path}.ports[${index}]`;
    const found =
      item.kind === 'map' ? longPort(item, own) : item.kind === 'scalar' ? shortPorts(item, own) : undefined;
    if (!found) gaps.push(say`ports[${index}] is not understood`);
    for (const port of found ?? [])
      ports.set([port.hostAddress, port.hostPort, port.containerPort, port.protocol].join('\0'), port);
  }
  return [...ports.values()];
}

function shortPorts(item: Scalar, path: string): readonly Port[] | undefined {
  const { shown, at } = readScalar(item, path);
  return parsePort(shown)?.map((port) => ({ ...port, at }));
}

function longPort(item: Mapping, path: string): readonly Port[] | undefined {
  const target = shownText(valueAt(item, 'target'));
  if (!target) return undefined;
  const published = shownText(valueAt(item, 'published'));
  return [
    {
      hostAddress: shownText(valueAt(item, 'host_ip')) ?? '',
      hostPort: published || undefined,
      containerPort: target,
      protocol: shownText(valueAt(item, 'protocol')) ?? 'tcp',
      at: placeOf(item, path),
    },
  ];
}

function exposedPorts(service: Value, path: string): readonly Port[] {
  return itemsOf(valueAt(service, 'expose')).flatMap((item, index) => {
    if (item.kind !== 'scalar') return [];
    const { shown, at } = readScalar(item, `${path}.expose[${index}]`);
    const [containerPort = '', protocol = 'tcp'] = shown.split('/');
    return [{ containerPort, protocol, at }];
  });
}

/** Devices as `HOST:CONTAINER:PERMISSIONS`, or shorter if written so. */
function devicesOf(service: Value, path: string): readonly Located<string>[] {
  const byTarget = new Map<string, Located<string>>();
  for (const [index, item] of itemsOf(valueAt(service, 'devices')).entries()) {
    const own = `${path}.devices[${index}]`;
    const parts = ['source', 'target', 'permissions'].map((key) => shownText(valueAt(item, key)) ?? '');
    const text = item.kind === 'map' ? parts.join(':').replace(/(?<!:):+$/, '') : shownText(item);
    if (!text) continue;
    const [source = '', target = source] = text.split(':');
    byTarget.set(target || source, { value: text, at: placeOf(item, own) });
  }
  return [...byTarget.values()];
}

/**
 * The networks by the names that the engine gives them: the name in the definition; the key for an external one;
 * otherwise the project's name followed by the key. If the project's name is unknown, the key.
 */
function networksOf(
  service: Value,
  root: Mapping,
  project: string | undefined,
  path: string,
  at: Location,
): readonly Located<string>[] {
  if (valueAt(service, 'network_mode') ?? valueAt(service, 'net')) return [];
  const definitions = valueAt(root, 'networks');
  const engineName = (key: string): string => {
    const definition = definitions?.kind === 'map' ? definitions.fields.get(key)?.value : undefined;
    const external = valueAt(definition, 'external');
    const named = shownText(valueAt(definition, 'name')) ?? shownText(valueAt(external, 'name'));
    if (named) return named;
    const isExternal = external?.kind === 'scalar' && castBoolean(readScalar(external, '').shown) === true;
    return isExternal || project === undefined ? key : `${project}_${key}`;
  };
  const networks = new Map<string, Located<string>>();
  const value = valueAt(service, 'networks');
  for (const layer of value ? layersOf(value) : []) {
    if (layer.kind === 'map')
      for (const { key, keyAt } of layer.fields.values())
        networks.set(key, { value: engineName(key), at: placeOf(keyAt, `${path}.networks.${key}`) });
    else
      for (const item of itemsOf(layer)) {
        if (item.kind !== 'scalar') continue;
        const { shown, at: place } = readScalar(item, path);
        networks.set(shown, { value: engineName(shown), at: { ...place, path: `${path}.networks.${shown}` } });
      }
  }
  return networks.size > 0 ? [...networks.values()] : [{ value: engineName('default'), at }];
}

/** Service name, container name, host name and the aliases on its networks. */
function aliasesOf(name: string, service: Value): readonly string[] {
  const aliases = new Set([name]);
  for (const key of ['container_name', 'hostname']) {
    const text = shownText(valueAt(service, key));
    if (text) aliases.add(text);
  }
  const networks = valueAt(service, 'networks');
  for (const layer of networks ? layersOf(networks) : [])
    if (layer.kind === 'map')
      for (const { value } of layer.fields.values())
        for (const item of itemsOf(valueAt(value, 'aliases'))) {
          const text = shownText(item);
          if (text) aliases.add(text);
        }
  return [...aliases];
}

/** By service, the names that others use for it: `links: ["drone-server:server"]`. */
function linkNames(root: Mapping): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  const services = valueAt(root, 'services');
  for (const { value } of services?.kind === 'map' ? services.fields.values() : [])
    for (const item of itemsOf(valueAt(value, 'links'))) {
      const [target = '', alias] = shownText(item)?.split(':') ?? [];
      if (!alias) continue;
      addTo(names, target, alias);
    }
  return names;
}

export function labelsOf(
  service: Value,
  path: string,
  files: readonly EnvEntry[] = [],
): ReadonlyMap<string, Located<string>> {
  const labels = new Map<string, Located<string>>();
  for (const { name, value } of files) labels.set(name.value, value ?? { value: '', at: name.at });
  const value = valueAt(service, 'labels');
  for (const layer of value ? layersOf(value) : []) {
    if (layer.kind === 'map') {
      for (const { key, keyAt, value: label } of layer.fields.values()) {
        const own = `${path}.labels[${nameInPath(key)}]`;
        if (label.kind !== 'scalar') continue;
        const { shown, at, text } = readScalar(label, own);
        labels.set(key, label.isNull ? { value: '', at: placeOf(keyAt, own) } : { value: text ?? shown, at });
      }
    } else
      for (const item of itemsOf(layer)) {
        if (item.kind !== 'scalar') continue;
        const { shown, at } = readScalar(item, path);
        const equals = shown.indexOf('=');
        const key = equals < 0 ? shown : shown.slice(0, equals);
        labels.set(key, {
          value: equals < 0 ? '' : shown.slice(equals + 1),
          at: { ...at, path: `${path}.labels[${nameInPath(key)}]` },
        });
      }
  }
  return labels;
}

function logOptionsOf(service: Value): ReadonlyMap<string, string> {
  const value = valueAt(valueAt(service, 'logging'), 'options') ?? valueAt(service, 'log_opt');
  const options = new Map<string, string>();
  if (value?.kind === 'map')
    for (const field of value.fields.values()) {
      const text = shownText(field.value);
      if (text !== undefined) options.set(field.key, text);
    }
  return options;
}

/** The restart policy of a stack in the words of `restart` (docker/compose pkg/compose/create.go getRestartPolicy). */
function deployRestart(fields: ServiceFields): Located<string> | undefined {
  const condition = fields.text('deploy.restart_policy.condition');
  if (!condition) return undefined;
  const words: Readonly<Record<string, string>> = { any: 'always', none: 'no' };
  return { value: words[condition.value] ?? condition.value, at: condition.at };
}

function cpuQuota(fields: ServiceFields): Located<number> | undefined {
  const quota = fields.number('cpu_quota');
  if (!quota) return undefined;
  const period = fields.number('cpu_period')?.value ?? 100_000;
  return { value: quota.value / period, at: quota.at };
}

/** True for a check, false for one that is switched off; absent if there is neither. */
function healthcheckOf(service: Value, path: string): Located<boolean> | undefined {
  const value = valueAt(service, 'healthcheck');
  if (value?.kind !== 'map') return undefined;
  const disabled = valueAt(value, 'disable');
  if (disabled?.kind === 'scalar') {
    const { text, at } = readScalar(disabled, `${path}.healthcheck.disable`);
    if (text !== undefined && castBoolean(text) === true) return { value: false, at };
  }
  const test = valueAt(value, 'test');
  if (!test) return undefined;
  const [first] = itemsOf(test);
  const word = test.kind === 'scalar' ? '' : shownText(first);
  return { value: word !== 'NONE' && word !== undefined, at: placeOf(test, `${path}.healthcheck.test`) };
}

/** The texts of a list; undefined where it has none. */
function shownTexts(value: Value | undefined): readonly string[] | undefined {
  const texts = itemsOf(value).flatMap((item) => shownText(item) ?? []);
  return texts.length > 0 ? texts : undefined;
}
