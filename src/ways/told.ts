import { groupedBy } from '../model/groups.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import { type Location, lineOf } from '../model/source.ts';
import { joinTexts, type Masked, say, type Text } from '../model/text.ts';
import {
  placeByWorth,
  type ToldChange,
  type ToldStep,
  type ToldWay,
  type ToldWays,
  type WayPlace,
} from '../model/ways.ts';
import { weigh } from './cut.ts';
import type { EdgeId } from './edge-ids.ts';
import { edges } from './edges/index.ts';
import type { Change, Step } from './graph.ts';
import { isMachine, type Position, positions } from './states.ts';
import { type Relation, type Ways, weakest } from './ways.ts';

/** What masks the texts of a source. */
export type MaskAll = (source: string) => { readonly all: <T>(value: T) => Masked<T> };

const doesBy: ReadonlyMap<EdgeId, string> = new Map(edges.map(({ id, does }) => [id, does]));

/** Ways as reports tell them; `first` is the source whose mask is for what has no place. */
export function told({ relations, aim, cut }: Ways, first: string, maskOf: MaskAll): Masked<ToldWays> {
  const place = (at: Location | undefined): { place?: WayPlace } =>
    at ? { place: { file: at.source.name, line: lineOf(at) } } : {};
  const mask = <T>(value: T, at: Location | undefined): Masked<T> => maskOf(at?.source.name ?? first).all(value);
  // It is made of names that were read.
  const named = memoize((asset): string => mask(say`${asset}`, undefined));
  const runners = relations.flatMap(({ to }) => (to.startsWith('network:') ? [to.slice('network:'.length)] : []));
  const changes = folded(cut.changes, runners);
  const numbers = new Map(changes.flatMap(({ keys }, index) => keys.map((key) => [key, index + 1] as const)));
  const numbersOf = memoizePer((together: readonly Change[]): readonly number[] => {
    const found = together.flatMap(({ key }) => numbers.get(key) ?? []);
    return found.length < together.length ? [] : found;
  });
  const cutBy = ({ closers = [], together }: Step): readonly number[] => {
    const own = closers.flatMap(({ key }) => numbers.get(key) ?? []);
    return together && together.length > 0 ? united(own, numbersOf(together)) : own;
  };
  // Most ways have their first steps in common.
  const visible = visibleSteps(cutBy);
  const stepOf = memoizePer(
    ({ edge, why, certainty, at, closers = [], gives, cutBy }: VisibleStep): Masked<ToldStep> => {
      const [fix] = closers.toSorted((a, b) => weigh([a]) - weigh([b]));
      const chosen = closers.find(({ key }) => numbers.has(key));
      const told = chosen ?? fix;
      const step = mask(
        {
          ...{ edge, does: doesBy.get(edge) ?? '', why, certainty: certainty === 'closed' ? 'unknown' : certainty },
          ...place(at),
          ...(told ? { fix: told.what, ...(told.rule ? { rule: told.rule } : {}) } : {}),
          ...(chosen ? { isCut: true } : {}),
          ...(cutBy.length > 0 ? { cutBy } : {}),
        } as ToldStep,
        at,
      );
      return { ...step, gives: named(gives) };
    },
  );
  const keysOf = memoizePer((step: Step): string =>
    JSON.stringify([step.edge, (step.closers ?? []).map(({ key }) => key).sort()]),
  );
  const changeOf = ({ edge, kind, what, at, rule, caution }: Change): Masked<ToldChange> =>
    mask({ edge, kind, what, ...place(at), ...(rule ? { rule } : {}), ...(caution ? { caution } : {}) }, at);

  const groups = new Map<string, number>();
  const groupOf = (from: Position, steps: readonly Step[], act = ''): number => {
    const key = [from, act, ...steps.map(keysOf)].join();
    const known = groups.get(key) ?? groups.size + 1;
    groups.set(key, known);
    return known;
  };
  const wayOf = ({ from, to }: Relation, steps: readonly Step[], act?: string): Masked<ToldWay> => ({
    ...{ from, to: named(to), certainty: weakest(steps), steps: visible(steps).map(stepOf) },
    ...(act === undefined ? {} : { if: act }),
    group: groupOf(from, steps, act),
  });

  const open = relations.filter(({ is }) => is === 'open');
  const ways = [
    ...open.map((relation) => wayOf(relation, relation.steps)),
    ...relations.flatMap((relation) =>
      relation.is === 'open' || relation.is === 'by design'
        ? []
        : relation.acts.map(({ act, steps }) => wayOf(relation, steps, act)),
    ),
  ];
  const left = cut.left.map(([from, to]) => ({ from: from.replace(/^position /, ''), to: named(to) }));
  const aimedFrom = new Set<string>(aim.from);
  const aimedTo = new Set(aim.to.map(named));
  const stays = new Set(left.map(({ from, to }) => `${from} ${to}`));
  const closes = new Set(
    ways.flatMap(({ from, to, if: act, group }) =>
      act === undefined && aimedFrom.has(from) && aimedTo.has(to) && !stays.has(`${from} ${to}`) ? [group] : [],
    ),
  );
  return {
    ways: ways.toSorted((a, b) => order(a) - order(b)),
    closed: relations.flatMap(({ from, to, is, by, closing: [step] }) =>
      by && (is === 'closed' || is === 'if') ? [{ from, to: named(to), by: mask<Text>(by, step?.at) }] : [],
    ),
    notKnown: relations.flatMap(({ from, to, is, steps }) => {
      const step = steps.find(({ certainty }) => certainty === 'unknown');
      return is === 'not known' && step ? [{ from, to: named(to), because: mask<Text>(step.why, step.at) }] : [];
    }),
    cut: {
      changes: changes.map(({ change }) => changeOf(change)),
      closes: closes.size,
      isSmallest: cut.isSmallest,
      left,
    },
    matrix: relations.map(({ from, to, is }) => ({ from, to: named(to), is })),
  };
}

/** How many repositories are named that the same is to be done for; of more, the first stands for all. */
const mostNamed = 20;
/** The same of runners that are to take no pull requests any more. */
const mostRunners = 3;
const limitsEvents = 'limit events ';

/** A change as it is told, with the keys of those that it stands for. */
interface Folded {
  readonly change: Change;
  readonly keys: readonly string[];
}

/** Changes as they are told; `runners`: the names of all runners. */
function folded(changes: readonly Change[], runners: readonly string[]): readonly Folded[] {
  const alike = groupedBy(changes, ({ kind, edge, key }) =>
    kind === 'repository' ? edge : key.startsWith(limitsEvents) ? limitsEvents : key,
  );
  return [...alike].flatMap(([kind, group]) => {
    const [first] = group;
    if (kind === limitsEvents) return withoutPullRequests(group, runners);
    if (!first || group.length <= mostNamed) return group.map((change) => ({ change, keys: [change.key] }));
    const what = say`${first.what}, and do the same for ${group.length - 1} more like it`;
    return [{ change: { ...first, what }, keys: group.map(({ key }) => key) }];
  });
}

/** The changes that keep pull requests from runners; where these are all runners, that is what has to be said. */
function withoutPullRequests(group: readonly Change[], runners: readonly string[]): readonly Folded[] {
  const names = new Set(group.map(({ key }) => key.slice(limitsEvents.length)));
  const isAll = group.length > 1 && runners.every((each) => names.has(each));
  const caution = isAll ? { caution: say`then no runner builds pull requests: give them one of their own` } : {};
  const [first] = group;
  if (!first || (group.length <= mostRunners && !isAll)) return group.map((change) => ({ change, keys: [change.key] }));
  const more = group.length - 1;
  const what = say`set DRONE_LIMIT_EVENTS of ${first.key.slice(limitsEvents.length)} and ${more} more ${more === 1 ? 'runner' : 'runners'} to events without pull_request`;
  return [{ change: { ...first, what, ...caution }, keys: group.map(({ key }) => key) }];
}

/** A step as it is told, with where it ends and which changes of the cut rule it out. */
interface VisibleStep extends Step {
  readonly gives: string;
  readonly cutBy: readonly number[];
}

/**
 * Tells the steps of a way that are told: each with the changes that its silent parts lose to, and, where these are less sure, with
 * what they say. The same for the same steps, since most ways begin alike.
 */
function visibleSteps(cutBy: (step: Step) => readonly number[]): (steps: readonly Step[]) => readonly VisibleStep[] {
  const alone = memoizePer((step: Step): VisibleStep => ({ ...step, gives: step.to, cutBy: cutBy(step) }));
  const withPart = memoizePer((step: VisibleStep) =>
    memoizePer((part: Step): VisibleStep => {
      const closers = [...(step.closers ?? []), ...(part.closers ?? [])];
      const isLess = weakest([step, part]) !== weakest([step]);
      const told = isLess ? { certainty: part.certainty, why: part.why, ...(part.at ? { at: part.at } : {}) } : {};
      const why = part.adds && !isLess ? { why: joinTexts([step.why, part.adds], ', ') } : {};
      const ends = {
        gives: isMachine(part.to) ? step.gives : part.to,
        cutBy: united(step.cutBy, cutBy(part)),
      };
      return { ...step, ...told, ...why, closers, ...ends };
    }),
  );
  return (steps) => {
    const shown: VisibleStep[] = [];
    for (const step of steps) {
      const last = shown.at(-1);
      if (!step.silent) shown.push(alone(step));
      else if (last) shown[shown.length - 1] = withPart(last)(step);
    }
    return shown;
  };
}

function united(some: readonly number[], others: readonly number[]): readonly number[] {
  if (others.length === 0) return some;
  return [...new Set([...some, ...others])].sort((a, b) => a - b);
}

/** What is worth the most first; of that what is surest, who needs the least, and the shortest. */
function order({ from, to, certainty, steps, if: act }: Masked<ToldWay>): number {
  const doubt = certainty === 'seen' ? 0 : 1;
  const who = (positions as readonly string[]).indexOf(from);
  const asset = placeByWorth(to) * 2 + doubt;
  return (act === undefined ? 0 : 1_000_000) + asset * 10_000 + who * 100 + Math.min(steps.length, 99);
}
