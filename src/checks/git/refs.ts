import { join } from 'node:path';
import { listFolder, pathFrom, readFileSync, statSync } from '../file-system.ts';
import { textOf } from '../git-remote.ts';
import { GitError } from './git-error.ts';

/** The names of a repository, as they stand in files (gitrepository-layout). */
export interface Refs {
  /** The id that a whole name has, `refs/heads/main` or `HEAD`; undefined if there is none. Throws GitError. */
  idOf(name: string): string | undefined;
  /** Names below a folder of `refs`, such as `refs/heads/`, with their ids, sorted. */
  below(prefix: string): ReadonlyMap<string, string>;
}

/** How large `packed-refs` may be: a million names have 64 MiB. */
const maxPacked = 96 * 1024 * 1024;
/** A ref is one line. */
const maxRef = 65_535;
const maxNames = 200_000;
const maxDepth = 5;

/**
 * What git takes as a name (git check-ref-format), so that none leads out of the folder. A byte that is no text is written as
 * `pathFrom` (checks/file-system.ts) writes it; any other sign written so would be a way around.
 */
export function isRefName(given: string): boolean {
  const name = given.replace(/\\x[89A-F][0-9A-F]/g, '_');
  return (
    name !== '' &&
    name.length < 1000 &&
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|^\/|^-/.test(name) &&
    !name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'))
  );
}

/** `folder` is that of this work tree, `common` that of the repository; they differ in further work trees. */
export function openRefs(folder: string, common: string, idLength: number): Refs {
  let packed: ReadonlyMap<string, string> | undefined;
  const packedRefs = (): ReadonlyMap<string, string> => {
    packed ??= readPacked(join(common, 'packed-refs'), idLength);
    return packed;
  };
  const isId = (text: string): boolean => text.length === idLength && /^[0-9a-f]+$/.test(text);
  const idOf = (name: string, depth = 0): string | undefined => {
    if (!isRefName(name)) return undefined;
    if (depth > maxDepth) throw new GitError('damaged', 'a ref leads to itself');
    // What is not below refs, and these of it, each work tree has for itself.
    const isOwn = !name.startsWith('refs/') || /^refs\/(?:bisect|worktree|rewritten)\//.test(name);
    const text = refText(join(isOwn ? folder : common, name));
    if (text === undefined) return packedRefs().get(name);
    const target = /^ref:([^\r\n]*)/.exec(text)?.[1]?.trim();
    if (target !== undefined) return idOf(target, depth + 1);
    const id = text.split(/\s/, 1)[0] ?? '';
    if (isId(id)) return id;
    throw new GitError('damaged', 'a ref is damaged: it holds no object id');
  };
  return {
    idOf: (name) => idOf(name),
    below(prefix) {
      const found = new Map<string, string>();
      for (const [name, id] of packedRefs()) if (name.startsWith(prefix)) found.set(name, id);
      for (const name of looseBelow(common, prefix.replace(/\/$/, ''))) {
        const id = isRefName(name) ? idOf(name) : undefined;
        if (id !== undefined) found.set(name, id);
      }
      return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
    },
  };
}

function* looseBelow(common: string, start: string): Iterable<string> {
  const pending = [start];
  let seen = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    let entries: ReturnType<typeof listFolder>;
    try {
      entries = listFolder(join(common, next));
    } catch {
      continue;
    }
    for (const entry of entries) {
      if (++seen > maxNames) throw new GitError('too-large', `${start} has more than ${maxNames} names`);
      if (entry.isDirectory()) pending.push(`${next}/${entry.name}`);
      else if (entry.isFile()) yield `${next}/${entry.name}`;
    }
  }
}

function readPacked(path: string, idLength: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return found;
  if (stat.size > maxPacked) throw new GitError('too-large', `packed-refs has more than ${maxPacked} bytes`);
  for (const line of readFileSync(path).toString('latin1').split('\n'))
    if (line[idLength] === ' ' && /^[0-9a-f]/.test(line))
      found.set(pathFrom(Buffer.from(line.slice(idLength + 1), 'latin1')), line.slice(0, idLength));
  return found;
}

function refText(path: string): string | undefined {
  try {
    return textOf(path, maxRef);
  } catch {
    // Part of the path is a file: `refs/heads/main/x` beside `refs/heads/main`.
    return undefined;
  }
}
