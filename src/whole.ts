import {
  type AcceptanceNote,
  acceptanceNotes,
  idleAcceptances,
  type MarkedProblem,
  markAccepted,
} from './accept-problems.ts';
import {
  type EntryNote,
  entryNotes,
  entryProblems,
  type Policy,
  type PolicyResult,
  type RefusalLimits,
  refusalLimits,
} from './apply-policy.ts';
import type { AuditRequest } from './audit-request.ts';
import type { Config, JoinedPath, Written } from './config-entries.ts';
import { controlResults } from './controls.ts';
import { controlStandards } from './facts/controls.ts';
import { type StandardName, usualStandards } from './facts/standards.ts';
import { readIn } from './facts/versions.ts';
import type { Gathered } from './gather.ts';
import { compare } from './model/compare.ts';
import { once } from './model/memoize.ts';
import type { PassedOver } from './model/passed-over.ts';
import type { Picture } from './model/picture.ts';
import { count } from './model/prose.ts';
import {
  type Asked,
  byPlace,
  type ConfigEntry,
  type ConfigInForce,
  distinctProblems,
  isOld,
  type Mention,
  type Problem,
  type ReadSource,
  type Report,
  type RuleSet,
  statusOf,
} from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import { atLeast, type Severity } from './model/severity.ts';
import type { Shard } from './model/shard.ts';
import { isAnswer } from './model/source.ts';
import { type Masked, type MaskedText, say } from './model/text.ts';
import { digestOf, type Outcome, type PartPicture } from './outcome.ts';
import { ruleRuns } from './rule-runs.ts';
import type { Mask } from './secrets/mask.ts';

/**
 * What an audit is besides what its installations come to: what was asked for, gathered and configured. Its secrets are masked,
 * and it is the same for every part of an audit that several processes share.
 */
export interface Whole {
  readonly version: string;
  readonly asked?: Asked;
  readonly date?: string;
  readonly failOn: Severity | 'never';
  readonly exitZero?: boolean;
  readonly writesBaseline?: boolean;
  readonly rulesLeftOut: readonly string[];
  readonly limits: readonly string[];
  readonly standards: readonly StandardName[];
  /** The ids of the rules that run. */
  readonly chosen: readonly string[];
  /** How many files were read, and how many were left out. */
  readonly files: number;
  readonly excluded: number;
  /** Whether anything was gathered. */
  readonly hasSources: boolean;
  readonly idleInList: number;
  /** Sources whose form the user states. */
  readonly stated: readonly string[];
  readonly notAsked: readonly string[];
  readonly probed: readonly MaskedText[];
  readonly mentions: readonly Mention[];
  readonly passedOver?: readonly PassedOver[];
  /** Problems that are not those of any installation. */
  readonly problems: readonly MarkedProblem[];
  readonly entries: readonly EntryNote[];
  readonly acceptances: readonly AcceptanceNote[];
  readonly refusals: RefusalLimits;
  readonly config?: Pick<ConfigInForce, 'name' | 'files' | 'settings'> & {
    readonly entries: readonly NumberedEntry[];
  };
}

/** An entry of a config without its count, and where that is found. */
interface NumberedEntry extends Omit<ConfigEntry, 'count'> {
  readonly countedAs?: { readonly entry: number } | { readonly acceptance: number };
}

/** What is known of an audit besides what was asked for and gathered. */
export interface Beside {
  /** The policy, with what the audit knows of the files that it names. */
  readonly policy: Policy;
  readonly maskOf: (source: string) => Mask;
  /** Problems that the outcome does not have. */
  readonly problems?: readonly Problem[];
  /** The names of everything that was read. */
  readonly names: Iterable<string>;
  readonly probed: ReturnType<NonNullable<AuditRequest['probed']>>;
}

export function wholeOf(request: AuditRequest, gathered: Gathered, beside: Beside): Whole {
  const { policy, maskOf } = beside;
  const { config } = request;
  const problems = distinctProblems([
    ...(beside.problems ?? []),
    ...idlePaths(request.joined ?? [], beside.names, policy),
    ...(request.remarks?.() ?? []),
  ]);
  return {
    ...{ version: request.version, asked: request.asked, date: request.date },
    ...{ failOn: request.failOn, exitZero: request.exitZero, writesBaseline: request.writesBaseline },
    rulesLeftOut: request.rulesLeftOut ?? [],
    limits: request.limits ?? [],
    standards: request.standards ?? usualStandards,
    chosen: request.rules.map(({ id }) => id),
    files: gathered.sources.filter(({ name }) => !isAnswer(name)).length,
    excluded: gathered.excluded,
    hasSources: gathered.sources.length > 0,
    idleInList: gathered.idleInList ?? 0,
    stated: [...gathered.stated],
    notAsked: [...request.notAsked(gathered.sources), ...(gathered.notAsked ?? [])],
    probed: beside.probed.map(({ source, message }) => maskOf(source).text(message)),
    mentions: gathered.mentions,
    passedOver: gathered.passedOver,
    problems: markAccepted(problems, policy, maskOf),
    entries: entryNotes(policy, request.familyOf),
    acceptances: acceptanceNotes(policy),
    refusals: refusalLimits(policy, 'config', request.familyOf.keys()),
    config:
      config === undefined
        ? undefined
        : {
            name: config.name,
            files: config.files.map(({ name, by, isAudited, source }) => ({
              ...{ name, by, isAudited },
              ...digestOf(source, maskOf(name)),
            })),
            settings: request.settings ?? [],
            entries: configEntries(config, request.policy, maskOf),
          },
  };
}

/** What a report takes from the tool. */
export interface Ground {
  /** Every rule that there is. */
  readonly every: readonly AnyRule[];
  /** What all of them amount to; only some reports tell. */
  readonly ruleSet?: () => RuleSet;
  /** Masks what is said of the whole. */
  readonly maskOf: (source: string) => Mask;
  /** Whether what was passed over is listed. */
  readonly listsPassedOver?: boolean;
  /** The share of this process: others judge the rest, so that nothing can be said of what is missing. */
  readonly part?: Shard;
  /** What was compared with a baseline. */
  readonly compared?: {
    readonly baseline: NonNullable<Policy['baseline']>;
    readonly comparison: PolicyResult['comparison'];
  };
}

/** The report of what an audit came to. */
export function reportOf(
  whole: Whole,
  outcome: Outcome,
  { every, ruleSet, maskOf, part, listsPassedOver, compared }: Ground,
): Report {
  const { config, failOn, standards, notAsked, excluded } = whole;
  const ofWhole = part
    ? [partProblem(part), ...(whole.hasSources ? [] : nothingToAudit(whole, outcome))]
    : distinctProblems([
        ...entryProblems(whole.entries, outcome.entries, whole.refusals),
        ...nothingToAudit(whole, outcome),
      ]);
  const masked = (problem: Problem) => maskOf(problem.source).problem(problem);
  const marked = distinctMarked([
    ...outcome.problems,
    ...whole.problems,
    ...ofWhole.map((problem) => ({ problem: masked(problem), isMissing: problem.incomplete })),
  ]);
  const accepting = new Map<number, number>();
  for (const { entry } of marked) if (entry !== undefined) accepting.set(entry, (accepting.get(entry) ?? 0) + 1);
  const idle = part ? [] : idleAcceptances(whole.acceptances, accepting).map(masked);
  const problems = [...marked.map(({ problem }) => problem), ...idle].sort(byPlace);
  const mentions = [...whole.mentions, ...outcome.mentions].sort((a, b) => compare(a.source, b.source));
  const chosen = new Set(whole.chosen);
  // Not every report tells of these.
  const rules = once(() =>
    ruleRuns({
      ...{ every, chosen: every.filter(({ id }) => chosen.has(id)), undecided: outcome.undecided, notAsked },
      ...{ counts: outcome.counts(), unknownReleases: outcome.unknownReleases, violations: outcome.violations() },
      unread: problems.filter(({ incomplete, accepted }) => incomplete || accepted),
      formOf: outcome.formOf,
      hasGaps: mentions.length > 0 || excluded > 0,
    }),
  );
  const results = once(() => controlResults(standards, rules(), outcome.violations()));
  const controls = once(() => ({
    standards: standards.map((key) => {
      const { name, version, publisher, hasTitles } = controlStandards[key];
      return { key, name, version, publisher, hasTitles };
    }),
    limits: [
      ...(part ? [`This is part ${part.index} of ${part.of}: what belongs to the others was not judged here.`] : []),
      ...whole.rulesLeftOut,
      ...whole.limits,
      ...(excluded > 0 ? [`The config leaves out ${count(excluded, 'file')} (exclude).`] : []),
    ],
    get results() {
      return results();
    },
  }));
  const rulesOnce = ruleSet && once(ruleSet);
  const picture = once(() => joinPictures(outcome.pictures()));
  return {
    tool: {
      ...{ name: 'drone-audit', version: whole.version, facts: readIn },
      get ruleSet() {
        return rulesOnce?.();
      },
    },
    asked: whole.asked,
    date: whole.date,
    get population() {
      return outcome.population();
    },
    ...{ findings: outcome.findings, heads: outcome.heads, lines: outcome.lines },
    problems,
    sources: outcome.sources,
    coverage: {
      files: part ? amountOf(outcome.sources) : whole.files,
      pipelines: outcome.pipelines,
      containers: outcome.containers,
      components: outcome.components,
      notAsked,
      probed: whole.probed,
      mentions,
      passedOver: listsPassedOver ? whole.passedOver : undefined,
      unknown: outcome.unknown.map(({ told }) => told),
      inconclusive: outcome.inconclusive,
    },
    get picture() {
      return picture();
    },
    ways: {
      *[Symbol.iterator]() {
        for (const { ways } of outcome.ways()) yield ways;
      },
    },
    config: config && {
      ...{ name: config.name, suppressed: outcome.suppressedByConfig, excluded },
      accepted: problems.filter(({ accepted }) => accepted === true).length,
      ...{ files: config.files, settings: config.settings },
      entries: config.entries.map(({ countedAs, ...entry }) => {
        if (countedAs === undefined) return entry;
        const counted = 'entry' in countedAs ? outcome.uses.get(countedAs.entry) : accepting.get(countedAs.acceptance);
        return { ...entry, count: counted ?? 0 };
      }),
    },
    baseline: compared && baselineOf(compared, outcome),
    rulesLeftOut: whole.rulesLeftOut,
    failOn,
    exitZero: whole.exitZero,
    exitCode: exitCode(
      failOn !== 'never' && !whole.writesBaseline && [...outcome.counted].some((each) => atLeast(each, failOn)),
      statusOf(problems),
    ),
    hiddenBySeverity: outcome.hiddenBySeverity,
    hiddenPedantic: outcome.hiddenPedantic,
    get rules() {
      return rules();
    },
    get controls() {
      return controls();
    },
  };
}

/** Nobody should take a part for the whole. */
function partProblem({ index, of }: Shard): Problem {
  const message = say`is part ${index} of ${of}: what belongs to the others was not judged here, and merge makes the report of all`;
  return { kind: 'empty', source: '.', message, incomplete: false };
}

function amountOf(things: Iterable<unknown>): number {
  let amount = 0;
  for (const _ of things) amount++;
  return amount;
}

/** Problems of several installations, each once. */
function distinctMarked(all: readonly MarkedProblem[]): readonly MarkedProblem[] {
  const keyOf = ({ problem: { kind, source, line, column, message } }: MarkedProblem): string =>
    [kind, source, line, column, message].join('\0');
  const found = new Map<string, MarkedProblem>();
  for (const each of all) if (!found.has(keyOf(each))) found.set(keyOf(each), each);
  return [...found.values()];
}

/** The pictures of installations as one. */
function joinPictures(pictures: readonly PartPicture[]): Masked<Picture> {
  const nodes: Masked<Picture>['nodes'][number][] = [];
  const edges: Masked<Picture>['edges'][number][] = [];
  for (const { picture } of pictures) {
    const before = nodes.length;
    const idOf = (id: string): string => `n${before + Number(id.slice(1))}`;
    for (const node of picture.nodes) nodes.push({ ...node, id: idOf(node.id) });
    for (const edge of picture.edges) edges.push({ ...edge, from: idOf(edge.from), to: idOf(edge.to) });
  }
  return { nodes, edges };
}

function baselineOf(
  { baseline, comparison }: NonNullable<Ground['compared']>,
  { findings }: Outcome,
): Report['baseline'] {
  if (!comparison) return undefined;
  let known = 0;
  for (const finding of findings) if (isOld(finding)) known++;
  return { kind: baseline.kind, name: baseline.name, known, fixed: comparison.fixed.length };
}

/** Findings take precedence over what is missing, but not over a fault of our own. */
function exitCode(failed: boolean, status: 0 | 3 | 4): Report['exitCode'] {
  return failed && status !== 4 ? 1 : status;
}

function nothingToAudit(whole: Whole, { problems, sources, hasGiven }: Outcome): readonly Problem[] {
  if ([...problems, ...whole.problems].some(({ isMissing }) => isMissing)) return [];
  const stated = new Set(whole.stated);
  const notUnderstood: ReadSource[] = [];
  if (stated.size > 0)
    for (const source of sources)
      if (stated.has(source.name) && Object.keys(source.gave).length === 0) notUnderstood.push(source);
  if (notUnderstood.length > 0)
    return notUnderstood.map(({ name: source, form }) => ({
      kind: 'empty',
      source,
      message: say`nothing of Drone was understood in it as ${form}, the form that --form names`,
      incomplete: true,
    }));
  if (hasGiven) return [];
  // A change may have nothing of Drone.
  if (whole.idleInList > 0) return [];
  return [
    {
      kind: 'empty',
      source: '.',
      message: whole.hasSources
        ? say`nothing of Drone was understood in what was read, so there was nothing to audit`
        : say`no Drone files found, so there was nothing to audit`,
      incomplete: true,
    },
  ];
}

/** Paths of `installation` that join nothing. */
function idlePaths(joined: readonly JoinedPath[], names: Iterable<string>, { looked }: Policy): readonly Problem[] {
  const asked = joined.filter(({ pattern }) => looked?.covers(pattern) !== false);
  const idle = new Set(asked);
  if (asked.length > 0) for (const name of names) for (const each of idle) if (each.matches(name)) idle.delete(each);
  return [...idle].map(({ path, where, line, column }) => ({
    kind: 'suppression',
    source: where,
    line,
    column,
    message: say`"${path}" of "installation" has no effect: nothing that was read lies there`,
    incomplete: false,
  }));
}

/** What a config and a policy say of findings, problems and files, in the order of the report's files. */
function configEntries(
  { excluded }: Config,
  { ignores, severities, acceptances }: Policy,
  maskOf: (source: string) => Mask,
): readonly NumberedEntry[] {
  const shown = (entry: Written & { readonly path?: string; readonly reason?: string }) => ({
    by: entry.by,
    where: `${entry.where}:${entry.line}`,
    path: entry.path === undefined ? undefined : maskOf(entry.where).evidence(entry.path),
    reason: entry.reason === undefined ? undefined : maskOf(entry.where).evidence(entry.reason),
  });
  return [
    ...ignores.map((entry, number) => ({
      ...{ key: entry.key, ...shown(entry), rule: entry.rule, until: entry.until, countedAs: { entry: number } },
      at: entry.at === undefined ? undefined : maskOf(entry.where).evidence(entry.at),
      to: entry.key === 'severity' ? ('off' as const) : undefined,
    })),
    ...severities.map((entry, number) => ({
      ...{ key: entry.key, ...shown(entry), rule: entry.rule, to: entry.to, until: entry.until },
      countedAs: { entry: ignores.length + number },
    })),
    ...acceptances.map((entry, number) => ({
      ...{ key: 'accept' as const, ...shown(entry), problem: entry.problem, until: entry.until },
      countedAs: { acceptance: number },
    })),
    ...excluded.map((entry) => ({ key: 'exclude' as const, ...shown(entry) })),
  ];
}
