import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { memoizePer, once } from '../model/memoize.ts';
import { lstatSync, pathFrom, readFileSync, realpathSync, statSync } from './file-system.ts';
import { type AttributesFile, hasIdent, type Rewriting, rewritings } from './git/attributes.ts';
import { isGitError } from './git/git-error.ts';
import { openObjects } from './git/objects.ts';
import { headOf } from './git-head.ts';
import { commonFolderOf, slugOfGitFolder, textOf } from './git-remote.ts';

/*
 * Which files git tracks, found in `.git/index` alone. The git program is not run, because the configuration of an
 * audited repository may name commands that it would execute (core.fsmonitor, for one).
 */

/** Paths of an index, relative to the root of the work tree. */
export interface GitIndex {
  readonly files: ReadonlySet<string>;
  /** Folders of which it holds a commit (submodules), by their paths. */
  readonly commits?: ReadonlyMap<string, string>;
  /** Folders that a sparse index holds as a whole. */
  readonly folders: ReadonlySet<string>;
  /** Files that a sparse checkout leaves out of the work tree (skip-worktree). */
  readonly skipped?: ReadonlySet<string>;
  /** The id of what git holds of a file, in hex digits. */
  readonly idOf: (file: string) => string | undefined;
}

/** How large an index may be to be read, in bytes: one with some hundred thousand files has 50 MiB. */
const maxBytes = 96 * 1024 * 1024;
/** How many characters all paths may have; in version 4, a small file can stand for much more than it holds. */
const maxCharacters = 96 * 1024 * 1024;
const maxPathLength = 4096;
/** Bytes of an entry before its object id: times, device, inode, mode, owner, size (gitformat-index). */
const statBytes = 40;
const folderMode = 0o040000;
const commitMode = 0o160000;

/**
 * Reads an index of version 2, 3 or 4 (git Documentation/gitformat-index). Undefined for anything that is not
 * completely understood: another version, a broken text, an index whose entries are in another file (`link`).
 */
export function parseIndex(bytes: Buffer): GitIndex | undefined {
  if (bytes.length < 32 || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  // Only the configuration states the kind of object ids, so both are tried; the wrong one does not fit.
  return parseEntries(bytes, version, 20) ?? parseEntries(bytes, version, 32);
}

function parseEntries(bytes: Buffer, version: number, idBytes: number): GitIndex | undefined {
  const count = bytes.readUInt32BE(8);
  const end = bytes.length - idBytes;
  const files = new Set<string>();
  const folders = new Set<string>();
  const skipped = new Set<string>();
  const commits = new Map<string, string>();
  const ids = new Map<string, number>();
  let at = 12;
  let characters = 0;
  let previous = '';
  for (let i = 0; i < count; i++) {
    const start = at;
    at += statBytes + idBytes + 2;
    if (at > end) return undefined;
    const flags = bytes.readUInt16BE(at - 2);
    const isSkipped = (flags & 0x4000) !== 0 && at + 2 <= end && (bytes.readUInt16BE(at) & 0x4000) !== 0;
    if (flags & 0x4000) at += 2;
    let kept = '';
    if (version === 4) {
      const strip = readOffset(bytes, at, end);
      if (!strip || strip.value > previous.length) return undefined;
      kept = previous.slice(0, previous.length - strip.value);
      at = strip.next;
    }
    const stop = bytes.indexOf(0, at);
    if (stop < 0 || stop >= end) return undefined;
    // Bytes as characters, because a path may be cut inside a letter.
    const path = kept + bytes.toString('latin1', at, stop);
    characters += path.length;
    if (path === '' || path.length > maxPathLength || characters > maxCharacters) return undefined;
    at = version === 4 ? stop + 1 : start + (Math.floor((stop - start) / 8) + 1) * 8;
    const text = pathFrom(Buffer.from(path, 'latin1'));
    if (bytes.readUInt32BE(start + 24) === folderMode) folders.add(text.replace(/\/$/, ''));
    else files.add(text);
    if (bytes.readUInt32BE(start + 24) === commitMode)
      commits.set(text, bytes.toString('hex', start + statBytes, start + statBytes + idBytes));
    ids.set(text, start + statBytes);
    if (isSkipped) skipped.add(text);
    previous = path;
  }
  const idOf = (file: string): string | undefined => {
    const place = ids.get(file);
    return place === undefined ? undefined : bytes.toString('hex', place, place + idBytes);
  };
  return areExtensionsKnown(bytes, at, end)
    ? { files, folders, commits, idOf, ...(skipped.size > 0 ? { skipped } : {}) }
    : undefined;
}

/** How many characters to drop, encoded like offsets in packs: seven bits per byte, each further byte adds one. */
function readOffset(bytes: Buffer, start: number, end: number): { value: number; next: number } | undefined {
  let at = start;
  let byte = bytes[at++] ?? 0;
  let value = byte & 127;
  while (byte & 128) {
    if (at >= end || at - start > 4) return undefined;
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 127);
  }
  return { value, next: at };
}

/** Extensions whose name begins in lower case change what the entries mean; only `sdir` (sparse) is known here. */
function areExtensionsKnown(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at + 8 <= end) {
    const name = bytes.toString('latin1', at, at + 4);
    if (!/^[A-Z]/.test(name) && name !== 'sdir') return false;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return at === end;
}

/** Whether git tracks a file; undefined if unknown: outside a repository, or with an index that is not understood. */
export type AskGit = (path: string) => boolean | undefined;

/** What the repositories around and below the audited folders say. */
export interface Git {
  readonly isTracked: AskGit;
  /** Whether git tracks what has this name, where it is a link the link itself: `isTracked` tells of what it leads to. */
  readonly tracksName: AskGit;
  /** Whether git tracks any file below a folder, or its commit as that of a submodule. */
  readonly holdsTracked: AskGit;
  /** Whether git tracks the commit of a folder in place of what is in it. */
  readonly isSubmodule: (folder: string) => boolean;
  /** What git holds of a file that it tracks and may have rewritten when it checked it out; undefined for any other. */
  readonly rewritten: (path: string) => Rewritten | undefined;
  /** The root of the repository that a file lies in; undefined outside repositories. */
  readonly rootOf: (path: string) => string | undefined;
  /** What the SCM calls the repository that a file lies in; undefined if that is not known. */
  readonly slugOf: (path: string) => string | undefined;
  /** The commit that the repository with this root is at; undefined if that is not known. */
  readonly commitOf: (root: string) => string | undefined;
}

/** A file whose checkout may be another text than what git holds, and hands out. */
export interface Rewritten extends Rewriting {
  /** What git holds, of at most so many bytes, or why that is not known; undefined where git would not have changed it. */
  held(limit: number): Buffer | 'too large' | 'unreadable' | undefined;
}

interface Repository {
  readonly root: string;
  /** Undefined if the index is not understood. Read when it is first needed. */
  readonly index: () => GitIndex | undefined;
  /** Likewise. */
  readonly slug: () => string | undefined;
  /** Of a file by its name in the index. */
  readonly rewritten: () => ((name: string) => Rewritten | undefined) | undefined;
}

/** Of how many folders, about, it is remembered which repository they are in. */
const mostFoldersKnown = 1000;

/** Looks absolute paths up in the indexes of their repositories. Each index is read once, when it is first needed. */
export function gitIndexes(): Git {
  const repositories = new Map<string, Repository>();
  /** Of the folders that were asked for last. */
  const known = new Map<string, Repository | undefined>();
  const repositoryOf = (folder: string): Repository | undefined => {
    const passed: string[] = [];
    for (let current = folder; ; current = dirname(current)) {
      if (known.has(current)) return remember(passed, known.get(current));
      passed.push(current);
      const marker = join(current, '.git');
      if (repositories.has(current) || lstatSync(marker, { throwIfNoEntry: false })) {
        const found = repositories.get(current) ?? openRepository(current, marker);
        repositories.set(current, found);
        return remember(passed, found);
      }
      if (dirname(current) === current) return remember(passed, undefined);
    }
  };
  const remember = (folders: readonly string[], found: Repository | undefined): Repository | undefined => {
    if (known.size > mostFoldersKnown) known.clear();
    for (const folder of folders) known.set(folder, found);
    return found;
  };
  /** The index for a path below a folder, and the name of the path in it. */
  const lookUp = (path: string, folder: string): { index: GitIndex; name: string } | undefined => {
    try {
      const real = realpathSync(path);
      const repository = repositoryOf(folder === path ? real : dirname(real));
      const index = repository?.index();
      if (!repository || !index) return undefined;
      return { index, name: relative(repository.root, real).split(sep).join('/') };
    } catch {
      return undefined;
    }
  };
  const isSubmodule = (folder: string): boolean => {
    const found = lookUp(folder, dirname(folder));
    return found?.index.files.has(found.name) === true;
  };
  return {
    isTracked: (path) => isFileOf(lookUp(path, dirname(path))),
    tracksName(path) {
      const found = lookUp(dirname(path), dirname(path));
      if (!found) return undefined;
      return isFileOf({ ...found, name: [found.name, basename(path)].filter((part) => part !== '').join('/') });
    },
    isSubmodule,
    holdsTracked(folder) {
      if (isSubmodule(folder)) return true;
      const found = lookUp(folder, folder);
      if (!found) return undefined;
      if (found.name === '') return found.index.files.size + found.index.folders.size > 0;
      if (foldersOf(found.index).has(found.name)) return true;
      return isWithin(found.name, found.index.folders) ? undefined : false;
    },
    rewritten(path) {
      try {
        if (repositoryOf(dirname(path))?.rewritten() === undefined) return undefined;
        const real = realpathSync(path);
        const repository = repositoryOf(dirname(real));
        return repository?.rewritten()?.(relative(repository.root, real).split(sep).join('/'));
      } catch {
        return undefined;
      }
    },
    rootOf(path) {
      try {
        return repositoryOf(dirname(path))?.root;
      } catch {
        return undefined;
      }
    },
    commitOf(root) {
      try {
        const folder = folderOfMarker(root, join(root, '.git'));
        return folder === undefined ? undefined : headOf(folder);
      } catch {
        return undefined;
      }
    },
    slugOf(path) {
      try {
        return repositoryOf(dirname(path))?.slug();
      } catch {
        return undefined;
      }
    },
  };
}

/** What an index says of the path with a name. */
function isFileOf(found: { readonly index: GitIndex; readonly name: string } | undefined): boolean | undefined {
  if (!found) return undefined;
  if (found.index.files.has(found.name)) return true;
  return isWithin(found.name, found.index.folders) ? undefined : false;
}

/** The folders of all files of an index. */
const foldersOf = memoizePer((index: GitIndex): ReadonlySet<string> => {
  const folders = new Set<string>(index.folders);
  for (const file of index.files)
    for (let slash = file.lastIndexOf('/'); slash > 0; slash = file.lastIndexOf('/', slash - 1)) {
      const folder = file.slice(0, slash);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
});

function isWithin(name: string, folders: ReadonlySet<string>): boolean {
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1))
    if (folders.has(name.slice(0, slash))) return true;
  return false;
}

function openRepository(root: string, marker: string): Repository {
  const index = once(() => readIndex(root, marker));
  return {
    root,
    slug: once(() => slugOfMarker(root, marker)),
    index,
    rewritten: once(() => {
      const folder = folderOfMarker(root, marker);
      const found = index();
      return folder === undefined || !found ? undefined : rewrittenIn(root, commonFolderOf(folder), found);
    }),
  };
}

/** How many files of attributes are read, and how large each may be. */
const mostAttributeFiles = 1000;
const maxAttributes = 256 * 1024;

/**
 * By the attributes that git tracks, and those of the git folder: files that git does not track come from nobody else. Those
 * of a folder are taken from the index, as git does for a checkout (git attr.c, GIT_ATTR_CHECKOUT).
 */
function rewrittenIn(
  root: string,
  common: string,
  { files, idOf }: GitIndex,
): ((name: string) => Rewritten | undefined) | undefined {
  const sha1 = once(() => openObjects(common, 'sha1'));
  const sha256 = once(() => openObjects(common, 'sha256'));
  const held = (name: string, limit: number): Buffer | 'too large' | 'unreadable' => {
    const id = idOf(name);
    try {
      return id === undefined ? 'unreadable' : (id.length === 40 ? sha1() : sha256()).object(id, limit).bytes;
    } catch (error) {
      return isGitError(error) && error.kind === 'too-large' ? 'too large' : 'unreadable';
    }
  };
  // Where the system tells no cases apart, git finds them under any.
  const names = [...files].filter((name) => /(?:^|\/)\.gitattributes$/i.test(name));
  const attributes = names.map((name, index): AttributesFile => {
    const bytes = index < mostAttributeFiles ? held(name, maxAttributes) : 'too large';
    // What git cannot check out is in nobody's way.
    const text = bytes === 'unreadable' ? textOrNone(join(root, name)) : bytes === 'too large' ? undefined : `${bytes}`;
    return { folder: name.slice(0, -'/.gitattributes'.length), name, text };
  });
  attributes.sort((one, other) => one.folder.length - other.folder.length);
  const own = join(common, 'info', 'attributes');
  if (isFile(own)) attributes.push({ folder: '', name: '.git/info/attributes', text: textOf(own, maxAttributes) });
  const rewritingsOf = rewritings(attributes);
  if (!rewritingsOf) return undefined;
  return (name) => {
    const all = files.has(name) ? rewritingsOf(name) : [];
    // A filter may make anything of a text, and `ident` little.
    const first = all.find(({ by }) => by !== 'ident') ?? all[0];
    if (!first) return undefined;
    return {
      ...first,
      isLfs: all.every(({ isLfs }) => isLfs),
      held(limit) {
        const bytes = held(name, limit);
        return first.by === 'ident' && Buffer.isBuffer(bytes) && !hasIdent(bytes) ? undefined : bytes;
      },
    };
  };
}

function textOrNone(path: string): string | undefined {
  try {
    return textOf(path, maxAttributes) ?? '';
  } catch {
    return '';
  }
}

function slugOfMarker(root: string, marker: string): string | undefined {
  const folder = folderOfMarker(root, marker);
  return folder === undefined ? undefined : slugOfGitFolder(folder);
}

function folderOfMarker(root: string, marker: string): string | undefined {
  return statSync(marker).isDirectory() ? marker : gitFolderOf(root, marker);
}

function readIndex(root: string, marker: string): GitIndex | undefined {
  const folder = folderOfMarker(root, marker);
  if (folder === undefined) return undefined;
  const path = join(folder, 'index');
  const found = statSync(path, { throwIfNoEntry: false });
  // Before the first `git add` there is no index; where there is a commit, it was lost.
  if (!found)
    return isFile(join(folder, 'HEAD')) && headOf(folder) === undefined
      ? { files: new Set(), folders: new Set(), idOf: () => undefined }
      : undefined;
  return found.isFile() && found.size <= maxBytes ? parseIndex(readFileSync(path)) : undefined;
}

/** In work trees and submodules, `.git` is a file that names the folder: `gitdir: ../.git/modules/charts`. */
function gitFolderOf(root: string, marker: string): string | undefined {
  const found = statSync(marker);
  if (!found.isFile() || found.size > maxPathLength) return undefined;
  const path = /^gitdir: ([^\r\n]+)\s*$/.exec(readFileSync(marker, 'utf8'))?.[1];
  return path === undefined ? undefined : resolve(root, path);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
