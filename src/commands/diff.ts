import { dirname, join, relative, resolve } from 'node:path';
import { type Audit, audit } from '../audit.ts';
import type { AuditRequest } from '../audit-request.ts';
import { type Baseline, type BaselineEntry, hasAllOf, inBoth } from '../baseline.ts';
import { existsSync, statSync } from '../checks/file-system.ts';
import type { FileTree } from '../checks/file-tree.ts';
import { isBelow, nameOf } from '../checks/files.ts';
import { type GitError, isGitError } from '../checks/git/git-error.ts';
import { keptElsewhere } from '../checks/git/pointer.ts';
import { findRepository, type GitRepository, isRevision } from '../checks/git/repository.ts';
import { trackedView, treeView, type View } from '../checks/git/views.ts';
import { isWithin, realPath } from '../config.ts';
import { codeOf } from '../model/error-code.ts';
import { fileName } from '../model/file-name.ts';
import { addTo } from '../model/groups.ts';
import { IncompleteError } from '../model/incomplete-error.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import { nearest } from '../model/nearest.ts';
import type { Problem } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { joinTexts, say, type Text } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { visible } from '../model/visible.ts';
import { couldBeRead } from '../readers/file-names.ts';
import { maskFor } from '../secrets/mask.ts';
import { type BaselineRun, baselineFrom } from './baseline.ts';
import type { Io } from './io.ts';

/** The two states of a repository that are compared. */
export interface Diff {
  /** `main (1f3c5a7d9b2e)`: what was named, and the commit where the change began. */
  readonly name: string;
  /** The root of the work tree. */
  readonly root: string;
  /** The work tree, or the last commit of a bare repository. */
  readonly now: View;
  /** Where the change began: more than one commit where branches were merged crosswise. */
  readonly before: readonly View[];
  /** What the change goes into, as it is now: its config counts. */
  readonly target: View & { readonly name: string; readonly isBefore: boolean };
  readonly isPartial: boolean;
}

/** Options that have no two sides. */
export interface DiffOptions {
  readonly docker?: readonly string[];
  readonly server?: unknown;
  readonly saveEvidence?: string;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly probeRunners?: boolean;
}

/** Whether a path, or what it leads to, is one of the repository that is compared. */
export function isInRepository({ root }: Diff, path: string): boolean {
  return isWithin(path, [root]);
}

/** The path in the repository of what a link from elsewhere leads to; undefined for other paths. */
export function pathInRepository({ root }: Diff, path: string): string | undefined {
  const way = relative(realPath(root), realPath(path));
  return !isBelow(path, root) && isWithin(path, [root]) ? join(root, way) : undefined;
}

/** Refuses what cannot be compared with a commit. Throws UserError. */
export function refuseWithDiff(options: DiffOptions, paths: readonly string[]): void {
  const { docker, server, saveEvidence, baseline, writeBaseline, probeRunners } = options;
  const first = [
    ...(docker === undefined ? [] : ['--docker']),
    ...(server === undefined ? [] : ['--server']),
    ...(probeRunners ? ['--probe-runners'] : []),
    ...(saveEvidence === undefined ? [] : ['--save-evidence']),
  ][0];
  if (first !== undefined)
    throw new UserError(`--diff compares files, and ${first} is about what runs now`, 'run drone-audit twice');
  if (baseline !== undefined)
    throw new UserError('--diff and --baseline are two answers to what was there before', 'name one of them');
  if (writeBaseline !== undefined)
    throw new UserError('--diff shows what is new, and a baseline holds everything', 'write it without --diff');
  if (paths.includes('-')) throw new UserError('--diff compares files of a repository, and standard input is none');
}

/** Opens both states. Throws UserError outside a repository, and IncompleteError where the commit is not in the clone. */
export function openDiff(reference: string, paths: readonly string[], io: Io): Diff {
  if (!isRevision(reference))
    throw new UserError(
      `--diff takes one branch, tag or commit, and "${shownReference(reference)}" is none`,
      'with ~2 or ^ behind it at most: where the change began is found by itself',
    );
  const start = folderOf(resolve(io.cwd, paths[0] ?? '.'));
  const repository = guarded(reference, undefined, () => findRepository(start));
  if (!repository) throw new UserError('--diff compares with a commit, and this is no git repository');
  const root = repository.workTree ?? repository.folder;
  const outside = paths.find((path) => !isBelow(resolve(io.cwd, path), root));
  if (outside !== undefined)
    throw new UserError(
      `"${visible(outside)}" is not in the repository of the other paths`,
      'compare one repository at a time',
    );
  return guarded(reference, repository, () => {
    const head = headOf(repository);
    const target = repository.resolve(reference);
    const bases = repository.mergeBases(head, target);
    if (bases.length === 0) throw noBase(reference, repository);
    if (bases.length > maxBases)
      throw new IncompleteError(
        `this change and "${shownReference(reference)}" have ${bases.length} best common ancestors, more than ${maxBases}`,
        'compare with the id of one commit',
      );
    const viewOf = (commit: string): View => treeView(repository, repository.commit(commit).tree, root);
    const before = bases.map(viewOf);
    const name = shownReference(reference);
    return {
      name: `${name} (${bases.map((base) => base.slice(0, 12)).join(', ')})`,
      root,
      now:
        repository.workTree === undefined
          ? treeView(repository, repository.commit(head).tree, root)
          : trackedView(repository, root, paths.length === 0 ? [io.cwd] : paths.map((path) => resolve(io.cwd, path))),
      before,
      target: { ...(before[bases.indexOf(target)] ?? viewOf(target)), name, isBefore: bases.includes(target) },
      isPartial: repository.isPartial,
    };
  });
}

/** What was named, as it may be shown. */
export function shownReference(reference: string): string {
  return visible(maskFor([]).evidence(reference));
}

function headOf(repository: GitRepository): string {
  try {
    return repository.resolve('HEAD');
  } catch (error) {
    if (isGitError(error) && error.kind === 'unknown')
      throw new IncompleteError('nothing can be compared: the branch that is checked out has no commit yet');
    throw error;
  }
}

/** Refuses a config that only the change has. Throws UserError. */
export function refuseNewConfig(diff: Diff | undefined, option: string, path: unknown, io: Io): void {
  if (!diff || typeof path !== 'string') return;
  const full = resolve(io.cwd, path);
  if (!isBelow(full, diff.root) || !existsSync(full) || diff.target.tree.isThere(full)) return;
  throw new UserError(
    `"${visible(path)}" is not there in ${diff.target.name}, and what a change says of itself does not count`,
    `leave ${option} out until it is merged, or name a file outside of the repository`,
  );
}

/** How many commits a change may have begun at: each costs an audit. */
const maxBases = 4;

/**
 * Audits both states and compares them: the report is that of now, in which only what was not there before counts. Throws
 * IncompleteError where the state before cannot be read.
 */
export async function auditDiff(diff: Diff, request: AuditRequest, run: BaselineRun, io: Io): Promise<Audit> {
  const { name, now, target } = diff;
  const { targets, policy } = request;
  const auditAt = (view: View, baseline: Baseline | undefined): Promise<Audit> =>
    audit({ ...request, targets: { ...targets, view }, policy: { ...policy, baseline } });
  // Known is what was there in every commit where the change began: each is compared with what all before it have.
  let baseline: Baseline | undefined;
  for (const before of diff.before) {
    const { compared, comparison } = await auditAt(before, baseline);
    refuseUnread(before, diff);
    const common = comparison ? inBoth(comparison, compared()) : compared();
    const entries = common.map(({ open, left: _, ...finding }) => ({ ...finding, hidden: !open, line: 0 }));
    baseline = baselineFrom('commit', name, entries, run, io.cwd);
  }
  const given = request.remarks;
  const auditNow = (known: Baseline | undefined, more: readonly Problem[]): Promise<Audit> =>
    audit({
      ...request,
      targets: { ...targets, view: now },
      policy: { ...policy, baseline: known && whereSeen(known, diff, io.cwd) },
      remarks: () => [...(given?.() ?? []), ...more, ...leftOutProblems(diff, io.cwd)],
    });
  const audited = await auditNow(baseline, []);
  if (!baseline || target.isBefore) return audited;
  const moved = movedIn(audited, diff, io.cwd);
  if (moved.size === 0) return audited;
  // What the change does not touch, git joins with what the target made of it; the rest may come in as it is here.
  const { compared, comparison } = await auditAt(target, baseline);
  refuseUnread(target, diff);
  const kept = new Set<BaselineEntry>();
  for (const [index, finding] of compared().entries()) {
    const entry = comparison?.known.get(index) ?? comparison?.worse.get(index);
    if (entry && hasAllOf(finding, entry)) kept.add(entry);
  }
  const lost = [...moved].filter(([entry]) => !kept.has(entry));
  const [file] = lost.map(([, to]) => to).sort();
  if (file === undefined) return audited;
  const entries = baseline.entries.filter((entry) => !moved.has(entry) || kept.has(entry));
  const message = say`is changed, and has what was in ${name} and is not in ${target.name} any more: it counts as new; merge ${target.name} to see what comes in`;
  return auditNow({ ...baseline, entries }, [{ kind: 'suppression', source: file, message, incomplete: false }]);
}

/**
 * The entries that know a finding of another file, or of one that the change touches, itself or what is read together with it,
 * with the file.
 */
function movedIn(
  { comparison, compared, understood }: Audit,
  { before }: Diff,
  cwd: string,
): ReadonlyMap<BaselineEntry, string> {
  const findings = compared();
  const texts = new Map(understood.sources.map(({ name, text }) => [name, text]));
  const isTouched = memoize((file) => {
    const text = texts.get(file)?.replaceAll('\r\n', '\n');
    return before.some(({ tree }) => textOf(tree, resolve(cwd, file)) !== text);
  });
  const isGroupTouched = memoizePer((group: readonly Source[]) => group.some(({ name }) => isTouched(name)));
  const groups = new Map<string, (readonly Source[])[]>();
  for (const group of understood.together) for (const { name } of group) addTo(groups, name, group);
  const moved = new Map<BaselineEntry, string>();
  for (const [index, entry] of [...(comparison?.known ?? []), ...(comparison?.worse ?? [])]) {
    const file = findings[index]?.file ?? entry.file;
    if (file !== entry.file || isTouched(file) || groups.get(file)?.some(isGroupTouched)) moved.set(entry, file);
  }
  return moved;
}

/** Throws IncompleteError where something of a commit could not be read. */
function refuseUnread({ leftOut }: View, diff: Diff): void {
  const [error] = leftOut.errors;
  if (error) throw unreadableBefore(error, diff);
}

/** A baseline that says of nothing that it is fixed because its folder has become a submodule, or its file has another name. */
function whereSeen(baseline: Baseline, { root, now, before }: Diff, cwd: string): Baseline {
  const isLeftOut = (file: string): boolean =>
    [...now.leftOut.submodules.keys()].some((folder) => isBelow(resolve(cwd, file), folder));
  return {
    ...baseline,
    stateOf: (file) => (isLeftOut(file) ? 'unseen' : baseline.stateOf(file)),
    isDefaultPipeline: (file) => resolve(cwd, file) === join(root, '.drone.yml'),
    wasThere: (file) => before.some(({ tree }) => tree.isThere(resolve(cwd, file))),
  };
}

/** Does what reads files of both states. Throws IncompleteError where an object is missing or damaged. */
export async function readingBoth<T>(diff: Diff | undefined, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw diff && isGitError(error) ? unreadableBefore(error, diff) : error;
  }
}

function unreadableBefore({ kind, message }: GitError, { isPartial }: Diff): IncompleteError {
  return new IncompleteError(
    `what was before cannot be read: ${message}`,
    kind === 'missing' && isPartial
      ? 'the clone is partial; fetch the rest: git config --unset remote.origin.partialclonefilter; git fetch --refetch origin'
      : 'check the clone: git fsck',
  );
}

/** What says that the file of a config differs from that before, which counts. */
export function changedConfig(diff: Diff, path: string | undefined, io: Io): readonly Problem[] {
  if (path === undefined) return [];
  const full = resolve(io.cwd, path);
  if (!isBelow(full, diff.root)) return [];
  const [one, other] = [textOf(diff.target.tree, full), textOf(diff.now.tree, full)];
  if (one === other) return [];
  const message =
    one === undefined
      ? say`is not in ${diff.target.name} and does not count yet`
      : say`differs from that of ${diff.target.name}, which counts here`;
  return [{ kind: 'suppression', source: nameOf(io.cwd, full), message, incomplete: false }];
}

function textOf(tree: FileTree, path: string): string | undefined {
  try {
    return tree.bytes(path).toString('utf8').replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}

const maxNamed = 3;

/** What is on one side alone by its nature, and was therefore left out. */
function leftOutProblems({ now, before: all, name }: Diff, cwd: string): readonly Problem[] {
  const note = (paths: Iterable<string>, message: (more: Text) => Text, incomplete = false): Problem[] => {
    const names = [...paths].map((path) => nameOf(cwd, path)).sort();
    const [first] = names;
    if (first === undefined) return [];
    const others = names.slice(1, maxNamed).map((each) => say`${each}`);
    if (names.length > maxNamed) others.push(say`${names.length - maxNamed} more`);
    const more = others.length === 0 ? say`` : say` (and ${joinTexts(others, ', ')})`;
    return [{ kind: 'unreadable', source: first, message: message(more), incomplete }];
  };
  // One that was moved is where it was no more.
  const known = (path: string, commit: string): boolean =>
    all.some(({ leftOut }) =>
      [...leftOut.submodules].some(([was, of]) => of === commit && (was === path || !now.leftOut.submodules.has(was))),
    );
  const submodules = (isNew: boolean): readonly string[] =>
    [...now.leftOut.submodules].flatMap(([path, commit]) => (known(path, commit) === isNew ? [] : [path]));
  const pointers = all.flatMap(({ leftOut }) => [...leftOut.pointers]).filter((path) => couldBeRead(fileName(path)));
  return [
    ...note(now.leftOut.untracked, (more) => say`is not tracked by git and was left out of the comparison${more}`),
    ...note(submodules(false), (more) => say`is a submodule and was left out of the comparison${more}`),
    ...note(
      submodules(true),
      (more) => say`is a submodule whose commit comes with the change, and what is in it was not seen${more}`,
      true,
    ),
    ...note(
      new Set(pointers.filter((path) => !isPointer(now.tree, path))),
      (more) => say`is kept in Git LFS or git-annex: what it was in ${name} is not known${more}`,
    ),
  ];
}

function isPointer(tree: FileTree, path: string): boolean {
  try {
    return keptElsewhere(tree.bytes(path)) !== undefined;
  } catch {
    return false;
  }
}

/** Says what is wrong with a repository, and how to get what is missing. */
function guarded<T>(reference: string, repository: GitRepository | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = codeOf(error);
    if (!isGitError(error) && code !== '')
      throw new IncompleteError(`the repository cannot be read: the system says ${code}`);
    if (!isGitError(error)) throw error;
    const shown = shownReference(reference);
    if (/^0{40,64}$/.test(reference))
      throw new IncompleteError(
        'there is no commit before the first push of a branch',
        'compare with the branch that it goes into, such as --diff refs/remotes/origin/main',
      );
    if (error.kind === 'ambiguous')
      throw new IncompleteError(
        `"${shown}" is ambiguous: ${visible(error.message)}`,
        'write the whole name, such as --diff refs/remotes/origin/main',
      );
    if (error.kind === 'no-parent')
      throw new IncompleteError(
        `"${shown}" leads to no commit: ${error.message}, so nothing can be compared`,
        'compare with the branch that the change goes into, such as --diff refs/remotes/origin/main',
      );
    if (repository && (error.kind === 'unknown' || error.kind === 'missing'))
      throw new IncompleteError(
        `"${shown}" is not in this clone (${error.message}), so nothing can be compared`,
        ...missingHint(reference, repository),
      );
    throw new IncompleteError(`the repository cannot be read: ${visible(error.message)}`);
  }
}

function noBase(reference: string, repository: GitRepository): IncompleteError {
  const shown = shownReference(reference);
  return repository.isShallow
    ? new IncompleteError(
        `the clone is shallow and ends before the commit where this change left "${shown}"`,
        ...fetchHint(reference, repository),
      )
    : new IncompleteError(`"${shown}" and this commit have no common history, so nothing can be compared`);
}

/** The branch that is here and may be meant, and how to fetch the one that was named. */
function missingHint(reference: string, repository: GitRepository): readonly string[] {
  const meant = meantBranch(reference, repository);
  const [first, ...others] = fetchHint(reference, repository);
  return meant === undefined ? [first, ...others] : [`did you mean "${meant}"?`, `if not, ${first}`, ...others];
}

/** The branch of this clone whose name is nearest; undefined for none, or one that is not to be shown. */
function meantBranch(reference: string, repository: GitRepository): string | undefined {
  const folders = ['refs/heads/', 'refs/remotes/'];
  const isWhole = reference.startsWith('refs/');
  const start = /^(?:refs\/(?:heads\/|remotes\/[^/]+\/)|origin\/)?/.exec(reference)?.[0] ?? '';
  try {
    const head = headOf(repository);
    // Compared with itself, a commit has nothing new.
    const names = folders.flatMap((folder) =>
      [...repository.branches(folder)]
        .slice(0, maxBranches)
        .filter(([name, id]) => id !== head && !name.endsWith('/HEAD'))
        .map(([name]) => (isWhole ? name : name.slice(folder.length))),
    );
    // What all of them begin with says nothing of how near a name is.
    const found = nearest(
      reference.slice(start.length),
      names.flatMap((name) => (name.startsWith(start) ? [name.slice(start.length)] : [])),
    );
    const meant = found === undefined ? undefined : start + found;
    return meant !== undefined && shownReference(meant) === meant ? meant : undefined;
  } catch {
    return undefined;
  }
}

/** How many branches a name is compared with. */
const maxBranches = 1000;

/** The command that fetches what is missing. Nothing is quoted that a shell would take apart. */
function fetchHint(reference: string, { isShallow }: GitRepository): readonly [string, ...string[]] {
  const name =
    shownReference(reference) !== reference
      ? undefined
      : /^(?:refs\/(?:heads|remotes)\/)?([\w][\w./-]*?)(?:[~^][\d~^]*)?$/.exec(reference)?.[1];
  const deepen = isShallow ? ' --unshallow' : '';
  const command = `git fetch${deepen} origin`;
  if (name === undefined) return ['fetch it:', `  ${command}`];
  if (/^[0-9a-f]{7,64}$/.test(name) || /^[A-Z_]*HEAD$/.test(name))
    return ['fetch it:', `  ${command}${name.length >= 40 ? ` ${name}` : ''}`];
  const branch = name.replace(/^origin\//, '');
  const then = /^(?:refs\/remotes\/)?origin\//.test(reference)
    ? []
    : [`and compare with refs/remotes/origin/${branch}`];
  return ['fetch it:', `  ${command} +refs/heads/${branch}:refs/remotes/origin/${branch}`, ...then];
}

/** The folder of a path, or the nearest one above it that is there. */
function folderOf(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder)) return statSync(folder).isDirectory() ? folder : dirname(folder);
    if (dirname(folder) === folder) return folder;
  }
}
