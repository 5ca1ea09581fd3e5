import type { Location } from '../../model/source.ts';
import type { Entry, MappingNode, Node, SequenceNode } from '../yaml/tree.ts';
import type { Owner } from './decode.ts';
import { isMergeKey, itemInPath, keyInPath, mergedMappings } from './fields.ts';

/** A key that the same mapping already has. */
export interface DuplicateKey {
  readonly value: string;
  readonly at: Location;
  /** Where it was written first. */
  readonly first: Location;
  /** Whether both have the same value, letter by letter. */
  readonly equal: boolean;
  readonly taken?: Item;
}

/** What the entries of a mapping are if Drone reads it as a list. */
export type Item = 'step' | 'service';

/** A `<<` after keys that it overrides, which it would not do by YAML's own rules. */
export interface LateMergeKey {
  readonly value: string;
  readonly at: Location;
  readonly overrides: readonly string[];
}

/** The path from the root down to a node. */
type Trail = { readonly up: Trail | undefined } & (
  | { readonly key: string }
  | { readonly list: SequenceNode; readonly index: number }
);

const noLists: ReadonlyMap<Node, Item> = new Map();

/** Up to this number, keys are compared one by one, because a set for each mapping costs more. */
const fewKeys = 12;

/**
 * Every key that is written twice and every `<<` that comes too late, anywhere in a document. Shared nodes count once.
 * `lists` are the mappings that Drone reads as lists, so that every entry counts.
 */
export function checkKeys(
  root: Node,
  owner: Owner,
  lists: ReadonlyMap<Node, Item> = noLists,
): { duplicates: DuplicateKey[]; lateMerges: LateMergeKey[] } {
  const duplicates: DuplicateKey[] = [];
  const lateMerges: LateMergeKey[] = [];
  const visited = new Set<Node>();
  const keysOf = mergedKeys();

  const mapping = (node: MappingNode, trail: Trail | undefined): void => {
    const { entries } = node;
    const taken = lists.get(node);
    let keys = entries.length > fewKeys ? new Map<string, Entry>() : undefined;
    for (const [index, entry] of entries.entries()) {
      const { key, keyNode, value } = entry;
      const earlier = keys ? keys.get(key) : entryOf(entries, key, index);
      if (isMergeKey(keyNode)) {
        const before = keys ?? new Map(entries.slice(0, index).map((each) => [each.key, each]));
        keys = before;
        const overrides = [...keysOf(value)].filter((merged) => before.has(merged));
        if (overrides.length > 0) lateMerges.push({ value: key, at: place(trail, key, keyNode), overrides });
      } else {
        if (earlier)
          duplicates.push({
            value: key,
            at: place(trail, key, keyNode),
            first: place(trail, key, earlier.keyNode),
            equal: textOf(earlier.value) === textOf(value),
            taken,
          });
        keys?.set(key, entry);
      }
      if (value.kind !== 'scalar') walk(value, { up: trail, key });
    }
  };
  const place = (trail: Trail | undefined, key: string, { span }: Node): Location => ({
    source: owner.source,
    path: pathOf(owner.path, { up: trail, key }),
    span,
  });
  const textOf = ({ span }: Node): string => owner.source.text.slice(span.start, span.end).trim();
  const walk = (node: Node, trail: Trail | undefined): void => {
    if (node.kind === 'scalar' || visited.has(node)) return;
    visited.add(node);
    if (node.kind === 'map') mapping(node, trail);
    else
      for (const [index, item] of node.items.entries())
        if (item.kind !== 'scalar') walk(item, { up: trail, list: node, index });
  };
  walk(root, undefined);
  return { duplicates, lateMerges };
}

/** The keys that a merge value contributes, including those of its own merges; computed once per node. */
function mergedKeys(): (value: Node) => ReadonlySet<string> {
  const cache = new Map<Node, Set<string>>();
  const keysOf = (value: Node): ReadonlySet<string> => {
    const found = cache.get(value);
    if (found) return found;
    const keys = new Set<string>();
    cache.set(value, keys);
    for (const mapping of mergedMappings(value) ?? [])
      for (const entry of mapping.entries)
        if (isMergeKey(entry.keyNode)) for (const key of keysOf(entry.value)) keys.add(key);
        else keys.add(entry.key);
    return keys;
  };
  return keysOf;
}

function entryOf(entries: readonly Entry[], key: string, before: number): Entry | undefined {
  for (let i = before - 1; i >= 0; i--) if (entries[i]?.key === key) return entries[i];
  return undefined;
}

function pathOf(prefix: string, trail: Trail): string {
  const parts: string[] = [];
  for (let at: Trail | undefined = trail; at; at = at.up)
    parts.push('key' in at ? `.${keyInPath(at.key)}` : `[${itemInPath(at.list, at.index)}]`);
  return prefix + parts.reverse().join('');
}
