import type { Looked, Policy, PolicyResult } from './apply-policy.ts';
import type { AuditRequest } from './audit-request.ts';
import { divide, judgeBatches, placelessSecrets, readLater } from './batches.ts';
import { type Gathered, gatherFurther } from './gather.ts';
import { gatherAll } from './gather-git.ts';
import { type InstallationPart, installationsOf, masksOf } from './installations.ts';
import { addTo } from './model/groups.ts';
import { once } from './model/memoize.ts';
import { type Progress, silently } from './model/progress.ts';
import type { Problem, Report } from './model/report.ts';
import { isAnswer, originOf, type Source } from './model/source.ts';
import { textKey } from './model/text.ts';
import { UserError } from './model/user-error.ts';
import { isOfRunner, type Judged, judgeParts, outcomeOf, type Terms } from './outcome.ts';
import { type ReadResult, read } from './read.ts';
import type { Mask } from './secrets/mask.ts';
import { divisionDigest, termsOf } from './shards.ts';
import { type Ground, reportOf, wholeOf } from './whole.ts';

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
  request: Pick<AuditRequest, 'rules' | 'every' | 'familyOf' | 'site' | 'joined' | 'policy'>,
  progress: Progress = silently,
): Judged & { readonly parts: readonly InstallationPart[]; readonly terms: Terms; readonly maskOf: Terms['maskOf'] } {
  const parts = installationsOf(understood, request.joined);
  const maskOf = masksOf(parts, understood.secrets);
  const hasRunners = understood.installation.settings.some(isOfRunner);
  const { rules, every = rules, familyOf, site, policy } = request;
  const terms: Terms = { rules, every, familyOf, site, policy, hasRunners, maskOf };
  return { ...judgeParts(parts, understood, terms, progress), parts, terms, maskOf };
}

/**
 * A whole audit: gather, read, divide, judge, apply policy. What is read may reveal addresses that are asked, too; then all
 * of it is read again. Everything after that is synchronous and pure.
 */
export async function audit(request: AuditRequest): Promise<Audit> {
  const first = await gatherAll(request.targets);
  if (first.sources.length >= severalFiles) request.beforeSeveral?.();
  if (first.later.size > 0 || request.inBatches || request.shard) {
    if (mayBeDivided(first, request)) return auditInBatches(first, request);
    if (request.shard)
      throw new UserError(`what is saved of engines and servers belongs to everything else: ${notShared}`);
    return auditAtOnce(withTexts(first), request);
  }
  return auditAtOnce(first, request);
}

/** From how many on a scan takes a second or so. */
const severalFiles = 32;

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
  const whole = wholeOf(request, gathered, {
    ...{ policy, maskOf, names: understood.sources.map(({ name }) => name) },
    probed: request.probed?.(understood.installation) ?? [],
  });
  const { baseline } = request.policy;
  const compared = baseline && { baseline, comparison: applied.comparison };
  const report = reportOf(whole, outcome, { ...groundOf(request), maskOf, compared });
  return { report, gathered, understood, maskOf, compared: applied.compared, comparison: applied.comparison };
}

function groundOf({
  every,
  rules,
  ruleSet,
  verbose,
}: AuditRequest): Pick<Ground, 'every' | 'ruleSet' | 'listsPassedOver'> {
  return { every: every ?? rules, ruleSet, listsPassedOver: verbose };
}

/**
 * Whether installations may be judged one by one. What is compared with a baseline, and what was seen running, is judged at once:
 * either may be about all of it.
 */
function mayBeDivided({ sources, compose }: Gathered, { policy, isWhole }: AuditRequest): boolean {
  const isAlone = compose.together.length === 0 && sources.every(({ name }) => !isAnswer(name));
  return isAlone && policy.baseline === undefined && !isWhole;
}

const notShared = 'it cannot be audited with --shard';

/** With the texts that were not kept. */
function withTexts(gathered: Gathered): Gathered {
  if (gathered.later.size === 0) return gathered;
  const { sources, lost } = readLater(gathered.sources, gathered);
  return { ...gathered, sources, later: new Set(), problems: [...gathered.problems, ...lost] };
}

async function auditInBatches(first: Gathered, request: AuditRequest): Promise<Audit> {
  const { progress = silently } = request.targets;
  progress('understanding what was read');
  request.beforeMany?.();
  const division = divide(first, request.joined);
  const { deployments, sources } = division;
  const gathered = await gatherFurther(first, deployments.installation, request.targets);
  if (gathered.sources !== first.sources) {
    if (request.shard) throw new UserError(`what answers belongs to everything else: ${notShared}`);
    const whole = withTexts(gathered);
    return auditRead(whole, readAll(whole), request);
  }
  gathered.settled?.();
  const isMissingIn = missingIn(gathered);
  const names = new Set(sources.map(({ name }) => name));
  const looked = request.policy.looked && lookedAt(request.policy.looked, names, isMissingIn([]));
  const policyFor = (problems: readonly Missing[]): Policy => ({
    ...request.policy,
    looked: looked && { ...looked, isMissing: isMissingIn(problems) },
  });
  const { outcomes, maskOf, problems, contents } = judgeBatches(request, gathered, division, policyFor, progress);
  const outcome = outcomes.outcome();
  const missing = outcome.problems.flatMap(({ problem, isMissing }) =>
    isMissing ? [{ source: problem.source, incomplete: true }] : [],
  );
  const whole = wholeOf(request, gathered, { policy: policyFor(missing), maskOf, names, problems, probed: [] });
  const { shard } = request;
  const report = reportOf(whole, outcome, { ...groundOf(request), maskOf, part: shard });
  const understood = { ...deployments, sources };
  const part = shard && {
    ...{ ...shard, whole, batches: division.batches.length, division: divisionDigest(division.batches, contents) },
    terms: termsOf(whole, request.ruleSet?.().sha256 ?? ''),
    records: outcomes.records(),
  };
  return {
    report: part ? { ...report, shard: part } : report,
    gathered,
    understood,
    maskOf,
    compared: () => [],
    comparison: undefined,
  };
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

/** What was read, with secrets that are known from elsewhere. */
function withSecrets(understood: ReadResult, values: readonly string[] = []): ReadResult {
  return values.length === 0
    ? understood
    : { ...understood, secrets: [...understood.secrets, ...placelessSecrets(values)] };
}
