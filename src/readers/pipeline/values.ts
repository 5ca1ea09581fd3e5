import type { StepValue } from '../../model/pipeline.ts';
import type { Located, Location, Source } from '../../model/source.ts';
import type { Node, ScalarNode, SequenceNode } from '../yaml/tree.ts';
import { type Field, type Fields, fieldsOf, isMergeKey, keyInPath, mergedMappings } from './fields.ts';
import { isNothing, textOf, truthOf } from './scalar.ts';

/** How values of one text are read: where they are, and what replaces parts of them (the matrix of a legacy file). */
export interface Reader {
  readonly source: Source;
  readonly substitute?: (text: string) => string;
}

/** The place of a node. */
export function locate(reader: Reader, path: string, node: { readonly span: Location['span'] }): Location {
  return { source: reader.source, path, span: node.span };
}

/** The text of a scalar with its place. */
export function located(reader: Reader, path: string, node: ScalarNode): Located<string> {
  return { value: scalarText(reader, node), at: locate(reader, path, node) };
}

/** The text of a scalar as a string field receives it. */
export function scalarText(reader: Reader, node: ScalarNode): string {
  const text = node.tag === 'tag:yaml.org,2002:binary' ? decoded(reader, node) : textOf(node);
  return reader.substitute ? reader.substitute(text) : text;
}

function decoded(reader: Reader, node: ScalarNode): string {
  return Buffer.from(reader.source.text.slice(node.span.start, node.span.end), 'base64').toString('utf8');
}

/** A string field; absent for null and for anything that is not a scalar. */
export function textField(reader: Reader, field: Field | undefined, path: string): Located<string> | undefined {
  const node = field?.last;
  if (node?.kind !== 'scalar' || isNothing(node)) return undefined;
  return located(reader, path, node);
}

/** A boolean field; absent for anything that Drone does not read as one. */
export function truthField(reader: Reader, field: Field | undefined, path: string): Located<boolean> | undefined {
  const node = field?.last;
  const value = node?.kind === 'scalar' ? truthOf(node) : undefined;
  return node && value !== undefined ? { value, at: locate(reader, path, node) } : undefined;
}

/**
 * A list of strings. As in Drone, null in it is an empty string. A bare string, which Drone refuses, is read as a list
 * with one item, so that what was meant is audited all the same.
 */
export function textList(reader: Reader, field: Field | undefined, path: string): readonly Located<string>[] {
  const node = field?.last;
  if (!node || node.kind === 'map') return [];
  if (node.kind === 'scalar') {
    const text = textField(reader, field, path);
    return text ? [text] : [];
  }
  return scalarsOf(reader, path, node);
}

/** The texts of a list; other items are left out. */
export function scalarsOf(reader: Reader, path: string, { items }: SequenceNode): readonly Located<string>[] {
  return items.flatMap((item, index) => (item.kind === 'scalar' ? [located(reader, `${path}[${index}]`, item)] : []));
}

/** A map of strings. Null is an empty string. */
export function textMap(reader: Reader, field: Field | undefined, path: string): ReadonlyMap<string, Located<string>> {
  const found = new Map<string, Located<string>>();
  for (const entry of fieldsOf(field?.nodes ?? []).values())
    if (entry.last.kind === 'scalar')
      found.set(entry.key, located(reader, `${path}.${keyInPath(entry.key)}`, entry.last));
  return found;
}

/** Reads the fields of a struct by their keys. */
export interface StructReader {
  readonly text: (key: string) => Located<string> | undefined;
  readonly truth: (key: string) => Located<boolean> | undefined;
  readonly list: (key: string) => readonly Located<string>[];
  readonly map: (key: string) => ReadonlyMap<string, Located<string>>;
  /** A struct inside this one, empty if it is not written. */
  readonly struct: (key: string) => StructReader;
}

export function structReader(reader: Reader, fields: Fields, path: string): StructReader {
  return {
    text: (key) => textField(reader, fields.get(key), `${path}.${key}`),
    truth: (key) => truthField(reader, fields.get(key), `${path}.${key}`),
    list: (key) => textList(reader, fields.get(key), `${path}.${key}`),
    map: (key) => textMap(reader, fields.get(key), `${path}.${key}`),
    struct: (key) => structReader(reader, fieldsOf(fields.get(key)?.nodes ?? []), `${path}.${key}`),
  };
}

/**
 * `environment` or `settings` of a step: each value is a literal or a secret. To the runner, null values do not exist,
 * so they are left out (drone-runner-docker engine/compiler/util.go convertStaticEnv).
 */
export function stepValues(reader: Reader, field: Field | undefined, path: string): readonly StepValue[] {
  const found: StepValue[] = [];
  for (const entry of fieldsOf(field?.nodes ?? []).values()) {
    if (entry.last.kind === 'scalar' && isNothing(entry.last)) continue;
    found.push(valueOfField(reader, entry, `${path}.${keyInPath(entry.key)}`, true));
  }
  return found;
}

/** `environment` of a pipeline, a map of strings: a secret in it is refused, so it counts as unresolved. */
export function plainValues(reader: Reader, field: Field | undefined, path: string): readonly StepValue[] {
  return [...fieldsOf(field?.nodes ?? []).values()].map((entry) =>
    valueOfField(reader, entry, `${path}.${keyInPath(entry.key)}`, false),
  );
}

/** One value that may be a literal or a secret. */
export function valueField(reader: Reader, field: Field | undefined, path: string): StepValue | undefined {
  if (!field || (field.last.kind === 'scalar' && isNothing(field.last))) return undefined;
  return valueOfField(reader, field, path, true);
}

function valueOfField(reader: Reader, field: Field, path: string, resolves: boolean): StepValue {
  const node = field.last;
  const name = { value: field.key, at: locate(reader, path, field.keyNode) };
  if (node.kind === 'scalar') {
    const text = located(reader, path, node);
    const at = node.span.end > node.span.start ? text.at : name.at;
    return { name, text, nestedSecrets: [], scalars: [text], at };
  }
  const secret = node.kind === 'map' && resolves ? secretOf(reader, node, path) : undefined;
  const nestedSecrets: Located<string>[] = [];
  const scalars: Located<string>[] = [];
  collect(reader, node, path, secret?.at.span, nestedSecrets, scalars);
  return { name, fromSecret: secret, nestedSecrets, scalars, at: locate(reader, path, node) };
}

/** The secret that a map names directly; an empty name is no secret (drone/runner-go manifest/param.go:28). */
function secretOf(reader: Reader, node: Node, path: string): Located<string> | undefined {
  const secret = textField(reader, fieldsOf([node]).get('from_secret'), `${path}.from_secret`);
  return secret && secret.value !== '' ? secret : undefined;
}

/** Collects the scalars below a node, and apart from them names of secrets but the one at `resolved`, which counts. */
function collect(
  reader: Reader,
  node: Node,
  path: string,
  resolved: Location['span'] | undefined,
  nestedSecrets: Located<string>[],
  scalars: Located<string>[],
): void {
  if (node.kind === 'seq') {
    for (const [index, item] of node.items.entries()) one(item, `${path}[${index}]`, '');
    return;
  }
  if (node.kind !== 'map') return;
  for (const entry of node.entries) {
    if (isMergeKey(entry.keyNode))
      for (const mapping of mergedMappings(entry.value) ?? [])
        collect(reader, mapping, path, resolved, nestedSecrets, scalars);
    else one(entry.value, `${path}.${keyInPath(entry.key)}`, entry.key);
  }

  function one(value: Node, at: string, key: string): void {
    if (value.kind !== 'scalar') {
      collect(reader, value, at, undefined, nestedSecrets, scalars);
      return;
    }
    if (isNothing(value)) return;
    const text = located(reader, at, value);
    if (key !== 'from_secret') scalars.push(text);
    else if (!resolved) nestedSecrets.push(text);
  }
}
