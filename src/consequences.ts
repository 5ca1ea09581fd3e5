import type { Verdict } from './judge.ts';
import { addTo } from './model/groups.ts';
import type { DroneEvent, Pipeline, PipelineStream, Reach, Step } from './model/pipeline.ts';
import { allSteps } from './model/pipeline.ts';
import { type AnyRule, type Context, type Hit, type Rule, worstFirst } from './model/rule.ts';
import type { Location } from './model/source.ts';

/*
 * What follows from one condition is told with it (docs/severity.md). Which hits follow from a condition that lets pull
 * requests in, and what remains of each without it, is found by judging the file again as if the condition were mended.
 */

/** A hit that rests on a condition which is a hit itself. */
export interface Consequence {
  readonly cause: Verdict;
  /** What is still to be said once the cause is mended; absent if nothing is. */
  readonly remains?: Hit;
}

/** The consequences among hits, none of which is suppressed. */
export function consequencesAmong(open: readonly Verdict[]): ReadonlyMap<Verdict, Consequence> {
  const found = new Map<Verdict, Consequence>();
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
      if (!cause || !after) continue;
      const { hit: before, rule } = verdict;
      const remains = after.find(
        ({ at, subject }) => at.span.start === before.at.span.start && subject === before.subject,
      );
      if (
        !remains ||
        worstFirst({ severity: remains.severity ?? rule.severity }, { severity: before.severity ?? rule.severity }) > 0
      )
        found.set(verdict, remains ? { cause, remains } : { cause });
    }
  }
  return found;
}

function byPlace({ hit: { at: a } }: Verdict, { hit: { at: b } }: Verdict): number {
  return a.span.start - b.span.start;
}

interface Mended {
  /** The cause of what is at a place. */
  causeAt(place: Location): Verdict | undefined;
  /** What the rule of a verdict says of the mended file; undefined if it fails. */
  judge(verdict: Verdict): readonly Hit[] | undefined;
}

/** A copy of a file in which pull requests no longer get to what the causes let them reach. */
function mend(stream: PipelineStream, causes: readonly Verdict[]): Mended {
  const causeOf = new Map<Pipeline | Step, Verdict>();
  const copies = new Map<Pipeline | Step, Pipeline | Step>();
  const copied: { -readonly [K in keyof PipelineStream]: PipelineStream[K] } = { ...stream };
  const copyOf = <T extends Pipeline | Step>(original: T, own: readonly Verdict[]): T => {
    const cause = original.reach.pullRequest
      ? (own.find(({ hit }) => decides(hit.at, original.reach)) ??
        own.find(({ rule, hit }) => rule.cause === 'always' && isOfPipeline(hit.at)))
      : undefined;
    if (cause) causeOf.set(original, cause);
    const copy = cause ? { ...original, reach: withoutPullRequests(original.reach) } : { ...original };
    copies.set(original, copy);
    return copy;
  };
  copied.pipelines = stream.pipelines.map((pipeline): Pipeline => {
    const own = causes.filter(({ artifact, hit }) => artifact === pipeline || isWithin(hit.at.path, pipeline.at.path));
    const steps = pipeline.steps.map((step) => copyOf(step, own));
    const services = pipeline.services.map((step) => copyOf(step, own));
    const copy = { ...copyOf(pipeline, own), steps, services, stream: copied };
    copies.set(pipeline, copy);
    return copy;
  });
  copied.substitutions = stream.substitutions.map((one) => {
    const owners = one.steps.length > 0 ? one.steps : one.pipelines;
    const isMended = owners.length > 0 && owners.every((owner) => causeOf.has(owner) || !owner.reach.pullRequest);
    return {
      ...one,
      pipelines: one.pipelines.map((each) => (copies.get(each) ?? each) as Pipeline),
      steps: one.steps.map((each) => (copies.get(each) ?? each) as Step),
      events: isMended ? without(one.events) : one.events,
    };
  });
  const judgements = new Map<string, readonly Hit[] | undefined>();
  return {
    causeAt(place) {
      for (const pipeline of stream.pipelines) {
        if (!isWithin(place.path, pipeline.at.path)) continue;
        const step = allSteps(pipeline).find(({ at }) => isWithin(place.path, at.path));
        return causeOf.get(step ?? pipeline);
      }
      return undefined;
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

function judgeAgain(rule: AnyRule, artifact: Pipeline | PipelineStream, context: Context): readonly Hit[] | undefined {
  try {
    const found = (rule as Rule).judge(artifact, context);
    return [...found].flatMap((each) => ('inconclusive' in each ? [] : [each]));
  } catch {
    return undefined;
  }
}

/** Whether a condition is what lets pull requests reach something. */
function decides(condition: Location, { because }: Reach): boolean {
  if (!because) return false;
  return condition.span.start < because.span.end && because.span.start < condition.span.end;
}

/** Whether a place is that of a whole pipeline or its trigger, not of a step. */
function isOfPipeline({ path }: Location): boolean {
  return !/\.(?:steps|services)\[/.test(path);
}

function isWithin(path: string, whole: string): boolean {
  return path.startsWith(whole) && !/^[\w-]/.test(path.slice(whole.length));
}

function withoutPullRequests(reach: Reach): Reach {
  return { ...reach, events: without(reach.events), pullRequest: false };
}

function without(events: ReadonlySet<DroneEvent>): ReadonlySet<DroneEvent> {
  return new Set([...events].filter((event) => event !== 'pull_request'));
}
