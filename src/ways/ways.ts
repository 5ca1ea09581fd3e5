import { addTo } from '../model/groups.ts';
import { once } from '../model/memoize.ts';
import type { Context } from '../model/rule.ts';
import { joinTexts, ownWords, say, type Text, textKey } from '../model/text.ts';
import { type Cut, cutOf } from './cut.ts';
import { edges } from './edges/index.ts';
import { type Act, type Certainty, Graph, type Reached, type Step } from './graph.ts';
import { isAsset, type Position, position, positions } from './states.ts';
import { type View, viewOf } from './view.ts';

/* From who can start to what they get. */

/** A way that can be gone, by the shortest of its kind. */
export interface Way {
  readonly from: Position;
  readonly to: string;
  readonly certainty: Exclude<Certainty, 'unknown'>;
  readonly steps: readonly Step[];
}

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
  readonly positions: readonly Position[];
  readonly assets: readonly string[];
  readonly relations: readonly Relation[];
  /** Between which of them the cut is sought. */
  readonly aim: { readonly from: readonly Position[]; readonly to: readonly string[] };
  readonly cut: Cut;
}

/** Who has nothing to begin with, and is not expected to have a way. */
export const outsiders: readonly Position[] = ['network', 'scm-account', 'fork-author', 'neighbour'];

/** Whose ways are what Drone is made for. */
const insiders: ReadonlySet<Position> = new Set(['writer', 'repo-admin']);
/** Assets that every build is meant to reach. */
const openByDesign = /^network:/;

/** Between which positions and assets the cut is sought: by default from all outsiders to all assets. */
export interface Chosen {
  readonly from?: readonly Position[];
  readonly to?: (asset: string) => boolean;
}

export function waysOf(context: Context, hitsOf: View['hitsOf'], chosen: Chosen = {}): Ways {
  const view = viewOf(context, hitsOf);
  const steps = edges.flatMap((edge) => [...edge.steps(view)].map((step): Step => ({ edge: edge.id, ...step })));
  const graph = new Graph(steps);
  const assets = [...new Set(steps.flatMap(({ from, to }) => [from, to]).filter(isAsset))].sort();
  const relations = positions.flatMap((from) => relationsOf(from, assets, graph));
  const from = chosen.from ?? outsiders;
  const to = assets.filter((asset) => !openByDesign.test(asset) && (chosen.to?.(asset) ?? true));
  const cut = cutOf({ graph, from: from.map(position), to, isOpen });
  return { positions, assets, relations, aim: { from, to }, cut };
}

/** Whether a step can be taken, as far as is known, without anybody's help. */
function isOpen({ certainty, act }: Step): boolean {
  return (certainty === 'seen' || certainty === 'assumed') && act === undefined;
}

function relationsOf(from: Position, assets: readonly string[], graph: Graph): readonly Relation[] {
  const start = position(from);
  if ([...graph.from(start)].length === 0) return [];
  const reach = (may: (step: Step) => boolean): Reached => graph.shortest(start, may);
  const seen = reach((step) => isOpen(step) && step.certainty === 'seen' && !step.later);
  const soon = reach((step) => isOpen(step) && !step.later);
  const open = reach(isOpen);
  const maybe = reach(({ certainty, act, vague }) => certainty !== 'closed' && act === undefined && !vague);
  const vague = vagueEnds(maybe, graph);
  const acts: readonly Act[] = ['approve', 'promote', 'restart with debug'];
  const helped = acts.map((act) => [act, reach((step) => isOpen(step) || (isSure(step) && step.act === act))] as const);

  const closings = once(() =>
    closingsOf(
      assets.filter((asset) => !maybe.has(asset) && !vague.has(asset)),
      maybe,
      graph,
    ),
  );
  return assets.map((to): Relation => {
    const isDesigned = insiders.has(from) || openByDesign.test(to);
    const shared = { from, to, acts: [], closing: [] } as const;
    const reached = [soon, open].find((each) => each.has(to));
    if (reached) {
      const isSeen = seen.has(to) && seen.lengthOf(to) === reached.lengthOf(to);
      const steps = (isSeen ? seen : reached).wayTo(to);
      return { ...shared, is: isDesigned ? 'by design' : 'open', steps, certainty: weakest(steps) };
    }
    const withHelp = helped.flatMap(([act, each]) => (each.has(to) ? [{ act, steps: each.wayTo(to) }] : []));
    const last = vague.get(to);
    if (maybe.has(to) || last) {
      const steps = last && !maybe.has(to) ? [...maybe.wayTo(last.from), last] : maybe.wayTo(to);
      return { ...shared, is: 'not known', steps, certainty: 'unknown', acts: withHelp };
    }
    const closing = closings().get(to) ?? [];
    return {
      ...{ from, to, steps: [], acts: withHelp, closing },
      is: withHelp.length > 0 ? 'if' : 'closed',
      by: closing.length === 0 ? say`no step leads there` : reasonOf(closing),
    };
  });
}

/** Assets that one more step leads to of which nothing is known, by that step. */
function vagueEnds(reached: Reached, graph: Graph): ReadonlyMap<string, Step> {
  const found = new Map<string, Step>();
  for (const state of reached.states())
    for (const step of graph.from(state))
      if (step.vague && step.certainty === 'unknown' && isAsset(step.to) && !found.has(step.to))
        found.set(step.to, step);
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
 * For each asset, the ruled-out steps that are the nearest to it of all that begin where somebody can get to. Each end of such
 * a step is looked from once.
 */
function closingsOf(assets: readonly string[], reached: Reached, graph: Graph): ReadonlyMap<string, readonly Step[]> {
  const byEnd = new Map<string, Step[]>();
  for (const state of reached.states())
    for (const step of graph.from(state)) if (step.certainty === 'closed') addTo(byEnd, step.to, step);
  const nearest = new Map<string, { distance: number; readonly steps: Map<string, Step> }>();
  for (const [end, steps] of byEnd) {
    const beyond = graph.shortest(end, ({ act }) => act === undefined);
    for (const asset of assets) {
      const distance = beyond.lengthOf(asset);
      const known = nearest.get(asset);
      if (distance === undefined || (known && known.distance < distance)) continue;
      const entry = known?.distance === distance ? known : { distance, steps: new Map<string, Step>() };
      nearest.set(asset, entry);
      for (const step of steps) {
        const key = `${step.edge} ${textKey(step.why)}`;
        if (!entry.steps.has(key)) entry.steps.set(key, step);
      }
    }
  }
  return new Map([...nearest].map(([asset, { steps }]) => [asset, [...steps.values()]]));
}

function reasonOf(closing: readonly Step[]): Text {
  return joinTexts(
    closing.map(({ edge, why }) => say`${ownWords(edge)}: ${why}`),
    '; ',
  );
}
