import type { Location } from '../model/source.ts';
import type { Text } from '../model/text.ts';
import type { EdgeId } from './edge-ids.ts';

/** How sure a step is. A way is as sure as the least sure of its steps. */
export type Certainty = 'seen' | 'assumed' | 'unknown';

/** What a person has to do so that a step can be taken. */
export type Act = 'approve' | 'promote' | 'restart with debug';

/** Something that an operator may do, after which the steps that name it are ruled out. */
export interface Change {
  /** The same for the same change, wherever it closes a step. */
  readonly key: string;
  /** The edge that it is meant to close. */
  readonly edge: EdgeId;
  /** `line` of a pipeline, `setting`, `repository` flag, `host` of its own, `architecture`. */
  readonly kind: 'line' | 'setting' | 'repository' | 'host' | 'architecture';
  /** What is to do, as a command to the reader: `set DRONE_REGISTRATION_CLOSED=true`. */
  readonly what: Text;
  /** Where, as far as it is known. */
  readonly at?: Location;
  /** The rule that tells the same, and whose fix has the lines to paste. */
  readonly rule?: string;
  /** Of changes that cost the same, the lower breaks less. */
  readonly breaks: number;
  /** What it does not do, or what it breaks. */
  readonly caution?: Text;
}

/** A step from one state to the next. */
export interface Step {
  readonly edge: EdgeId;
  readonly from: string;
  readonly to: string;
  readonly certainty: Certainty | 'closed';
  /** Why it can be taken; of a closed one, what rules it out. */
  readonly why: Text;
  readonly at?: Location;
  /** Each of these rules it out. */
  readonly closers?: readonly Change[];
  /** All of these together rule it out: one for each of many that may take a build. */
  readonly together?: readonly Change[];
  /** A part of its edge that is told with another. */
  readonly silent?: true;
  /** What a silent one adds to the reason of the step that it is told with. */
  readonly adds?: Text;
  readonly act?: Act;
  /** It waits for what others do later: a build of theirs. */
  readonly later?: true;
  /** Nothing points to it, and nothing against it: as long as it is not known, it leads to its asset and no further. */
  readonly vague?: true;
}

/** A step by the numbers of its states. */
interface Link {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
}

const nothing: Link[] = [];

/** The states and steps of an installation. */
export class Graph {
  private numbers = new Map<string, number>();
  private names: string[] = [];
  /** By state, the steps that begin there. */
  private outgoing: Link[][] = [];

  constructor(steps: Iterable<Step>) {
    for (const step of steps) {
      const link = { step, from: this.numberOf(step.from), to: this.numberOf(step.to) };
      this.outgoing[link.from]?.push(link);
    }
  }

  /**
   * The shortest way to each state that can be reached from one by the steps that `may` be taken, by default all, as its last
   * step. Steps that are silent have no length.
   */
  shortest(from: string, may?: (step: Step) => boolean): Reached {
    return this.search(from, may).reached;
  }

  /** Those of some states that are reached from one by the steps that `may` be taken, and the shortest ways to them. */
  reachedOf(from: string, ends: ReadonlySet<string>, may: (step: Step) => boolean): Found {
    return this.search(from, may, ends);
  }

  private search(from: string, may: (step: Step) => boolean = () => true, ends?: ReadonlySet<string>): Found {
    const start = this.numbers.get(from);
    const lengths = new Int32Array(this.names.length).fill(-1);
    const last: (Link | undefined)[] = new Array(this.names.length);
    const reached = new Reached(this.numbers, this.names, lengths, last);
    const found = new Set<string>();
    if (start === undefined) return { reached, ends: found };
    lengths[start] = 0;
    let near: number[] = [start];
    for (let length = 0; near.length > 0; length++) {
      const next: number[] = [];
      // What is found at this length by silent steps is appended to the list that is gone through.
      for (const state of near) {
        if (lengths[state] !== length) continue;
        for (const link of this.outgoing[state] ?? []) {
          const { step, to } = link;
          const there = length + (step.silent ? 0 : 1);
          const known = lengths[to] ?? -1;
          if ((known >= 0 && known <= there) || !may(step)) continue;
          lengths[to] = there;
          last[to] = link;
          if (ends?.has(step.to)) found.add(step.to);
          (step.silent ? near : next).push(to);
        }
      }
      near = next;
    }
    return { reached, ends: found };
  }

  /**
   * By state, the marks of those marked states that are the nearest to it, in the order of marks. Of marks that are of one kind
   * the first stands for all. All marked states are searched from at once, so that many of them cost no more than a few.
   */
  nearest(
    marked: ReadonlyMap<string, readonly number[]>,
    kindOf: (mark: number) => string,
  ): ReadonlyMap<string, Marks> {
    const lengths = new Int32Array(this.names.length).fill(-1);
    const marks: (Marks | undefined)[] = new Array(this.names.length);
    const union = unions(kindOf);
    let near: number[] = [];
    for (const [state, own] of marked) {
      const number = this.numbers.get(state);
      if (number === undefined) continue;
      lengths[number] = 0;
      marks[number] = union(own);
      near.push(number);
    }
    for (let length = 0; near.length > 0; length++) {
      const next: number[] = [];
      for (const state of near) {
        const own = marks[state];
        if (lengths[state] !== length || !own) continue;
        for (const { step, to } of this.outgoing[state] ?? []) {
          const reached = length + (step.silent ? 0 : 1);
          const known = lengths[to] ?? -1;
          if (known >= 0 && known < reached) continue;
          const before = known === reached ? marks[to] : undefined;
          const after = before ? union(before, own) : own;
          if (after === before) continue;
          lengths[to] = reached;
          marks[to] = after;
          if (step.silent) near.push(to);
          else if (!before) next.push(to);
        }
      }
      near = next;
    }
    return new Map(marks.flatMap((each, number) => (each ? [[this.names[number] ?? '', each] as const] : [])));
  }

  /** The same states, with the steps alone that `may` be taken: for who asks the same of them many times. */
  only(may: (step: Step) => boolean): Graph {
    const found = new Graph([]);
    found.numbers = this.numbers;
    found.names = this.names;
    // Of most states all steps may be taken, or none: their list is not copied.
    found.outgoing = this.outgoing.map((links) => {
      const amount = links.reduce((sum, { step }) => (may(step) ? sum + 1 : sum), 0);
      return amount === links.length ? links : amount === 0 ? nothing : links.filter(({ step }) => may(step));
    });
    return found;
  }

  /** The steps that ways from some states to others are made of. */
  between(from: Iterable<string>, ends: Iterable<string>): readonly Step[] {
    const isReached = this.spread(
      from,
      (state) => this.outgoing[state] ?? [],
      ({ to }) => to,
    );
    const incoming: Link[][] = this.names.map(() => []);
    for (const state of isReached.keys())
      if (isReached[state]) for (const link of this.outgoing[state] ?? []) incoming[link.to]?.push(link);
    const leadsOn = this.spread(
      ends,
      (state) => incoming[state] ?? [],
      ({ from }) => from,
    );
    return this.outgoing.flatMap((links, state) =>
      isReached[state] ? links.flatMap(({ to, step }) => (leadsOn[to] ? [step] : [])) : [],
    );
  }

  private spread(
    states: Iterable<string>,
    linksOf: (state: number) => readonly Link[],
    next: (link: Link) => number,
  ): Uint8Array {
    const isThere = new Uint8Array(this.names.length);
    const list = [...states].flatMap((state) => this.numbers.get(state) ?? []);
    for (const state of list) isThere[state] = 1;
    for (const state of list)
      for (const link of linksOf(state)) {
        const other = next(link);
        if (isThere[other]) continue;
        isThere[other] = 1;
        list.push(other);
      }
    return isThere;
  }

  *from(state: string): Iterable<Step> {
    const number = this.numbers.get(state);
    for (const { step } of (number === undefined ? undefined : this.outgoing[number]) ?? []) yield step;
  }

  /** The steps that begin at states that were reached, by state. */
  *beyond(reached: Reached): Iterable<Step> {
    for (const number of reached.numbersOfStates()) for (const { step } of this.outgoing[number] ?? []) yield step;
  }

  /** The states that steps begin or end at. */
  get states(): readonly string[] {
    return this.names;
  }

  /** How many steps there are. */
  get size(): number {
    return this.outgoing.reduce((sum, links) => sum + links.length, 0);
  }

  private numberOf(state: string): number {
    const known = this.numbers.get(state);
    if (known !== undefined) return known;
    const number = this.names.push(state) - 1;
    this.numbers.set(state, number);
    this.outgoing.push([]);
    return number;
  }
}

/** Numbers of something, in their order. */
export type Marks = readonly number[];

/** How many marks a state keeps: more are no longer told. */
export const mostMarks = 20;

/** Unites marks; the same are the same object, and the same two are united once. */
function unions(kindOf: (mark: number) => string): (...all: readonly Marks[]) => Marks {
  const byKey = new Map<string, { readonly marks: Marks; readonly number: number }>();
  const numbers = new Map<Marks, number>();
  const asked = new Map<string, Marks>();
  return (...all) => {
    const pair = all.map((marks) => numbers.get(marks) ?? '-').join();
    const known = pair.includes('-') ? undefined : asked.get(pair);
    if (known) return known;
    const kinds = new Set<string>();
    const found = all
      .flat()
      .sort((a, b) => a - b)
      .filter((mark) => {
        const kind = kindOf(mark);
        return !kinds.has(kind) && kinds.add(kind);
      })
      .slice(0, mostMarks + 1);
    const key = found.join();
    const entry = byKey.get(key) ?? { marks: found, number: byKey.size };
    byKey.set(key, entry);
    numbers.set(entry.marks, entry.number);
    if (!pair.includes('-')) asked.set(pair, entry.marks);
    return entry.marks;
  };
}

/** What a search for some states found. */
interface Found {
  readonly reached: Reached;
  readonly ends: ReadonlySet<string>;
}

/** The states that were reached from one, each by its shortest way. */
export class Reached {
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly names: readonly string[];
  private readonly lengths: Int32Array;
  private readonly last: readonly (Link | undefined)[];

  constructor(
    numbers: ReadonlyMap<string, number>,
    names: readonly string[],
    lengths: Int32Array,
    last: readonly (Link | undefined)[],
  ) {
    this.numbers = numbers;
    this.names = names;
    this.lengths = lengths;
    this.last = last;
  }

  has(state: string): boolean {
    return this.lengthOf(state) !== undefined;
  }

  *numbersOfStates(): Iterable<number> {
    for (let number = 0; number < this.names.length; number++) if ((this.lengths[number] ?? -1) >= 0) yield number;
  }

  lengthOf(state: string): number | undefined {
    const number = this.numbers.get(state);
    const length = number === undefined ? -1 : (this.lengths[number] ?? -1);
    return length < 0 ? undefined : length;
  }

  /** The steps that lead to a state, silent ones included. */
  wayTo(state: string): readonly Step[] {
    return [...this.backFrom(state)].reverse();
  }

  /** The same, the last first. */
  *backFrom(state: string): Iterable<Step> {
    const number = this.numbers.get(state);
    for (let at = number === undefined ? undefined : this.last[number]; at; at = this.last[at.from]) yield at.step;
  }
}
