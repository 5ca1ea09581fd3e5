import type { Verdict } from './judge.ts';
import { binarySearch } from './model/binary-search.ts';
import type { Container } from './model/container.ts';
import { addTo } from './model/groups.ts';
import type { Artifact } from './model/installation.ts';
import { ownersOf } from './model/owners.ts';
import {
  allSteps,
  type DroneEvent,
  type Pipeline,
  type PipelineStream,
  type Reach,
  type Step,
} from './model/pipeline.ts';
import { type AnyRule, type Context, type Hit, hitAt, type Rule } from './model/rule.ts';
import { settingsOf } from './model/settings.ts';
import { bySeverity } from './model/severity.ts';
import type { Location } from './model/source.ts';

/*
 * What follows from one fault is told with it (docs/severity.md). Which hits follow from a condition that lets pull
 * requests in, or from an old release, and what remains of each without it, is found by judging again as if it were mended.
 */

/** A hit that rests on what is a hit itself. */
export interface Consequence {
  readonly cause: Verdict;
  /** What is still to be said once the cause is mended; absent if nothing is. */
  readonly remains?: Hit;
}

/** The consequences among hits, none of which is suppressed. */
export function consequencesAmong(open: readonly Verdict[]): ReadonlyMap<Verdict, Consequence> {
  return new Map([...ofConditions(open), ...ofReleases(open)]);
}

/** What a newer release of a component would mend besides that it is old. */
function* ofReleases(open: readonly Verdict[]): Iterable<[Verdict, Consequence]> {
  const causes = new Map<string, { readonly cause: Verdict; readonly newer: Container }>();
  for (const cause of open) {
    const { artifact, hit } = cause;
    if (hit.release !== undefined && artifact.kind === 'container' && !causes.has(artifact.owner))
      causes.set(artifact.owner, { cause, newer: newerThan(artifact, hit.release) });
  }
  for (const verdict of open) {
    const { artifact, context, rule, hit } = verdict;
    const found = hit.release === undefined ? causes.get(artifact.owner) : undefined;
    if (!found) continue;
    const { cause, newer } = found;
    const mended = artifact.kind === 'settings' ? settingsOf(newer) : artifact.kind === 'container' ? newer : undefined;
    const after = mended && judgeAgain(rule, mended, context);
    const consequence = after && consequenceOf(verdict, cause, after);
    if (consequence) yield [verdict, consequence];
  }
}

/** A component as if its image were of another release. */
function newerThan(container: Container, release: string): Container {
  const { image } = container;
  const value = image && { ...image.value, tag: release, text: `${image.value.name}:${release}` };
  return { ...container, version: release, image: image && value && { ...image, value } };
}

function consequenceOf(
  { hit: before, rule }: Verdict,
  cause: Verdict,
  after: ReadonlyMap<string, Hit>,
): Consequence | undefined {
  const remains = after.get(keyOf(before));
  if (!remains) return { cause };
  const isLess = bySeverity(remains.severity ?? rule.severity, before.severity ?? rule.severity) > 0;
  return isLess ? { cause, remains } : undefined;
}

/** What follows from the conditions of pipelines. */
function* ofConditions(open: readonly Verdict[]): Iterable<[Verdict, Consequence]> {
  const byStream = new Map<PipelineStream, Verdict[]>();
  for (const verdict of open) {
    const { artifact } = verdict;
    const stream = artifact.kind === 'pipeline' ? artifact.stream : artifact.kind === 'document' ? artifact : undefined;
    if (stream) addTo(byStream, stream, verdict);
  }
  for (const [stream, verdicts] of byStream) {
    const causes = verdicts.filter(({ rule }) => rule.cause !== undefined).sort(byPlace);
    if (causes.length === 0) continue;
    const mended = mend(stream, causes);
    for (const verdict of verdicts) {
      if (verdict.rule.cause) continue;
      const cause = mended.causeAt(verdict.hit.at);
      const after = cause && mended.judge(verdict);
      const consequence = cause && after && consequenceOf(verdict, cause, after);
      if (consequence) yield [verdict, consequence];
    }
  }
}

function byPlace({ hit: { at: a } }: Verdict, { hit: { at: b } }: Verdict): number {
  return a.span.start - b.span.start;
}

interface Mended {
  /** The cause of what is at a place. */
  causeAt(place: Location): Verdict | undefined;
  /** What the rule of a verdict says of the mended file, by place and subject; undefined if it fails. */
  judge(verdict: Verdict): ReadonlyMap<string, Hit> | undefined;
}

function keyOf({ at, subject }: Hit): string {
  return `${at.span.start} ${subject ?? ''}`;
}

/** A copy of a file in which pull requests no longer get to what the causes let them reach. */
function mend(stream: PipelineStream, causes: readonly Verdict[]): Mended {
  const causeOf = new Map<Pipeline | Step, Verdict>();
  const copies = new Map<Pipeline | Step, Pipeline | Step>();
  const copied: { -readonly [K in keyof PipelineStream]: PipelineStream[K] } = { ...stream };
  const copyOf = <T extends Pipeline | Step>(original: T, own: readonly Verdict[]): T => {
    const cause = original.reach.pullRequest
      ? (decisive(own, original.reach) ?? general.get(own) ?? within(own, original.at))
      : undefined;
    if (cause) causeOf.set(original, cause);
    const copy = cause ? { ...original, reach: withoutPullRequests(original.reach) } : { ...original };
    copies.set(original, copy);
    return copy;
  };
  const owners = new Map<string, Pipeline | Step>();
  for (const pipeline of [...stream.pipelines].reverse()) {
    for (const step of allSteps(pipeline).toReversed()) owners.set(step.at.path, step);
    owners.set(pipeline.at.path, pipeline);
  }
  const byPipeline = new Map<Pipeline, Verdict[]>();
  for (const cause of causes) {
    const pipeline = cause.artifact.kind === 'pipeline' ? cause.artifact : ownersOf(cause.hit.at.path, owners)[0];
    if (pipeline && 'steps' in pipeline) addTo(byPipeline, pipeline, cause);
  }
  const general = new Map<readonly Verdict[], Verdict | undefined>();
  copied.pipelines = stream.pipelines.map((pipeline): Pipeline => {
    const own = byPipeline.get(pipeline) ?? [];
    general.set(
      own,
      own.find(({ rule, hit }) => rule.cause === 'always' && isOfPipeline(hit.at)),
    );
    const steps = pipeline.steps.map((step) => copyOf(step, own));
    const services = pipeline.services.map((step) => copyOf(step, own));
    const copy = { ...copyOf(pipeline, own), steps, services, stream: copied };
    copies.set(pipeline, copy);
    return copy;
  });
  copied.substitutions = stream.substitutions.map((one) => {
    const users = one.steps.length > 0 ? one.steps : one.pipelines;
    const isMended = users.length > 0 && users.every((user) => causeOf.has(user) || !user.reach.pullRequest);
    return {
      ...one,
      pipelines: one.pipelines.map((each) => (copies.get(each) ?? each) as Pipeline),
      steps: one.steps.map((each) => (copies.get(each) ?? each) as Step),
      events: isMended ? without(one.events) : one.events,
    };
  });
  const judgements = new Map<string, ReadonlyMap<string, Hit> | undefined>();
  return {
    causeAt(place) {
      const owner = ownersOf(place.path, owners).at(-1);
      return owner && causeOf.get(owner);
    },
    judge({ rule, artifact, context }) {
      const key = `${rule.id} ${artifact.kind === 'pipeline' ? artifact.index : ''}`;
      const copy = artifact.kind === 'pipeline' ? copies.get(artifact) : copied;
      if (!judgements.has(key))
        judgements.set(key, copy && judgeAgain(rule, copy as Pipeline | PipelineStream, context));
      return judgements.get(key);
    },
  };
}

function judgeAgain(rule: AnyRule, artifact: Artifact, context: Context): ReadonlyMap<string, Hit> | undefined {
  try {
    const found = new Map<string, Hit>();
    for (const each of (rule as Rule).judge(artifact, context))
      if (!('inconclusive' in each))
        for (const hit of [each, ...(each.related ?? []).flatMap((place) => (place.again ? [hitAt(each, place)] : []))])
          if (!found.has(keyOf(hit))) found.set(keyOf(hit), hit);
    return found;
  } catch {
    return undefined;
  }
}

/** How many conditions may stand one within another. */
const maxNested = 5;

/** The condition that lets pull requests reach something, the first if several do; `causes` are in their order. */
function decisive(causes: readonly Verdict[], { because }: Reach): Verdict | undefined {
  if (!because) return undefined;
  const { start, end } = because.span;
  const last = binarySearch(causes, ({ hit }) => hit.at.span.start >= end);
  return causes.slice(Math.max(0, last - maxNested), last).find(({ hit }) => hit.at.span.end > start);
}

/** The condition of a step itself that keeps pull requests out once it is mended, whatever else lets them in. */
function within(causes: readonly Verdict[], { span }: Location): Verdict | undefined {
  const first = binarySearch(causes, ({ hit }) => hit.at.span.start >= span.start);
  return causes
    .slice(first, first + maxNested)
    .find(({ rule, hit }) => rule.cause === 'always' && hit.at.span.start < span.end && !isOfPipeline(hit.at));
}

/** Whether a place is that of a whole pipeline or its trigger, not of a step. */
function isOfPipeline({ path }: Location): boolean {
  return !/\.(?:steps|services)\[/.test(path);
}

function withoutPullRequests(reach: Reach): Reach {
  return { ...reach, events: without(reach.events), pullRequest: false };
}

function without(events: ReadonlySet<DroneEvent>): ReadonlySet<DroneEvent> {
  return new Set([...events].filter((event) => event !== 'pull_request'));
}
