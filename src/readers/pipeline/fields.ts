import { memoizePer } from '../../model/memoize.ts';
import { nameInPath } from '../../model/source.ts';
import { type Entry, field, type MappingNode, type Node, type ScalarNode, type SequenceNode } from '../yaml/tree.ts';
import { isNothing } from './scalar.ts';

/*
 * Mappings as buildkite/yaml v2 decodes them (decode.go mappingStruct, merge): in the order written, a later key over
 * an earlier one, and `<<` at its own position, so that it overrides what is before it.
 */

/** All that was written for a key of a struct, in order. Structs merge all of it, other types take the last. */
export interface Field {
  readonly key: string;
  readonly keyNode: ScalarNode;
  readonly nodes: readonly Node[];
  readonly last: Node;
}

/** The fields of a struct by key, in the order in which the keys first occur. */
export type Fields = ReadonlyMap<string, Field>;

interface OpenField {
  readonly key: string;
  keyNode: ScalarNode;
  readonly nodes: Node[];
  last: Node;
}

/** Whether a key is YAML's merge key; in quotes it is not. */
export function isMergeKey(key: ScalarNode): boolean {
  return key.text === '<<' && (key.tag === undefined ? key.style === 'plain' : key.tag === 'tag:yaml.org,2002:merge');
}

/** The mappings of a merge value in the order in which they are applied; undefined for a value that is refused. */
export function mergedMappings(value: Node): readonly MappingNode[] | undefined {
  if (value.kind === 'map') return [value];
  if (value.kind !== 'seq') return undefined;
  const mappings: MappingNode[] = [];
  for (const item of value.items) {
    if (item.kind !== 'map') return undefined;
    mappings.push(item);
  }
  // Earlier ones take precedence, so they come last.
  return mappings.reverse();
}

/** The fields of a struct to which `nodes` are decoded one after another. */
export function fieldsOf(nodes: readonly Node[]): Fields {
  const fields = new Map<string, OpenField>();
  for (const node of nodes) {
    if (node.kind === 'map') apply(node.entries, fields);
    else if (node.kind === 'scalar' && isNothing(node)) fields.clear();
  }
  return fields;
}

function apply(entries: readonly Entry[], fields: Map<string, OpenField>): void {
  for (const { key, keyNode, value } of entries) {
    if (isMergeKey(keyNode)) {
      for (const mapping of mergedMappings(value) ?? []) apply(mapping.entries, fields);
      continue;
    }
    const known = fields.get(key);
    if (known) {
      known.keyNode = keyNode;
      known.last = value;
      known.nodes.push(value);
    } else fields.set(key, { key, keyNode, nodes: [value], last: value });
  }
}

/** How long a name in paths and labels may be: a path is repeated for every value below it. */
const maxNameLength = 80;

/** A name as a path, label or message can hold it: one line, not too long, no characters that move the cursor. */
export function inPath(name: string): string {
  const cut = name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}

/** A key or name of a file in a path. */
export function keyInPath(name: string): string {
  return nameInPath(inPath(name));
}

/** An item of a list in a path: its name, or its position from 0. */
export function itemInPath(list: SequenceNode, index: number): string {
  return nameInPath(itemNames(list)[index] ?? `${index}`);
}

/** Makes names unique: the second `build` becomes `build#2`. */
export function namer(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const short = inPath(name);
    const count = (seen.get(short) ?? 0) + 1;
    seen.set(short, count);
    return count === 1 ? short : `${short}#${count}`;
  };
}

/** The names of a list's items: their `name` if they have one, otherwise their position from 0. */
export const itemNames = memoizePer((list: SequenceNode): readonly string[] => {
  const unique = namer();
  return list.items.map((item, index) => {
    const name = field(item, 'name')?.value;
    return name?.kind === 'scalar' && name.text !== '' ? unique(name.text) : String(index);
  });
});
