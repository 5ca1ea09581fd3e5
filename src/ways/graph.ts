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
  readonly act?: Act;
  /** It waits for what others do later: a build of theirs. */
  readonly later?: true;
  /** Nothing points to it, and nothing against it: as long as it is not known, it leads to its asset and no further. */
  readonly vague?: true;
}

/** The states and steps of an installation. */
export class Graph {
  private numbers = new Map<string, number>();
  private names: string[] = [];
  /** By state, the steps that begin there, as pairs of a step and the number of its end. */
  private outgoing: { readonly step: Step; readonly to: number }[][] = [];

  constructor(steps: Iterable<Step>) {
    for (const step of steps) this.outgoing[this.numberOf(step.from)]?.push({ step, to: this.numberOf(step.to) });
  }

  /**
   * The shortest way to each state that can be reached from one by the steps that `may` be taken, by default all, as its last
   * step. Steps that are silent have no length.
   */
  shortest(from: string, may: (step: Step) => boolean = () => true): Reached {
    const start = this.numbers.get(from);
    const lengths = new Int32Array(this.names.length).fill(-1);
    const last: (Step | undefined)[] = new Array(this.names.length);
    const found = new Reached(this.numbers, this.names, lengths, last);
    if (start === undefined) return found;
    lengths[start] = 0;
    let near: number[] = [start];
    for (let length = 0; near.length > 0; length++) {
      const next: number[] = [];
      // What is found at this length by silent steps is appended to the list that is gone through.
      for (const state of near) {
        if (lengths[state] !== length) continue;
        for (const { step, to } of this.outgoing[state] ?? []) {
          const reached = length + (step.silent ? 0 : 1);
          const known = lengths[to] ?? -1;
          if ((known >= 0 && known <= reached) || !may(step)) continue;
          lengths[to] = reached;
          last[to] = step;
          (step.silent ? near : next).push(to);
        }
      }
      near = next;
    }
    return found;
  }

  /** The same states, with the steps alone that `may` be taken: for who asks the same of them many times. */
  only(may: (step: Step) => boolean): Graph {
    const found = new Graph([]);
    found.numbers = this.numbers;
    found.names = this.names;
    found.outgoing = this.outgoing.map((steps) => steps.filter(({ step }) => may(step)));
    return found;
  }

  from(state: string): readonly Step[] {
    const number = this.numbers.get(state);
    return number === undefined ? [] : (this.outgoing[number] ?? []).map(({ step }) => step);
  }

  /** How many steps there are. */
  get size(): number {
    return this.outgoing.reduce((sum, steps) => sum + steps.length, 0);
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

/** The states that were reached from one, each by its shortest way. */
export class Reached {
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly names: readonly string[];
  private readonly lengths: Int32Array;
  private readonly last: readonly (Step | undefined)[];

  constructor(
    numbers: ReadonlyMap<string, number>,
    names: readonly string[],
    lengths: Int32Array,
    last: readonly (Step | undefined)[],
  ) {
    this.numbers = numbers;
    this.names = names;
    this.lengths = lengths;
    this.last = last;
  }

  has(state: string): boolean {
    return this.lengthOf(state) !== undefined;
  }

  *states(): Iterable<string> {
    for (const [number, name] of this.names.entries()) if ((this.lengths[number] ?? -1) >= 0) yield name;
  }

  lengthOf(state: string): number | undefined {
    const number = this.numbers.get(state);
    const length = number === undefined ? -1 : (this.lengths[number] ?? -1);
    return length < 0 ? undefined : length;
  }

  /** The steps that lead to a state, silent ones included. */
  wayTo(state: string): readonly Step[] {
    const way: Step[] = [];
    for (let at = this.lastTo(state); at; at = this.lastTo(at.from)) way.push(at);
    return way.reverse();
  }

  private lastTo(state: string): Step | undefined {
    const number = this.numbers.get(state);
    return number === undefined ? undefined : this.last[number];
  }
}
