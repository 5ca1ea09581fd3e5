import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { type Entry, pathFrom, readFileSync, statSync } from '../file-system.ts';
import { disk, type EntryFacts, type FileTree } from '../file-tree.ts';
import { maxSearched } from '../files.ts';
import { type Git, gitIndexes, parseIndex } from '../git-index.ts';
import { GitError, isGitError } from './git-error.ts';
import { keptElsewhere } from './pointer.ts';
import type { GitRepository } from './repository.ts';
import { byName, type TreeEntry } from './tree.ts';

/** One state of the files of a repository, at the paths that they have, or would have, in the work tree. */
export interface View {
  readonly tree: FileTree;
  readonly git: Git;
  /** What was met and is not part of the state; complete once everything was looked at. */
  readonly leftOut: LeftOut;
  /** Of a commit: the id of the blob at a path, its links followed; undefined where there is none. */
  readonly idOf?: (path: string) => string | undefined;
}

export interface LeftOut {
  /** Files that git does not track, and folders without a tracked file. */
  readonly untracked: Set<string>;
  /** By path, the id of the commit. */
  readonly submodules: Map<string, string>;
  /** Files of a commit of which git has only the address of their content. */
  readonly pointers: Set<string>;
  /** Why something of the repository could not be read. */
  readonly errors: GitError[];
  /** Files of a commit whose content could not be read, because it is missing, damaged or too large. */
  readonly lost: Set<string>;
}

/**
 * What a commit shows of what it does not hold. `nothing`: submodules are not there, and links that lead out lead nowhere.
 * `as a clone`: a submodule is an empty folder, as git makes it, and a link that leads out is one to a file, whatever is there.
 */
export type Beyond = 'nothing' | 'as a clone';

/** How many folders were listed whose tree was listed before, in all states of a repository. */
export interface ListedAgain {
  folders: number;
}

/** How deep folders may be nested, and how many links a path may lead through. */
const maxDepth = 200;
const maxLinks = 40;
/** How many errors of one state are kept: the first is told. */
const maxErrors = 20;
const maxIndex = 96 * 1024 * 1024;
/**
 * How many bytes of blobs may be read that were read before: a few trees can name one large blob any number of times, which
 * costs nothing to store.
 */
const maxRepeated = 4 * 1024 * 1024 * 1024;
/**
 * How many folders may be listed whose tree was listed before, and how many more for each entry that was not: a few trees
 * that name others twice are more folders than anybody can look into.
 */
const maxListedAgain = 1_000;
const maxAgainPerEntry = 20;
/** The same for all states of a repository. */
const maxListedAgainInAll = 20 * maxListedAgain;
/** What is read of a link that leads out. */
const outside: EntryFacts = { isFile: () => true, isDirectory: () => false, size: 0 };
const noEntries: ReadonlyMap<string, TreeEntry> = new Map();

function nothingLeftOut(): LeftOut {
  return { untracked: new Set(), submodules: new Map(), pointers: new Set(), errors: [], lost: new Set() };
}

/** As the file system says it. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * A tree of a repository, as if it were checked out at `root`. Nothing of submodules is there. Links are followed within the
 * tree; where one leads out, the path outside is what it resolves to, and nothing is read there.
 */
export function treeView(
  repository: GitRepository,
  treeId: string,
  root: string,
  beyond: Beyond = 'nothing',
  maxAgain = maxRepeated,
  inAll: ListedAgain = { folders: 0 },
): View {
  const leftOut = nothingLeftOut();
  const isClone = beyond === 'as a clone';
  const folders = new Map<string, ReadonlyMap<string, TreeEntry> | undefined>();
  const guarded = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (isGitError(error) && leftOut.errors.length < maxErrors) leftOut.errors.push(error);
      throw error;
    }
  };

  /** What is in a folder, by its path from the root, `` or `a/b`; undefined if it is none. */
  const folderAt = (path: string): ReadonlyMap<string, TreeEntry> | undefined => {
    if (folders.has(path)) return folders.get(path);
    const slash = path.lastIndexOf('/');
    const own = path === '' ? undefined : folderAt(slash < 0 ? '' : path.slice(0, slash))?.get(path.slice(slash + 1));
    const id = path === '' ? treeId : own?.kind === 'folder' ? own.id : undefined;
    const entries = id === undefined ? undefined : guarded(() => repository.tree(id));
    if (entries?.some(({ kind }) => kind === 'nameless') && leftOut.errors.length < maxErrors) {
      const where = path === '' ? '' : ` of "${path}"`;
      leftOut.errors.push(new GitError('damaged', `tree ${id} is damaged: an entry${where} has no name`));
    }
    const ofSubmodule = isClone && own?.kind === 'submodule' ? noEntries : undefined;
    const found = entries ? byName(entries) : ofSubmodule;
    folders.set(path, found);
    return found;
  };

  /** By the ids of trees, the folder in which each was listed first. */
  const listedFirst = new Map<string, string>();
  let again = 0;
  let stored = 0;
  let isTooOften = false;
  /** Whether a folder may be listed; if so, its entries are counted. */
  const mayList = (path: string, { size }: ReadonlyMap<string, TreeEntry>): boolean => {
    const slash = path.lastIndexOf('/');
    const id = path === '' ? treeId : folderAt(path.slice(0, Math.max(0, slash)))?.get(path.slice(slash + 1))?.id;
    const first = listedFirst.get(id ?? '');
    if (first === undefined) {
      listedFirst.set(id ?? '', path);
      stored += size;
    } else if (first !== path) {
      const more = maxAgainPerEntry * stored;
      if (again >= maxListedAgain + more || inAll.folders >= maxListedAgainInAll + more) {
        if (!isTooOften) leftOut.errors.push(new GitError('unsupported', 'its trees name the same folders too often'));
        isTooOften = true;
        return false;
      }
      again++;
      inAll.folders++;
    }
    return true;
  };

  /** The same for most paths, which lead through no link. */
  const withoutLinks = (path: string): { inside: string; entry: TreeEntry | 'root' } | undefined => {
    const inside = partsOf(path, root)?.join('/');
    if (inside === undefined) return undefined;
    if (folderAt(inside)) return { inside, entry: 'root' };
    const slash = inside.lastIndexOf('/');
    const entry = folderAt(slash < 0 ? '' : inside.slice(0, slash))?.get(inside.slice(slash + 1));
    return entry?.kind === 'file' ? { inside, entry } : undefined;
  };

  /** Where a path of the system leads: a path from the root with what is there, or a path outside. */
  const follow = (
    path: string,
    isLast: boolean,
  ): { inside: string; entry: TreeEntry | 'root' } | { outside: string } => {
    const known = withoutLinks(path);
    if (known) return known;
    let links = 0;
    let rest = partsOf(path, root);
    if (!rest) return { outside: path };
    let at = '';
    while (true) {
      const name = rest.shift();
      if (name === undefined) return { inside: at, entry: 'root' };
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (at === '') return { outside: join(root, '..', ...rest) };
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
        continue;
      }
      const entry: TreeEntry | undefined = folderAt(at)?.get(name);
      if (!entry) throw systemError('ENOENT');
      const next = at === '' ? name : `${at}/${name}`;
      if (entry.kind === 'link' && (rest.length > 0 || isLast)) {
        if (++links > maxLinks) throw systemError('ELOOP');
        const target = pathFrom(guarded(() => repository.blob(entry.id, 4096)));
        if (isAbsolute(target)) {
          const parts = partsOf(target, root);
          if (!parts) return { outside: join(target, ...rest) };
          at = '';
          rest = [...parts, ...rest];
        } else rest = [...target.split('/'), ...rest];
        if (rest.length > maxDepth * 2) throw systemError('ENAMETOOLONG');
      } else if (entry.kind === 'folder' || (isClone && entry.kind === 'submodule')) at = next;
      else if (rest.some((part) => part !== '')) throw systemError('ENOTDIR');
      else return { inside: next, entry };
    }
  };
  const entryOf = (path: string, isLast = true): TreeEntry | 'root' => {
    const found = follow(path, isLast);
    if ('outside' in found) throw systemError('ENOENT');
    return found.entry;
  };
  const fileOf = (path: string): TreeEntry => {
    const entry = entryOf(path);
    if (entry === 'root') throw systemError('EISDIR');
    if (entry.kind !== 'file') throw systemError('ENOENT');
    return entry;
  };
  const readBefore = new Set<string>();
  let readAgain = 0;
  const contentOf = (path: string): Buffer => {
    const { id } = fileOf(path);
    try {
      if (readAgain > maxAgain)
        guarded(() => {
          throw new GitError('unsupported', 'its trees name the same large files too often');
        });
      const bytes = guarded(() => repository.blob(id, maxSearched));
      if (readBefore.has(id)) readAgain += bytes.length;
      readBefore.add(id);
      if (keptElsewhere(bytes)) leftOut.pointers.add(path);
      return bytes;
    } catch (error) {
      if (isGitError(error)) leftOut.lost.add(path);
      throw error;
    }
  };
  const tree: FileTree = {
    list(folder) {
      const found = follow(folder, true);
      const entries = 'inside' in found && found.entry === 'root' ? folderAt(found.inside) : undefined;
      if (!entries) throw systemError('ENOTDIR');
      // A tree may be its own descendant many times over without being large.
      if ((partsOf(folder, root)?.length ?? 0) > maxDepth) throw systemError('ENAMETOOLONG');
      const listed: Entry[] = [];
      if ('inside' in found && !mayList(found.inside, entries)) return listed;
      for (const { name, kind, id } of entries.values()) {
        if (kind === 'submodule') leftOut.submodules.set(join(folder, name), id);
        if (kind !== 'submodule' || isClone)
          listed.push({
            name,
            isFile: () => kind === 'file',
            isDirectory: () => kind === 'folder' || kind === 'submodule',
            isSymbolicLink: () => kind === 'link',
          });
      }
      return listed;
    },
    facts(path): EntryFacts {
      const found = follow(path, true);
      if ('outside' in found && isClone) return outside;
      if ('outside' in found) throw systemError('ENOENT');
      const { entry } = found;
      const isFolder = entry === 'root';
      return {
        isFile: () => !isFolder && entry.kind === 'file',
        isDirectory: () => isFolder,
        get size() {
          return isFolder || entry.kind !== 'file' ? 0 : guarded(() => repository.size(entry.id));
        },
      };
    },
    isThere(path) {
      try {
        const entry = entryOf(path, false);
        return entry === 'root' || entry.kind !== 'submodule';
      } catch (error) {
        if (isGitError(error)) throw error;
        return false;
      }
    },
    real(path) {
      const found = follow(path, true);
      if ('outside' in found) return found.outside;
      return found.inside === '' ? root : join(root, ...found.inside.split('/'));
    },
    bytes: contentOf,
    withFile(path, use) {
      let bytes: Buffer;
      try {
        bytes = contentOf(path);
      } catch (error) {
        // What is so large is not searched at all: its beginning alone would need all that it is made from.
        if (isGitError(error) && error.kind === 'too-large') leftOut.errors.pop();
        throw error;
      }
      return use((into, position) => bytes.copy(into, 0, position, position + into.length));
    },
  };
  const idOf = (path: string): string | undefined => {
    try {
      return fileOf(path).id;
    } catch {
      return undefined;
    }
  };
  return { tree, git: gitOfTree(repository, root), leftOut, idOf };
}

/** Of a tree, everything is tracked. What the SCM calls the repository stands in the git folder. */
function gitOfTree(repository: GitRepository, root: string): Git {
  const indexes = repository.workTree === undefined ? undefined : gitIndexes();
  return {
    isTracked: () => true,
    tracksName: () => true,
    holdsTracked: () => true,
    isSubmodule: () => false,
    rewritten: () => undefined,
    rootOf: () => root,
    slugOf: (path) => indexes?.slugOf(path),
    commitOf: () => undefined,
  };
}

/**
 * The work tree without what git does not track, by the index. Throws GitError if that is not understood, and if a sparse
 * checkout left out a file at or below one of `paths`.
 */
export function trackedView(repository: GitRepository, root: string, paths: readonly string[]): View {
  const leftOut = nothingLeftOut();
  const path = join(repository.folder, 'index');
  const found = statSync(path, { throwIfNoEntry: false });
  const index = found?.isFile() && found.size <= maxIndex ? parseIndex(readFileSync(path)) : undefined;
  if (found && !index)
    throw new GitError('unsupported', 'which files git tracks is not understood (a split index, or a newer version)');
  if (index && index.folders.size > 0)
    throw new GitError('unsupported', 'the index is sparse, so that files are not there to be compared');
  const files = index?.files ?? new Set<string>();
  const folders = new Set<string>(['']);
  for (const file of files)
    for (let slash = file.lastIndexOf('/'); slash > 0; slash = file.lastIndexOf('/', slash - 1)) {
      const folder = file.slice(0, slash);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  for (const file of index?.skipped ?? []) {
    const path = join(root, ...file.split('/'));
    if (paths.some((each) => partsOf(path, each)) && !disk.isThere(path))
      throw new GitError(
        'unsupported',
        `the checkout is sparse, so that files are not there to be compared, such as "${file}" (git sparse-checkout disable)`,
      );
  }
  // Also where nothing is in their place.
  for (const [name, commit] of index?.commits ?? []) {
    const path = join(root, ...name.split('/'));
    if (paths.some((each) => partsOf(path, each))) leftOut.submodules.set(path, commit);
  }
  const realRoot = disk.real(root);
  /** The name in the index: as the path is written, or where links to folders lead to. */
  const nameOf = (of: string): string | undefined => {
    const written = partsOf(of, root)?.join('/');
    if (written !== undefined && (files.has(written) || folders.has(written))) return written;
    try {
      return partsOf(join(disk.real(dirname(of)), basename(of)), realRoot)?.join('/') ?? written;
    } catch {
      return written;
    }
  };
  const isKnown = (of: string): boolean => {
    const name = nameOf(of);
    return name !== undefined && (files.has(name) || folders.has(name));
  };
  const known = (of: string): string => {
    if (!isKnown(of)) throw systemError('ENOENT');
    return of;
  };
  const git = gitIndexes();
  const tree: FileTree = {
    list: (folder) =>
      disk.list(folder).filter((entry) => {
        const own = join(folder, entry.name);
        if (entry.name === '.git') return false;
        const name = nameOf(own) ?? '';
        if (entry.isDirectory()) {
          if (folders.has(name)) return true;
          if (index?.commits?.has(name)) return false;
          if (!isEmptyFolder(own)) leftOut.untracked.add(own);
          return false;
        }
        if (!files.has(name)) leftOut.untracked.add(own);
        return files.has(name);
      }),
    facts: (of) => disk.facts(known(of)),
    isThere: (of) => isKnown(of) && disk.isThere(of),
    real: (of) => disk.real(of),
    bytes: (of) => disk.bytes(known(of)),
    withFile: (of, use) => disk.withFile(known(of), use),
  };
  return {
    tree,
    git: { ...git, isTracked: isKnown, tracksName: isKnown, holdsTracked: isKnown, rootOf: () => root },
    leftOut,
  };
}

/** Folders that are looked into before one counts as not empty. */
const maxEmptyFolders = 1000;

/** Whether nothing is in a folder, or folders of that kind alone: to git it is not there (`git mv` leaves such). */
function isEmptyFolder(folder: string): boolean {
  const pending = [folder];
  for (let seen = 0; pending.length > 0; seen++) {
    const next = pending.pop();
    if (next === undefined || seen === maxEmptyFolders) return false;
    try {
      for (const entry of disk.list(next)) {
        if (!entry.isDirectory()) return false;
        pending.push(join(next, entry.name));
      }
    } catch {
      return false;
    }
  }
  return true;
}

/** The names that lead from the root to a path; undefined outside. */
function partsOf(path: string, root: string): string[] | undefined {
  if (path === root) return [];
  const start = root.endsWith(sep) ? root : root + sep;
  return path.startsWith(start) ? path.slice(start.length).split(sep) : undefined;
}

/** The folder that stands for the root of a repository without a work tree. */
export function rootOf(repository: GitRepository): string {
  return repository.workTree ?? repository.folder;
}
