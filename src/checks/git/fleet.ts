import { dirname, join, resolve } from 'node:path';
import { compare } from '../../model/compare.ts';
import { codeOf } from '../../model/error-code.ts';
import type { Problem } from '../../model/report.ts';
import { say, type Text } from '../../model/text.ts';
import { type Entry, listFolder, lstatSync, realpathSync, statSync } from '../file-system.ts';
import { isBelow, nameOf, nearestBeside } from '../files.ts';

/** A repository among those that `--git` names, not opened yet. */
export interface FoundRepository {
  /** The folder that its files are named below: the root of the work tree, or the bare repository itself. */
  readonly root: string;
  /** Its `.git`, a folder or a file; absent for a bare repository. */
  readonly marker?: string;
}

/** All that `--git` names. */
export interface Fleet {
  readonly repositories: readonly FoundRepository[];
  readonly problems: readonly Problem[];
  /** The folders as they were named, absolute. */
  readonly folders: readonly string[];
  /** Whether to look at all branches, not only at HEAD. */
  readonly allBranches: boolean;
}

/** Whether a path lies in what `--git` names, those of other branches than HEAD included (mounts.ts). */
export function isInFleet(path: string, { folders }: Fleet): boolean {
  return folders.some((folder) => isBelow(path, folder) || path.startsWith(`${folder}@`));
}

/** How deep repositories may lie below a folder that is named: groups of GitLab may be nested twenty deep. */
const maxNesting = 24;
/** How many folders are searched for repositories. */
const maxSearched = 1_000_000;

/**
 * The repositories that some folders are, or hold: clones, work trees, bare ones, at any depth that people use, but none in
 * another. Links to folders are not followed. Throws nothing: what cannot be looked at is a problem.
 */
export function findFleet(named: readonly string[], cwd: string, allBranches: boolean): Fleet {
  const found = new Map<string, FoundRepository>();
  const problems: Problem[] = [];
  const folders = named.map((path) => resolve(cwd, path));
  const searched = { count: 0 };
  for (const folder of folders) {
    const missing = whyNoFolder(folder, cwd);
    if (missing) {
      problems.push(problemAt(nameOf(cwd, folder), missing));
      continue;
    }
    const before = problems.length;
    const below = repositoriesBelow(folder, cwd, searched, problems);
    for (const each of below) found.set(each.root, each);
    if (below.length === 0 && problems.length === before) problems.push(problemAt(nameOf(cwd, folder), holdsNone));
  }
  const repositories = [...found.values()].sort((one, other) =>
    compare(nameOf(cwd, one.root), nameOf(cwd, other.root)),
  );
  return { repositories, problems, folders, allBranches };
}

const holdsNone = say`is no git repository, and holds none (--git takes the root of a clone, a bare repository, or a folder of them)`;

function problemAt(source: string, message: Text): Problem {
  return { kind: 'unreadable', source, message, incomplete: true };
}

function whyNoFolder(path: string, cwd: string): Text | undefined {
  try {
    return statSync(path).isDirectory()
      ? undefined
      : say`is no folder, and --git takes repositories and folders of them; name other paths before --git`;
  } catch (error) {
    const meant = nearestBeside(path, cwd);
    const why = whyNot(error);
    return meant === undefined ? why : say`${why}; did you mean "${meant}"?`;
  }
}

function whyNot(error: unknown): Text {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return say`is not there`;
  return code === 'EACCES' || code === 'EPERM' ? say`may not be read by this user` : say`cannot be read`;
}

/** Says of what could not be searched that it could not. */
function repositoriesBelow(
  start: string,
  cwd: string,
  searched: { count: number },
  problems: Problem[],
): readonly FoundRepository[] {
  const found: FoundRepository[] = [];
  /** Folders that are named as bare repositories are, and are none: whether anything was found in them is known at the end. */
  const expected: string[] = [];
  const links: string[] = [];
  const pending = [{ folder: start, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { folder, depth } = next;
    if (++searched.count > maxSearched) {
      const message = say`holds more than ${maxSearched} folders, of which the rest were not searched for repositories`;
      problems.push(problemAt(nameOf(cwd, start), message));
      break;
    }
    let entries: readonly Entry[];
    try {
      entries = listFolder(folder);
    } catch (error) {
      problems.push(problemAt(nameOf(cwd, folder), whyNot(error)));
      continue;
    }
    const repository = repositoryOf(folder, entries);
    if (repository) {
      found.push(repository);
      continue;
    }
    if (depth === maxNesting) {
      const message = say`lies more than ${maxNesting} folders deep, and was not searched for repositories`;
      if (entries.some((entry) => entry.isDirectory())) problems.push(problemAt(nameOf(cwd, folder), message));
      continue;
    }
    if (/.\.git$/.test(folder)) expected.push(folder);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) pending.push({ folder: path, depth: depth + 1 });
      else if (entry.isSymbolicLink()) links.push(path);
    }
  }
  const holding = new Set<string>();
  for (const { root } of found) for (let at = root; at !== start && !holding.has(at); at = dirname(at)) holding.add(at);
  for (const folder of expected)
    if (folder === start ? found.length === 0 : !holding.has(folder))
      problems.push(problemAt(nameOf(cwd, folder), say`is named as a bare repository is, and is none`));
  for (const link of links)
    if (leadsToAnother(link, start))
      problems.push(problemAt(nameOf(cwd, link), say`is a link to a repository elsewhere, and was not followed`));
  return found;
}

/** The repository that a folder is, sound or damaged, by the names in it (gitrepository-layout). */
function repositoryOf(folder: string, entries: readonly Entry[]): FoundRepository | undefined {
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('.git')) return { root: folder, marker: join(folder, '.git') };
  // What was copied without empty folders has no `refs`.
  const isBare = names.has('objects') && ['HEAD', 'refs', 'packed-refs'].some((name) => names.has(name));
  return isBare ? { root: folder } : undefined;
}

/** Whether a link leads to a repository that is not found below the folder by itself. */
function leadsToAnother(link: string, start: string): boolean {
  try {
    const real = realpathSync(link);
    if (isBelow(real, realpathSync(start)) || !lstatSync(real).isDirectory()) return false;
    return repositoryOf(real, listFolder(real)) !== undefined;
  } catch {
    return false;
  }
}
