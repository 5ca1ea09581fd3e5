import { reachOfPipeline, reachOfStep } from '../../drone/reach.ts';
import type {
  Conditions,
  Pipeline,
  PipelineStream,
  SecretDocument,
  Step,
  StepMount,
  StepValue,
  Volume,
} from '../../model/pipeline.ts';
import { type Located, type Location, nameInPath } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import type { Entry, MappingNode, Node } from '../yaml/tree.ts';
import { carriesAnchor, type DecodeError, Decoding, type UnknownKey } from './decode.ts';
import { type Field, type Fields, fieldsOf, isMergeKey, keyInPath, namer } from './fields.ts';
import type { Item } from './key-check.ts';
import { readBranches, readConstraints } from './legacy-conditions.ts';
import { fitsRow, keysOfAll, matrixRows, type Row, substitution } from './matrix.ts';
import { readWorkspace } from './pipeline.ts';
import { truthOf } from './scalar.ts';
import { extensionKey, legacyContainer, legacyKeys, legacyPairs, type Shape } from './shapes.ts';
import { imageOf } from './step.ts';
import { locate, located, type Reader, scalarText, stepValues, structReader, textField, textList } from './values.ts';

/*
 * The formats before 1.0. Drone converts 0.8 (drone/drone-yaml yaml/converter/legacy); here the same conversion is done
 * on the model, so that every value keeps its place in the legacy text. Drone no longer reads older formats; they are
 * judged as if they were 0.8.
 */

const match = /(?:^|\n)pipeline:[\t\n\f\r ]*(?:\n|$)/;

/** Whether the server converts the whole text from the 0.8 format (yaml/converter/legacy/match.go:11). */
export function isConverted(text: string): boolean {
  return match.test(text);
}

/** Sections of the 0.4 format that hold steps by name. */
const stepSections = ['cache', 'build', 'publish', 'deploy', 'notify'];
const serviceSections = ['compose', 'services'];
/** Sections of the 0.8 format that hold steps or services. */
const containerSections: readonly string[] = ['clone', 'pipeline', 'services'];

/** Whether a document without `kind` is in one of the formats before 1.0. */
export function isLegacy(root: MappingNode): boolean {
  const fields = fieldsOf([root]);
  if (fields.has('kind')) return false;
  if (fields.get('pipeline')?.last.kind === 'map') return true;
  if (fields.get('image')?.last.kind === 'scalar' && fields.has('script')) return true;
  return stepSections.some((section) => {
    const node = fields.get(section)?.last;
    return node?.kind === 'map' && (isContainer(node) || node.entries.some(({ value }) => value.kind === 'map'));
  });
}

/** Whether a mapping is itself a step, rather than a mapping of steps. */
function isContainer(node: MappingNode): boolean {
  const fields = fieldsOf([node]);
  return (
    fields.get('image')?.last.kind === 'scalar' ||
    ['commands', 'script'].some((key) => {
      const kind = fields.get(key)?.last.kind;
      return kind === 'seq' || kind === 'scalar';
    })
  );
}

interface Container {
  readonly name: string;
  readonly nameAt: Location;
  readonly node: Node;
}

/** The result of converting a file, and what the conversion refuses and ignores. */
export interface LegacyFile {
  readonly pipelines: readonly Pipeline[];
  readonly secrets: readonly SecretDocument[];
  readonly errors: readonly DecodeError[];
  /** What the runner refuses in the result, if the pipelines here are what was meant. */
  readonly runnerErrors: readonly DecodeError[];
  readonly unknown: readonly UnknownKey[];
  /** Names whose plain `${NAME}` the conversion itself replaces, with values of the matrix. */
  readonly replaced: ReadonlySet<string>;
}

/** How many characters all texts together may reach when a matrix multiplies them. */
const maxText = 4_000_000;

/** Converts a file of a format before 1.0: one pipeline, or one for each row of its matrix. */
export function readLegacy(source: Reader, root: MappingNode, stream: PipelineStream): LegacyFile {
  const fields = fieldsOf([root]);
  const matrix = fields.get('matrix')?.last;
  const rows = matrix?.kind === 'map' ? matrixRows(source, matrix) : [];
  const size = Math.max(1, root.span.end - root.span.start);
  const kept = rows.slice(0, Math.max(1, Math.floor(maxText / size)));
  const pipelines =
    kept.length === 0
      ? [readFile(source, root, fields, 'default', undefined, 0, stream)]
      : kept.map((row, index) => {
          const reader = { ...source, substitute: substitution(row) };
          return readFile(reader, root, fields, `matrix-${index + 1}`, row, index, stream);
        });
  return {
    pipelines,
    secrets: readSecrets(source, fields.get('secrets')),
    replaced: keysOfAll(rows),
    ...decodeFile(source, root, fields),
  };
}

function readFile(
  reader: Reader,
  root: MappingNode,
  fields: Fields,
  name: string,
  row: Row | undefined,
  index: number,
  stream: PipelineStream,
): Pipeline {
  const path = `pipeline[${nameInPath(name)}]`;
  const at = locate(reader, path, root);
  const key = keyOf(fields);
  const nameAt = key ? locate(reader, path, key.keyNode) : at;
  const unique = namer();
  const wanted = (container: Container): boolean => {
    const node = container.node.kind === 'map' ? fieldsOf([container.node]).get('when')?.last : undefined;
    const when = node?.kind === 'map' ? fieldsOf([node]).get('matrix')?.last : undefined;
    return row === undefined || fitsRow(reader, when?.kind === 'map' ? when : undefined, row);
  };
  const clones = containersOf(reader, fields.get('clone'), path);
  const stepContainers = numbered([...clones, ...stepsOf(reader, fields, path)]).filter(wanted);
  const serviceContainers = servicesOf(reader, fields, path).filter(wanted);
  const builders = stepContainers.map((container) =>
    stepBuilder(reader, container, 'steps', `${path}.steps[${nameInPath(unique(container.name))}]`),
  );
  const uniqueService = namer();
  const services = serviceContainers.map((container) =>
    stepBuilder(reader, container, 'services', `${path}.services[${nameInPath(uniqueService(container.name))}]`),
  );
  const trigger = readBranches(
    reader,
    fields.get('branches'),
    `${path}.branches`,
    builders.map(({ when }) => when),
  );
  const reach = reachOfPipeline(trigger);
  const finish = ({ step, when }: StepBuilder): Step => ({ ...step, reach: reachOfStep(reach, trigger, when) });
  const steps = builders.map(finish);
  const fallback = (value: string, part: string): Located<string> => ({
    value,
    at: { ...nameAt, path: `${path}.platform.${part}` },
  });
  return {
    kind: 'pipeline',
    owner: `${reader.source.name}#${path}`,
    label: say`pipeline "${name}"`,
    source: reader.source,
    index,
    name,
    nameAt,
    at,
    type: 'docker',
    documentKind: { value: 'pipeline', at: nameAt },
    os: fallback('linux', 'os'),
    arch: fallback('amd64', 'arch'),
    steps,
    services: services.map(finish),
    volumes: volumesOf([...builders, ...services], path),
    trigger,
    reach,
    dependsOn: [],
    node: new Map(),
    clone: clones.length > 0 ? { disable: { value: true, at: keyPlace(reader, fields, 'clone', path) } } : {},
    imagePullSecrets: [],
    environment: [],
    workspace: readWorkspace(reader, fields.get('workspace'), `${path}.workspace`),
    server: [],
    legacy: true,
    stream,
  };
}

/** The key that represents the whole file. */
function keyOf(fields: Fields): Field | undefined {
  for (const key of ['pipeline', 'build', 'script', 'image', ...stepSections]) {
    const field = fields.get(key);
    if (field) return field;
  }
  return undefined;
}

function keyPlace(reader: Reader, fields: Fields, key: string, path: string): Location {
  const field = fields.get(key);
  return locate(reader, `${path}.${key}`, field?.keyNode ?? { span: { start: 0, end: 0 } });
}

/** Steps with the name of an earlier one are distinguished by their position (convert.go:150). */
function numbered(containers: readonly Container[]): Container[] {
  const names = new Set<string>();
  return containers.map((container, position) => {
    const name = names.has(container.name) ? `${container.name}_${position}` : container.name;
    names.add(name);
    return { ...container, name };
  });
}

/** Containers of a section by name, in the order written. */
function containersOf(reader: Reader, field: Field | undefined, path: string): Container[] {
  return nodesOf(field)
    .flatMap(entriesOf)
    .flatMap(({ key, keyNode, value }) =>
      value.kind === 'map' || (value.kind === 'scalar' && field?.key === 'pipeline')
        ? [{ name: key, nameAt: locate(reader, `${path}.${keyInPath(key)}`, keyNode), node: value }]
        : [],
    );
}

/** What was written for a section, from its last null value on (container.go Containers.UnmarshalYAML). */
function nodesOf(field: Field | undefined): readonly Node[] {
  const nodes = field?.nodes ?? [];
  return nodes.slice(nodes.findLastIndex((node) => node.kind === 'scalar') + 1);
}

/**
 * The containers of a mapping, which the converter reads as a list of pairs: one that is written twice exists twice
 * (container.go Containers.UnmarshalYAML). From a list, the converter would make containers without a name and an
 * image; it is read as what was meant.
 */
function entriesOf(node: Node): readonly Entry[] {
  if (isPairs(node)) return node.entries;
  return [...fieldsOf(node.kind === 'seq' ? node.items : [node]).values()].map(({ key, keyNode, last }) => ({
    key,
    keyNode,
    value: last,
  }));
}

function isPairs(node: Node): node is MappingNode {
  return node.kind === 'map' && !node.entries.some(({ keyNode }) => isMergeKey(keyNode));
}

/** The mappings of a converted file in which every entry becomes a container, even one of an earlier name. */
export function containerLists(root: MappingNode): ReadonlyMap<Node, Item> {
  const fields = fieldsOf([root]);
  const lists = new Map<Node, Item>();
  for (const section of containerSections)
    for (const node of fields.get(section)?.nodes ?? [])
      if (isPairs(node)) lists.set(node, section === 'services' ? 'service' : 'step');
  return lists;
}

function stepsOf(reader: Reader, fields: Fields, path: string): Container[] {
  if (fields.has('pipeline')) return containersOf(reader, fields.get('pipeline'), path);
  const steps: Container[] = [];
  const own = fields.get('script');
  // 0.2 and 0.3: the file itself is the one step that builds.
  if (own && fields.has('image'))
    steps.push({ name: 'build', nameAt: locate(reader, path, own.keyNode), node: rootStep(fields) });
  for (const section of stepSections) {
    const field = fields.get(section);
    if (field?.last.kind === 'map' && isContainer(field.last))
      steps.push({ name: section, nameAt: locate(reader, path, field.keyNode), node: field.last });
    else for (const each of containersOf(reader, field, path)) steps.push(each);
  }
  return steps;
}

/** The keys of a 0.2 file that make up its step. */
function rootStep(fields: Fields): MappingNode {
  const entries = ['image', 'script', 'env'].flatMap((key) => {
    const field = fields.get(key);
    return field ? [{ key, keyNode: field.keyNode, value: field.last }] : [];
  });
  const first = entries[0]?.keyNode.span ?? { start: 0, end: 0 };
  return { kind: 'map', entries, span: { start: first.start, end: entries.at(-1)?.value.span.end ?? first.end } };
}

function servicesOf(reader: Reader, fields: Fields, path: string): Container[] {
  return serviceSections.flatMap((section) => {
    const field = fields.get(section);
    // 0.3: a list of images.
    if (field?.last.kind === 'seq' && field.last.items.every(isScalar))
      return field.last.items.flatMap((item) =>
        item.kind === 'scalar' ? [{ name: item.text, nameAt: locate(reader, path, item), node: item }] : [],
      );
    return containersOf(reader, field, path);
  });
}

interface StepBuilder {
  readonly step: Step;
  readonly when: Conditions | undefined;
}

const everywhere = reachOfPipeline(undefined);

/** A container as a step without its reach (convert.go toContainer). */
function stepBuilder(reader: Reader, container: Container, section: Step['section'], path: string): StepBuilder {
  const { node } = container;
  const fields = fieldsOf([node]);
  const at = locate(reader, path, node.kind === 'map' ? node : container.nameAt);
  const { text, truth, list } = structReader(reader, fields, path);
  const commands = fields.has('commands') ? list('commands') : list('script');
  const when = readConstraints(reader, fields.get('when'), `${path}.when`);
  const image =
    node.kind === 'scalar' && section === 'services' ? located(reader, `${path}.image`, node) : text('image');
  const pull = fields.get('pull')?.last;
  const step = {
    section,
    name: container.name,
    at,
    nameAt: { ...container.nameAt, path: `${path}.name` },
    ...imageOf(image),
    // Without the key, the converter also writes `if-not-exists`.
    pull: {
      value: pull?.kind === 'scalar' && truthOf(pull) ? 'always' : 'if-not-exists',
      at: { ...(pull ? locate(reader, path, pull) : container.nameAt), path: `${path}.pull` },
    },
    privileged: truth('privileged'),
    commands,
    command: list('command'),
    entrypoint: list('entrypoint'),
    hasCommands: commands.length > 0,
    environment: readEnvironment(reader, fields, path),
    settings: readSettings(reader, fields, path),
    mounts: readMounts(reader, fields.get('volumes'), `${path}.volumes`),
    devices: [],
    dns: list('dns'),
    dnsSearch: list('dns_search'),
    extraHosts: list('extra_hosts'),
    detach: truth('detach'),
    dependsOn: [],
    when,
    reach: everywhere,
  };
  return { step, when };
}

/** `environment` as a mapping or a list of `NAME=value`, followed by the secrets under their upper-case names. */
function readEnvironment(reader: Reader, fields: Fields, path: string): readonly StepValue[] {
  const values = new Map<string, StepValue>();
  const field = fields.get('environment') ?? fields.get('env');
  const base = `${path}.environment`;
  if (field?.last.kind === 'seq')
    for (const item of field.last.items) {
      const value = item.kind === 'scalar' ? assignment(reader, item, base) : undefined;
      if (value) values.set(value.name.value, value);
    }
  else for (const value of stepValues(reader, field, base)) values.set(value.name.value, value);
  const secrets = fields.get('secrets')?.last;
  for (const item of secrets?.kind === 'seq' ? secrets.items : []) {
    const value = secretValue(reader, item, base);
    if (value) values.set(value.name.value, value);
  }
  return [...values.values()];
}

function assignment(reader: Reader, item: Node & { kind: 'scalar' }, base: string): StepValue | undefined {
  const written = scalarText(reader, item);
  const equals = written.indexOf('=');
  if (equals < 0) return undefined;
  const { start, end } = item.span;
  const exact = end - start === written.length;
  const name = written.slice(0, equals);
  const path = `${base}.${keyInPath(name)}`;
  const part = (from: number, to: number): Location =>
    locate(reader, path, exact ? { span: { start: start + from, end: start + to } } : item);
  const text = { value: written.slice(equals + 1), at: part(equals + 1, written.length) };
  return { name: { value: name, at: part(0, equals) }, text, nestedSecrets: [], scalars: [text], at: text.at };
}

/** A secret, given by name or by `source` and `target`. */
function secretValue(reader: Reader, item: Node, base: string): StepValue | undefined {
  const fields = fieldsOf([item]);
  const own = item.kind === 'scalar' ? located(reader, base, item) : undefined;
  const source = own ?? textField(reader, fields.get('source'), base);
  const target = own ?? textField(reader, fields.get('target'), base);
  if (!source || source.value === '' || !target) return undefined;
  const name = target.value.toUpperCase();
  const path = `${base}.${keyInPath(name)}`;
  return {
    name: { value: name, at: { ...target.at, path } },
    fromSecret: { value: source.value, at: { ...source.at, path: `${path}.from_secret` } },
    nestedSecrets: [],
    scalars: [],
    at: { ...source.at, path },
  };
}

/** Every key that a container does not have becomes a setting, even a misspelt one. */
function readSettings(reader: Reader, fields: Fields, path: string): readonly StepValue[] {
  return [...fields.values()].flatMap((field) => {
    if (legacyContainer.fields.has(field.key) || field.key === 'script' || field.key === 'env') return [];
    const entry = { key: field.key, keyNode: field.keyNode, value: field.last };
    const node: MappingNode = { kind: 'map', entries: [entry], span: field.last.span };
    const settings = { key: 'settings', keyNode: field.keyNode, nodes: [node], last: node };
    return stepValues(reader, settings, `${path}.settings`);
  });
}

/** `source:target` of a host path. */
function readMounts(reader: Reader, field: Field | undefined, path: string): StepMount[] {
  return textList(reader, field, path).flatMap((volume) => {
    const [source, target] = volume.value.split(':', 3);
    // Without a colon, the converter takes neither part, and the runner refuses a volume without a name.
    if (source === undefined || target === undefined) return [{ name: { value: '', at: volume.at }, at: volume.at }];
    const { start, end } = volume.at.span;
    const exact = end - start === volume.value.length;
    const part = (from: number, to: number): Location =>
      exact ? { ...volume.at, span: { start: start + from, end: start + to } } : volume.at;
    return [
      {
        name: { value: source, at: part(0, source.length) },
        path: { value: target, at: part(source.length + 1, source.length + 1 + target.length) },
        at: volume.at,
      },
    ];
  });
}

/** One host volume per source, named after it; Drone makes a hexadecimal text of the source instead. */
function volumesOf(builders: readonly StepBuilder[], path: string): Volume[] {
  const volumes = new Map<string, Volume>();
  for (const { step } of builders)
    for (const { name } of step.mounts)
      if (!volumes.has(name.value)) {
        const base = `${path}.volumes[${keyInPath(name.value)}]`;
        volumes.set(name.value, {
          name: name.value,
          at: { ...name.at, path: base },
          hostPath: name.value === '' ? undefined : { ...name, at: { ...name.at, path: `${base}.host.path` } },
        });
      }
  return [...volumes.values()];
}

/** `secrets` of the whole file, which become secrets in an external store (convert.go toSecrets). */
function readSecrets(reader: Reader, field: Field | undefined): SecretDocument[] {
  if (field?.last.kind !== 'map') return [];
  return [...fieldsOf([field.last]).values()].map(({ key, keyNode, last }) => {
    const base = `secret[${keyInPath(key)}]`;
    const fields = fieldsOf([last]);
    const options = fieldsOf(fields.get('driver_opts')?.nodes ?? []);
    const isVault = textField(reader, fields.get('driver'), base)?.value === 'vault';
    const at = `${base}.get.path`;
    return {
      name: { value: key, at: locate(reader, `${base}.name`, keyNode) },
      at: locate(reader, base, last.span.end > last.span.start ? last : keyNode),
      path: isVault
        ? textField(reader, options.get('path'), at)
        : (textField(reader, fields.get('path'), at) ?? textField(reader, fields.get('vault'), at)),
      externalName: isVault ? textField(reader, options.get('key'), `${base}.get.name`) : undefined,
    };
  });
}

/** What the converter refuses or makes useless, and the keys of the file that it ignores. */
function decodeFile(
  reader: Reader,
  root: MappingNode,
  fields: Fields,
): Pick<LegacyFile, 'errors' | 'runnerErrors' | 'unknown'> {
  const owner = { source: reader.source, path: 'pipeline[default]', label: say`pipeline "default"` };
  // Keys of the whole file; the content of its sections follows.
  const errors: DecodeError[] = [
    ...new Decoding(owner).check(root, { is: 'struct', go: 'yaml.Config', fields: new Map() }).errors,
  ];
  const runnerErrors: DecodeError[] = [];
  const unknown: UnknownKey[] = [];
  for (const { key, keyNode, nodes, last } of fields.values())
    if (!legacyKeys.includes(key)) {
      if (!fields.has('pipeline') || extensionKey.test(key)) continue;
      if (carriesAnchor(reader.source, { key, keyNode, value: last })) continue;
      unknown.push({
        value: key,
        at: locate(reader, `${owner.path}.${keyInPath(key)}`, keyNode),
        parent: owner.label,
        candidates: legacyKeys,
      });
    } else if (containerSections.includes(key))
      for (const node of nodes) {
        for (const each of decodeContainers(owner, key, node)) errors.push(each);
        if (node.kind === 'seq' && node.items.some(({ kind }) => kind === 'map'))
          runnerErrors.push({
            message: say`linter: invalid or missing image`,
            at: locate(reader, `${owner.path}.${key}`, node),
          });
      }
  return { errors, runnerErrors, unknown };
}

const text: Shape = { is: 'string' };
const texts: Shape = { is: 'list', go: '[]string', of: text };
const secretPairs: Shape = {
  is: 'list',
  go: '[]*yaml.Secret',
  of: {
    is: 'struct',
    go: 'yaml.Secret',
    fields: new Map([
      ['source', text],
      ['target', text],
    ]),
  },
};

const textOrTexts = (node: Node): Shape => (isScalar(node) ? text : texts);

/**
 * Keys of a container whose decoders try several forms and complain about the last (drone/drone-yaml
 * yaml/converter/legacy/internal/string_slice.go, slice_map.go, secret.go).
 */
const twoForms: ReadonlyMap<string, (node: Node) => Shape> = new Map([
  ...['command', 'commands', 'entrypoint', 'dns', 'dns_search'].map((key) => [key, textOrTexts] as const),
  ['secrets', (node: Node) => (node.kind === 'seq' && node.items.every(isScalar) ? texts : secretPairs)],
  [
    'environment',
    (node: Node) =>
      node.kind === 'map' &&
      !node.complexKeys &&
      node.entries.every((entry) => isMergeKey(entry.keyNode) || isScalar(entry.value))
        ? { is: 'map', go: 'map[string]string', of: text }
        : texts,
  ],
]);

function isScalar({ kind }: Node): boolean {
  return kind === 'scalar';
}

function decodeContainers(
  owner: { source: Reader['source']; path: string; label: Text },
  section: string,
  node: Node,
): DecodeError[] {
  const group = section === 'services' ? 'services' : 'steps';
  const decoding = new Decoding(owner);
  if (node.kind === 'seq') return decoding.check(node, legacyPairs, section).errors;
  if (node.kind !== 'map')
    return decoding.check(node, { is: 'map', go: 'yaml.MapSlice', of: { is: 'any' } }, section).errors;
  for (const { key, value } of entriesOf(node)) {
    const path = `${group}[${keyInPath(key)}]`;
    decoding.check(value, legacyContainer, path);
    for (const [field, shapeOf] of twoForms) {
      const written = fieldsOf([value]).get(field)?.last;
      if (written) decoding.check(written, shapeOf(written), path, field);
    }
  }
  return decoding.errors;
}
