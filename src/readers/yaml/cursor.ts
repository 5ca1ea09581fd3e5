import type { Located, Location, Source, Span } from '../../model/source.ts';
import { field, isNull, itemsOf, type MappingNode, type Node, place, type ScalarNode } from './tree.ts';

/* How the values of an answer are read, each with its place: the JSON of an engine or a server as a tree. */

/** Where values are read from; `prefix` distinguishes the containers of one text. */
export interface Cursor {
  readonly source: Source;
  readonly prefix: string;
}

/** The text of a scalar as written, with escapes but without its quotes. */
export function contentSpan(source: Source, node: ScalarNode): Span {
  const { start, end } = node.span;
  if (end - start === node.text.length) return node.span;
  const quoted = node.style === 'double' || node.style === 'single';
  return quoted && /["']/.test(source.text[start] ?? '') ? { start: start + 1, end: end - 1 } : node.span;
}

export function locate(cursor: Cursor, path: string, node: Node): Location {
  return place(cursor.source, `${cursor.prefix}${path}`, node);
}

export function under(node: Node | undefined, ...keys: readonly string[]): Node | undefined {
  let found = node;
  for (const key of keys) found = field(found, key)?.value;
  return found;
}

export function entriesOf(node: Node | undefined): MappingNode['entries'] {
  return node?.kind === 'map' ? node.entries : [];
}

/** The text of a scalar; undefined for null and for an empty text, by which the engine means "not set". */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && !isNull(node) && node.text !== '' ? node.text : undefined;
}

export function numberOf(node: Node | undefined): number | undefined {
  const written = textOf(node);
  const value = written === undefined ? Number.NaN : Number(written);
  return Number.isFinite(value) ? value : undefined;
}

export function text(cursor: Cursor, parent: Node | undefined, path: string, key: string): Located<string> | undefined {
  const node = under(parent, key);
  const value = textOf(node);
  return node && value !== undefined ? { value, at: locate(cursor, path, node) } : undefined;
}

export function flag(
  cursor: Cursor,
  parent: Node | undefined,
  path: string,
  key: string,
): Located<boolean> | undefined {
  const found = text(cursor, parent, path, key);
  return found && /^(?:true|false)$/.test(found.value) ? { value: found.value === 'true', at: found.at } : undefined;
}

/** A limit; 0, -1 and null mean none. */
export function positive(
  cursor: Cursor,
  parent: Node | undefined,
  path: string,
  key: string,
): Located<number> | undefined {
  const node = under(parent, key);
  const value = numberOf(node);
  return node && value !== undefined && value > 0 ? { value, at: locate(cursor, path, node) } : undefined;
}

/** The texts of a list; Podman writes a list with one item as a plain text. */
export function texts(cursor: Cursor, parent: Node | undefined, path: string, key: string): readonly Located<string>[] {
  const node = under(parent, key);
  const single = node?.kind === 'scalar' ? [node] : itemsOf(node);
  return single.flatMap((item, index) => {
    const value = textOf(item);
    return value === undefined ? [] : [{ value, at: locate(cursor, `${path}[${index}]`, item) }];
  });
}
