import type { Location } from '../../model/source.ts';
import type { MappingNode, Node, SequenceNode } from '../yaml.ts';
import type { Owner } from './decode.ts';
import { isMergeKey, mergedMappings } from './fields.ts';
import { inPath, itemNames } from './paths.ts';

/** A key that the same mapping has already. */
export interface DuplicateKey {
  readonly value: string;
  readonly at: Location;
}

/** A `<<` behind keys that it overrides, which it would not do by YAML's own rules. */
export interface LateMergeKey extends DuplicateKey {
  readonly overrides: readonly string[];
}

interface Step {
  readonly up?: Step;
  readonly key?: string;
  readonly list?: SequenceNode;
  readonly index?: number;
}

/** Every key that is written twice and every `<<` that stands too late, anywhere in a document. Shared nodes count once. */
export function survey(root: Node, owner: Owner): { duplicates: DuplicateKey[]; lateMerges: LateMergeKey[] } {
  const duplicates: DuplicateKey[] = [];
  const lateMerges: LateMergeKey[] = [];
  const visited = new Set<Node>();
  const keysOf = mergedKeys();

  const mapping = (node: MappingNode, trail: Step | undefined): void => {
    // Most mappings are small; a set for each would cost more than it saves.
    const keys = new Set<string>();
    for (const entry of node.entries) {
      const place = (): Location => ({
        source: owner.source,
        path: pathOf(owner.path, { ...(trail && { up: trail }), key: entry.key }),
        span: entry.keyNode.span,
      });
      if (isMergeKey(entry.keyNode)) {
        const overrides = [...keysOf(entry.value)].filter((key) => keys.has(key));
        if (overrides.length > 0) lateMerges.push({ value: entry.key, at: place(), overrides });
      } else if (keys.has(entry.key)) duplicates.push({ value: entry.key, at: place() });
      else keys.add(entry.key);
      if (entry.value.kind !== 'scalar') walk(entry.value, { ...(trail && { up: trail }), key: entry.key });
    }
  };
  const walk = (node: Node, trail: Step | undefined): void => {
    if (node.kind === 'scalar' || visited.has(node)) return;
    visited.add(node);
    if (node.kind === 'map') mapping(node, trail);
    else
      for (const [index, item] of node.items.entries())
        if (item.kind !== 'scalar') walk(item, { ...(trail && { up: trail }), list: node, index });
  };
  walk(root, undefined);
  return { duplicates, lateMerges };
}

/** The keys that a merge value brings, those of its own merges included; computed once a node. */
function mergedKeys(): (value: Node) => ReadonlySet<string> {
  const known = new Map<Node, Set<string>>();
  const keysOf = (value: Node): ReadonlySet<string> => {
    const found = known.get(value);
    if (found) return found;
    const keys = new Set<string>();
    known.set(value, keys);
    for (const mapping of mergedMappings(value) ?? [])
      for (const entry of mapping.entries)
        if (isMergeKey(entry.keyNode)) for (const key of keysOf(entry.value)) keys.add(key);
        else keys.add(entry.key);
    return keys;
  };
  return keysOf;
}

function pathOf(prefix: string, step: Step): string {
  const parts: string[] = [];
  for (let at: Step | undefined = step; at; at = at.up)
    parts.push(
      at.list && at.index !== undefined ? `[${itemNames(at.list)[at.index] ?? at.index}]` : `.${inPath(at.key ?? '')}`,
    );
  return prefix + parts.reverse().join('');
}
