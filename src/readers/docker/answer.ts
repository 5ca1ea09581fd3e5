import type { Mount } from '../../model/container.ts';
import { type Located, type Location, nameInPath, type Span } from '../../model/source.ts';
import { isSecretKey, isSecretOption } from '../../secrets/parts.ts';
import type { RawVariable } from '../env/settings.ts';
import { type Cursor, contentSpan, entriesOf, locate, textOf, under } from '../yaml/cursor.ts';
import { itemsOf, type Node, place } from '../yaml/tree.ts';

/* What an engine writes alike of containers and of services. */

/** The items of an `Env` list, with the places of name and value inside the item. */
export function environmentOf(cursor: Cursor, node: Node | undefined, path: string): readonly RawVariable[] {
  return itemsOf(node).flatMap((item) => {
    if (item.kind !== 'scalar' || item.text === '') return [];
    const inside = contentSpan(cursor.source, item);
    const written = cursor.source.text.slice(inside.start, inside.end);
    const equals = item.text.indexOf('=');
    const name = equals < 0 ? item.text : item.text.slice(0, equals);
    const value = equals < 0 ? undefined : item.text.slice(equals + 1);
    // An escape in the name would shift everything after it.
    const exact = written.startsWith(name) && (equals < 0 || written[equals] === '=');
    const here = (span: Span): Location =>
      place(cursor.source, `${cursor.prefix}${path}[${nameInPath(name)}]`, { span });
    const nameSpan = exact ? { start: inside.start, end: inside.start + name.length } : inside;
    const valueSpan = exact ? { start: inside.start + name.length + 1, end: inside.end } : inside;
    return [
      {
        name: { value: name, at: here(nameSpan) },
        value: value === undefined ? undefined : { value, at: here(valueSpan) },
        origin: value === undefined ? 'unresolved' : 'literal',
        heldBy: 'live',
      } satisfies RawVariable,
    ];
  });
}

/** Labels, or other texts by key. */
export function labelsOf(cursor: Cursor, node: Node | undefined, path: string): ReadonlyMap<string, Located<string>> {
  const labels = new Map<string, Located<string>>();
  for (const { key, value } of entriesOf(node)) {
    if (value.kind === 'scalar')
      labels.set(key, { value: value.text, at: locate(cursor, `${path}[${nameInPath(key)}]`, value) });
  }
  return labels;
}

/** How the engine calls kinds of mounts. */
export const mountTypes: Readonly<Record<string, Mount['type']>> = {
  bind: 'bind',
  volume: 'volume',
  tmpfs: 'tmpfs',
  npipe: 'npipe',
};
/** Since 20.10, the engine writes capabilities as `CAP_SYS_ADMIN`; before, as they were given. */
export function withoutPrefix(capability: Located<string>): Located<string> {
  const bare = capability.value.toUpperCase().replace(/^CAP_/, '');
  const { span } = capability.at;
  const cut = span.end - span.start === capability.value.length ? capability.value.length - bare.length : 0;
  return { value: bare, at: { ...capability.at, span: { start: span.start + cut, end: span.end } } };
}

/** True for a check, false for one that is switched off; absent if there is neither. */
export function healthcheckOf(cursor: Cursor, parent: Node | undefined, path: string): Located<boolean> | undefined {
  const node = under(parent, 'Healthcheck', 'Test');
  const first = itemsOf(node)[0];
  if (!node || !first) return undefined;
  return { value: textOf(first) !== 'NONE', at: locate(cursor, `${path}.Healthcheck`, first) };
}

/**
 * Secrets below these keys that only their own key or the option before them tells. What looks like a credential, or
 * equals a known secret, is masked wherever it stands.
 */
export function namedSecrets(
  cursor: Cursor,
  record: Node,
  freeText: readonly (readonly string[])[],
): readonly Location[] {
  const found: Location[] = [];
  const visit = (node: Node, path: string, named: boolean): void => {
    if (node.kind === 'map') {
      for (const { key, value } of node.entries) visit(value, `${path}[${nameInPath(key)}]`, isSecretKey(key));
    } else if (node.kind === 'seq') {
      node.items.forEach((item, index) => {
        const before = node.items[index - 1];
        visit(item, `${path}[${index}]`, named || (before?.kind === 'scalar' && isSecretOption(before.text)));
      });
    } else if (named && textOf(node) !== undefined)
      found.push(place(cursor.source, `${cursor.prefix}${path}`, { span: contentSpan(cursor.source, node) }));
  };
  for (const keys of freeText) {
    const node = under(record, ...keys);
    if (node) visit(node, keys.join('.'), false);
  }
  return found;
}
