import { memoizePer } from '../../model/memoize.ts';
import { pathFrom } from '../file-system.ts';
import { GitError } from './git-error.ts';

export interface TreeEntry {
  /** As `pathFrom` (checks/file-system.ts) writes it: unique, and never with a slash. */
  readonly name: string;
  /**
   * `link`: its text says where it leads; `submodule`: a commit of another repository; `nameless`: one whose name is none, or
   * could lead out of the tree.
   */
  readonly kind: 'file' | 'folder' | 'link' | 'submodule' | 'nameless';
  readonly mode: number;
  readonly id: string;
}

const kinds: ReadonlyMap<number, TreeEntry['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
  [0o160000, 'submodule'],
]);

/** Entries that have a name. */
export const byName = memoizePer(
  (entries: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> =>
    new Map(entries.filter(({ kind }) => kind !== 'nameless').map((entry) => [entry.name, entry])),
);

/** Undoes a tree object. Throws GitError for what is none. */
export function parseTree(bytes: Buffer, idBytes: number, id: string): readonly TreeEntry[] {
  const damaged = (what: string): GitError => new GitError('damaged', `tree ${id} is damaged: ${what}`);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = space < 0 ? -1 : bytes.indexOf(0, space);
    const next = end + 1 + idBytes;
    if (end < 0 || next > bytes.length || space - at > 7) throw damaged('an entry is cut off');
    const digits = bytes.toString('latin1', at, space);
    const mode = /^[0-7]{5,6}$/.test(digits) ? Number.parseInt(digits, 8) : -1;
    const kind = kinds.get(mode & 0o170000);
    const name = pathFrom(bytes.subarray(space + 1, end));
    if (mode < 0 || !kind) throw damaged('an entry has no mode that git writes');
    const isNameless = name === '' || name === '.' || name === '..' || name.includes('/');
    entries.push({ name, kind: isNameless ? 'nameless' : kind, mode, id: bytes.toString('hex', end + 1, next) });
    at = next;
  }
  return entries;
}
