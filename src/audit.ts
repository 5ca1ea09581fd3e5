import { createHash } from 'node:crypto';
import { acceptProblems } from './accept-problems.ts';
import { pictureOf } from './analysis/picture.ts';
import { applyPolicy, type Looked, type Policy, type PolicyResult } from './apply-policy.ts';
import type { Acceptance, Config, JoinedPath, Written } from './config-entries.ts';
import { controlResults } from './controls.ts';
import { controlStandards, type StandardName, usualStandards } from './facts/controls.ts';
import { readIn } from './facts/versions.ts';
import { type Gathered, gatherFurther, type Targets } from './gather.ts';
import { gatherAll } from './gather-git.ts';
import { type InstallationPart, installationsOf, masksOf } from './installations.ts';
import { judge } from './judge.ts';
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
import { isRunner } from './model/role.ts';
import type { AnyRule } from './model/rule.ts';
import type { Settings } from './model/settings.ts';
import { atLeast, type Severity } from './model/severity.ts';
import type { Site } from './model/site.ts';
import { isAnswer, type Location, originOf, positionOf, type Source } from './model/source.ts';
import { type MaskedText, say, type Text, textKey } from './model/text.ts';
import { populationOf } from './population.ts';
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

/** What the rules say of what was read, installation by installation, under a policy. */
export interface Judged {
  readonly parts: readonly InstallationPart[];
  /** What masks the text of a source, by its name. */
  readonly maskOf: (source: string) => Mask;
  readonly faults: readonly Problem[];
  /** How often each rule could not decide. */
  readonly undecided: ReadonlyMap<string, number>;
  readonly applied: PolicyResult;
}

/** Divides what was read into installations, judges them and applies the policy. */
export function judgeAll(
  understood: ReadResult,
  request: Pick<AuditRequest, 'rules' | 'familyOf' | 'site' | 'joined' | 'policy'>,
  progress: Progress = silently,
): Judged {
  const parts = installationsOf(understood, request.joined);
  const maskOf = masksOf(parts, understood.secrets);
  const hasRunners = parts.some(({ installation }) => installation.settings.some(isOfRunner));
  const judgements = parts.map(({ installation }, done) => {
    progress('judging', parts.length === 1 ? undefined : { done, of: parts.length, what: 'installations' });
    return judge(installation, request.rules, hasRunners ? knownOf(request.site, installation) : request.site);
  });
  progress('sorting findings');
  const applied = applyPolicy(
    judgements.flatMap(({ verdicts }) => verdicts),
    judgements.flatMap(({ undecided }) => undecided),
    understood.sources,
    request.familyOf,
    request.policy,
    maskOf,
  );
  const undecided = new Map<string, number>();
  for (const { rule } of judgements.flatMap((each) => each.undecided))
    undecided.set(rule.id, (undecided.get(rule.id) ?? 0) + 1);
  return { parts, maskOf, faults: judgements.flatMap(({ faults }) => faults), undecided, applied };
}

/**
 * A whole audit: gather, read, divide, judge, apply policy. What is read may reveal addresses that are asked, too; then all
 * of it is read again. Everything after that is synchronous and pure.
 */
export async function audit(request: AuditRequest): Promise<Audit> {
  const { progress = silently } = request.targets;
  const first = await gatherAll(request.targets);
  progress('understanding what was read');
  const begun = read(first.sources, first.lookup, first.compose);
  const gathered = await gatherFurther(first, begun.installation, request.targets);
  const isMore = gathered.sources !== first.sources;
  const understood = withSecrets(
    isMore ? read(gathered.sources, gathered.lookup, gathered.compose) : begun,
    request.ownSecrets,
  );
  const { installation: everything } = understood;
  const joined = request.joined ?? [];
  const policy = placed(request.policy, gathered, understood);
  const { parts, maskOf, faults, undecided, applied } = judgeAll(understood, { ...request, policy }, progress);

  const found = [
    ...gathered.problems,
    ...understood.problems,
    ...faults,
    ...applied.problems,
    ...nothingToAudit(gathered, understood),
    ...idlePaths(joined, understood.sources, policy),
    ...(request.remarks?.() ?? []),
  ];

  const accepting = acceptProblems(distinctProblems(found), policy);
  const problems = accepting.problems.map((problem) => maskOf(problem.source).problem(problem)).sort(byPlace);
  const { config, failOn, standards = usualStandards } = request;
  const notAsked = [...request.notAsked(gathered.sources), ...(gathered.notAsked ?? [])];
  const mentions = [...gathered.mentions, ...understood.mentions].sort((a, b) => compare(a.source, b.source));
  const installations = parts.map(({ installation }) => installation);
  // Not every report tells of these.
  const rules = once(() =>
    ruleRuns({
      ...{ every: request.every ?? request.rules, chosen: request.rules, site: request.site, undecided, notAsked },
      violations: applied.violations(),
      ...{ installations, unread: problems.filter(({ incomplete, accepted }) => incomplete || accepted) },
      formOf: new Map(understood.sources.map(({ name, form }) => [name, form])),
      hasGaps: mentions.length > 0 || gathered.excluded > 0,
    }),
  );
  const results = once(() => controlResults(standards, rules(), applied.violations()));
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
  const population = once(() =>
    populationOf({
      ...{ sources: understood.sources, pipelines: everything.pipelines, findings: applied.findings, maskOf },
      repositoryAt: gathered.repositoryAt,
    }),
  );
  const picture = once(() => maskedPicture(pictureOf(installations), maskOf));
  const report: Report = {
    tool: {
      ...{ name: 'drone-audit', version: request.version, facts: readIn },
      get ruleSet() {
        return ruleSet?.();
      },
    },
    asked: request.asked,
    date: request.date,
    get population() {
      return population();
    },
    findings: applied.findings,
    problems,
    sources: understood.sources.map((source) =>
      readSource(source, understood.gave.get(source.name) ?? {}, maskOf(source.name)),
    ),
    coverage: {
      files: gathered.sources.filter(({ name }) => !isAnswer(name)).length,
      pipelines: everything.pipelines.filter(({ script }) => !script).length,
      containers: everything.containers.length,
      components: everything.settings.filter(({ role }) => role !== 'other').length,
      notAsked,
      probed: (request.probed?.(everything) ?? []).map(({ source, message }) => maskOf(source).text(message)),
      mentions,
      passedOver: request.verbose ? gathered.passedOver : undefined,
      unknown: understood.unknown.map(({ at, message, whole }) =>
        whole === undefined
          ? unknownAt(at, maskOf(at.source.name).text(message))
          : { source: whole, message: maskOf(at.source.name).text(message) },
      ),
      inconclusive: applied.inconclusive,
    },
    get picture() {
      return picture();
    },
    config:
      config === undefined
        ? undefined
        : {
            name: config.name,
            suppressed: applied.findings.filter(({ suppressed }) => /^(?:config|policy)$/.test(suppressed?.by ?? ''))
              .length,
            excluded: gathered.excluded,
            accepted: problems.filter(({ accepted }) => accepted === true).length,
            files: config.files.map(({ name, by, isAudited, source }) => ({
              ...{ name, by, isAudited },
              ...digestOf(source, maskOf(name)),
            })),
            settings: request.settings ?? [],
            entries: configEntries(config, request.policy, { uses: applied.uses, accepting: accepting.uses }, maskOf),
          },
    baseline: baselineOf(request.policy, applied),
    rulesLeftOut: request.rulesLeftOut ?? [],
    failOn,
    exitZero: request.exitZero,
    exitCode: exitCode(
      failOn !== 'never' && !request.writesBaseline && applied.counted.some((severity) => atLeast(severity, failOn)),
      statusOf(problems),
    ),
    hiddenBySeverity: applied.hiddenBySeverity,
    hiddenPedantic: applied.hiddenPedantic,
    get rules() {
      return rules();
    },
    get controls() {
      return controls();
    },
  };
  return { report, gathered, understood, maskOf, compared: applied.compared, comparison: applied.comparison };
}

/** What is not to be told of files, because something of them, or of a folder around them, is missing. */
function missingIn(gathered: Gathered, understood: ReadResult): Required<Looked>['isMissing'] {
  const problems = [...gathered.problems, ...understood.problems].filter(({ incomplete }) => incomplete);
  const missing = new Set(problems.map(({ source }) => source));
  return (file, isFor) => {
    if (missing.has('.') || isIn(missing, file)) return true;
    return isFor !== undefined && (missing.size > mostMissing || [...missing].some(isFor));
  };
}

/** With more of them, any entry of a config may be for one. */
const mostMissing = 1000;

/** A policy, with what this audit knows of the files of its baseline and entries: read, gone, or not to be told. */
function placed(policy: Policy, gathered: Gathered, understood: ReadResult): Policy {
  const { baseline, looked } = policy;
  const isMissing = missingIn(gathered, understood);
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
    looked: looked && {
      ...looked,
      covers: (pattern) =>
        isAnswer(pattern) ? origins.has(originOf(pattern)) : read.has(pattern) || looked.covers(pattern),
      isMissing,
    },
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

function baselineOf({ baseline }: Policy, { findings, comparison }: PolicyResult): Report['baseline'] {
  if (!baseline || !comparison) return undefined;
  const known = findings.filter(isOld).length;
  return { kind: baseline.kind, name: baseline.name, known, fixed: comparison.fixed.length };
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

/** The picture is made when a report shows it, with the secrets of each part masked as its source has them. */
function maskedPicture({ nodes, edges }: Picture, maskOf: (source: string) => Mask): Report['picture'] {
  return { nodes: nodes.map((node) => maskOf(node.source).all(node)), edges };
}

/** Findings take precedence over what is missing, but not over a fault of our own. */
function exitCode(failed: boolean, status: 0 | 3 | 4): Report['exitCode'] {
  return failed && status !== 4 ? 1 : status;
}

function nothingToAudit(gathered: Gathered, { gave, problems }: ReadResult): readonly Problem[] {
  const notUnderstood = gathered.sources.filter(({ name }) => gathered.stated.has(name) && !gave.has(name));
  if ([...gathered.problems, ...problems].some(({ incomplete }) => incomplete)) return [];
  if (notUnderstood.length > 0)
    return notUnderstood.map(({ name: source, form }) => ({
      kind: 'empty',
      source,
      message: say`nothing of Drone was understood in it as ${form}, the form that --form names`,
      incomplete: true,
    }));
  if (gave.size > 0) return [];
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

/** That an audit has all runners says nothing of an installation whose runners may be those of another. */
function knownOf(site: Site, installation: Installation): Site {
  return installation.settings.some(isOfRunner) ? site : { ...site, allRunners: undefined };
}

function isOfRunner({ role }: Settings): boolean {
  return isRunner(role);
}

/** Paths of `installation` that join nothing. */
function idlePaths(joined: readonly JoinedPath[], sources: readonly Source[], { looked }: Policy): readonly Problem[] {
  const idle = joined.filter(
    ({ pattern, matches }) => looked?.covers(pattern) !== false && !sources.some(({ name }) => matches(name)),
  );
  return idle.map(({ path, where, line, column }) => ({
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

/** The hash is made when a report shows it: to know whether a source has a secret, all of it is searched. */
function readSource(source: Source, gave: ReadSource['gave'], mask: Mask): ReadSource {
  const digest = once(() => digestOf(source, mask));
  return {
    name: source.name,
    form: source.form,
    gave,
    get sha256() {
      return digest().sha256;
    },
    get hashOf() {
      return digest().hashOf;
    },
    get bytes() {
      return digest().bytes;
    },
  };
}

function digestOf(source: Source, mask: Mask): Pick<ReadSource, 'sha256' | 'hashOf' | 'bytes'> {
  const isMasked = source.masked || mask.spansOf(source).length > 0;
  const { text } = isMasked ? mask.source(source) : source;
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    hashOf: isMasked ? 'masked' : 'original',
    bytes: Buffer.byteLength(text),
  };
}

function unknownAt(at: Location, message: MaskedText): Report['coverage']['unknown'][number] {
  return { source: at.source.name, line: positionOf(at.source, at.span.start).line, message };
}
