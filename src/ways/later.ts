import { addTo, groupedBy } from '../model/groups.ts';
import { memoizePer } from '../model/memoize.ts';
import type { DroneEvent, Pipeline } from '../model/pipeline.ts';
import { say, type Text } from '../model/text.ts';
import type { UnnamedStep } from './edge.ts';
import type { EdgeId } from './edge-ids.ts';
import { group, laterBuilds } from './states.ts';
import { demandsOf, runnersFor, type Taker, takersOf } from './taking.ts';
import type { Runner, SeenRepository, View } from './view.ts';

/* Builds that come to a runner later, and have to do with nobody's pull request. */

/** Events at which a pull request has no part. */
const otherEvents: readonly DroneEvent[] = ['push', 'tag', 'promote', 'rollback', 'cron', 'custom'];

/** Whether a pipeline runs at other events than pull requests; one that a script makes may. */
export function isOfOtherEvents({ reach, script }: Pipeline): boolean {
  return script !== undefined || isAtOtherEvents(reach);
}

export function isAtOtherEvents({ events }: Pipeline['reach']): boolean {
  return otherEvents.some((event) => events.has(event));
}

/** Builds of a repository that the same runners serve: what they are given there is the same on all of these. */
export interface Later {
  readonly repository: SeenRepository;
  readonly pipelines: readonly Pipeline[];
  /** Their state. */
  readonly to: string;
  /** The runners that serve them, with what these say to a push. */
  readonly takers: readonly Taker[];
  /** Whether there are any. */
  readonly isReached: boolean;
  /** The same where runners and answers are. */
  readonly place: string;
}

/** The later builds of all repositories. */
export const laterIn = memoizePer((view: View): readonly Later[] =>
  view.repositories.flatMap((repository) =>
    servedIn(view)(repository.pipelines).map(({ number, runners, places }): Later => {
      const pipelines = repository.pipelines.filter((_, index) => places.has(index));
      const takers = takersOf({ repository, start: 'push' }, view, pipelines);
      const isReached = pipelines.some(isOfOtherEvents);
      return {
        ...{ repository, pipelines, isReached, to: laterBuilds(repository, pipelines) },
        takers: takers.all.filter(({ runner }) => runners.has(runner)),
        place: `${isReached ? 'later' : 'no'} builds ${number} ${takers.number}`,
      };
    }),
  ),
);

/** An edge that leads to later builds. */
interface Leading {
  readonly edge: EdgeId;
  /** What is added to the reason of a step for the builds of one repository. */
  readonly addsFor: (repository: SeenRepository) => Text;
  /** The steps that begin at a runner, and where those builds do come to it or not. */
  readonly stepsAt: (taker: Taker, isReached: boolean) => Iterable<Omit<UnnamedStep, 'to'>>;
}

/** The steps of such an edge. Builds that come to the same runners share a state: there is none for each repository and runner. */
export function* toLaterBuilds(view: View, { edge, addsFor, stepsAt }: Leading): Iterable<UnnamedStep> {
  const made = new Set<string>();
  for (const { repository, to, takers, isReached, place } of laterIn(view)) {
    const shared = group(`${edge} ${place}`);
    if (!made.has(shared))
      for (const taker of takers) for (const step of stepsAt(taker, isReached)) yield { ...step, edge, to: shared };
    made.add(shared);
    yield { edge, from: shared, to, certainty: 'seen', why: say``, adds: addsFor(repository), silent: true };
  }
}

interface Served {
  readonly number: number;
  readonly runners: ReadonlySet<Runner>;
  readonly places: ReadonlySet<number>;
}

/** The places in a list of pipelines, by the runners that serve exactly these; most repositories demand the same. */
const servedIn = memoizePer((view: View) => {
  const known = new Map<string, readonly Served[]>();
  let number = 0;
  return (pipelines: readonly Pipeline[]): readonly Served[] => {
    const asked = pipelines.map(demandsOf).join('\n');
    const found = known.get(asked);
    if (found) return found;
    const byRunner = new Map<Runner, number[]>();
    for (const [index, pipeline] of pipelines.entries())
      for (const runner of runnersFor(pipeline, view)) addTo(byRunner, runner, index);
    const served = [...groupedBy(byRunner, ([, places]) => places.join()).values()].map(
      (alike): Served => ({
        ...{ number: number++, runners: new Set(alike.map(([runner]) => runner)) },
        places: new Set(alike[0]?.[1]),
      }),
    );
    known.set(asked, served);
    return served;
  };
});
