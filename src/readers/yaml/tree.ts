import type { Location, Source, Span } from '../../model/source.ts';

/*
 * A YAML text as a plain tree with offsets. Every scalar is text, because Drone, Docker and Kubernetes resolve scalars
 * by different rules, and `<<` stays where it is, because they merge by different rules too. Aliases share the node
 * that they name, so the tree is a graph without cycles.
 */

export type Node = ScalarNode | MappingNode | SequenceNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** The text after unquoting and folding; empty for null. */
  readonly text: string;
  readonly style: 'plain' | 'single' | 'double' | 'literal' | 'folded';
  readonly tag?: string;
  /** The span of the content; without the quotes, if the content is written unchanged. */
  readonly span: Span;
}

export interface Entry {
  /** The text of the key; complex keys have none and are not entries. */
  readonly key: string;
  readonly keyNode: ScalarNode;
  readonly value: Node;
}

export interface MappingNode {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
  /** Keys that are mappings or lists, as in `{{ name }}` without quotes; absent if there are none. */
  readonly complexKeys?: readonly (MappingNode | SequenceNode)[];
  readonly tag?: string;
  /** From the first key to the end of the last value; a flow collection includes its brackets. */
  readonly span: Span;
}

export interface SequenceNode {
  readonly kind: 'seq';
  readonly items: readonly Node[];
  readonly tag?: string;
  readonly span: Span;
}

/** Whether a node is YAML's null: absent, `~`, or `null` without quotes. */
export function isNull(node: Node): boolean {
  return (
    node.kind === 'scalar' &&
    node.style === 'plain' &&
    node.tag === undefined &&
    /^(?:|~|null|Null|NULL)$/.test(node.text)
  );
}

/** The last value written for a key, which is what most decoders use; merge keys are not followed. */
export function field(node: Node | undefined, key: string): Entry | undefined {
  if (node?.kind !== 'map') return undefined;
  for (let i = node.entries.length - 1; i >= 0; i--) {
    const entry = node.entries[i];
    if (entry?.key === key) return entry;
  }
  return undefined;
}

/** The items of a list; empty for anything else. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === 'seq' ? node.items : [];
}

/** The first key of a mapping, which stands for it; the node itself if it has none. */
export function firstKeyOf(node: Node): Node {
  return (node.kind === 'map' ? node.entries[0]?.keyNode : undefined) ?? node;
}

export function place(source: Source, path: string, where: { readonly span: Span }): Location {
  return { source, path, span: where.span };
}
