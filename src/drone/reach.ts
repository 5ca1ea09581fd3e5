import { choosingConditions, pullRequestActions, tagAction } from '../facts/conditions.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import { type Condition, type Conditions, type DroneEvent, events, type Reach } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import { ownWords, say, type Text } from '../model/text.ts';
import { filters, matches, pullRequestRefs } from './conditions.ts';
import { coversAll, type Family, isLiteral, matchGlob, mayMatch } from './glob.ts';

/*
 * Which events can reach a pipeline or a step. For every event it is known which values Drone compares with the
 * conditions (harness/drone service/hook/parser/parse.go, trigger/cron/cron.go, handler/api/repos/builds), as families
 * of texts. An event is ruled out only if no value of its family can pass; what cannot be decided passes.
 */

const nothing: readonly Family[] = [['']];
const anything: readonly Family[] = [['**']];
const anythingOrNothing: readonly Family[] = [['**'], ['']];
const branchRefs: readonly Family[] = [['refs', 'heads', '**']];
const tagRefs: readonly Family[] = [['refs', 'tags', '**']];

type Values = Readonly<Record<string, readonly Family[]>>;

const everywhere: Values = { repo: [['*', '*']], instance: [['*']] };
/** A promotion keeps the ref, branch, action and cron of the build that is promoted (promote.go:63). */
const promoted: Values = {
  ...everywhere,
  branch: anythingOrNothing,
  ref: [...branchRefs, ...tagRefs, ...pullRequestRefs],
  action: anythingOrNothing,
  cron: anythingOrNothing,
  target: anything,
};

const valuesOf: Readonly<Record<DroneEvent, Values>> = {
  push: { ...everywhere, branch: anything, ref: branchRefs, action: nothing, cron: nothing, target: nothing },
  pull_request: {
    ...everywhere,
    branch: anything,
    ref: pullRequestRefs,
    action: pullRequestActions.map((action) => [action]),
    cron: nothing,
    target: nothing,
  },
  // The branch of a tag is the base of the push hook, which the usual sources do not send (parse.go:139).
  tag: { ...everywhere, branch: nothing, ref: tagRefs, action: [[tagAction]], cron: nothing, target: nothing },
  promote: promoted,
  rollback: promoted,
  cron: { ...everywhere, branch: anything, ref: branchRefs, action: nothing, cron: anything, target: nothing },
  custom: {
    ...everywhere,
    branch: anything,
    ref: [['refs', '**']],
    action: anythingOrNothing,
    cron: nothing,
    target: nothing,
  },
};

/** Drone evaluates `paths` never and `instance` only in `when` (harness/drone trigger/trigger.go:303). */
const whenConditions: readonly string[] = [...choosingConditions, 'instance'];

const eventFamilies: ReadonlyMap<DroneEvent, readonly Family[]> = new Map(events.map((event) => [event, [[event]]]));

/** Whether a condition may pass for some value that it is compared with at this event. */
function admits(condition: Condition, event: DroneEvent): boolean {
  const families = condition.name === 'event' ? eventFamilies.get(event) : valuesOf[event][condition.name];
  return families === undefined || families.some((family) => admitsSome(condition, family));
}

/** At most this many pairs of an included text and an excluding pattern are compared. */
const maxPairs = 50;

function admitsSome({ include, exclude }: Condition, family: Family): boolean {
  if (exclude.some((pattern) => matchersOf(family).covers(pattern.value))) return false;
  if (include.length === 0) return true;
  const compared = include.length * exclude.length <= maxPairs;
  const isExcluded = (text: string): boolean =>
    compared && isLiteral(text) && exclude.some((pattern) => matchGlob(pattern.value, text) === 'match');
  return include.some(({ value }) => matchersOf(family).may(value) && !isExcluded(value));
}

/** Patterns repeat in every step of a file. */
const matchersOf = memoizePer((family: Family) => ({
  may: memoize((pattern) => mayMatch(pattern, family)),
  covers: memoize((pattern) => coversAll(pattern, family)),
}));

export function reachOfPipeline(trigger: Conditions | undefined): Reach {
  const block: Block = { kind: 'trigger', conditions: trigger };
  const reached = new Set(events.filter((event) => !refusing(block, event)));
  const pullRequest = reached.has('pull_request');
  return { events: reached, pullRequest, ...(pullRequest ? whyOpen([block]) : whyClosed(block, reached)) };
}

export function reachOfStep(pipeline: Reach, trigger: Conditions | undefined, when: Conditions | undefined): Reach {
  if (!when) return pipeline;
  const never = pipeline.events.size > 0 ? whyNever(pipeline, trigger, when) : undefined;
  if (never) return { events: new Set(), pullRequest: false, ...never };
  const block: Block = { kind: 'when', conditions: when };
  const reached = new Set([...pipeline.events].filter((event) => !refusing(block, event)));
  const pullRequest = reached.has('pull_request');
  if (pullRequest)
    return { events: reached, pullRequest, ...whyOpen([{ kind: 'trigger', conditions: trigger }, block]) };
  return { ...(pipeline.pullRequest ? whyClosed(block, reached) : pipeline), events: reached, pullRequest };
}

/** A `trigger` or a `when`. */
export interface Block {
  readonly kind: 'trigger' | 'when';
  readonly conditions: Conditions | undefined;
}

/** The condition of a block that keeps an event out. */
export function refusing({ kind, conditions }: Block, event: DroneEvent): Condition | undefined {
  if (!conditions) return undefined;
  for (const name of kind === 'trigger' ? choosingConditions : whenConditions) {
    const condition = conditions.conditions.get(name);
    if (condition && !(kind === 'when' && isReplaced(condition)) && !admits(condition, event)) return condition;
  }
  return undefined;
}

/** Whether the runner replaces part of an included text. The server, which evaluates `trigger`, does not. */
function isReplaced({ include }: Condition): boolean {
  return include.some(({ value }) => value.includes('${'));
}

/** Why no event that starts a pipeline reaches one of its steps; undefined if some may. */
function whyNever(pipeline: Reach, trigger: Conditions | undefined, when: Conditions): Why | undefined {
  const block: Block = { kind: 'when', conditions: when };
  for (const name of whenConditions) {
    const condition = when.conditions.get(name);
    if (!condition || isReplaced(condition)) continue;
    if (choosingConditions.includes(name) && contradicts(trigger?.conditions.get(name), condition))
      return because(say`"${name}" of "when" admits nothing that "${name}" of "trigger" admits`, condition.at);
    if ([...pipeline.events].every((event) => !admits(condition, event)))
      return because(say`"${name}" of "when" admits no event that starts the pipeline`, condition.at);
  }
  return [...pipeline.events].every((event) => refusing(block, event))
    ? because(say`"when" admits no event that starts the pipeline`, when.keyAt)
    : undefined;
}

/**
 * Whether two conditions on one value exclude each other: one admits a few texts, and the other none of them. Both see
 * the same build, so this holds at every event.
 */
function contradicts(one: Condition | undefined, other: Condition): boolean {
  if (!filters(one) || !filters(other)) return false;
  const pairs = (one.include.length + one.exclude.length) * (other.include.length + other.exclude.length);
  if (pairs > maxPairs) return false;
  const fewOf = ({ include }: Condition): boolean =>
    include.length > 0 && include.every(({ value }) => isLiteral(value));
  const noneOf = ({ include }: Condition): boolean =>
    include.every(({ value }) => !(matches(one, value) && matches(other, value)));
  return (fewOf(one) && noneOf(one)) || (fewOf(other) && noneOf(other));
}

type Why = Pick<Reach, 'reason' | 'because'>;

function because(reason: Text, at: Location | undefined): Why {
  return at ? { reason, because: at } : { reason };
}

const refusals: Readonly<Record<string, Text>> = {
  event: say`keeps pull requests out`,
  ref: say`admits no ref of a pull request`,
  cron: say`names a cron job, and a pull request has none`,
  target: say`names a promotion target, and a pull request has none`,
  action: say`admits no action of a pull request`,
  branch: say`cannot match any branch`,
  repo: say`cannot match any repository`,
  instance: say`cannot match any server`,
};

function whyClosed(block: Block, reached: ReadonlySet<DroneEvent>): Why {
  const condition = refusing(block, 'pull_request');
  if (!condition) return { reason: say`pull requests are kept out` };
  const why = refusals[condition.name] ?? say`keeps pull requests out`;
  const others = reached.size === 0 ? ', and no other event gets here either' : '';
  return because(say`"${condition.name}" of "${ownWords(block.kind)}" ${why}${ownWords(others)}`, condition.at);
}

/** Why a pull request gets here: the condition that lets it in, or what is missing. */
function whyOpen(blocks: readonly Block[]): Why {
  const find = (name: string): { condition: Condition; block: Block } | undefined => {
    for (const block of [...blocks].reverse()) {
      const condition = block.conditions?.conditions.get(name);
      if (condition) return { condition, block };
    }
    return undefined;
  };
  const event = find('event');
  if (event && filters(event.condition)) {
    const { condition, block } = event;
    const named = condition.include.find(({ value }) => matchGlob(value, 'pull_request') === 'match');
    if (named) return because(say`"event" of "${ownWords(block.kind)}" names pull_request`, named.at);
    return because(say`"event" of "${ownWords(block.kind)}" excludes other events, but not pull_request`, condition.at);
  }
  if (event)
    return because(
      say`"event" of "${ownWords(event.block.kind)}" holds nothing that Drone accepts as a filter`,
      event.condition.at,
    );
  const ref = find('ref');
  if (ref && filters(ref.condition)) {
    const named = ref.condition.include.find(({ value }) =>
      pullRequestRefs.some((family) => matchersOf(family).may(value)),
    );
    return because(say`"ref" of "${ownWords(ref.block.kind)}" admits pull requests`, named?.at ?? ref.condition.at);
  }
  const branch = find('branch');
  if (branch && filters(branch.condition))
    return because(say`no event filter, and "branch" names the base branch of a pull request`, branch.condition.at);
  const written = blocks.find((block) => block.conditions);
  if (!written) return { reason: say`no conditions, so every event gets here` };
  return because(say`no condition keeps pull requests out`, written.conditions?.keyAt);
}
