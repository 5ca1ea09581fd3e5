import type { HostFile } from '../../model/engine.ts';
import { type Cursor, locate, textOf, under } from '../yaml/cursor.ts';
import type { Node } from '../yaml/tree.ts';

/** `{path, mode: "660", user, group}`, what the audit saw of a file of the host; undefined for anything else. */
export function hostFile(cursor: Cursor, node: Node | undefined, path: string): HostFile | undefined {
  const [name, mode, user, group] = ['path', 'mode', 'user', 'group'].map((key) => textOf(under(node, key)));
  if (!node || name === undefined || !/^[0-7]{1,4}$/.test(mode ?? '')) return undefined;
  return {
    path: name,
    mode: Number.parseInt(mode ?? '', 8),
    user: user ?? '',
    group: group ?? '',
    at: locate(cursor, path, under(node, 'mode') ?? node),
  };
}
