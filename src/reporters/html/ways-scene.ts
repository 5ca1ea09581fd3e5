import { addTo } from '../../model/groups.ts';
import type { Masked } from '../../model/text.ts';
import type { ToldWay, ToldWays } from '../../model/ways.ts';
import { type Named, positionNamed, stateNamed } from '../way-words.ts';
import { outsidersWays } from '../ways.ts';

/** Somebody, what they have between, or what they get: one of its kind, or several that are drawn as one. */
export interface WayBox extends Omit<Named, 'name'> {
  /** The names of all that it stands for. */
  readonly names: readonly string[];
  /** The positions and states that it stands for. */
  readonly holds: ReadonlySet<string>;
  /** How many ways lead through it or end there. */
  readonly ways: number;
}

/** The steps from one box to another. */
export interface WayArrow {
  readonly from: number;
  readonly to: number;
  readonly edges: readonly string[];
  /** Whether something that was read says so of one of them. */
  readonly isSeen: boolean;
  /** The changes of the cut that rule them out. */
  readonly cutBy: readonly number[];
  /** Whether each of them is ruled out. */
  readonly isCut: boolean;
}

/** What the picture of ways shows, before it has places: no arrow leads back to where a way came from. */
export interface WaysScene {
  readonly boxes: readonly WayBox[];
  readonly arrows: readonly WayArrow[];
  readonly ways: number;
  /** How many ways it does not show to their end. */
  readonly undrawn: number;
}

/** A picture of more boxes is not read. */
export const mostBoxes = 26;
/** How often a state is drawn once more, because a way comes back to it. */
const mostAgain = 4;

interface GrowingBox extends Omit<Named, 'name'> {
  readonly names: Set<string>;
  readonly holds: Set<string>;
  ways: number;
}

interface GrowingArrow {
  readonly from: number;
  readonly to: number;
  readonly edges: Set<string>;
  readonly cutBy: Set<number>;
  isSeen: boolean;
  isCut: boolean;
}

/** The open ways of outsiders, folded; undefined where there are none. */
export function waysSceneOf(told: Masked<ToldWays>): WaysScene | undefined {
  const ways = outsidersWays(told);
  if (ways.length === 0) return undefined;
  const drawing = new Drawing(ways);
  for (const way of ways) drawing.add(way);
  return drawing.scene;
}

class Drawing {
  private readonly boxes: GrowingBox[] = [];
  private readonly byKey = new Map<string, number[]>();
  private readonly arrows = new Map<number, GrowingArrow>();
  /** By box, where its arrows lead. */
  private readonly next: Set<number>[] = [];
  private readonly named = new Map<string, Named>();
  private readonly foldedKinds: ReadonlySet<string>;
  private readonly amount: number;
  private again = 0;
  private undrawn = 0;

  constructor(ways: readonly Masked<ToldWay>[]) {
    this.amount = ways.length;
    const byKind = new Map<string, Set<string>>();
    for (const { from, steps } of ways) {
      byKind.set(`position ${from}`, new Set([from]));
      for (const { gives } of steps) {
        const { kind } = this.nameOf(gives);
        const states = byKind.get(kind) ?? new Set();
        byKind.set(kind, states.add(gives));
      }
    }
    this.foldedKinds = kindsToFold([...byKind].map(([kind, names]) => [kind, names.size]));
    this.prefer(ways);
  }

  /** Where steps lead in a circle, that which the fewest ways take is what leads to another box of its kind. */
  private prefer(ways: readonly Masked<ToldWay>[]): void {
    const firsts = new Map<string, number>();
    const amounts = new Map<number, { readonly from: number; readonly to: number; ways: number }>();
    for (const { from, steps } of ways) {
      let at = this.firstBox(from, positionNamed(from));
      for (const { gives } of steps) {
        const to = firsts.get(gives) ?? this.firstBox(gives, this.nameOf(gives));
        firsts.set(gives, to);
        if (to === at) continue;
        const key = pairOf(at, to);
        const arrow = amounts.get(key);
        if (arrow) arrow.ways++;
        else amounts.set(key, { from: at, to, ways: 1 });
        at = to;
      }
    }
    for (const { from, to } of [...amounts.values()].sort((a, b) => b.ways - a.ways))
      if (!this.reaches(to, from)) this.next[from]?.add(to);
  }

  private firstBox(state: string, named: Named): number {
    const key = this.keyOf(state, named);
    const [known] = this.byKey.get(key) ?? [];
    return known ?? this.newBox(key, named);
  }

  private keyOf(state: string, { kind }: Named): string {
    return this.foldedKinds.has(kind) ? kind : `${kind}\n${state}`;
  }

  private newBox(key: string, { name: _, ...named }: Named): number {
    const index = this.boxes.length;
    this.boxes.push({ ...named, names: new Set(), holds: new Set(), ways: 0 });
    this.next.push(new Set());
    addTo(this.byKey, key, index);
    return index;
  }

  private nameOf(state: string): Named {
    const known = this.named.get(state) ?? stateNamed(state);
    this.named.set(state, known);
    return known;
  }

  add({ from, steps }: Masked<ToldWay>): void {
    let at = this.boxFor(from, positionNamed(from), undefined);
    if (at === undefined) return;
    const passed = new Set([at]);
    for (const { gives, edge, certainty, cutBy = [] } of steps) {
      const to = this.boxFor(gives, this.nameOf(gives), at);
      if (to === undefined) {
        this.undrawn++;
        break;
      }
      passed.add(to);
      if (to === at) continue;
      const key = pairOf(at, to);
      const arrow = this.arrows.get(key) ?? {
        ...{ from: at, to, edges: new Set<string>(), cutBy: new Set<number>() },
        ...{ isSeen: false, isCut: true },
      };
      this.arrows.set(key, arrow);
      this.next[at]?.add(to);
      arrow.edges.add(edge);
      for (const number of cutBy) arrow.cutBy.add(number);
      arrow.isSeen ||= certainty === 'seen';
      arrow.isCut &&= cutBy.length > 0;
      at = to;
    }
    for (const index of passed) {
      const box = this.boxes[index];
      if (box) box.ways++;
    }
  }

  /** The box of a state that can be reached from another without a circle; undefined if there are too many already. */
  private boxFor(state: string, named: Named, from: number | undefined): number | undefined {
    const key = this.keyOf(state, named);
    const isAhead = (each: number): boolean =>
      from === undefined || each === from || this.next[from]?.has(each) || !this.reaches(each, from);
    let index = this.byKey.get(key)?.find(isAhead);
    if (index === undefined) {
      if (++this.again > mostAgain) return undefined;
      index = this.newBox(key, named);
    }
    const box = this.boxes[index];
    if (named.name !== '') box?.names.add(named.name);
    box?.holds.add(state);
    return index;
  }

  private reaches(from: number, to: number): boolean {
    const seen = new Set([from]);
    for (const each of seen) {
      if (each === to) return true;
      for (const next of this.next[each] ?? []) seen.add(next);
    }
    return false;
  }

  get scene(): WaysScene {
    const { ways, undrawn } = { ways: this.amount, undrawn: this.undrawn };
    return withAlikeAsOne({
      boxes: this.boxes.map(shown),
      arrows: [...this.arrows.values()].map(drawn),
      ways,
      undrawn,
    });
  }
}

/** A pair of boxes as a number. There are far fewer boxes than this. */
function pairOf(from: number, to: number): number {
  return from * 100_000 + to;
}

function shown({ names, ...box }: GrowingBox): WayBox {
  return { ...box, names: [...names] };
}

function drawn({ edges, cutBy, ...arrow }: GrowingArrow): WayArrow {
  const numbers = [...cutBy].sort((a, b) => a - b);
  return { ...arrow, edges: [...edges], cutBy: numbers, isCut: arrow.isCut && numbers.length > 0 };
}

/** The kinds that are drawn as one box each, so that there are not too many: those of the most first. */
function kindsToFold(kinds: readonly (readonly [kind: string, amount: number])[]): ReadonlySet<string> {
  const folded = new Set<string>();
  let boxes = kinds.reduce((sum, [, amount]) => sum + amount, 0);
  for (const [kind, amount] of kinds.toSorted(([, a], [, b]) => b - a)) {
    if (boxes <= mostBoxes || amount < 2) break;
    folded.add(kind);
    boxes -= amount - 1;
  }
  return folded;
}

/** A scene in which boxes of one kind are one if the same steps lead to them and from them. */
function withAlikeAsOne({ boxes, arrows, ...counts }: WaysScene): WaysScene {
  const around = boxes.map(({ kind }): string[] => [kind]);
  for (const { from, to, edges, cutBy, isCut, isSeen } of arrows) {
    const kind = JSON.stringify([edges, cutBy, isCut, isSeen]);
    around[to]?.push(`from ${from} ${kind}`);
    around[from]?.push(`to ${to} ${kind}`);
  }
  const places = new Map<string, number>();
  const into: number[] = [];
  const united: { names: Set<string>; holds: Set<string>; box: WayBox }[] = [];
  for (const [index, box] of boxes.entries()) {
    const key = around[index]?.toSorted().join('\n') ?? '';
    const place = places.get(key) ?? united.length;
    places.set(key, place);
    into.push(place);
    const there = united[place];
    if (!there) united.push({ names: new Set(box.names), holds: new Set(box.holds), box });
    else {
      for (const name of box.names) there.names.add(name);
      for (const state of box.holds) there.holds.add(state);
      there.box = { ...there.box, ways: there.box.ways + box.ways };
    }
  }
  const kept = new Map<string, WayArrow>();
  for (const arrow of arrows) {
    const ends = { from: into[arrow.from] ?? 0, to: into[arrow.to] ?? 0 };
    kept.set(`${ends.from} ${ends.to}`, { ...arrow, ...ends });
  }
  return {
    ...counts,
    boxes: united.map(({ names, holds, box }) => ({ ...box, names: [...names], holds })),
    arrows: [...kept.values()],
  };
}
