import { dirname, join, resolve } from 'node:path';
import { existsSync, statSync } from './checks/file-system.ts';
import { disk, type FileTree } from './checks/file-tree.ts';
import { isBelow, maxBytes, nameOf, readText } from './checks/files.ts';
import { sharedGitFolder } from './checks/git/repository.ts';
import {
  type Config,
  configOf,
  type Entries,
  readEntries,
  refusal,
  refusalAt,
  rootOf,
  type Written,
} from './config-entries.ts';
import { isAnswer, type Source } from './model/source.ts';
import { ownWords, say, type Text } from './model/text.ts';
import type { UserError } from './model/user-error.ts';
import { field, itemsOf, type Node } from './readers/yaml/tree.ts';

export const configName = 'drone-audit.yml';

/** Where a path is read: on the disk, or in the state that a change is compared with. */
export type TreeOf = (path: string) => FileTree;

const onDisk: TreeOf = () => disk;

/** The nearest drone-audit.yml from `cwd` up to the repository's root; outside a repository only that of `cwd`. */
export function findConfig(cwd: string, treeOf: TreeOf = onDisk): string | undefined {
  const isThere = (path: string): boolean => treeOf(path).isThere(path);
  const passed: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    passed.push(join(folder, configName));
    if (existsSync(join(folder, '.git'))) return passed.find(isThere);
    if (dirname(folder) === folder) return passed.slice(0, 1).find(isThere);
  }
}

/** The root of the repository that a folder lies in; undefined outside of one. */
export function repositoryOf(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    if (existsSync(join(current, '.git'))) return current;
    if (dirname(current) === current) return undefined;
  }
}

/** The folders whose authors' work is audited: those that are named, or hold what is named, and their repositories. */
export function auditedFolders(paths: readonly string[], cwd: string): readonly string[] {
  const folders = paths.flatMap((path) => {
    const full = resolve(cwd, path);
    const folder = isFolder(full) ? full : dirname(full);
    return [folder, realPath(folder)].map((each) => repositoryOf(each) ?? each);
  });
  return [...new Set(folders)];
}

/**
 * Whether a file is in the hands of those whose files are audited: it lies in one of their folders, by its links, too, in
 * another work tree of their repositories, or around one that no repository bounds.
 */
export function isInAudited(path: string, folders: readonly string[]): boolean {
  const around = [dirname(path), dirname(realPath(path))];
  const unbound = folders.filter((folder) => repositoryOf(folder) === undefined);
  return isOfAuthors(path, folders) || unbound.some((folder) => isWithin(folder, around));
}

/**
 * Whether a file lies in one of some folders, by its links, too, or in another work tree of one's repository (git worktree):
 * whoever writes to a repository writes what is checked out of it.
 */
export function isOfAuthors(path: string, folders: readonly string[], treeOf: TreeOf = onDisk): boolean {
  if (isWithin(path, folders, treeOf)) return true;
  return [path, realPath(path, treeOf)].some((each) => {
    const root = repositoryOf(dirname(each));
    const shared = root === undefined ? undefined : sharedGitFolder(root);
    return (
      shared !== undefined &&
      folders.some((folder) => isBelow(shared, realPath(folder)) || sharedGitFolder(folder) === shared)
    );
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a path, or what it leads to, lies in one of some folders. */
export function isWithin(path: string, folders: readonly string[], treeOf: TreeOf = onDisk): boolean {
  return folders.some((folder) => isBelow(path, folder) || isBelow(realPath(path, treeOf), realPath(folder)));
}

/** Whether a path lies in a folder both as it is written and where its links lead. */
function isWithinBoth(path: string, folder: string, treeOf: TreeOf): boolean {
  const real = realPath(path, treeOf);
  return isBelow(path, folder) && (isBelow(real, folder) || isBelow(real, realPath(folder)));
}

/** Where the links of a path lead; the path itself where that is not known. */
export function realPath(path: string, treeOf: TreeOf = onDisk): string {
  try {
    return treeOf(path).real(path);
  } catch {
    return path;
  }
}

/**
 * The config that the command line chooses: the named one, the nearest, or with `false` none. Throws as `readConfig` does.
 */
export function chosenConfig(
  config: string | boolean | undefined,
  cwd: string,
  knownRules: ReadonlySet<string>,
  { audited, treeOf }: Pick<Whereabouts, 'audited' | 'treeOf'> = { audited: [] },
): Config | undefined {
  if (config === false) return undefined;
  const isFound = typeof config !== 'string';
  const path = isFound ? findConfig(cwd, treeOf) : config;
  return path === undefined ? undefined : readConfig(path, cwd, 'config', knownRules, { audited, isFound, treeOf });
}

/** How many files one config may continue, one after the other, and in all. */
const maxDepth = 5;
const maxFiles = 20;

/** What decides where a config may reach. */
interface Whereabouts {
  /** The folders that are audited. */
  readonly audited: readonly string[];
  /** Whether nobody named it: then it continues files of its repository alone. */
  readonly isFound: boolean;
  readonly treeOf?: TreeOf;
}

/**
 * Reads a config or policy, with the files that it extends. If it is wrong, throws a UserError that names the place, so that
 * nothing is audited.
 */
export function readConfig(
  path: string,
  cwd: string,
  by: Written['by'],
  knownRules: ReadonlySet<string>,
  { audited, isFound, treeOf = onDisk }: Whereabouts = { audited: [], isFound: false },
): Config {
  const first = resolve(cwd, path);
  const read = new Set<string>();
  const boundaryOf = (file: string): string => repositoryOf(dirname(file)) ?? dirname(file);
  const ownFolders = [...audited, repositoryOf(cwd) ?? cwd];
  if (isFound && !isWithinBoth(first, boundaryOf(first), treeOf))
    throw refusal(say`${nameOf(cwd, first)} is a link that leads out of the repository`);

  /** The entries of a file and of those that it extends. `boundary`: the folder that those must lie in. */
  const entriesOf = (
    file: string,
    text: string,
    boundary: string | undefined,
    chain: readonly string[],
  ): readonly Entries[] => {
    read.add(realPath(file, treeOf));
    const isAudited = isOfAuthors(file, audited, treeOf);
    const source: Source = { name: nameOf(cwd, file), form: 'compose', text };
    const root = rootOf(source);
    // A file of elsewhere speaks of what is audited here.
    const folder = isWithin(file, ownFolders, treeOf) ? nameOf(cwd, dirname(file)) : '.';
    const own = readEntries(root, {
      source,
      folder,
      here: /^\.\.(?:\/\.\.)*$/.test(folder) ? nameOf(dirname(file), cwd) : undefined,
      by,
      knownRules,
      isAudited,
      isShared: by === 'policy' || chain.length > 0,
    });
    const extended = field(root, 'extends')?.value;
    const named = extended?.kind === 'scalar' ? [extended] : itemsOf(extended);
    // The last one named is the nearest.
    return [own, ...named.toReversed().flatMap((item) => continued(item, source, file, boundary, chain))];
  };

  const continued = (
    item: Node,
    source: Source,
    from: string,
    boundary: string | undefined,
    chain: readonly string[],
  ): readonly Entries[] => {
    const wanted = item.kind === 'scalar' ? item.text : '';
    const wrong = (message: Text, hint?: string): UserError =>
      refusalAt(source, item.span.start, say`"${wanted}" ${message}`, hint);
    if (isAnswer(wanted)) throw wrong(say`is an address: only files are read`);
    const file = resolve(dirname(from), wanted);
    if (boundary !== undefined && !isWithinBoth(file, boundary, treeOf))
      throw wrong(say`leads out of the repository: only a config that --config or --policy names may extend that`);
    const around = [...chain, realPath(from, treeOf)];
    const real = realPath(file, treeOf);
    if (around.includes(real)) throw wrong(say`extends itself, in a circle`);
    if (around.length > maxDepth) throw wrong(say`is extended over more than ${maxDepth} files`);
    if (read.has(real)) return [];
    if (read.size >= maxFiles) throw wrong(say`is one of more than ${maxFiles} files`);
    const found = readText(file, wanted, maxBytes, treeOf(file));
    if ('problem' in found)
      throw wrong(found.problem.message, '"extends" names config files, relative to the folder of this one');
    // Whoever writes in what is audited reaches no further than that.
    return entriesOf(file, found.text, isOfAuthors(file, audited, treeOf) ? boundaryOf(file) : boundary, around);
  };

  const name = nameOf(cwd, first);
  const found = readText(first, name, maxBytes, treeOf(first));
  if ('problem' in found) throw refusal(say`${ownWords(by)} "${isFound ? name : path}" ${found.problem.message}`);
  return configOf(name, entriesOf(first, found.text, isFound ? boundaryOf(first) : undefined, []));
}
