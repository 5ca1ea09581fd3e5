import { type Located, type Location, nameInPath, type Source } from '../../model/source.ts';
import type { Text } from '../../model/text.ts';
import { type Entry, isNull, itemsOf, type Node } from '../yaml/tree.ts';

/** How deep merge keys may be nested; nobody writes more than two. */
const maxMergeDepth = 20;

/**
 * Entries of a mapping with `<<` followed, as kubectl and Helm do. Of duplicate keys, the last one counts; written keys
 * win over merged ones. Empty for anything but a mapping.
 */
export function entriesOf(node: Node | undefined): readonly Entry[] {
  if (node?.kind !== 'map') return [];
  if (!node.entries.some((entry) => entry.key === '<<') && !hasDoubles(node.entries)) return node.entries;
  const found = new Map<string, Entry>();
  collect(node, found, 0);
  return [...found.values()];
}

function hasDoubles(entries: readonly Entry[]): boolean {
  return new Set(entries.map((entry) => entry.key)).size < entries.length;
}

function collect(node: Node, found: Map<string, Entry>, depth: number): void {
  if (node.kind !== 'map' || depth > maxMergeDepth) return;
  for (const entry of node.entries) {
    if (entry.key !== '<<') continue;
    const merged = entry.value.kind === 'seq' ? [...entry.value.items].reverse() : [entry.value];
    for (const one of merged) collect(one, found, depth + 1);
  }
  for (const entry of node.entries) if (entry.key !== '<<') found.set(entry.key, entry);
}

/** The entry of a key, with merge keys followed. */
export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  return findEntry(node, key, 0);
}

function findEntry(node: Node | undefined, key: string, depth: number): Entry | undefined {
  if (node?.kind !== 'map' || depth > maxMergeDepth) return undefined;
  let merge: Node | undefined;
  for (let i = node.entries.length - 1; i >= 0; i--) {
    const entry = node.entries[i];
    if (entry?.key === key) return entry;
    if (entry?.key === '<<') merge ??= entry.value;
  }
  if (merge?.kind !== 'seq') return findEntry(merge, key, depth + 1);
  for (const one of merge.items) {
    const entry = findEntry(one, key, depth + 1);
    if (entry) return entry;
  }
  return undefined;
}

/** The value below a chain of keys; undefined for YAML's null. */
export function below(node: Node | undefined, ...keys: readonly string[]): Node | undefined {
  let current = node;
  for (const key of keys) current = entryOf(current, key)?.value;
  return current && !isNull(current) ? current : undefined;
}

/** Text of a scalar; undefined for null and collections. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && !isNull(node) ? node.text : undefined;
}

/** Texts of the scalars in a list. */
export function textsOf(node: Node | undefined): readonly string[] {
  return itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
}

/** `true` and `false` as Kubernetes decodes them; undefined for any other text. */
export function flagOf(node: Node | undefined): boolean | undefined {
  const text = textOf(node)?.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** One object of the Kubernetes API, written in a manifest or rendered from the values of a chart. */
export interface Manifest {
  readonly source: Source;
  readonly node: Node;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** `Deployment[drone]`, unique in its source. */
  readonly path: string;
  /** Set if kustomize merges it into another object, which has what it lacks. */
  readonly isPatch?: true;
  /** Set if a chart has rendered it. */
  readonly rendered?: Rendered;
}

/** Where the parts of a rendered object come from. */
export interface Rendered {
  /** Why the objects are only partly known. */
  readonly gaps: readonly Text[];
  /** Nodes that stand for a default of the chart; their span is that of the nearest written key. */
  readonly assumed: ReadonlySet<Node>;
  /** Images whose tag is the chart's default, with words that say so. */
  readonly defaultTags: ReadonlyMap<Node, string>;
  /** Paths of the nodes that are written in the values. */
  readonly paths: ReadonlyMap<Node, string>;
}

/** The place of a node of a manifest. */
export function placeIn(manifest: Manifest, node: Node, path: string): Location {
  return { source: manifest.source, path: manifest.rendered?.paths.get(node) ?? path, span: node.span };
}

/** A value with the place of its node. */
export function locatedIn<T>(manifest: Manifest, value: T, node: Node, path: string): Located<T> {
  return { value, at: placeIn(manifest, node, path) };
}

/** A value with the place of its node, where there are both. */
export function locatedIf<T>(
  manifest: Manifest,
  value: T | undefined,
  node: Node | undefined,
  path: string,
): Located<T> | undefined {
  return node && value !== undefined ? locatedIn(manifest, value, node, path) : undefined;
}

/** Places for keys: `Deployment[drone].metadata` or, below a path, `.env[NAME]`. */
export function inBrackets(path: string, key: string): string {
  return `${path}[${nameInPath(key)}]`;
}
