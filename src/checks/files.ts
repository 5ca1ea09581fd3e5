import { platform } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { compare } from '../model/compare.ts';
import { codeOf } from '../model/error-code.ts';
import { nearest } from '../model/nearest.ts';
import type { Tally, Why } from '../model/passed-over.ts';
import type { Lookup } from '../model/reading.ts';
import type { Problem } from '../model/report.ts';
import { type Form, formsOfPipelines, type Source } from '../model/source.ts';
import { ownWords, say, type Text } from '../model/text.ts';
import { beginsAsText, decodeText, searchableAs, whyNoText } from './encoding.ts';
import { type Entry, listFolder } from './file-system.ts';
import { disk, type FileTree, type ReadAt } from './file-tree.ts';
import { type Elsewhere, keptElsewhere } from './git/pointer.ts';
import type { Git } from './git-index.ts';
import { affordablePatterns, mostFolders } from './ignore-patterns.ts';

/** Larger files are not read: a hundred times what people write, about two seconds of parsing. */
export const maxBytes = 2 * 1024 * 1024;
/** How many files one folder may hold. A larger tree is probably a wrong path, and a problem says so. */
const maxFiles = 200_000;
/** From how many on there are many: the memory of fewer is no matter. */
const manyFiles = 20_000;
/** Where a version control keeps its own. git can track files in those of others, and these are looked at. */
const ofVersionControl: ReadonlySet<string> = new Set(['.git', '.hg', '.svn']);
/** What a package manager fills: where git tells what it tracks beside it, only files that it tracks are looked at. */
const packages = 'node_modules';

/** A file to look at. `named`: the user named the file itself, so it is read whatever it is called. */
export interface FileTarget {
  readonly path: string;
  /** As shown in reports: relative to the current folder, with forward slashes. */
  readonly name: string;
  readonly named: boolean;
}

/** What has a name in a folder and is not a file to read: a link that leads away, a pipe. */
export interface Unfollowed {
  readonly name: string;
  readonly message: Text;
  /** `away`: out of what is audited; `nowhere`: to nothing; `submodule`: to a commit of which nothing is here. */
  readonly link?: 'away' | 'nowhere' | 'submodule';
}

export interface Walked {
  readonly files: readonly FileTarget[];
  readonly unfollowed: readonly Unfollowed[];
  /** Folders that were named and exist. */
  readonly folders: readonly string[];
  /** By path of each folder that was entered, the names in it, in lower case. */
  readonly listings: Map<string, Listing>;
  readonly problems: readonly Problem[];
}

/** The names of a folder. Few are one text, each between two marks: most folders of a large tree hold little. */
type Listing = string | ReadonlySet<string>;

/** How many names are few. */
const fewNames = 16;

function listingOf(names: ReadonlySet<string>): Listing {
  return names.size > fewNames ? names : `/${[...names].join('/')}/`;
}

/** The name of a path in reports: relative to `cwd` with forward slashes, so that reports hold no absolute path. */
export function nameOf(cwd: string, path: string): string {
  const name = relative(cwd, path).split(sep).join('/');
  return name === '' ? '.' : name;
}

/**
 * The files behind the paths that the user named: a file as it is; a folder with everything below it that git tracks or
 * does not ignore. A `.gitignore` counts if git tracks it, so that one that came with an unpacked archive hides nothing;
 * those above the folder count if git tracks something in the folder. Symbolic links to folders are not followed. Sorted
 * by name, without duplicates.
 */
export function walk(
  paths: readonly string[],
  cwd: string,
  git: Git,
  tree: FileTree = disk,
  pass: Tally['pass'] = () => {},
  atMany: () => void = () => {},
): Walked {
  const files = new Map<string, FileTarget>();
  const unfollowed: Unfollowed[] = [];
  const folders: string[] = [];
  const listings = new Map<string, Listing>();
  const problems: Problem[] = [];
  const isAudited = belowAny(realRoots(paths, cwd, tree));
  let seen = 0;
  const see = (): void => {
    if (++seen === manyFiles) atMany();
  };
  for (const given of paths) {
    const path = resolve(cwd, given);
    const name = nameOf(cwd, path);
    try {
      const found = tree.facts(path);
      if (found.isDirectory()) {
        folders.push(path);
        const inside = walkFolder(path, cwd, git, isAudited, tree, pass, see, listings);
        for (const file of inside.files) if (!files.has(file.path)) files.set(file.path, file);
        for (const problem of inside.problems) problems.push(problem);
        for (const each of inside.unfollowed) unfollowed.push(each);
      } else {
        files.set(path, { path, name, named: true });
      }
    } catch (error) {
      problems.push(withMeant(unreadable(name, error), path, cwd));
    }
  }
  const sorted = [...files.values()].sort((a, b) => compare(a.name, b.name));
  return { files: sorted, unfollowed, folders, listings, problems };
}

/** A folder that is to be looked into. */
interface Pending {
  readonly folder: string;
  readonly ignores: readonly IgnoreFile[];
  /** Why what git does not track in it is passed over. */
  readonly hidden?: Why;
  /** Whether it is `node_modules`, or in it. */
  readonly isPacked?: boolean;
}

interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
  /** What they cost for a path (ignore-patterns.ts). */
  readonly cost: number;
}

function walkFolder(
  root: string,
  cwd: string,
  git: Git,
  isAudited: (real: string) => boolean,
  tree: FileTree,
  pass: Tally['pass'],
  see: () => void,
  listings: Walked['listings'],
): Omit<Walked, 'folders' | 'listings'> {
  const files: FileTarget[] = [];
  const unfollowed: Unfollowed[] = [];
  const problems: Problem[] = [];
  let seen = 0;
  let isIndexUnknown = false;
  /** What would hide a path does so only where git is known not to track it. */
  const whyNot = (
    path: string,
    isFolder: boolean,
    ignores: readonly IgnoreFile[],
    hidden: Why | undefined,
  ): Why | undefined => {
    const why = hidden ?? (isIgnored(path, isFolder, ignores) ? 'ignored by git' : undefined);
    if (why === undefined) return undefined;
    const isTracked = isFolder ? git.holdsTracked(path) : git.tracksName(path);
    if (why === ownOfVersionControl) return isTracked ? undefined : why;
    isIndexUnknown ||= isTracked === undefined && git.rootOf(path) !== undefined;
    return isTracked === false ? why : undefined;
  };
  const above = git.holdsTracked(root) === false ? [] : ignoreFilesAbove(root, git, tree);
  const start = isIgnored(root, true, above) ? [] : above;
  const pending: Pending[] = [{ folder: root, ignores: start }];
  // Last, so that of a tree that is too large the rest is seen.
  const packed: Pending[] = [];
  for (let next = pending.pop() ?? packed.pop(); next; next = pending.pop() ?? packed.pop()) {
    let entries: readonly Entry[];
    try {
      entries = tree.list(next.folder);
    } catch (error) {
      problems.push(unreadable(nameOf(cwd, next.folder), error));
      continue;
    }
    if (entries.length === 0 && git.isSubmodule(next.folder))
      unfollowed.push({ name: nameOf(cwd, next.folder), message: notCheckedOut, link: 'submodule' });
    const names = new Set(entries.map((entry) => entry.name.toLowerCase()));
    listings.set(next.folder, listingOf(names));
    // Faster than to resolve each path and to make it relative again.
    const [inFolder, inName] = [join(next.folder, sep), nameOf(cwd, next.folder)];
    const prefix = inName === '.' ? '' : `${inName}/`;
    const own = names.has('.gitignore') ? ignoreFileIn(next.folder, next.ignores, git, tree) : undefined;
    const ignores = own ? [...next.ignores, own] : next.ignores;
    for (const entry of entries) {
      const path = inFolder + entry.name;
      const isFolder = entry.isDirectory();
      const isPacked = next.isPacked || entry.name === packages;
      const hidden = next.hidden ?? (isFolder ? whyHidden(entry.name, next.folder, git) : undefined);
      const why = whyNot(path, isFolder, ignores, hidden);
      if (why) pass(why, `${prefix}${entry.name}${isFolder ? '/' : ''}`);
      else if (isFolder) (isPacked ? packed : pending).push({ folder: path, ignores, hidden, isPacked });
      else {
        const not = entry.isFile() ? undefined : notFollowed(path, isAudited, entry.isSymbolicLink(), tree);
        const name = prefix + entry.name;
        if (not) unfollowed.push({ name, ...not });
        else files.push({ path, name, named: false });
      }
      see();
      if (++seen > maxFiles) {
        const message = say`has more than ${maxFiles} files: name a smaller folder`;
        problems.push({ kind: 'too-large', source: nameOf(cwd, root), message, incomplete: true });
        return { files, unfollowed, problems };
      }
    }
  }
  if (isIndexUnknown)
    problems.push({ kind: 'unsupported', source: nameOf(cwd, root), message: indexUnknown, incomplete: false });
  return { files, unfollowed, problems };
}

const indexUnknown = say`is in a repository whose index is not understood (damaged, or split: git update-index --no-split-index joins it), so that what git tracks is not known; what .gitignore matches was looked at, too`;

const ownOfVersionControl: Why = 'where a version control keeps its own';

/** Why what git does not track in a folder of this name is passed over, whatever a .gitignore says. */
function whyHidden(name: string, inside: string, git: Git): Why | undefined {
  if (ofVersionControl.has(name)) return ownOfVersionControl;
  return name === packages && git.holdsTracked(inside) ? 'of a package manager, and not tracked by git' : undefined;
}

/** Why something that is no regular file is not read; undefined for a link to a regular file in what is audited. */
function notFollowed(
  path: string,
  isAudited: (real: string) => boolean,
  isLink: boolean,
  tree: FileTree,
): Omit<Unfollowed, 'name'> | undefined {
  if (!isLink) return { message: notRegular };
  try {
    const found = tree.facts(path);
    const real = tree.real(path);
    if (!isAudited(real)) return { message: leadsOut, link: 'away' };
    return found.isFile() ? undefined : { message: found.isDirectory() ? say`is a link to a folder` : notRegular };
  } catch (error) {
    const { message } = unreadable('', error);
    return message === notThere
      ? { message: say`is a link to a file that is not there`, link: 'nowhere' }
      : { message, link: 'away' };
  }
}

const notRegular = say`is not a regular file`;

/** Whether an absolute path is a folder or lies in it, as both are written: links are not looked at. */
export function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way));
}

/**
 * The .gitignore of a folder, unless git is known not to track it, and as git takes it: not through a link (git dir.c,
 * PATTERN_NOFOLLOW). `others` are those whose patterns are compared as well.
 */
function ignoreFileIn(folder: string, others: readonly IgnoreFile[], git: Git, tree: FileTree): IgnoreFile | undefined {
  try {
    const path = join(folder, '.gitignore');
    const isLink = tree.real(path) !== join(tree.real(folder), '.gitignore');
    if (isLink || git.tracksName(path) === false) return undefined;
    const found = tree.facts(path);
    if (!found.isFile() || found.size > maxBytes) return undefined;
    const used = others.reduce((sum, { cost }) => sum + cost, 0);
    const { patterns, cost } = affordablePatterns(tree.bytes(path).toString('utf8'), used);
    return { folder, rules: ignore({ allowRelativePaths: true }).add(patterns), cost };
  } catch {
    return undefined;
  }
}

/** The .gitignore files from the repository's root down to the parent of `folder`; none outside a repository. */
function ignoreFilesAbove(folder: string, git: Git, tree: FileTree): IgnoreFile[] {
  const found: IgnoreFile[] = [];
  for (let current = folder; ; current = dirname(current)) {
    if (current !== folder) {
      const file = ignoreFileIn(current, found, git, tree);
      if (file) found.unshift(file);
    }
    if (tree.isThere(join(current, '.git'))) return found;
    if (dirname(current) === current) return [];
  }
}

/** Decides as git does: of the files that say anything about the path, the deepest wins. */
function isIgnored(path: string, isFolder: boolean, ignores: readonly IgnoreFile[]): boolean {
  for (let i = ignores.length - 1; i >= 0; i--) {
    const file = ignores[i];
    if (!file) continue;
    const folders = relative(file.folder, path).split(sep);
    if (folders.length > mostFolders) continue;
    const way = folders.join('/');
    const verdict = file.rules.test(isFolder ? `${way}/` : way);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** The text of a file with its permission bits, which Windows does not have. */
export interface FileText {
  readonly text: string;
  readonly mode?: number;
}

/** The text of a regular file within a limit in bytes, or why not. Never blocks on pipes and devices. */
export function readText(
  path: string,
  name: string,
  limit = maxBytes,
  tree: FileTree = disk,
): FileText | { problem: Problem } {
  try {
    const found = tree.facts(path);
    if (!found.isFile())
      return { problem: { kind: 'unreadable', source: name, message: notRegular, incomplete: true } };
    if (found.size > limit) return { problem: tooLarge(name, found.size) };
    const bytes = tree.bytes(path);
    const elsewhere = keptElsewhere(bytes);
    if (elsewhere)
      return { problem: { kind: 'unreadable', source: name, message: notHere(elsewhere), incomplete: true } };
    const result = decode(bytes, name, limit);
    return 'problem' in result || found.mode === undefined || platform() === 'win32'
      ? result
      : { ...result, mode: found.mode & 0o777 };
  } catch (error) {
    return { problem: unreadable(name, error) };
  }
}

/** What `look` reads into; a file that is longer has more than one part. */
const lookBuffer = Buffer.alloc(256 * 1024);
/** Up to here a larger file is searched, piece by piece. */
export const maxSearched = 64 * 1024 * 1024;

/** `unsearched`: nothing in what was searched of a file that goes on. Else where its content is, if not here. */
export type Looked = 'matters' | 'nothing' | 'unreadable' | 'unsearched' | Elsewhere;

/**
 * Whether a file has a piece that `matters`: up to the size limit it is one piece, a larger text has several, each of
 * whole lines. Made for trees of many files of which few matter. The bytes may be overwritten by the next call.
 */
export function look(path: string, matters: (bytes: Buffer) => boolean, tree: FileTree = disk): Looked {
  try {
    return tree.withFile(path, (read) => {
      let length = read(lookBuffer, 0);
      const beginning = lookBuffer.subarray(0, length);
      const elsewhere = keptElsewhere(beginning);
      if (elsewhere) return elsewhere;
      const searchable = searchableAs(beginning);
      if (length < lookBuffer.length) return matters(searchable(beginning)) ? 'matters' : 'nothing';
      const isText = beginsAsText(beginning);
      const piece = Buffer.alloc(maxBytes);
      for (let start = 0; start < maxSearched; start += length) {
        const bytes = piece.subarray(0, readFully(read, piece, start));
        length = bytes.length < maxBytes ? bytes.length : bytes.lastIndexOf('\n') + 1 || maxBytes;
        if (matters(searchable(bytes.subarray(0, length)))) return 'matters';
        if (bytes.length < maxBytes || !isText) return 'nothing';
      }
      return 'unsearched';
    });
  } catch {
    return 'unreadable';
  }
}

/** Reads until the buffer is full or the file ends; returns how many bytes. */
function readFully(read: ReadAt, into: Buffer, position: number): number {
  let end = 0;
  for (let more = 1; more > 0 && end < into.length; end += more) more = read(into.subarray(end), position + end);
  return end;
}

/** The text that bytes are, or why there is none. */
export function decode(bytes: Buffer, name: string, limit = maxBytes): { text: string } | { problem: Problem } {
  if (bytes.length > limit) return { problem: tooLarge(name) };
  const text = decodeText(bytes);
  if (text !== undefined) return { text };
  return { problem: { kind: 'binary', source: name, message: whyNoText(bytes), incomplete: true } };
}

/** The size is absent where reading stopped at the limit. */
function tooLarge(name: string, size?: number): Problem {
  const limit = say`is larger than ${maxBytes / 1024 / 1024} MiB`;
  const message = size === undefined ? say`${limit} and was not read` : say`${limit} (${size} bytes) and was not read`;
  return { kind: 'too-large', source: name, message, incomplete: true };
}

/** What is said of a file that only says where its content is. */
export function notHere(elsewhere: Elsewhere): Text {
  const fetch = elsewhere === 'Git LFS' ? 'git lfs pull' : 'git annex get';
  return say`is kept in ${ownWords(elsewhere)}, and its content is not here (${ownWords(fetch)})`;
}

export const notCheckedOut = say`is a submodule that is not checked out, and what is in it was not seen`;
const notThere = say`is not there`;
const leadsOut = say`is a link that leads out of the audited folder`;
const reasons: Readonly<Record<string, Text>> = {
  ENOENT: notThere,
  ENOTDIR: notThere,
  EACCES: say`may not be read by this user`,
  EPERM: say`may not be read by this user`,
  ELOOP: say`is a link that leads in a circle`,
  ENAMETOOLONG: say`has a name that is too long`,
};

/** A file that another one names may be on the machine that uses it. */
function notThereProblem(name: string): Problem {
  return { kind: 'unreadable', source: name, message: notThere, incomplete: false };
}

function unreadable(name: string, error: unknown): Problem {
  return { kind: 'unreadable', source: name, message: reasons[codeOf(error)] ?? say`cannot be read`, incomplete: true };
}

/** The problem of a path that the user named, with the path that may be meant where nothing has its name. */
export function withMeant(problem: Problem, path: string, cwd: string): Problem {
  const meant = problem.message === notThere ? nearestBeside(path, cwd) : undefined;
  return meant === undefined ? problem : { ...problem, message: say`${notThere}; did you mean "${meant}"?` };
}

/** A path that is there, in the folder of one that is not, by the name nearest to its; undefined where none is near. */
export function nearestBeside(given: string, cwd: string): string | undefined {
  const path = resolve(cwd, given);
  try {
    const names = listFolder(dirname(path)).map(({ name }) => name);
    const meant = nearest(basename(path), names.sort(compare));
    return meant === undefined ? undefined : nameOf(cwd, join(dirname(path), meant));
  } catch {
    return undefined;
  }
}

/**
 * Fetches files that other files name. Only files in the audited trees are read: below a folder, or beside a file, that
 * the user named. Links are resolved first, so that none leads out.
 */
export function lookupWithin(
  named: readonly string[],
  cwd: string,
  git?: Git,
  listings: Walked['listings'] = new Map(),
  tree: FileTree = disk,
): Lookup {
  const isAudited = belowAny(realRoots(named, cwd, tree));
  const read = new Map<string, Source | Problem>();
  return (from: Source, path: string, form: Form) => {
    const inTree = isAbsolute(path) ? copiesOf(path, resolve(cwd, from.name)).find(tree.isThere) : undefined;
    const wanted = inTree ?? resolve(cwd, from.name === '-' ? '.' : dirname(from.name), path);
    const name = nameOf(cwd, wanted);
    const key = `${form}:${wanted}`;
    const cached = read.get(key);
    if (cached) return cached;
    const result = isListed(listings, wanted)
      ? readWithin(wanted, name, form, isAudited, git, tree)
      : notThereProblem(name);
    read.set(key, result);
    return result;
  };
}

/** The audited folders with links resolved: those that are named, and those of named files. */
function realRoots(named: readonly string[], cwd: string, tree: FileTree): readonly string[] {
  return named.flatMap((path) => {
    try {
      const real = tree.real(resolve(cwd, path));
      return [tree.facts(real).isDirectory() ? real : dirname(real)];
    } catch {
      return [];
    }
  });
}

/** Tells whether a path with its links resolved lies in one of some folders, however many there are. */
function belowAny(folders: readonly string[]): (real: string) => boolean {
  const all = new Set(folders);
  return (real) => {
    for (let at = real; ; at = dirname(at)) {
      if (all.has(at)) return true;
      if (dirname(at) === at) return false;
    }
  };
}

/** Folders at the root of a host in which Drone is set up. */
const hostFolder = /^(?:etc|usr|opt|srv|var|home|root|lib|run|mnt|data)[\\/]/;

/** Where an absolute path may be if the file that names it, `/audit/host/etc/…`, is in the copy of a host's tree. */
function copiesOf(path: string, from: string): readonly string[] {
  const copies: string[] = [];
  for (let root = dirname(from); dirname(root) !== root; root = dirname(root))
    if (hostFolder.test(relative(root, from))) copies.push(join(root, path));
  return copies;
}

/** Whether a path may exist, by the listing of its folder. Some systems ignore case or encode accents differently. */
function isListed(listings: Walked['listings'], path: string): boolean {
  const name = basename(path).toLowerCase();
  const listing = listings.get(dirname(path));
  if (listing === undefined || /[^\x20-\x7e]/.test(name)) return true;
  return typeof listing === 'string' ? listing.includes(`/${name}/`) : listing.has(name);
}

function readWithin(
  path: string,
  name: string,
  form: Form,
  isAudited: (real: string) => boolean,
  git: Git | undefined,
  tree: FileTree,
): Source | Problem {
  let real: string;
  let folder: string;
  try {
    // Most of what Compose looks for does not exist, and finding that out by an exception is slow.
    if (!tree.isThere(path)) return notThereProblem(name);
    real = tree.real(path);
    folder = tree.real(dirname(path));
  } catch (error) {
    return unreadable(name, error);
  }
  if (!isAudited(real)) {
    if (isAudited(folder)) return { kind: 'unreadable', source: name, message: leadsOut, incomplete: true };
    const message = say`is outside the audited folders and was not read; name it as well to include it`;
    return { kind: 'unreadable', source: name, message, incomplete: false };
  }
  const result = readText(real, name, maxBytes, tree);
  return 'text' in result ? sourceOf(name, form, result, real, git) : result.problem;
}

/** Forms that hold settings, for which it matters whether git tracks the file. */
const formsWithSettings: ReadonlySet<Form> = new Set<Form>([
  'compose',
  'env',
  'docker-env',
  'systemd',
  'kubernetes',
  'helm-values',
  'docker-run',
]);

/** A file as a source, with what is known about it besides its text. */
export function sourceOf(name: string, form: Form, file: FileText, path: string, git: Git | undefined): Source {
  const tracked = formsWithSettings.has(form) ? git?.isTracked(path) : undefined;
  const slug = formsOfPipelines.has(form) ? git?.slugOf(path) : undefined;
  const repository = git?.rootOf(path);
  const pathInRepository = repository && relative(repository, path).split(sep).join('/');
  return {
    name,
    form,
    ...file,
    tracked,
    repository,
    // Absent where they say nothing, so that sources stay comparable.
    ...(form === 'compose' ? { folder: basename(dirname(path)) } : {}),
    ...(slug === undefined ? {} : { slug, pathInRepository }),
  };
}
