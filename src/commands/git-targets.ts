import { dirname, resolve } from 'node:path';
import { nameOf } from '../checks/files.ts';
import { type Fleet, findFleet } from '../checks/git/fleet.ts';
import { isGitFolder } from '../checks/git/repository.ts';
import { realPath } from '../config.ts';
import type { Problem } from '../model/report.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { visible } from '../model/visible.ts';
import { type Io, progressOf } from './io.ts';

/** The options about repositories that are read without a checkout. */
export interface GitOptions {
  /** Repositories, and folders of them. */
  readonly git?: readonly string[];
  /** Whether each of their branches is read, not only HEAD. */
  readonly allBranches?: boolean;
  readonly diff?: string;
  readonly progress?: boolean;
  readonly quiet?: boolean;
}

/**
 * The repositories that `--git` names; undefined without it. `files` are what other options and paths name: none may be among
 * those of a repository, because two files would have one name. Throws UserError.
 */
export function fleetOf(options: GitOptions, files: readonly string[], io: Io): Fleet | undefined {
  const { git = [], allBranches = false, diff } = options;
  if (git.length === 0) {
    if (allBranches) throw new UserError('--all-branches is about the repositories of --git', 'name them: --git DIR');
    return undefined;
  }
  if (diff !== undefined)
    throw new UserError(
      '--diff compares two states of one checkout, and --git reads commits of any number of repositories',
      'leave one of them out',
    );
  refuseShared(git, files, io);
  progressOf(options, io)('looking for repositories');
  return findFleet(git, io.cwd, allBranches);
}

const notTheFiles = say`is a bare repository, whose files are not here to be read as those of a folder: name it with --git`;

/** Paths that are bare repositories, in which an audit of their files finds nothing. */
export function bareAmong(paths: readonly string[], { cwd }: Io): readonly Problem[] {
  const isBare = (path: string): boolean => {
    try {
      return path !== '-' && isGitFolder(resolve(cwd, path));
    } catch {
      return false;
    }
  };
  return paths.filter(isBare).map((path) => ({
    ...{ kind: 'unsupported', source: nameOf(cwd, resolve(cwd, path)), message: notTheFiles, incomplete: true },
  }));
}

/** Throws UserError where one of `files` lies in a folder of `git`, or holds one. */
function refuseShared(git: readonly string[], files: readonly string[], { cwd }: Io): void {
  const bothOf = (path: string): readonly string[] => [resolve(cwd, path), realPath(resolve(cwd, path))];
  const folders = new Map(git.flatMap((folder) => bothOf(folder).map((path) => [path, folder] as const)));
  const above = new Map([...folders].flatMap(([path, folder]) => upwards(path).map((each) => [each, folder] as const)));
  for (const file of files) {
    if (file === '-') continue;
    const ways = bothOf(file).flatMap((path) => [above.get(path), ...upwards(path).map((each) => folders.get(each))]);
    const shared = ways.find((each) => each !== undefined);
    if (shared !== undefined)
      throw new UserError(
        `"${visible(file)}" and "${visible(shared)}" of --git have files in common, which would be audited twice`,
        'name a repository either way, as a path or with --git',
      );
  }
}

/** A path and the folders above it. */
function upwards(path: string): readonly string[] {
  const all = [path];
  for (let at = path; dirname(at) !== at; at = dirname(at)) all.push(dirname(at));
  return all;
}
