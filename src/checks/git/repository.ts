import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../../model/error-code.ts';
import { lstatSync, readFileSync, realpathSync, statSync } from '../file-system.ts';
import { GitError } from './git-error.ts';
import { type Ancestor, mergeBases } from './history.ts';
import { type IdKind, type ObjectStore, openObjects } from './objects.ts';
import { isRefName, openRefs, type Refs } from './refs.ts';
import { byName, parseTree, type TreeEntry } from './tree.ts';

/*
 * A repository as its files have it. The git program is not run, because the configuration of an audited repository may
 * name commands that it would execute. Nothing is written, no replacement (refs/replace) or graft is followed, and no
 * address is asked for what a partial clone left out.
 */

export interface Commit extends Ancestor {
  readonly id: string;
  readonly tree: string;
}

/** All throw GitError. */
export interface GitRepository {
  /** The folder of `HEAD`; for a further work tree another than `common`. */
  readonly folder: string;
  readonly common: string;
  /** The root of the work tree; absent for a bare repository. */
  readonly workTree?: string;
  /** Whether history was cut off (`git clone --depth`). */
  readonly isShallow: boolean;
  /** Whether objects may be left out (`git clone --filter`). */
  readonly isPartial: boolean;
  /**
   * The commit that a revision names: an id or its beginning, a branch, a tag, a remote branch, `HEAD`, `@`, each with any
   * of `^`, `^2`, `~3`, `^{}`, `^{commit}` behind it.
   */
  resolve(revision: string): string;
  commit(id: string): Commit;
  /** The best common ancestors, the newest first; none if histories have none, or are cut off before it. */
  mergeBases(one: string, other: string): readonly string[];
  /** What is in a tree, in the order of git. */
  tree(id: string): readonly TreeEntry[];
  /** The entry at a path from a tree, without following links; undefined if nothing is there. */
  find(tree: string, path: readonly string[]): TreeEntry | undefined;
  /** The size of a blob in bytes, without reading it. */
  size(id: string): number;
  /** A blob of at most `limit` bytes; a larger one is an error of the kind `too-large`. */
  blob(id: string, limit: number): Buffer;
  /** Branches, with the ids of their commits: `refs/heads/` by default. */
  branches(prefix?: string): ReadonlyMap<string, string>;
  close(): void;
}

const commitLimit = 8 * 1024 * 1024;
const treeLimit = 32 * 1024 * 1024;
/** Commits that a walk through history may meet. */
const maxCommits = 2_000_000;
/** Trees whose entries are kept, the last ones used. */
const keptTrees = 2_000;
const maxTags = 20;
const maxSteps = 100_000;

/**
 * The repository that a folder is in: that of its `.git`, or of the first folder above with one; only where there is none,
 * the bare one that the folder itself is, because one below a work tree can be committed there (git config
 * safe.bareRepository). Undefined outside repositories. Throws GitError for a form of repository that is not read.
 */
export function findRepository(start: string): GitRepository | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const marker = join(folder, '.git');
    const found = lstatSync(marker, { throwIfNoEntry: false }) && statSync(marker, { throwIfNoEntry: false });
    if (found) return openRepository(folderOfMarker(folder, marker), folder);
    if (dirname(folder) === folder) return isGitFolder(start) ? openRepository(start, undefined) : undefined;
  }
}

/** The git folder of a `.git`; in work trees and submodules that is a file that names it: `gitdir: ../.git/modules/charts`. */
export function folderOfMarker(folder: string, marker: string): string {
  if (statSync(marker).isDirectory()) return marker;
  const path = /^gitdir: ([^\r\n]+)/.exec(smallText(marker) ?? '')?.[1]?.trimEnd();
  if (path === undefined) throw new GitError('damaged', '.git is neither a folder nor names one');
  return resolve(folder, path);
}

/** Whether a folder is a git folder by what is in it (git setup.c, is_git_directory). */
export function isGitFolder(folder: string): boolean {
  const isFolder = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder('objects') && isFolder('refs') && smallText(join(folder, 'HEAD')) !== undefined;
}

/** The git folder that all work trees of a repository share; `folder` is that of one of them. */
export function commonOf(folder: string): string {
  const path = (smallText(join(folder, 'commondir')) ?? '').trim();
  return path === '' ? folder : resolve(folder, path);
}

/** The git folder that the work tree with this root shares with the others of its repository; undefined where that is not known. */
export function sharedGitFolder(root: string): string | undefined {
  try {
    const marker = join(root, '.git');
    return realpathSync(commonOf(folderOfMarker(root, marker)));
  } catch {
    return undefined;
  }
}

/** Opens a git folder; `workTree` is the root of its work tree, if it has one. */
export function openRepository(folder: string, workTree: string | undefined): GitRepository {
  if (smallText(join(folder, 'HEAD')) === undefined) throw new GitError('damaged', 'the git folder has no HEAD');
  const common = commonOf(folder);
  const { kind, isPartial } = readConfig(join(common, 'config'));
  const idBytes = kind === 'sha1' ? 20 : 32;
  const objects = openObjects(common, kind);
  const refs = openRefs(folder, common, idBytes * 2);
  const cut = new Set((smallText(join(common, 'shallow'), 1 << 24) ?? '').split('\n').filter((line) => line !== ''));
  const commits = new Map<string, Commit>();
  const trees = new Map<string, readonly TreeEntry[]>();

  const commit = (id: string): Commit => {
    const known = commits.get(id);
    if (known) return known;
    const { type, bytes } = objects.object(id, commitLimit);
    if (type !== 'commit') throw new GitError('damaged', `object ${id} is a ${type}, and no commit`);
    const read = parseCommit(bytes, id);
    // The parents of where history was cut off are not there.
    const found = cut.has(id) ? { ...read, parents: [] } : read;
    if (commits.size >= maxCommits) throw new GitError('too-large', `history has more than ${maxCommits} commits`);
    commits.set(id, found);
    return found;
  };
  const tree = (id: string): readonly TreeEntry[] => {
    const known = trees.get(id);
    if (known) return known;
    const { type, bytes } = objects.object(id, treeLimit);
    if (type !== 'tree') throw new GitError('damaged', `object ${id} is a ${type}, and no tree`);
    const entries = parseTree(bytes, idBytes, id);
    const [oldest] = trees.size >= keptTrees ? trees.keys() : [];
    if (oldest !== undefined) trees.delete(oldest);
    trees.set(id, entries);
    return entries;
  };
  return {
    folder,
    common,
    workTree,
    isShallow: cut.size > 0,
    isPartial,
    resolve: (revision) => commitOf(revision, { objects, refs, commit, isCut: (id) => cut.has(id) }),
    commit,
    mergeBases: (one, other) => mergeBases(one, other, commit),
    tree,
    find(root, path) {
      let entry: TreeEntry | undefined = { name: '', kind: 'folder', mode: 0o040000, id: root };
      for (const name of path) {
        if (entry?.kind !== 'folder') return undefined;
        entry = byName(tree(entry.id)).get(name);
      }
      return entry;
    },
    size: (id) => objects.header(id).size,
    blob(id, limit) {
      const { type, bytes } = objects.object(id, limit);
      if (type !== 'blob') throw new GitError('damaged', `object ${id} is a ${type}, and no blob`);
      return bytes;
    },
    branches: (prefix = 'refs/heads/') => refs.below(prefix),
    close: () => objects.close(),
  };
}

interface Reading {
  readonly objects: ObjectStore;
  readonly refs: Refs;
  readonly commit: (id: string) => Commit;
  /** Whether history was cut off behind a commit. */
  readonly isCut: (id: string) => boolean;
}

const revisionForm = /^([^~^]{1,1000})((?:\^\{(?:commit)?\}|\^\d*|~\d*)*)$/;

/** Whether a text has the form of what `resolve` takes. */
export function isRevision(text: string): boolean {
  return isRefName(revisionForm.exec(text)?.[1] ?? '');
}

/** The commit of a revision (gitrevisions). */
function commitOf(revision: string, reading: Reading): string {
  const { objects, commit, isCut } = reading;
  const unknown = (): GitError => new GitError('unknown', 'there is no such commit, branch or tag');
  const [, name = '', steps = ''] = revisionForm.exec(revision) ?? [];
  const start = idOfName(name === '@' ? 'HEAD' : name, reading);
  if (start === undefined) throw unknown();
  let id = peeled(start, objects);
  for (const [, sign, digits = ''] of steps.matchAll(/([~^])(\{\w*\}|\d*)/g)) {
    if (digits.startsWith('{')) continue;
    const number = digits === '' ? 1 : Number(digits);
    if (sign === '~') {
      if (number > maxSteps) throw new GitError('no-parent', `it goes back more than ${maxSteps} commits`);
      for (let step = 0; step < number; step++) id = parentOf(id, 1);
    } else if (number > 0) id = parentOf(id, number);
  }
  commit(id);
  return id;

  function parentOf(of: string, number: number): string {
    const parent = commit(of).parents[number - 1];
    if (parent !== undefined) return parent;
    if (isCut(of)) throw unknown();
    const reason = number === 1 ? 'is the first of its history' : `has no parent number ${number}`;
    throw new GitError('no-parent', `commit ${of.slice(0, 12)} ${reason}`);
  }
}

/**
 * What a name leads to: an id; a name where git looks for one; or the beginning of an id. Git takes the first and warns;
 * here a name that means different commits is an error, because whoever may push a tag could put it before a branch.
 */
function idOfName(name: string, { objects, refs }: Reading): string | undefined {
  const hex = /^[0-9a-f]{4,64}$/i.test(name) ? name.toLowerCase() : undefined;
  if (hex?.length === objects.idLength) return hex;
  // In the git folder itself only names like these are refs: `config` is none. A whole name means nothing else.
  const own = /^(?:[A-Z_]*HEAD|refs\/.+)$/.test(name) ? refs.idOf(name) : undefined;
  if (own !== undefined || name === 'HEAD' || name.startsWith('refs/')) return own;
  const found = new Map<string, string>();
  for (const folder of ['refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/']) {
    const id = refs.idOf(folder + name);
    if (id !== undefined) found.set(folder + name, id);
  }
  const remote = `refs/remotes/${name}/HEAD`;
  const head = refs.idOf(remote);
  if (head !== undefined) found.set(remote, head);
  for (const id of hex === undefined || hex.length > objects.idLength ? [] : beginningWith(hex, objects))
    found.set(`commit ${id}`, id);
  const commits = new Set([...found.values()].map((id) => peeled(id, objects)));
  if (commits.size > 1) throw new GitError('ambiguous', `it is ${[...found.keys()].slice(0, 4).join(' and ')}`);
  return [...found.values()][0];
}

/** Commits, and tags, that begin with some digits; where there is but one object, whatever it is. */
function beginningWith(hex: string, objects: ObjectStore): readonly string[] {
  const all = objects.withPrefix(hex);
  return all.length < 2 ? all : all.filter((id) => ['commit', 'tag'].includes(objects.header(id).type));
}

/** What an annotated tag is of, at the end of any number of them. */
function peeled(start: string, objects: ObjectStore): string {
  let id = start;
  for (let tags = 0; tags < maxTags; tags++) {
    if (objects.header(id).type !== 'tag') return id;
    const { bytes } = objects.object(id, commitLimit);
    const next = /^object ([0-9a-f]{40,64})\n/.exec(bytes.toString('latin1', 0, 100))?.[1];
    if (next === undefined) throw new GitError('damaged', `tag ${id} is damaged: it names no object`);
    id = next;
  }
  throw new GitError('damaged', `tag ${start} leads to more than ${maxTags} tags`);
}

function parseCommit(bytes: Buffer, id: string): Commit {
  const blank = bytes.indexOf('\n\n');
  const head = bytes.toString('latin1', 0, blank < 0 ? bytes.length : blank);
  const tree = /^tree ([0-9a-f]{40,64})$/m.exec(head)?.[1];
  if (tree === undefined || !head.startsWith('tree ')) throw new GitError('damaged', `commit ${id} is damaged`);
  // Parents come right behind the tree; what looks like one in a signature or a merged tag is none.
  const parents: string[] = [];
  for (const line of head.split('\n').slice(1)) {
    const parent = /^parent ([0-9a-f]{40,64})$/.exec(line)?.[1];
    if (parent === undefined) break;
    parents.push(parent);
  }
  return { id, tree, parents, time: Number(/^committer .*> (\d{1,15}) /m.exec(head)?.[1] ?? 0) };
}

/** What `config` says of the form of a repository. Extensions that are not known may change what everything means. */
function readConfig(path: string): { kind: IdKind; isPartial: boolean } {
  let section = '';
  let version = 0;
  let isPartial = false;
  const extensions = new Map<string, string>();
  for (const line of (smallText(path, 1 << 20) ?? '').split('\n')) {
    const header = /^\s*\[([\w.-]+)(?:\s+"[^"]*")?\]/.exec(line);
    if (header) section = (header[1] ?? '').toLowerCase();
    const [, key = '', value = ''] = /^\s*(?:\[[^\]]*\]\s*)?([A-Za-z][\w-]*)\s*(?:=\s*"?([^"#;\r]*))?/.exec(line) ?? [];
    const name = key.toLowerCase();
    if (section === 'core' && name === 'repositoryformatversion') version = Number(value);
    if (section === 'extensions' && name !== '') extensions.set(name, value.trim().toLowerCase());
    if (section === 'remote' && (name === 'promisor' || name === 'partialclonefilter')) isPartial = true;
  }
  if (!(version === 0 || version === 1))
    throw new GitError('unsupported', 'the repository is of a version that is not read');
  const storage = extensions.get('refstorage') ?? 'files';
  if (storage !== 'files')
    throw new GitError(
      'unsupported',
      'the repository keeps its branches in another form than files (extensions.refStorage)',
    );
  const kind = extensions.get('objectformat') ?? 'sha1';
  if (kind !== 'sha1' && kind !== 'sha256')
    throw new GitError('unsupported', 'the repository has ids of a kind that is not known');
  if (version === 1)
    for (const name of extensions.keys())
      if (!knownExtensions.has(name))
        throw new GitError('unsupported', 'the repository has an extension that is not known');
  return { kind, isPartial: isPartial || extensions.has('partialclone') };
}

/** Of git Documentation/config/extensions, those that change nothing for who reads objects and refs. */
const knownExtensions: ReadonlySet<string> = new Set([
  'noop',
  'noop-v1',
  'preciousobjects',
  'partialclone',
  'worktreeconfig',
  'relativeworktrees',
  'objectformat',
  'refstorage',
  'compatobjectformat',
  'submodulepathconfig',
]);

function smallText(path: string, limit = 1 << 12): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= limit ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    const code = codeOf(error);
    // What a `.git` file names may be no folder.
    if (code === 'ENOTDIR') return undefined;
    throw new GitError('damaged', `the git folder cannot be read: the system says ${code}`);
  }
}
