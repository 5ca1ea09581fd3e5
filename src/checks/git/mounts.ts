import { join, resolve } from 'node:path';
import { codeOf } from '../../model/error-code.ts';
import { existsSync, realpathSync } from '../file-system.ts';
import type { FileTree, KnownFiles } from '../file-tree.ts';
import { isBelow, nameOf } from '../files.ts';
import type { Git } from '../git-index.ts';
import { slugOfGitFolder, textOf } from '../git-remote.ts';
import type { FoundRepository } from './fleet.ts';
import { GitError, isGitError } from './git-error.ts';
import { commonOf, folderOfMarker, type GitRepository, openRepository } from './repository.ts';
import { type ListedAgain, treeView, type View } from './views.ts';

/** A commit of a repository, whose files are named as if they were checked out at `root`. */
export interface Mount {
  readonly repository: FoundRepository;
  readonly root: string;
  readonly commit: string;
  /** The branch, for another than HEAD: `feature/x`, `origin/feature/x`. */
  readonly branch?: string;
  /** What the SCM calls the repository. */
  readonly slug?: string;
}

/** A mount that is open: its files, what git says of them, and what is known of them besides. */
export interface MountView extends View {
  readonly known: KnownFiles;
}

/** The commits of a repository that are looked at, and why others are not. */
export interface Heads {
  /** That of HEAD first. */
  readonly mounts: readonly Mount[];
  /** By the name of what they are about. */
  readonly errors: readonly { readonly name: string; readonly error: GitError }[];
  /** How many branches have the commit of one before. */
  readonly same: number;
}

/** Opens a repository. Throws GitError. */
export function openFound({ root, marker }: FoundRepository): GitRepository {
  return ofGit(() => openRepository(marker === undefined ? root : folderOfMarker(root, marker), marker && root));
}

/** The git folder that a repository shares with its further work trees, with links resolved; undefined where that is not known. */
export function sharedFolder(repository: GitRepository): string | undefined {
  try {
    return realpathSync(commonOf(repository.folder));
  } catch {
    return undefined;
  }
}

/** What the system says becomes an error like the others. */
function ofGit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = codeOf(error);
    if (isGitError(error) || code === '') throw error;
    throw new GitError('damaged', `the git folder cannot be read: the system says ${code}`);
  }
}

/**
 * The commit of HEAD, and with `allBranches` those of the local branches, of a clone also those of its remote `origin`; each
 * commit once. Throws nothing.
 */
export function headsOf(found: FoundRepository, repository: GitRepository, allBranches: boolean, cwd: string): Heads {
  const slug = slugOfGitFolder(repository.folder);
  const mounts: Mount[] = [];
  const errors: { name: string; error: GitError }[] = [];
  const commits = new Set<string>();
  let same = 0;
  const attempt = (name: string, read: () => void): void => {
    try {
      ofGit(read);
    } catch (error) {
      if (!isGitError(error)) throw error;
      errors.push({ name, error });
    }
  };
  const own = nameOf(cwd, found.root);
  attempt(own, () => {
    const commit = headOf(repository);
    commits.add(commit);
    mounts.push({ repository: found, root: found.root, commit, slug });
  });
  if (!allBranches) return { mounts, errors, same };
  const current = branchOfHead(repository);
  const roots = new Set([found.root]);
  attempt(own, () => {
    for (const { ref, branch, isRemote } of branchesOf(repository)) {
      const root = resolve(cwd, nameOfBranch(own, branch));
      attempt(nameOf(cwd, root), () => {
        const commit = repository.resolve(ref);
        // What was fetched is mostly what is checked out as well.
        if (commits.has(commit)) same += isRemote || ref === current ? 0 : 1;
        else {
          commits.add(commit);
          if (roots.has(root) || existsSync(root) || isInTree(root, mounts[0], repository))
            throw new GitError('unsupported', 'its files would be named as others are');
          roots.add(root);
          mounts.push({ repository: found, root, commit, branch, slug });
        }
      });
    }
  });
  return { mounts, errors, same };
}

function headOf(repository: GitRepository): string {
  try {
    return repository.resolve('HEAD');
  } catch (error) {
    if (!isGitError(error) || error.kind !== 'unknown') throw error;
    const isEmpty = repository.branches('refs/').size === 0;
    throw new GitError(
      'unknown',
      isEmpty
        ? 'it has no commit yet'
        : 'its HEAD names a branch that is not there (git symbolic-ref HEAD refs/heads/NAME sets it)',
    );
  }
}

/** The branch that is checked out, as a whole name; undefined where it is a commit. */
function branchOfHead({ folder }: GitRepository): string | undefined {
  try {
    return /^ref: *(refs\/heads\/[^\r\n]+)/.exec(textOf(join(folder, 'HEAD'), 4096) ?? '')?.[1];
  } catch {
    return undefined;
  }
}

/** Local branches, and those of the remote `origin` of a clone, sorted. */
function branchesOf(
  repository: GitRepository,
): readonly { readonly ref: string; readonly branch: string; readonly isRemote: boolean }[] {
  const local = [...repository.branches('refs/heads/').keys()].map((ref) => ({
    ...{ ref, branch: ref.slice('refs/heads/'.length), isRemote: false },
  }));
  if (repository.workTree === undefined) return local;
  const isTaken = new Set(local.map(({ branch }) => branch));
  const fetched = [...repository.branches('refs/remotes/origin/').keys()]
    .filter((ref) => ref !== 'refs/remotes/origin/HEAD')
    .map((ref) => {
      const branch = ref.slice('refs/remotes/'.length);
      return { ref, branch: isTaken.has(branch) ? `remotes/${branch}` : branch, isRemote: true };
    });
  return [...local, ...fetched];
}

/**
 * `mirrors/hello.git@feature%2Fx`: one folder beside that of HEAD, whatever the branch is called, so that neither a branch
 * nor a file can take the name of another.
 */
export function nameOfBranch(repository: string, branch: string): string {
  return `${repository}@${branch.replaceAll('%', '%25').replaceAll('/', '%2F')}`;
}

/** Whether HEAD has something where the files of a branch would be named: where the current folder is the repository. */
function isInTree(root: string, head: Mount | undefined, repository: GitRepository): boolean {
  if (!head || !isBelow(root, head.root)) return false;
  return treeView(repository, repository.commit(head.commit).tree, head.root).tree.isThere(root);
}

/**
 * What shows the files of mounts. Of one repository at a time anything is open: another one closes it. `idle` keeps, as long
 * as the same repository is open, in which content nothing of Drone was found.
 */
export interface OpenMounts {
  /** Throws GitError; so does the next. */
  repository(found: FoundRepository): GitRepository;
  view(mount: Mount): MountView;
  /** The same, opened whenever a file is asked for. */
  later(mount: Mount): { readonly tree: FileTree; readonly git: Git };
  close(): void;
}

interface Opened {
  readonly found: FoundRepository;
  readonly repository: GitRepository;
  /** Content without anything of Drone, by its id and by how it was searched. */
  readonly idle: Set<string>;
  readonly listedAgain: ListedAgain;
  view?: { readonly mount: Mount; readonly view: MountView };
}

export function openMounts(): OpenMounts {
  let opened: Opened | undefined;
  const close = (): void => {
    opened?.repository.close();
    opened = undefined;
  };
  const openedOf = (found: FoundRepository): Opened => {
    if (opened?.found === found) return opened;
    close();
    opened = { found, repository: openFound(found), idle: new Set(), listedAgain: { folders: 0 } };
    return opened;
  };
  const view = (mount: Mount): MountView => {
    const of = openedOf(mount.repository);
    if (of.view?.mount !== mount) of.view = { mount, view: viewOf(mount, of) };
    return of.view.view;
  };
  return {
    repository: (found) => openedOf(found).repository,
    view,
    later: (mount) => ({ tree: delegating(() => view(mount).tree), git: gitOfMount(mount, () => false) }),
    close,
  };
}

function viewOf(mount: Mount, { repository, idle, listedAgain }: Opened): MountView {
  const { root, commit } = mount;
  const view = ofGit(() =>
    treeView(repository, repository.commit(commit).tree, root, 'as a clone', undefined, listedAgain),
  );
  const { leftOut, idOf = () => undefined } = view;
  const keyOf = (path: string, isCloser: boolean): string | undefined => {
    const id = idOf(path);
    return id === undefined ? undefined : `${id}${isCloser}`;
  };
  const tree: FileTree = {
    ...view.tree,
    // That it cannot be read is said when it is.
    isThere: (path) => {
      try {
        return view.tree.isThere(path);
      } catch {
        return true;
      }
    },
  };
  return {
    ...view,
    tree,
    git: gitOfMount(mount, (folder) => leftOut.submodules.has(folder)),
    known: {
      isIdle: (path, isCloser) => idle.has(keyOf(path, isCloser) ?? ''),
      setIdle(path, isCloser) {
        const key = keyOf(path, isCloser);
        if (key !== undefined) idle.add(key);
      },
      isLost: (path) => leftOut.lost.has(path),
    },
  };
}

/** Of a commit everything is tracked, as it was written. */
function gitOfMount({ root, slug, commit }: Mount, isSubmodule: Git['isSubmodule']): Git {
  return {
    isTracked: () => true,
    tracksName: () => true,
    holdsTracked: () => true,
    isSubmodule,
    rewritten: () => undefined,
    rootOf: () => root,
    slugOf: () => slug,
    commitOf: () => commit,
  };
}

/** A tree that is asked for anew whenever something of it is needed. */
function delegating(tree: () => FileTree): FileTree {
  return {
    list: (folder) => tree().list(folder),
    facts: (path) => tree().facts(path),
    isThere: (path) => {
      try {
        return tree().isThere(path);
      } catch {
        return true;
      }
    },
    real: (path) => tree().real(path),
    bytes: (path) => tree().bytes(path),
    withFile: (path, use) => tree().withFile(path, use),
  };
}
