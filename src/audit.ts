import { idleAcceptances, type MarkedProblem, markAccepted } from './accept-problems.ts';
import { entryProblems, type Looked, type Policy, type PolicyResult } from './apply-policy.ts';
import { divide, judgeBatches } from './batches.ts';
import type { Acceptance, Config, JoinedPath, Written } from './config-entries.ts';
import { controlResults } from './controls.ts';
import { controlStandards, type StandardName, usualStandards } from './facts/controls.ts';
import { readIn } from './facts/versions.ts';
import { type Gathered, gather, gatherFurther, type Targets } from './gather.ts';
import { type InstallationPart, installationsOf, masksOf } from './installations.ts';
import { compare } from './model/compare.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { once } from './model/memoize.ts';
import type { Picture } from './model/picture.ts';
import { type Progress, silently } from './model/progress.ts';
import { count } from './model/prose.ts';
import {
  type Asked,
  byPlace,
  type ConfigEntry,
  type ConfigSetting,
  distinctProblems,
  isOld,
  type Problem,
  type ReadSource,
  type Report,
  type RuleSet,
  statusOf,
} from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import { atLeast, type Severity } from './model/severity.ts';
import type { Site } from './model/site.ts';
import { type Form, isAnswer, originOf, type Source } from './model/source.ts';
import { type Masked, say, type Text, textKey } from './model/text.ts';
import {
  digestOf,
  isOfRunner,
  type Judged,
  judgeParts,
  type Outcome,
  outcomeOf,
  type PartPicture,
  type Terms,
} from './outcome.ts';
import { type ReadResult, read } from './read.ts';
import { ruleRuns } from './rule-runs.ts';
import type { Mask } from './secrets/mask.ts';

/** What to audit, by which rules and under which policy. */
export interface AuditRequest {
  readonly version: string;
  readonly targets: Targets;
  readonly rules: readonly AnyRule[];
  readonly familyOf: ReadonlyMap<string, string>;
  readonly site: Site;
  /** Whether installations are to be judged one by one even where there are few of them. */
  readonly inBatches?: boolean;
  /** Whether more than the report is made of what was read, so that all of it has to be kept. */
  readonly isWhole?: boolean;
  /** Paths of the config that are one installation. */
  readonly joined?: readonly JoinedPath[];
  readonly policy: Policy;
  readonly failOn: Severity | 'never';
  /** Whether the gate is off. */
  readonly exitZero?: boolean;
  /** Whether to tell what was met and not read. */
  readonly verbose?: boolean;
  /** Whether today's findings are written into a baseline, so that none of them fails the audit. */
  readonly writesBaseline?: boolean;
  /** Every rule that there is, where only some are to run. */
  readonly every?: readonly AnyRule[];
  /** Standards whose controls are told; by default the usual ones. */
  readonly standards?: readonly StandardName[];
  /** Which rules options leave out, in sentences. */
  readonly rulesLeftOut?: readonly string[];
  /** What else limits the audit by its options, in sentences. */
  readonly limits?: readonly string[];
  /** What was asked for, in the words of the command line. */
  readonly asked?: Asked;
  /** When it is, if the user says so. */
  readonly date?: string;
  /** What all rules amount to; only some reports tell. */
  readonly ruleSet?: () => RuleSet;
  /** The config that was used, and which of its keys count. */
  readonly config?: Config;
  readonly settings?: readonly ConfigSetting[];
  /** What is to be said besides what the audit finds out. */
  readonly remarks?: () => readonly Problem[];
  /** Secrets that the audit itself was given: its tokens. They are hidden wherever they stand. */
  readonly ownSecrets?: readonly string[];
  /** What was not asked, now or when evidence was saved; shown under coverage. */
  readonly notAsked: (sources: readonly Source[]) => readonly string[];
  /** What probes came to, with the source that holds the answers. */
  readonly probed?: (found: Installation) => readonly { readonly source: string; readonly message: Text }[];
}

/** A report, and what it was made from. */
export interface Audit {
  readonly report: Report;
  readonly gathered: Gathered;
  readonly understood: ReadResult;
  /** What masks the text of a source, by its name. */
  readonly maskOf: (source: string) => Mask;
  /** Every finding as a baseline knows it, and what that of the policy comes to. */
  readonly compared: PolicyResult['compared'];
  readonly comparison: PolicyResult['comparison'];
}

/** Divides what was read into installations, judges them and applies the policy. */
export function judgeAll(
  understood: ReadResult,
  request: Pick<AuditRequest, 'rules' | 'familyOf' | 'site' | 'joined' | 'policy'>,
  progress: Progress = silently,
): Judged & { readonly parts: readonly InstallationPart[]; readonly terms: Terms; readonly maskOf: Terms['maskOf'] } {
  const parts = installationsOf(understood, request.joined);
  const maskOf = masksOf(parts, understood.secrets);
  const hasRunners = understood.installation.settings.some(isOfRunner);
  const { rules, familyOf, site, policy } = request;
  const terms: Terms = { rules, familyOf, site, policy, hasRunners, maskOf };
  return { ...judgeParts(parts, understood, terms, progress), parts, terms, maskOf };
}

/**
 * A whole audit: gather, read, divide, judge, apply policy. What is read may reveal addresses that are asked, too; then all
 * of it is read again. Everything after that is synchronous and pure.
 */
export async function audit(request: AuditRequest): Promise<Audit> {
  const first = await gather(request.targets);
  if (first.later.size > 0 || request.inBatches) {
    if (mayBeDivided(first, request)) return auditInBatches(first, request);
    return auditAtOnce(withTexts(first), request);
  }
  return auditAtOnce(first, request);
}

/** Everything at once, as one batch. */
async function auditAtOnce(first: Gathered, request: AuditRequest): Promise<Audit> {
  const { progress = silently } = request.targets;
  progress('understanding what was read');
  const begun = readAll(first);
  const gathered = await gatherFurther(first, begun.installation, request.targets);
  return auditRead(gathered, gathered.sources === first.sources ? begun : readAll(gathered), request);
}

function readAll({ sources, lookup, compose }: Gathered): ReadResult {
  return read(sources, lookup, compose);
}

/** What was read, judged at once. */
function auditRead(gathered: Gathered, all: ReadResult, request: AuditRequest): Audit {
  const { progress = silently } = request.targets;
  const understood = withSecrets(all, request.ownSecrets);
  const policy = placed(request.policy, gathered, understood);
  const judged = judgeAll(understood, { ...request, policy }, progress);
  const { parts, terms, maskOf, applied } = judged;
  const { repositoryAt } = gathered;
  const outcome = outcomeOf(parts, understood, judged, terms, { problems: gathered.problems, repositoryAt });
  const report = reportOf(request, gathered, outcome, {
    ...{ policy, maskOf, applied },
    names: understood.sources.map(({ name }) => name),
    formOf: new Map(understood.sources.map(({ name, form }) => [name, form])),
    probed: request.probed?.(understood.installation) ?? [],
  });
  return { report, gathered, understood, maskOf, compared: applied.compared, comparison: applied.comparison };
}

/**
 * Whether installations may be judged one by one. What is compared with a baseline, and what was seen running, is judged at once:
 * either may be about all of it.
 */
function mayBeDivided({ sources, compose }: Gathered, { policy, isWhole }: AuditRequest): boolean {
  const isAlone = compose.together.length === 0 && sources.every(({ name }) => !isAnswer(name));
  return isAlone && policy.baseline === undefined && !isWhole;
}

/** With the texts that were not kept. */
function withTexts(gathered: Gathered): Gathered {
  const { later, reread } = gathered;
  if (later.size === 0) return gathered;
  const lost: Problem[] = [];
  const sources = gathered.sources.flatMap((source): readonly Source[] => {
    const again = later.has(source) ? reread(source) : source;
    if ('text' in again) return [again];
    lost.push(again);
    return [];
  });
  return { ...gathered, sources, later: new Set(), problems: [...gathered.problems, ...lost] };
}

async function auditInBatches(first: Gathered, request: AuditRequest): Promise<Audit> {
  const { progress = silently } = request.targets;
  progress('understanding what was read');
  const division = divide(first, request.joined);
  const { deployments, sources } = division;
  const gathered = await gatherFurther(first, deployments.installation, request.targets);
  if (gathered.sources !== first.sources) {
    const whole = withTexts(gathered);
    return auditRead(whole, readAll(whole), request);
  }
  const isMissingIn = missingIn(gathered);
  const names = new Set(sources.map(({ name }) => name));
  const looked = request.policy.looked && lookedAt(request.policy.looked, names, isMissingIn([]));
  const policyFor = (problems: readonly Missing[]): Policy => ({
    ...request.policy,
    looked: looked && { ...looked, isMissing: isMissingIn(problems) },
  });
  const { outcome, maskOf, problems } = judgeBatches(request, gathered, division, policyFor, progress);
  const missing = outcome.problems.flatMap(({ problem, isMissing }) =>
    isMissing ? [{ source: problem.source, incomplete: true }] : [],
  );
  const report = reportOf(request, gathered, outcome, {
    ...{ policy: policyFor(missing), maskOf, names, problems, probed: [] },
    formOf: new Map(sources.map(({ name, form }) => [name, form])),
  });
  const understood = { ...deployments, sources };
  return { report, gathered, understood, maskOf, compared: () => [], comparison: undefined };
}

/** What is known of an audit besides its outcome. */
interface Beside {
  /** The policy, with what the audit knows of the files that it names. */
  readonly policy: Policy;
  readonly maskOf: (source: string) => Mask;
  /** What was compared with a baseline. */
  readonly applied?: Pick<PolicyResult, 'comparison'>;
  /** Problems that the outcome does not have. */
  readonly problems?: readonly Problem[];
  /** The names of everything that was read. */
  readonly names: Iterable<string>;
  readonly formOf: ReadonlyMap<string, Form>;
  readonly probed: ReturnType<NonNullable<AuditRequest['probed']>>;
}

/** The report of what an audit came to. */
export function reportOf(request: AuditRequest, gathered: Gathered, outcome: Outcome, beside: Beside): Report {
  const { policy, maskOf, formOf } = beside;
  const joined = request.joined ?? [];
  const ofWhole = distinctProblems([
    ...(beside.problems ?? []),
    ...entryProblems(policy, request.familyOf, outcome.entries),
    ...nothingToAudit(gathered, outcome),
    ...idlePaths(joined, beside.names, policy),
    ...(request.remarks?.() ?? []),
  ]);
  const marked = distinctMarked([...outcome.problems, ...markAccepted(ofWhole, policy, maskOf)]);
  const accepting = new Map<Acceptance, number>();
  for (const { entry } of marked) if (entry) accepting.set(entry, (accepting.get(entry) ?? 0) + 1);
  const idle = idleAcceptances(policy, accepting).map((problem) => maskOf(problem.source).problem(problem));
  const problems = [...marked.map(({ problem }) => problem), ...idle].sort(byPlace);
  const { config, failOn, standards = usualStandards } = request;
  const notAsked = [...request.notAsked(gathered.sources), ...(gathered.notAsked ?? [])];
  const mentions = [...gathered.mentions, ...outcome.mentions].sort((a, b) => compare(a.source, b.source));
  // Not every report tells of these.
  const rules = once(() =>
    ruleRuns({
      ...{ every: request.every ?? request.rules, chosen: request.rules, undecided: outcome.undecided, notAsked },
      ...{ counts: outcome.counts(), unknownReleases: outcome.unknownReleases, violations: outcome.violations() },
      ...{ unread: problems.filter(({ incomplete, accepted }) => incomplete || accepted), formOf },
      hasGaps: mentions.length > 0 || gathered.excluded > 0,
    }),
  );
  const results = once(() => controlResults(standards, rules(), outcome.violations()));
  const controls = once(() => ({
    standards: standards.map((key) => {
      const { name, version, publisher, hasTitles } = controlStandards[key];
      return { key, name, version, publisher, hasTitles };
    }),
    limits: [
      ...(request.rulesLeftOut ?? []),
      ...(request.limits ?? []),
      ...(gathered.excluded > 0 ? [`The config leaves out ${count(gathered.excluded, 'file')} (exclude).`] : []),
    ],
    get results() {
      return results();
    },
  }));
  const ruleSet = request.ruleSet && once(request.ruleSet);
  const picture = once(() => joinPictures(outcome.pictures()));
  return {
    tool: {
      ...{ name: 'drone-audit', version: request.version, facts: readIn },
      get ruleSet() {
        return ruleSet?.();
      },
    },
    asked: request.asked,
    date: request.date,
    get population() {
      return outcome.population();
    },
    findings: outcome.findings,
    problems,
    sources: outcome.sources,
    coverage: {
      files: gathered.sources.filter(({ name }) => !isAnswer(name)).length,
      pipelines: outcome.pipelines,
      containers: outcome.containers,
      components: outcome.components,
      notAsked,
      probed: beside.probed.map(({ source, message }) => maskOf(source).text(message)),
      mentions,
      passedOver: request.verbose ? gathered.passedOver : undefined,
      unknown: outcome.unknown.map(({ told }) => told),
      inconclusive: outcome.inconclusive,
    },
    get picture() {
      return picture();
    },
    config:
      config === undefined
        ? undefined
        : {
            name: config.name,
            suppressed: outcome.suppressedByConfig,
            excluded: gathered.excluded,
            accepted: problems.filter(({ accepted }) => accepted === true).length,
            files: config.files.map(({ name, by, isAudited, source }) => ({
              ...{ name, by, isAudited },
              ...digestOf(source, maskOf(name)),
            })),
            settings: request.settings ?? [],
            entries: configEntries(config, request.policy, { uses: outcome.uses, accepting }, maskOf),
          },
    baseline: baselineOf(request.policy, outcome, beside.applied),
    rulesLeftOut: request.rulesLeftOut ?? [],
    failOn,
    exitZero: request.exitZero,
    exitCode: exitCode(
      failOn !== 'never' && !request.writesBaseline && [...outcome.counted].some((each) => atLeast(each, failOn)),
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

type Missing = Pick<Problem, 'source' | 'incomplete'>;

/** What is not to be told of files, because something of them, or of a folder around them, is missing. */
function missingIn(gathered: Gathered): (problems: readonly Missing[]) => Required<Looked>['isMissing'] {
  const namesOf = (problems: readonly Missing[]): ReadonlySet<string> =>
    new Set(problems.flatMap(({ source, incomplete }) => (incomplete ? [source] : [])));
  const before = namesOf(gathered.problems);
  return (problems) => {
    const all = [before, namesOf(problems)];
    return (file, isFor) => {
      if (all.some((missing) => missing.has('.') || isIn(missing, file))) return true;
      if (isFor === undefined) return false;
      const size = all.reduce((sum, missing) => sum + missing.size, 0);
      return size > mostMissing || all.some((missing) => [...missing].some(isFor));
    };
  };
}

/** What an audit can tell of files, given what it read and what is missing. */
function lookedAt(looked: Looked, read: ReadonlySet<string>, isMissing: Required<Looked>['isMissing']): Looked {
  const origins = new Set([...read].filter(isAnswer).map(originOf));
  return {
    ...looked,
    covers: (pattern) =>
      isAnswer(pattern) ? origins.has(originOf(pattern)) : read.has(pattern) || looked.covers(pattern),
    isMissing,
  };
}

/** With more of them, any entry of a config may be for one. */
const mostMissing = 1000;

/** A policy, with what this audit knows of the files of its baseline and entries: read, gone, or not to be told. */
function placed(policy: Policy, gathered: Gathered, understood: ReadResult): Policy {
  const { baseline, looked } = policy;
  const isMissing = missingIn(gathered)(understood.problems);
  const read = new Set(understood.sources.map(({ name }) => name));
  const unjudged = unjudgedIn(gathered, understood);
  const [names, stems] = [new Set(unjudged), new Set(unjudged.map(stemOf))];
  const isUnclear = once(
    () =>
      [...gathered.problems, ...understood.problems].some(({ incomplete }) => incomplete) ||
      unjudged.some((file) => baseline?.wasThere?.(file) === false),
  );
  const made = new Set(understood.unknown.flatMap(({ at: { source } }) => (gaveNothing(source) ? [source.name] : [])));
  const doubtful = once(() => doubtfulPaths(understood));
  const origins = new Set([...read].filter(isAnswer).map(originOf));
  // Of a template, say, which the server renders.
  function gaveNothing({ name }: Source): boolean {
    const { pipelines, containers, settings } = understood.gave.get(name) ?? {};
    return pipelines === undefined && containers === undefined && settings === undefined;
  }
  return {
    ...policy,
    looked: looked && lookedAt(looked, read, isMissing),
    baseline: baseline && {
      ...baseline,
      isUndecided: ({ file, at }) =>
        doubtful()
          .get(file)
          ?.some((path) => at.startsWith(path)) === true,
      stateOf: (file) => {
        if (isMissing(file) || (isAnswer(file) && !origins.has(originOf(file)))) return 'unknown';
        if (read.has(file)) return made.has(file) ? 'unknown' : 'read';
        // What is not read any more is not mended.
        if (isIn(names, file)) return 'unknown';
        const state = baseline.stateOf(file);
        return state === 'gone' && (stems.has(stemOf(file)) || isUnclear()) ? 'unseen' : state;
      },
    },
  };
}

/** Files that are there and may hold what was judged in another one before: nothing of them was. */
function unjudgedIn({ unread, mentions }: Gathered, { sources }: ReadResult): readonly string[] {
  const programs = sources.filter(({ form }) => form === 'starlark' || form === 'jsonnet');
  return [...unread, ...[...mentions.map(({ source }) => source), ...programs.map(({ name }) => name)]];
}

/** By file, the paths of keys below which something is not known: a value, or a service that it extends. */
function doubtfulPaths({ installation, unknown }: ReadResult): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  // A reason begins with the key that it is about.
  for (const { at, gaps } of installation.containers)
    for (const gap of gaps) addTo(found, at.source.name, `${at.path}.${/^[\w.[\]]*/.exec(textKey(gap))?.[0] ?? ''}`);
  for (const { at } of unknown)
    if (/\.extends\b/.test(at.path)) addTo(found, at.source.name, at.path.slice(0, at.path.indexOf('.extends')));
  return found;
}

/** Whether a path, or a folder around it, is among these. */
function isIn(names: ReadonlySet<string>, path: string): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
    if (names.has(path.slice(0, end))) return true;
  return false;
}

/** A path without the ending of the file: `.drone.yml` and `.drone.star` have the same. */
function stemOf(path: string): string {
  const dot = path.indexOf('.', path.lastIndexOf('/') + 2);
  return dot < 0 ? path : path.slice(0, dot);
}

function baselineOf({ baseline }: Policy, { findings }: Outcome, applied: Beside['applied']): Report['baseline'] {
  if (!baseline || !applied?.comparison) return undefined;
  let known = 0;
  for (const finding of findings) if (isOld(finding)) known++;
  return { kind: baseline.kind, name: baseline.name, known, fixed: applied.comparison.fixed.length };
}

/** What was read, with secrets that are known from elsewhere. */
function withSecrets(understood: ReadResult, values: readonly string[] = []): ReadResult {
  if (values.length === 0) return understood;
  const places = values.map((text) => ({
    source: { name: '', form: 'env' as const, text },
    path: '',
    span: { start: 0, end: text.length },
  }));
  return { ...understood, secrets: [...understood.secrets, ...places] };
}

/** Findings take precedence over what is missing, but not over a fault of our own. */
function exitCode(failed: boolean, status: 0 | 3 | 4): Report['exitCode'] {
  return failed && status !== 4 ? 1 : status;
}

function nothingToAudit(gathered: Gathered, { problems, sources, hasGiven }: Outcome): readonly Problem[] {
  if (problems.some(({ isMissing }) => isMissing)) return [];
  const notUnderstood: ReadSource[] = [];
  if (gathered.stated.size > 0)
    for (const source of sources)
      if (gathered.stated.has(source.name) && Object.keys(source.gave).length === 0) notUnderstood.push(source);
  if (notUnderstood.length > 0)
    return notUnderstood.map(({ name: source, form }) => ({
      kind: 'empty',
      source,
      message: say`nothing of Drone was understood in it as ${form}, the form that --form names`,
      incomplete: true,
    }));
  if (hasGiven) return [];
  // A change may have nothing of Drone.
  if (gathered.idleInList) return [];
  return [
    {
      kind: 'empty',
      source: '.',
      message:
        gathered.sources.length === 0
          ? say`no Drone files found, so there was nothing to audit`
          : say`nothing of Drone was understood in what was read, so there was nothing to audit`,
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
  { uses, accepting }: { readonly uses: PolicyResult['uses']; readonly accepting: ReadonlyMap<Acceptance, number> },
  maskOf: (source: string) => Mask,
): readonly ConfigEntry[] {
  const shown = (entry: Written & { readonly path?: string; readonly reason?: string }) => ({
    by: entry.by,
    where: `${entry.where}:${entry.line}`,
    path: entry.path === undefined ? undefined : maskOf(entry.where).evidence(entry.path),
    reason: entry.reason === undefined ? undefined : maskOf(entry.where).evidence(entry.reason),
  });
  return [
    ...ignores.map((entry) => ({
      ...{ key: entry.key, ...shown(entry), rule: entry.rule, until: entry.until, count: uses.get(entry) ?? 0 },
      at: entry.at === undefined ? undefined : maskOf(entry.where).evidence(entry.at),
      to: entry.key === 'severity' ? ('off' as const) : undefined,
    })),
    ...severities.map((entry) => ({
      ...{ key: entry.key, ...shown(entry), rule: entry.rule, to: entry.to, until: entry.until },
      count: uses.get(entry) ?? 0,
    })),
    ...acceptances.map((entry) => ({
      ...{ key: 'accept' as const, ...shown(entry), problem: entry.problem, until: entry.until },
      count: accepting.get(entry) ?? 0,
    })),
    ...excluded.map((entry) => ({ key: 'exclude' as const, ...shown(entry) })),
  ];
}
