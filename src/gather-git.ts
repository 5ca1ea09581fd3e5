import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Evidence, LookedUp } from './checks/evidence.ts';
import { lookupWithin, nameOf, readText, sourceOf } from './checks/files.ts';
import type { FoundRepository } from './checks/git/fleet.ts';
import { type GitError, isGitError } from './checks/git/git-error.ts';
import type { Mount, OpenMounts } from './checks/git/mounts.ts';
import { headsOf, openMounts, sharedFolder } from './checks/git/mounts.ts';
import type { GitRepository } from './checks/git/repository.ts';
import { fetchesSomeBranches } from './checks/git-remote.ts';
import { type Gathered, gather, type Targets } from './gather.ts';
import { compare } from './model/compare.ts';
import { joinedTallies } from './model/passed-over.ts';
import { silently } from './model/progress.ts';
import type { Lookup } from './model/reading.ts';
import type { Problem } from './model/report.ts';
import type { Form, Source } from './model/source.ts';
import { say, textKey } from './model/text.ts';
import { read } from './read.ts';

/** What is kept of one commit. */
type Part = Pick<Gathered, 'sources' | 'later' | 'problems' | 'mentions' | 'unread' | 'excluded' | 'passedOver'>;

const nothing: Part = {
  sources: [],
  later: new Set(),
  problems: [],
  mentions: [],
  unread: new Set(),
  excluded: 0,
  passedOver: [],
};

/** Forms whose readers look files up. */
const formsWithLookups: ReadonlySet<Form> = new Set<Form>(['compose', 'systemd', 'docker-run']);

/**
 * Everything that was asked for: what `gather` looks at, and the commits of the repositories of a fleet, one repository at a
 * time. Only what these have of Drone is kept, so that any number of them costs no more than that.
 */
export async function gatherAll(targets: Targets): Promise<Gathered> {
  const { fleet, ...others } = targets;
  const first = await gather(others);
  if (!fleet) return first;
  const { cwd, progress = silently } = targets;
  const open = openMounts();
  const lookups = lookupsOfMounts(open, first, cwd);
  let keepsMore = first.later.size > 0 ? 0 : (targets.keeps ?? Number.POSITIVE_INFINITY) - lengthOfPipelines(first);
  /** The git folders of which all branches were looked at: further work trees have the same. */
  const done = new Set<string>();
  const parts: Part[] = [{ ...nothing, problems: fleet.problems }];
  try {
    for (const [index, found] of fleet.repositories.entries()) {
      progress('reading repositories', { done: index, of: fleet.repositories.length });
      for (const part of await gatherRepository(found)) parts.push(part);
    }
  } finally {
    open.close();
  }
  return withParts(first, joined(parts), lookups, cwd);

  async function gatherRepository(found: FoundRepository): Promise<readonly Part[]> {
    const name = nameOf(cwd, found.root);
    const repository = opened(found);
    if ('kind' in repository) return [problemsAlone([cannotRead(name, repository)])];
    const { isPartial } = repository;
    const isWhole = isToBeSearched(repository);
    const heads = headsOf(found, repository, isWhole, cwd);
    const parts: Part[] = [];
    const known = new Set<string>();
    let { same } = heads;
    for (const mount of heads.mounts) {
      const part = await gatherMount(mount, isPartial);
      lookups.add(mount);
      const key = heads.mounts.length > 1 ? keyOf(part, mount) : '';
      if (known.has(key)) {
        lookups.remove(mount);
        same++;
      } else parts.push(kept(part));
      known.add(key);
    }
    const problems = heads.errors.map((each) => cannotRead(each.name, each.error, isPartial));
    if (same > 0) problems.push(sameAsOthers(name, same));
    if (isWhole && fetchesSomeBranches(repository.folder)) problems.push(mayHaveMore(name));
    return [...parts, problemsAlone(problems)];
  }

  /** Without the text of pipelines that are more than is to be kept. */
  function kept(part: Part): Part {
    const later = new Set<Source>();
    const sources = part.sources.map((source) => {
      if (source.form !== 'drone') return source;
      if (keepsMore >= source.text.length) {
        keepsMore -= source.text.length;
        return source;
      }
      keepsMore = 0;
      const left = { ...source, text: '' };
      later.add(left);
      return left;
    });
    return { ...part, sources, later };
  }

  function opened(found: FoundRepository): GitRepository | GitError {
    try {
      return open.repository(found);
    } catch (error) {
      if (isGitError(error)) return error;
      throw error;
    }
  }

  /** Whether all branches of a repository are wanted, and were not looked at with another work tree of it. */
  function isToBeSearched(repository: GitRepository): boolean {
    if (!fleet?.allBranches) return false;
    const folder = sharedFolder(repository);
    if (folder === undefined || done.has(folder)) return folder === undefined;
    done.add(folder);
    return true;
  }

  async function gatherMount(mount: Mount, isPartial: boolean): Promise<Part> {
    const name = nameOf(cwd, mount.root);
    try {
      const view = open.view(mount);
      const { excludes, isOwn, outputs, evidence } = targets;
      const { sources, later, problems, mentions, unread, excluded, passedOver } = await gather({
        ...{ cwd, view, paths: [mount.root], standardInput: () => Buffer.alloc(0) },
        ...{ excludes, isOwn, outputs, evidence },
      });
      const [error] = view.leftOut.errors;
      const all = error ? [...problems, cannotRead(name, error, isPartial)] : problems;
      return { sources, later, problems: all, mentions, unread, excluded, passedOver };
    } catch (error) {
      if (isGitError(error)) return problemsAlone([cannotRead(name, error, isPartial)]);
      throw error;
    }
  }

  /**
   * Tells two commits of one repository apart by what there is to audit in them: what was gathered, and what its files name.
   * Source code beside it may differ.
   */
  function keyOf({ sources, problems, mentions }: Part, { root }: Mount): string {
    const own = nameOf(cwd, root);
    const place = (name: string): string => (own === '.' ? name : name.slice(own.length));
    const key = createHash('sha256');
    const add = (...fields: readonly (string | number)[]): unknown => key.update(`${JSON.stringify(fields)}\n`);
    for (const { name, form, text } of sources) add('source', place(name), form, text);
    for (const { source, kind, message } of problems) add('problem', place(source), kind, textKey(message));
    for (const { source, line, what } of mentions) add('mention', place(source), line, what);
    const lookup: Lookup = (from, path, form) => {
      const found = lookups.lookup(from, path, form);
      if ('text' in found) add('file', place(from.name), path, form, place(found.name), found.text);
      else add('no file', place(from.name), path, form, found.kind, textKey(found.message));
      return found;
    };
    read(
      sources.filter(({ form }) => formsWithLookups.has(form)),
      lookup,
      { ...first.compose, together: [] },
    );
    return key.digest('hex');
  }
}

function lengthOfPipelines({ sources }: Gathered): number {
  return sources.reduce((sum, { form, text }) => (form === 'drone' ? sum + text.length : sum), 0);
}

function problemsAlone(problems: readonly Problem[]): Part {
  return { ...nothing, problems };
}

/** Says what is wrong with a repository, or with one of its commits. */
function cannotRead(source: string, { kind, message: why }: GitError, isPartial = false): Problem {
  const hint =
    kind === 'missing' && isPartial
      ? say`; the clone is partial, and this fetches the rest: git config --unset remote.origin.partialclonefilter; git fetch --refetch origin`
      : say``;
  return { kind: 'unreadable', source, message: say`cannot be read from git: ${why}${hint}`, incomplete: true };
}

function sameAsOthers(source: string, count: number): Problem {
  const message =
    count === 1
      ? say`1 branch has the same files to audit as another one, and was not audited again`
      : say`${count} branches have the same files to audit as others, and were not audited again`;
  return { kind: 'empty', source, message, incomplete: false };
}

function mayHaveMore(source: string): Problem {
  const message = say`was cloned with some of its branches alone, and others are not here to be looked at (git clone --no-single-branch)`;
  return { kind: 'unreadable', source, message, incomplete: false };
}

/** Looks up what the files of mounts name, in the same commit; what any other file names, as before. */
interface MountLookups {
  readonly lookup: Lookup;
  readonly reread: Gathered['reread'];
  add(mount: Mount): void;
  remove(mount: Mount): void;
  /** The mount with this root. */
  at(root: string): Mount | undefined;
}

function lookupsOfMounts(open: OpenMounts, other: Gathered, cwd: string): MountLookups {
  const mounts = new Map<string, { readonly mount: Mount; lookup?: Lookup }>();
  return {
    lookup(from, path, form) {
      const own = mounts.get(from.repository ?? '');
      if (!own) return other.lookup(from, path, form);
      if (!own.lookup) {
        const { tree, git } = open.later(own.mount);
        own.lookup = lookupWithin([own.mount.root], cwd, git, undefined, tree);
      }
      return own.lookup(from, path, form);
    },
    reread(source) {
      const { name, form, repository = '' } = source;
      const own = mounts.get(repository);
      if (!own) return other.reread(source);
      const { tree, git } = open.later(own.mount);
      const path = resolve(cwd, name);
      const result = readText(path, name, undefined, tree);
      return 'text' in result ? sourceOf(name, form, result, path, git) : result.problem;
    },
    add: (mount) => mounts.set(mount.root, { mount }),
    remove: (mount) => mounts.delete(mount.root),
    at: (root) => mounts.get(root)?.mount,
  };
}

function joined(parts: readonly Part[]): Part {
  return {
    sources: parts.flatMap(({ sources }) => sources),
    later: new Set(parts.flatMap(({ later }) => [...later])),
    problems: parts.flatMap(({ problems }) => problems),
    mentions: parts.flatMap(({ mentions }) => mentions),
    unread: new Set(parts.flatMap(({ unread }) => [...unread])),
    excluded: parts.reduce((sum, { excluded }) => sum + excluded, 0),
    passedOver: joinedTallies(parts.map(({ passedOver }) => passedOver)),
  };
}

/** What was gathered elsewhere, with what commits have. */
function withParts(first: Gathered, part: Part, lookups: MountLookups, cwd: string): Gathered {
  const lookedUp = new Map<string, LookedUp>();
  const isOfMount = ({ repository = '' }: Source): boolean => lookups.at(repository) !== undefined;
  const both = joined([first, part]);
  return {
    ...first,
    ...both,
    reread: lookups.reread,
    lookup(from, path, form) {
      const found = lookups.lookup(from, path, form);
      if (isOfMount(from)) lookedUp.set([from.name, path, form].join('\0'), { from: from.name, path, form, found });
      return found;
    },
    evidence(): Evidence {
      const before = first.evidence();
      const { sources, problems, mentions, excluded } = part;
      return {
        ...before,
        sources: [...before.sources, ...sources],
        lookups: [...before.lookups, ...lookedUp.values()].sort(
          (one, other) =>
            compare(one.from, other.from) || compare(one.path, other.path) || compare(one.form, other.form),
        ),
        problems: [...before.problems, ...problems],
        mentions: [...before.mentions, ...mentions],
        excluded: before.excluded + excluded,
      };
    },
    repositoryAt(root) {
      const mount = lookups.at(root);
      if (!mount) return first.repositoryAt(root);
      return { folder: nameOf(cwd, root), commit: mount.commit, branch: mount.branch };
    },
  };
}
