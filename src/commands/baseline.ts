import { basename, dirname, join, resolve } from 'node:path';
import type { Audit } from '../audit.ts';
import { type Baseline, type BaselineEntry, updatedEntries } from '../baseline.ts';
import { baselineText, readBaseline } from '../baseline-file.ts';
import { existsSync } from '../checks/file-system.ts';
import { isBelow, nameOf, readText } from '../checks/files.ts';
import { type Fleet, isInFleet } from '../checks/git/fleet.ts';
import { isSameFile, writeReport } from '../checks/writing.ts';
import { isInAudited, repositoryOf } from '../config.ts';
import { memoizePer } from '../model/memoize.ts';
import { nearest } from '../model/nearest.ts';
import { count } from '../model/prose.ts';
import type { Problem } from '../model/report.ts';
import { isAnswer } from '../model/source.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { familyOf } from '../rules/all.ts';
import { retired } from '../rules/retired.ts';
import { maskFor } from '../secrets/mask.ts';
import type { Io } from './io.ts';

export interface BaselineOptions {
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly ignore: boolean;
}

/** What the options about a baseline come to. */
export interface ChosenBaseline {
  readonly baseline?: Baseline;
  /** Why one does not count. */
  readonly problems: readonly Problem[];
  /** The files of baselines are neither audited nor counted. */
  readonly isOwn?: (name: string) => boolean;
}

/** What has to be known of the run. */
export interface BaselineRun {
  readonly paths: readonly string[];
  readonly fleet?: Fleet;
  /** The folders whose authors' work is audited. */
  readonly audited: readonly string[];
  readonly rules: readonly { readonly id: string }[];
  readonly excludes?: (name: string) => boolean;
  /** Under an organisation's policy: whether it lets a baseline count that lies in what is audited. */
  readonly allowed: boolean;
}

/** How large a baseline may be: one with 100,000 entries has some 20 MiB. */
const maxBytes = 64 * 1024 * 1024;

/** Chooses the baseline that the options name. Throws UserError for one that cannot be read. */
export function chooseBaseline(options: BaselineOptions, run: BaselineRun, io: Io): ChosenBaseline {
  const { baseline, writeBaseline, ignore } = options;
  const named = baseline ?? writeBaseline;
  if (named === undefined) return { problems: [] };
  if (!ignore)
    throw new UserError('--no-ignore shows everything, and a baseline hides what is known', 'leave one of them out');
  const full = resolve(io.cwd, named);
  if (baseline !== undefined && writeBaseline !== undefined && !isSameFile(full, resolve(io.cwd, writeBaseline)))
    throw new UserError(
      '--baseline and --write-baseline name different files',
      'name one: what people wrote in it is kept',
    );
  const name = nameOf(io.cwd, full);
  const isOwn = (file: string): boolean => file === name;
  // The first one is yet to be written.
  if (baseline === undefined && !existsSync(full)) return { baseline: undefined, problems: [], isOwn };
  const read = readText(full, name, maxBytes);
  if ('problem' in read) throw new UserError(maskFor([]).text(say`the baseline "${name}" ${read.problem.message}`));
  const entries = readBaseline({ name, form: 'compose', text: read.text });
  const isAudited = isInAudited(full, run.audited);
  if (!run.allowed && isAudited) {
    const message = say`does not count: it lies in what is audited, and the policy does not allow that`;
    return { problems: [{ kind: 'suppression', source: name, message, incomplete: false }], isOwn };
  }
  const from = baselineFrom('file', name, entries, run, io.cwd);
  return { baseline: { ...from, isAudited }, problems: [...unknownRules(name, entries), ...elsewhere(from)], isOwn };
}

/** A baseline that was written in another folder: its paths are those of that. */
function elsewhere({ name, entries, stateOf }: Baseline): readonly Problem[] {
  if (entries.length === 0 || entries.some(({ file }) => stateOf(file) !== 'unknown')) return [];
  const message = say`knows nothing of what is audited: its paths begin in another folder`;
  return [{ kind: 'suppression', source: name, message, incomplete: false }];
}

/** How many of them are named. */
const maxUnknownRules = 20;

/** Entries of rules that there are not: of another version, or misspelt by hand. They know nothing. */
function* unknownRules(source: string, entries: readonly BaselineEntry[]): Iterable<Problem> {
  const told = new Set<string>();
  for (const { rule, line } of entries) {
    if (familyOf.has(rule) || told.has(rule)) continue;
    if (told.size === maxUnknownRules) return;
    told.add(rule);
    const meant = retired.get(rule) ?? nearest(rule, familyOf.keys());
    const hint = meant === undefined ? say`` : say`; did you mean "${meant}"?`;
    const message = say`"${rule}" is not a rule, so that what is known of it does not count${hint}`;
    yield { kind: 'suppression', source, line, column: 1, message, incomplete: false };
  }
}

/** A baseline, with what of it can be told by a run over these paths. */
export function baselineFrom(
  kind: Baseline['kind'],
  name: string,
  entries: readonly BaselineEntry[],
  { paths, fleet, rules, excludes = () => false }: BaselineRun,
  cwd: string,
): Baseline {
  const roots = paths.filter((path) => path !== '-').map((path) => resolve(cwd, path));
  const isInScope = (file: string): boolean => {
    const full = resolve(cwd, file);
    if (file === '-') return paths.includes('-');
    return roots.some((root) => isBelow(full, root)) || (fleet !== undefined && isInFleet(full, fleet));
  };
  return {
    kind,
    name,
    entries,
    isDefaultPipeline: (file) =>
      isDefaultPipeline(resolve(cwd, file), roots) ||
      (fleet !== undefined && isRootPipeline(resolve(cwd, file), fleet)),
    stateOf: (file) => (isAnswer(file) || (isInScope(file) && !excludes(file)) ? 'gone' : 'unknown'),
    ran: new Set(rules.map(({ id }) => id)),
  };
}

/**
 * Whether a path is that of `.drone.yml` in the root of a repository: in a folder that has a `.git`, or that is audited where
 * nothing says so; or in one of a folder of repositories that is not there any more.
 */
function isDefaultPipeline(path: string, roots: readonly string[]): boolean {
  if (basename(path) !== '.drone.yml') return false;
  const folder = dirname(path);
  const repository = repositoryOf(folder);
  if (repository === folder || roots.includes(folder)) return true;
  const above = dirname(folder);
  const isGone = roots.includes(above) && !existsSync(folder);
  return isGone && repository === undefined && !existsSync(join(above, '.drone.yml'));
}

/** The same in a repository of a fleet, at any of its branches, or in one that is not there any more. */
function isRootPipeline(path: string, fleet: Fleet): boolean {
  if (basename(path) !== '.drone.yml' || !isInFleet(path, fleet)) return false;
  const folder = dirname(path);
  const roots = rootsOf(fleet);
  return roots.has(folder) || roots.has(folder.slice(0, folder.lastIndexOf('@'))) || !existsSync(folder);
}

const rootsOf = memoizePer(
  ({ repositories }: Fleet): ReadonlySet<string> => new Set(repositories.map(({ root }) => root)),
);

/** Writes today's findings, and says how many there are. Throws OutputError. */
export function writeBaselineTo(
  file: string,
  { comparison, compared }: Audit,
  inputs: Iterable<string>,
  io: Io,
): string {
  const before = comparison ?? { known: new Map(), worse: new Map(), ended: [], untold: [] };
  const entries = updatedEntries(before, compared());
  writeReport(resolve(io.cwd, file), file, baselineText(entries), inputs);
  const accepted = entries.filter((entry) => entry.accepted).length;
  return `${count(entries.length, 'entry')}, ${accepted} of them accepted`;
}
