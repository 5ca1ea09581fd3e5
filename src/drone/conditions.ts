import { pullRequestActions, tagAction } from '../facts/conditions.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import type { Condition, Conditions, DroneEvent, Pipeline, Step } from '../model/pipeline.ts';
import type { Located } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { type Family, matchGlob, mayMatch } from './glob.ts';

/** A `trigger`, or the `when` of a step. */
export interface ConditionBlock {
  readonly kind: 'trigger' | 'when';
  readonly conditions: Conditions;
  /** The step, if this is a `when`. */
  readonly step?: Step;
  /** What `supersedes` compares: `trigger`, `when of steps[build]`. */
  readonly subject: string;
  /** For messages: `the trigger`, `"when" of "build"`. */
  readonly label: Text;
}

/** All condition blocks of a pipeline, the trigger first. Cached, because many rules ask. */
export const blocksOf = memoizePer(({ trigger, steps, services }: Pipeline): readonly ConditionBlock[] => {
  const blocks: ConditionBlock[] = [];
  if (trigger) blocks.push({ kind: 'trigger', conditions: trigger, subject: 'trigger', label: say`the trigger` });
  for (const step of [...steps, ...services])
    if (step.when)
      blocks.push({
        kind: 'when',
        conditions: step.when,
        step,
        subject: whenSubject(step),
        label: say`"when" of "${step.name}"`,
      });
  return blocks;
});

export function whenSubject(step: Step): string {
  return `when of ${step.section}[${step.name}]`;
}

/** Whether a condition has patterns; one without any matches everything. */
export function filters(condition: Condition | undefined): condition is Condition {
  return condition !== undefined && condition.include.length + condition.exclude.length > 0;
}

/** The patterns of a condition, included ones first. */
export function patternsOf({ include, exclude }: Condition): readonly Located<string>[] {
  return [...include, ...exclude];
}

/** The pattern that names an event. Excluding other events does not name it. */
export function namedEvent(conditions: Conditions | undefined, event: DroneEvent): Located<string> | undefined {
  return conditions?.conditions.get('event')?.include.find(({ value }) => matchGlob(value, event) === 'match');
}

/** Whether pull requests are asked for by name: as an event, or by a ref under `refs/pull`. */
export function asksForPullRequests(conditions: Conditions | undefined): boolean {
  if (namedEvent(conditions, 'pull_request')) return true;
  return includesPullRequestRef(conditions);
}

/** Whether an included `ref` can be that of a pull request. */
export function includesPullRequestRef(conditions: Conditions | undefined): boolean {
  const refs = conditions?.conditions.get('ref')?.include ?? [];
  return refs.some(({ value }) => pullRequestRefs.some((family) => mayMatch(value, family)));
}

/** Of GitHub and Gitea, GitLab, Bitbucket Server. */
export const pullRequestRefs: readonly Family[] = [
  ['refs', 'pull', '*', 'head'],
  ['refs', 'merge-requests', '*', 'head'],
  ['refs', 'pull-requests', '*', 'from'],
];

/** One build, as conditions see it. */
export interface Occasion {
  readonly event: DroneEvent;
  readonly branch: string;
  readonly ref: string;
  readonly action: string;
  readonly cron: string;
  readonly target: string;
}

/** The conditions that a build may fail; `repo` and `instance` are taken to match. */
const names = ['event', 'branch', 'ref', 'action', 'cron', 'target'] as const;

/**
 * Whether a build passes conditions, as Drone decides it (drone/runner-go manifest/cond.go:42-53).
 */
export function passes(conditions: Conditions | undefined, occasion: Occasion): boolean {
  return names.every((name) => matches(conditions?.conditions.get(name), occasion[name]));
}

/**
 * Whether a step runs in a build that its pipeline runs in, as far as that is known: the runner replaces part of a
 * pattern with `${`, and the outcome of earlier steps is not asked.
 */
export function runsIn({ when }: Step, occasion: Occasion): boolean {
  return names.every((name) => {
    const condition = when?.conditions.get(name);
    return (
      !condition ||
      patternsOf(condition).some(({ value }) => value.includes('${')) ||
      matches(condition, occasion[name])
    );
  });
}

/** Whether a text passes one condition: it is not excluded, and it is included or there are no includes. */
export function matches(condition: Condition | undefined, text: string): boolean {
  return !condition || answersOf(condition)(text);
}

/** The same few texts occur in many builds. */
const answersOf = memoizePer((condition: Condition) => memoize((text) => decide(condition, text)));

function decide(condition: Condition, text: string): boolean {
  const isIn = ({ value }: Located<string>): boolean => matchGlob(value, text) === 'match';
  if (condition.exclude.some(isIn)) return false;
  return condition.include.length === 0 || condition.include.some(isIn);
}

/** How many texts of one kind are tried, so that there are only a few combinations. */
const maxSamples = 8;
/** How many patterns of one condition samples are made from. */
const maxPatterns = 50;
const maxSampleLength = 200;

/** Builds that conditions may treat differently: every event, with the branches, refs, targets, jobs they name. */
export function occasionsFor(...blocks: readonly (Conditions | undefined)[]): readonly Occasion[] {
  const named = (name: string): readonly string[] =>
    blocks.flatMap((conditions) => {
      const condition = conditions?.conditions.get(name);
      return condition
        ? patternsOf(condition)
            .slice(0, maxPatterns)
            .map(({ value }) => sampleOf(value))
        : [];
    });
  const few = (texts: readonly string[]): readonly string[] => [...new Set(texts)].slice(0, maxSamples);
  const refs = named('ref');
  const under = (prefix: string): readonly string[] =>
    refs.filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length));
  const branches = few(['main', ...named('branch').filter((name) => name !== ''), ...under('refs/heads/'), 'topic']);
  const tags = few([...under('refs/tags/'), 'v1.0.0']);
  const targets = few([...named('target').filter((name) => name !== ''), 'production']);
  const crons = few([...named('cron').filter((name) => name !== ''), 'nightly']);
  const plain = { action: '', cron: '', target: '' };
  const pushed = branches.map((branch) => ({ ...plain, branch, ref: `refs/heads/${branch}` }));
  const tagged = tags.map((tag) => ({ ...plain, branch: '', ref: `refs/tags/${tag}` }));
  return [
    ...pushed.map((build) => ({ ...build, event: 'push' as const })),
    ...tagged.map((build) => ({ ...build, event: 'tag' as const, action: tagAction })),
    ...pushed.flatMap((build) =>
      pullRequestActions.map((action) => ({
        ...build,
        event: 'pull_request' as const,
        ref: 'refs/pull/1/head',
        action,
      })),
    ),
    ...pushed.flatMap((build) => crons.map((cron) => ({ ...build, event: 'cron' as const, cron }))),
    ...pushed.map((build) => ({ ...build, event: 'custom' as const })),
    ...(['promote', 'rollback'] as const).flatMap((event) =>
      [...pushed, ...tagged].flatMap((build) => targets.map((target) => ({ ...build, event, target }))),
    ),
  ];
}

/** A text that a pattern of the usual kind matches; a pattern without wildcards is its own sample. */
function sampleOf(pattern: string): string {
  return pattern
    .slice(0, maxSampleLength)
    .replace(/\{([^{},]*)[^{}]*\}/g, '$1')
    .replace(/\[\^?([^\]\\])[^\]]*\]/g, '$1')
    .replace(/\*+/g, 'x')
    .replaceAll('?', 'x')
    .replaceAll('\\', '');
}

/** A build in words: `a push to "main"`, `tag "v1.0.0"`. */
export function describe({ event, branch, ref, cron, target }: Occasion): Text {
  const tag = ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : undefined;
  const what = tag === undefined ? `of "${branch}"` : `of tag "${tag}"`;
  const words: Readonly<Record<DroneEvent, Text>> = {
    push: say`a push to "${branch}"`,
    tag: say`tag "${tag ?? ''}"`,
    pull_request: say`a pull request against "${branch}"`,
    cron: say`cron job "${cron}" on "${branch}"`,
    custom: say`a custom build ${what}`,
    promote: say`a promotion ${what} to "${target}"`,
    rollback: say`a rollback ${what} to "${target}"`,
  };
  return words[event];
}
