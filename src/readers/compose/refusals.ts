import type { Problem } from '../../model/report.ts';
import { say, type Text } from '../../model/text.ts';
import { templateMark } from '../yaml/template.ts';
import { isNull } from '../yaml/tree.ts';
import { layersOf } from './merge.ts';
import { problemAt } from './notes.ts';
import { parsePort } from './ports.ts';
import { castBoolean, type ScalarType, scalarType } from './scalars.ts';
import { type Field, type Mapping, readScalar, type Scalar, shownText, type Value, valueAt } from './tree.ts';
import { isHostPath, splitVolume } from './volumes.ts';

/*
 * What Compose refuses in a project whose files are merged, although it can be understood: values of a type that its
 * schema does not allow (compose-go schema/compose-spec.json), and names that nothing defines (loader/validate.go).
 */

type Kind = ScalarType | 'null' | 'unknown' | 'list' | 'map';

/** The kinds that a key may have, and those of its items, if it is a list. */
interface Shape {
  readonly keys: string;
  readonly kinds: readonly Kind[];
  readonly items?: readonly Kind[];
  /** Items must differ, even if they come from several files. */
  readonly unique?: true;
}

const shapes: readonly Shape[] = [
  {
    keys: `cgroup cgroup_parent container_name cpuset domainname hostname image ipc isolation mac_address network_mode
      platform pull_policy pull_refresh_after restart runtime stop_grace_period stop_signal user userns_mode uts
      working_dir`,
    kinds: ['text'],
  },
  { keys: 'pid', kinds: ['text', 'null'] },
  { keys: 'attach init oom_kill_disable privileged read_only stdin_open tty', kinds: ['boolean', 'text'] },
  { keys: 'use_api_socket', kinds: ['boolean'] },
  {
    keys: `cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus mem_limit
      mem_reservation mem_swappiness memswap_limit oom_score_adj pids_limit scale shm_size`,
    kinds: ['number', 'text'],
  },
  { keys: 'cap_add cap_drop dns_opt links profiles', kinds: ['list'], items: ['text'] },
  {
    keys: 'device_cgroup_rules external_links security_opt volumes_from',
    kinds: ['list'],
    items: ['text'],
    unique: true,
  },
  { keys: 'expose group_add', kinds: ['list'], items: ['text', 'number'] },
  { keys: 'dns', kinds: ['list', 'text', 'null'], items: ['text'] },
  { keys: 'dns_search label_file tmpfs', kinds: ['list', 'text'], items: ['text'] },
  { keys: 'env_file', kinds: ['list', 'text'], items: ['text', 'map'] },
  { keys: 'gpus', kinds: ['list', 'text'], items: ['map'] },
  { keys: 'annotations environment labels sysctls', kinds: ['list', 'map'], items: ['text'] },
  { keys: 'networks depends_on models extra_hosts', kinds: ['list', 'map'], items: ['text'] },
  { keys: 'configs devices secrets volumes', kinds: ['list'], items: ['text', 'map'] },
  { keys: 'ports', kinds: ['list'], items: ['text', 'number', 'map'] },
  { keys: 'post_start pre_start pre_stop', kinds: ['list'], items: ['map'] },
  { keys: 'blkio_config credential_spec healthcheck logging provider storage_opt ulimits', kinds: ['map'] },
  { keys: 'deploy develop', kinds: ['map', 'null'] },
  { keys: 'build extends', kinds: ['map', 'text'] },
  { keys: 'command entrypoint', kinds: ['list', 'text', 'null'], items: ['text'] },
];

const shapeOf: ReadonlyMap<string, Shape> = new Map(
  shapes.flatMap((shape) => shape.keys.split(/\s+/).map((key) => [key, shape] as const)),
);

const pairs: ReadonlySet<string> = new Set(['annotations', 'environment', 'labels', 'sysctls']);
const cast: ReadonlySet<string> = new Set(['init', 'oom_kill_disable', 'privileged', 'read_only', 'stdin_open', 'tty']);
const rootKeys = /^(?:x-.*|version|name|include|services|models|networks|volumes|secrets|configs)$/s;

/** How many refusals of one project are told: Compose ends at the first. */
const maxRefusals = 20;

/** What Compose refuses in a project. `isWhole`: all files that it consists of were read. */
export function refusalsOf(root: Mapping, isWhole: boolean): readonly Problem[] {
  const services = valueAt(root, 'services');
  const isPart = services?.kind === 'map' && [...services.fields.values()].some(lacksImage);
  const found: Problem[] = [];
  const done = new Set<Value>();
  const refuse = ({ scope, span }: Pick<Value, 'scope' | 'span'>, why: Text): void => {
    if (found.length < maxRefusals) found.push(problemAt(scope.source, span.start, say`Compose refuses ${why}`, false));
  };

  const checkItems = (key: string, value: Value, shape: Shape): void => {
    if (value.kind !== 'list') return;
    const texts = new Set<string>();
    for (const item of value.items) {
      if (shape.items && !allows(shape.items, item)) refuse(item, say`this item of ${key}: it is ${shown(item)}`);
      const text = shape.unique && shownText(item);
      if (text && texts.has(text)) refuse(item, say`"${text}" twice in ${key}`);
      if (text) texts.add(text);
      if (key === 'ports' && item.kind === 'scalar') {
        const { text: port } = readScalar(item, key);
        if (port !== undefined && !parsePort(port)) refuse(item, say`"${port}" as a port`);
      }
      if (key === 'environment' && item.kind === 'scalar' && /^[^=$]*[ \t]=/.test(item.raw))
        refuse(item, say`a variable whose name ends with a blank`);
    }
  };

  const checkPairs = (key: string, value: Value): void => {
    if (value.kind !== 'map') return;
    for (const field of value.fields.values()) {
      if (isNotText(field)) refuse(field.keyAt, say`a name in ${key} that is not a text`);
      if (key === 'environment' && /[ \t]$/.test(field.key))
        refuse(field.keyAt, say`a variable whose name ends with a blank`);
      if (!allows(['text', 'number', 'boolean', 'null'], field.value))
        refuse(field.value, say`"${field.key}" in ${key}: it is ${shown(field.value)}`);
    }
  };

  const checkService = (service: Mapping): void => {
    for (const { key, keyAt, value } of service.fields.values()) {
      if (value.kind === 'reset' || key.startsWith('x-') || done.has(value)) continue;
      done.add(value);
      const shape = shapeOf.get(key);
      if (!shape && !templateMark.test(key)) refuse(keyAt, say`the key "${key}", which services do not have`);
      for (const layer of shape ? layersOf(value) : []) {
        if (!shape || layer.kind === 'reset') continue;
        const isMerged = isPart || value.kind === 'layers';
        if (!(isMerged && layer.kind === 'scalar' && layer.isNull) && !allows(shape.kinds, layer))
          refuse(keyAt, say`${key}: it is ${shown(layer)}`);
        checkItems(key, layer, shape);
        if (pairs.has(key)) checkPairs(key, layer);
      }
      if (cast.has(key) && value.kind === 'scalar') {
        const { text } = readScalar(value, key);
        if (text !== undefined && kindOf(value) === 'text' && castBoolean(text) === undefined)
          refuse(value, say`"${text}" for ${key}: it is not a boolean`);
      }
    }
  };

  const heading = root.fields.get('services')?.keyAt;
  // In the first format, which only older releases read, services are at the top level and have other keys.
  if (heading && !/^["']?services/.test(heading.scope.source.text.slice(heading.span.start, heading.span.start + 10)))
    return [];
  for (const { key, keyAt } of root.fields.values())
    if (!rootKeys.test(key) && !templateMark.test(key))
      refuse(keyAt, say`the key "${key}", which compose files do not have`);
  const version = root.fields.get('version')?.value;
  if (version && !allows(['text'], version)) refuse(version, say`version: it is ${shown(version)}`);
  for (const field of services?.kind === 'map' ? services.fields.values() : []) {
    if (isNotText(field) || !(/^[\w.-]+$/.test(field.key) || templateMark.test(field.key)))
      refuse(field.keyAt, say`the name of this service`);
    if (field.value.kind === 'scalar' && field.value.isNull && !isPart)
      refuse(field.keyAt, say`service "${field.key}": it is empty`);
    if (field.value.kind === 'map') checkService(field.value);
  }
  if (isWhole && !isPart && services?.kind === 'map')
    for (const each of undefinedNames(root, services)) refuse(each.at, each.why);
  return found;
}

interface Undefined {
  readonly at: Pick<Value, 'scope' | 'span'>;
  readonly why: Text;
}

/** Whether a service has no image: the file is meant to be merged with another one. */
function lacksImage({ value }: Field): boolean {
  return value.kind === 'map' && !['image', 'build', 'provider'].some((key) => valueAt(value, key));
}

/** Names that services use and nothing defines. */
function* undefinedNames(root: Mapping, services: Mapping): Generator<Undefined> {
  const all = [...services.fields.values()].flatMap(({ key, value }) =>
    value.kind === 'map' ? [{ key, service: value }] : [],
  );
  const isDefined = (kind: string, name: string): boolean => {
    const defined = valueAt(root, kind);
    const value = defined?.kind === 'map' ? defined.fields.get(name)?.value : undefined;
    return value !== undefined && value.kind !== 'reset';
  };
  const seen = new Set<Value>();
  for (const { key, service } of all) {
    // Services of profiles that are not active are not checked.
    if (valueAt(service, 'profiles')) continue;
    const networks = valueAt(service, 'networks');
    if (networks && valueAt(service, 'network_mode') && namesIn(networks).length > 0)
      yield { at: networks, why: say`service "${key}": it has both network_mode and networks` };
    const names = [
      ...namesIn(networks).map((each) => ({ ...each, kind: 'networks' })),
      ...sourcesIn(valueAt(service, 'secrets')).map((each) => ({ ...each, kind: 'secrets' })),
      ...sourcesIn(valueAt(service, 'configs')).map((each) => ({ ...each, kind: 'configs' })),
      ...volumesIn(valueAt(service, 'volumes')).map((each) => ({ ...each, kind: 'volumes' })),
      ...namesIn(valueAt(service, 'depends_on')).map((each) => ({ ...each, kind: 'services' })),
    ];
    for (const { name, at, kind } of names) {
      if (seen.has(at) || name.includes('$') || (kind === 'networks' && name === 'default')) continue;
      seen.add(at);
      const isThere = kind === 'services' ? services.fields.has(name) : isDefined(kind, name);
      if (!isThere) yield { at, why: say`service "${key}": nothing defines "${name}" of its ${kind}` };
    }
  }
}

interface Named {
  readonly name: string;
  readonly at: Value;
}

/** The names in a list or mapping. */
function namesIn(value: Value | undefined): readonly Named[] {
  return (value ? layersOf(value) : []).flatMap((layer): readonly Named[] => {
    if (layer.kind === 'map')
      return [...layer.fields.values()].flatMap(({ key, value: at }) =>
        at.kind === 'reset' ? [] : [{ name: key, at }],
      );
    return layer.kind === 'list' ? layer.items.flatMap((at) => named(at, at)) : [];
  });
}

function named(value: Value | undefined, at: Value): readonly Named[] {
  const text = value?.kind === 'scalar' ? readScalar(value, '').text : undefined;
  return text === undefined ? [] : [{ name: text, at }];
}

function sourcesIn(value: Value | undefined): readonly Named[] {
  if (value?.kind !== 'list') return [];
  return value.items.flatMap((item) => named(item.kind === 'map' ? valueAt(item, 'source') : item, item));
}

/** Volumes that are mounted by name. */
function volumesIn(value: Value | undefined): readonly Named[] {
  if (value?.kind !== 'list') return [];
  return value.items.flatMap((item) => {
    if (item.kind === 'map') {
      const isVolume = shownText(valueAt(item, 'type')) === 'volume';
      return isVolume ? named(valueAt(item, 'source'), item) : [];
    }
    return named(item, item).flatMap(({ name, at }) => {
      const source = splitVolume(name)?.source;
      return source === undefined || isHostPath(source) ? [] : [{ name: source, at }];
    });
  });
}

function allows(kinds: readonly Kind[], value: Value): boolean {
  const kind = kindOf(value);
  return kind === 'unknown' || kinds.includes(kind);
}

function kindOf(value: Value): Kind {
  if (value.kind === 'map' || value.kind === 'list') return value.kind;
  return value.kind === 'scalar' ? kindOfScalar(value) : 'unknown';
}

function kindOfScalar({ isNull, template, bare, raw }: Scalar): Kind {
  if (isNull) return 'null';
  if (template) return 'unknown';
  // What is interpolated stays a text.
  return bare && !raw.includes('$') ? scalarType(raw) : 'text';
}

const kindNames: Readonly<Record<Kind, string>> = {
  null: 'empty',
  text: 'a text',
  number: 'a number',
  boolean: 'a boolean',
  infinite: 'a number without end',
  unknown: 'not known',
  list: 'a list',
  map: 'a mapping',
};

function shown(value: Value): string {
  return kindNames[kindOf(value)];
}

/** Whether YAML takes an unquoted key for something else than a text. */
function isNotText({ key, keyAt }: Field): boolean {
  const { span, scope } = keyAt;
  if (!scope.source.text.startsWith(key, span.start) || span.end - span.start !== key.length) return false;
  return scalarType(key) !== 'text' || isNull({ kind: 'scalar', text: key, style: 'plain', span });
}
