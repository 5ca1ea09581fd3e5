import { groupedBy } from '../model/groups.ts';
import { once } from '../model/memoize.ts';
import type { Context } from '../model/rule.ts';
import { joinTexts, ownWords, say, type Text, textKey } from '../model/text.ts';
import { outsiders } from '../model/ways.ts';
import { type Cut, cutOf } from './cut.ts';
import type { UnnamedStep } from './edge.ts';
import { edges } from './edges/index.ts';
import { type Act, type Certainty, Graph, mostMarks, type Reached, type Step } from './graph.ts';
import { isAsset, type Position, position, positions } from './states.ts';
import { type View, viewOf } from './view.ts';

/* From who can start to what they get. */

/** How things stand between a position and an asset. */
export interface Relation {
  readonly from: Position;
  readonly to: string;
  readonly is: 'open' | 'by design' | 'if' | 'not known' | 'closed';
  /** The way, if there is one. */
  readonly steps: readonly Step[];
  readonly certainty?: Certainty;
  /** The acts of people that open it, each with its way. */
  readonly acts: readonly { readonly act: Act; readonly steps: readonly Step[] }[];
  /** What rules it out. */
  readonly by?: Text;
  readonly closing: readonly Step[];
}

export interface Ways {
  readonly relations: readonly Relation[];
  /** Between which of them the cut is sought. */
  readonly aim: { readonly from: readonly Position[]; readonly to: readonly string[] };
  readonly cut: Cut;
}

/** Whose ways are what Drone is made for, but to what none of their builds is meant to have: there they are let in further. */
const insiders: ReadonlySet<Position> = new Set(['writer', 'repo-admin']);
const beyondInsiders = /^(?:server|database|extension:.*)$/;
/** Assets that every build is meant to reach. */
const openByDesign = /^network:/;

/** Between which positions and assets the cut is sought: by default from all outsiders to all assets. */
export interface Chosen {
  readonly from?: readonly Position[];
  readonly to?: (asset: string) => boolean;
}

export function waysOf(context: Context, hitsOf: View['hitsOf'], chosen: Chosen = {}): Ways {
  const view = viewOf(context, hitsOf);
  const steps = stepsOf(view);
  const graph = new Graph(steps);
  const assets = graph.states.filter(isAsset).sort();
  const layers = layersOf(graph);
  const relations = positions.flatMap((from) => relationsOf(from, assets, layers));
  const from = chosen.from ?? outsiders;
  const to = assets.filter((asset) => !openByDesign.test(asset) && (chosen.to?.(asset) ?? true));
  const cut = cutOf({ graph, from: from.map(position), to, isOpen });
  return { relations, aim: { from, to }, cut };
}

/** The steps of all edges. */
export function stepsOf(view: View): readonly Step[] {
  return edges.flatMap(({ id, steps }) => Array.from(steps(view), (step): Step => withEdge(step, id)));
}

function withEdge(step: UnnamedStep, edge: Step['edge']): Step {
  return isNamed(step) ? step : { edge, ...step };
}

function isNamed(step: UnnamedStep): step is Step {
  return step.edge !== undefined;
}

/** The steps that are open to who goes one way or another. */
interface Layers {
  readonly all: Graph;
  readonly seen: Graph;
  /** Open ones without waiting for what others do. */
  readonly soon: Graph;
  readonly open: Graph;
  /** Those of which it is not known, too. */
  readonly maybe: Graph;
  readonly vague: Graph;
  /** Open ones, and those that an act opens. */
  readonly helped: readonly Helped[];
  readonly closed: Graph;
  /** Those that would be left to go once one is no longer ruled out, without pushes with a credential that was got. */
  readonly direct: Graph;
  /** The same, and those that are ruled out too. */
  readonly withoutPush: Graph;
  /** All but those that wait for an act. */
  readonly beyond: Graph;
}

/** The steps that are open once somebody acts. */
interface Helped {
  readonly act: Act;
  /** Those without waiting for what others do. */
  readonly soon: Graph;
  readonly open: Graph;
}

function withAct(sure: Graph, act: Act): Helped {
  const open = sure.only((step) => step.act === undefined || step.act === act);
  return { act, open, soon: open.only(({ later }) => !later) };
}

const acts: readonly Act[] = ['approve', 'promote', 'restart with debug'];

function layersOf(all: Graph): Layers {
  const open = all.only(isOpen);
  const soon = open.only(({ later }) => !later);
  const sure = all.only(isSure);
  const withoutPush = all.only(({ act, edge }) => act === undefined && edge !== 'token-writer');
  return {
    ...{ all, open, soon },
    seen: soon.only(({ certainty }) => certainty === 'seen'),
    maybe: all.only(({ certainty, act, vague }) => certainty !== 'closed' && act === undefined && !vague),
    vague: all.only(({ certainty, vague, to }) => vague === true && certainty === 'unknown' && isAsset(to)),
    helped: acts.flatMap((act) => (sure.only((step) => step.act === act).size === 0 ? [] : [withAct(sure, act)])),
    closed: all.only(({ certainty }) => certainty === 'closed'),
    direct: withoutPush.only(({ certainty }) => certainty !== 'closed'),
    withoutPush,
    beyond: all.only(({ act }) => act === undefined),
  };
}

/** Whether a step can be taken, as far as is known, without anybody's help. */
function isOpen(step: Step): boolean {
  return isSure(step) && step.act === undefined;
}

function relationsOf(from: Position, assets: readonly string[], layers: Layers): readonly Relation[] {
  const start = position(from);
  if ([...layers.all.from(start)].length === 0) return [];
  const seen = layers.seen.shortest(start);
  const soon = layers.soon.shortest(start);
  const open = layers.open.shortest(start);
  const maybe = layers.maybe.shortest(start);
  const vague = vagueEnds(maybe, layers);
  const helped = layers.helped.map((each) => ({
    ...{ act: each.act, soon: each.soon.shortest(start), open: each.open.shortest(start) },
  }));

  const closings = once(() => closingsOf(maybe, layers));
  return assets.map((to): Relation => {
    const isDesigned = openByDesign.test(to) || (insiders.has(from) && !beyondInsiders.test(to));
    const shared = { from, to, acts: [], closing: [] } as const;
    const reached = [soon, open].find((each) => each.has(to));
    if (reached) {
      const isSeen = seen.has(to) && seen.lengthOf(to) === reached.lengthOf(to);
      const steps = (isSeen ? seen : reached).wayTo(to);
      return { ...shared, is: isDesigned ? 'by design' : 'open', steps, certainty: weakest(steps) };
    }
    const withHelp = helped.flatMap(({ act, ...ways }) => {
      const way = [ways.soon, ways.open].find((each) => each.has(to));
      return way ? [{ act, steps: way.wayTo(to) }] : [];
    });
    const last = vague.get(to);
    if (maybe.has(to) || last) {
      const steps = last && !maybe.has(to) ? [...maybe.wayTo(last.from), last] : maybe.wayTo(to);
      return { ...shared, is: 'not known', steps, certainty: 'unknown', acts: withHelp };
    }
    const closing = closings()(to);
    return {
      ...{ from, to, steps: [], acts: withHelp, closing },
      is: withHelp.length > 0 ? 'if' : 'closed',
      by: closing.length === 0 ? say`no step leads there` : reasonOf(closing),
    };
  });
}

/** Assets that one more step leads to of which nothing is known, by that step. */
function vagueEnds(reached: Reached, { vague }: Layers): ReadonlyMap<string, Step> {
  const found = new Map<string, Step>();
  for (const step of vague.beyond(reached)) if (!found.has(step.to)) found.set(step.to, step);
  return found;
}

function isSure({ certainty }: Step): boolean {
  return certainty === 'seen' || certainty === 'assumed';
}

/** The certainty of a way: that of its least sure step. */
export function weakest(steps: readonly Step[]): Certainty {
  if (steps.some(({ certainty }) => certainty === 'unknown')) return 'unknown';
  return steps.some(({ certainty }) => certainty === 'assumed') ? 'assumed' : 'seen';
}

/**
 * For each asset, the ruled-out steps that are the nearest to it of all that begin where somebody can get to; of those that say
 * the same, the first.
 */
function closingsOf(
  reached: Reached,
  { closed, direct, withoutPush, beyond }: Layers,
): (asset: string) => readonly Step[] {
  const byEnd = groupedBy(closed.beyond(reached), ({ to }) => to);
  const steps = [...byEnd.values()].flat().map((step) => toldWith(step, reached));
  const kinds = steps.map(({ edge, why }) => `${edge} ${textKey(why)}`);
  const marked = groupedBy(steps.keys(), (number) => steps[number]?.to ?? '');
  const nearestIn = (graph: Graph) => once(() => graph.nearest(marked, (mark) => kinds[mark] ?? ''));
  // A reason is understood where nothing else is in the way, and where nobody has to push with what they got.
  const choices = [direct, withoutPush, beyond].map(nearestIn);
  return (asset) => {
    const nearest = choices.find((each) => each().has(asset));
    const found =
      nearest?.()
        .get(asset)
        ?.flatMap((mark) => steps[mark] ?? []) ?? [];
    return nearest === choices[2] ? found.map(toPush) : found;
  };
}

/** What rules out a credential, where it is one to push with. */
function toPush(step: Step): Step {
  return step.to.startsWith('clone-credential:') ? { ...step, why: say`${step.why}, with which to push` } : step;
}

/** A silent step as one of the edge that it is told with, which is the last one on the way there unless that has its own. */
function toldWith(step: Step, reached: Reached): Step {
  if (!step.silent) return step;
  let last: Step | undefined;
  for (const before of reached.backFrom(step.from)) {
    if (before.silent) continue;
    if (before.edge === step.edge) return step;
    last ??= before;
  }
  return last?.edge === 'admin-all' ? { ...step, edge: last.edge } : step;
}

function reasonOf(closing: readonly Step[]): Text {
  // What rules out several steps is told with the first of them.
  const [...firsts] = new Map([...closing].reverse().map((step) => [textKey(step.why), step])).values();
  const told = firsts
    .reverse()
    .slice(0, mostMarks)
    .map(({ edge, why }) => say`${ownWords(edge)}: ${why}`);
  return joinTexts([...told, ...(closing.length > mostMarks ? [say`and others`] : [])], '; ');
}
