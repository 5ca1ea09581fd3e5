import { equalStates } from './equal-states.ts';
import { type Change, Graph, type Reached, type Step } from './graph.ts';

/* The cheapest changes after which nobody gets from some states to others. */

/** What a change costs, in lines of work: those of one repository or setting are small, machines and designs are not. */
const costs: Readonly<Record<Change['kind'], number>> = {
  line: 1,
  setting: 1,
  repository: 1,
  host: 5,
  architecture: 8,
};

export interface Cut {
  readonly changes: readonly Change[];
  /** Whether it is known that no set of less work would do; a search through a large installation is not complete. */
  readonly isSmallest: boolean;
  /** From which state to which there is a way that no change of these closes. */
  readonly left: readonly (readonly [from: string, to: string])[];
}

export interface Aim {
  readonly graph: Graph;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Which steps count as open. */
  readonly isOpen: (step: Step) => boolean;
}

/**
 * How many steps and ways are looked at in the search, over all sets of changes that are tried; where no set can be of less work,
 * for one that breaks less; and before it for a set that closes all. They are counted, not timed, so that the same installation
 * has the same cut on each machine.
 */
const mostLooked = 1_000_000;
const mostLookedForLess = 100_000;
const mostLookedAtFirst = 2_000_000;

/**
 * The cheapest set of changes that closes all ways from some states to others. Each way that is found open has to lose a
 * step, so the changes of its steps are tried in turn; what no change can close is left.
 */
export function cutOf({ graph, from, to, isOpen }: Aim): Cut {
  const open = graph.only(isOpen);
  const fixed = open.only((step) => !isClosable(step));
  const left: (readonly [string, string])[] = [];
  const wanted: Pairs[] = [];
  for (const start of from) {
    const reached = open.shortest(start);
    // Ways of steps that no change closes.
    const reachedAnyhow = fixed.shortest(start);
    const ends = to.filter((end) => reached.has(end));
    left.push(...ends.filter((end) => reachedAnyhow.has(end)).map((end) => [start, end] as const));
    wanted.push({ from: start, to: new Set(ends.filter((end) => !reachedAnyhow.has(end))) });
  }
  return { ...searchFor(open, wanted).best(), left };
}

/** A search through what matters to it alone: the steps between, with one of all states that are equal. */
function searchFor(open: Graph, wanted: readonly Pairs[]): Search {
  const starts = wanted.flatMap(({ from, to }) => (to.size === 0 ? [] : [from]));
  const steps = open.between(starts, new Set(wanted.flatMap(({ to }) => [...to])));
  const firsts = equalStates(steps, new Set(starts));
  const firstOf = (state: string): string => firsts.get(state) ?? state;
  // Of the equal ones, those that lead there are, too.
  const kept = steps.filter(({ to }) => !firsts.has(to));
  return new Search(
    new Graph(kept.map((step) => (firsts.has(step.from) ? { ...step, from: firstOf(step.from) } : step))),
    wanted.map(({ from, to }) => ({ from, to: new Set([...to].map(firstOf)) })),
  );
}

interface Pairs {
  readonly from: string;
  readonly to: ReadonlySet<string>;
}

/** Changes that close a step if all of them are made; most often one. */
type Choice = readonly Change[];

function choicesOf({ closers = [], together = [] }: Step): readonly Choice[] {
  return [...closers.map((change) => [change]), ...(together.length === 0 ? [] : [together])];
}

/** The choices of which a way has to lose one step to one; the cheapest first. */
interface OpenWay {
  readonly choices: readonly KnownChoice[];
  /** How many changes there are in them. */
  readonly width: number;
}

interface KnownChoice {
  readonly key: string;
  readonly changes: Choice;
  readonly cost: number;
}

class Search {
  private looked = 0;
  private most = mostLooked;
  private found: readonly Change[] = [];
  private foundCost = Number.POSITIVE_INFINITY;
  private readonly tried = new Set<string>();
  /** The ways that were found open so far, each set of choices once: most sets of changes are refused by them alone. */
  private readonly ways = new Map<string, OpenWay>();
  /** The same, those of few changes first. */
  private inOrder: readonly OpenWay[] = [];

  private readonly graph: Graph;
  private readonly pairs: readonly Pairs[];
  private readonly size: number;

  constructor(graph: Graph, pairs: readonly Pairs[]) {
    this.graph = graph;
    this.pairs = pairs;
    this.size = graph.size;
  }

  best(): Pick<Cut, 'changes' | 'isSmallest'> {
    this.found = this.greedy();
    this.foundCost = weigh(this.found);
    const isLeast = this.leastWork() >= workOf(this.found);
    this.most = isLeast ? mostLookedForLess : mostLooked;
    this.looked = 0;
    this.tryWith(new Map());
    const isSmallest = isLeast || this.looked < this.most || this.leastWork() >= workOf(this.found);
    return { changes: inOrder(this.found), isSmallest };
  }

  /** Whether no way is open after some changes; ways that are get known. */
  private closesAll(made: Made): boolean {
    const isLeft = stillOpen(made);
    for (const { from, to } of this.pairs) {
      if (to.size === 0) continue;
      this.looked += this.size;
      const { reached, ends } = this.graph.reachedOf(from, to, isLeft);
      if (ends.size === 0) continue;
      for (const way of waysTo(ends, reached)) this.ways.set(keyOf(way), way);
      return false;
    }
    return true;
  }

  private tryWith(made: Made): void {
    if (this.looked >= this.most) return;
    const cost = weigh([...made.values()]);
    const open = this.openWays(made);
    if (cost + leastOf(open, (choice) => missing(choice, made)) > this.foundCost - tolerance) return;
    const [way] = open.length === 0 && !this.closesAll(made) ? this.openWays(made) : open;
    if (!way) {
      this.found = [...made.values()];
      this.foundCost = cost;
      return;
    }
    for (const { changes } of way.choices) {
      const next = withChanges(made, changes);
      const key = [...next.keys()].sort().join('\0');
      if (this.tried.has(key)) continue;
      this.tried.add(key);
      this.tryWith(next);
    }
  }

  private openWays(made: Made): readonly OpenWay[] {
    this.looked += this.ways.size;
    if (this.inOrder.length < this.ways.size) this.inOrder = [...this.ways.values()].sort((a, b) => a.width - b.width);
    if (made.size === 0) return this.inOrder;
    return this.inOrder.filter(({ choices }) => !choices.some(({ changes }) => isMade(changes, made)));
  }

  /** A set that closes all, by taking for each open way what closes the most of those that were found. */
  private greedy(): readonly Change[] {
    let made: Made = new Map();
    let covered = 0;
    while (!this.closesAll(made)) {
      // Another choice for the ways that were closed already is looked for each time that twice as many are known.
      const isAnew = this.ways.size >= 2 * covered && this.looked < mostLookedAtFirst;
      if (isAnew) covered = this.ways.size;
      made = isAnew
        ? covering(this.openWays(new Map()))
        : withChanges(made, [...covering(this.openWays(made)).values()]);
    }
    const anew = covering(this.openWays(new Map()));
    return [...(weigh([...anew.values()]) < weigh([...made.values()]) && this.closesAll(anew) ? anew : made).values()];
  }

  /** The lines of work below which no set closes even the ways that were found. */
  private leastWork(): number {
    return leastOf(this.openWays(new Map()), ({ changes }) => workOf(changes));
  }
}

/** Sums of costs are equal up to this. */
const tolerance = 1e-9;

type Made = ReadonlyMap<string, Change>;

function withChanges(made: Made, changes: Choice): Made {
  return new Map([...made, ...changes.map((change) => [change.key, change] as const)]);
}

function isMade(changes: Choice, made: Made): boolean {
  return changes.every(({ key }) => made.has(key));
}

/** What a choice costs beyond what was made. */
function missing({ changes, cost }: KnownChoice, made: Made): number {
  return changes.length === 1 ? cost : weigh(changes.filter(({ key }) => !made.has(key)));
}

function stillOpen(made: Made): (step: Step) => boolean {
  if (made.size === 0) return () => true;
  const asked = new Map<Choice, boolean>();
  const areMade = (together: Choice): boolean => {
    const known = asked.get(together) ?? isMade(together, made);
    asked.set(together, known);
    return known;
  };
  return ({ closers, together }) =>
    !closers?.some(({ key }) => made.has(key)) && !(together && together.length > 0 && areMade(together));
}

/**
 * A sum that closing the ways costs at the least: of those that have no change in common, the cheapest choice of each. Ways of
 * few changes are to come first, since they leave more room for others.
 */
function leastOf(ways: readonly OpenWay[], costOf: (choice: KnownChoice) => number): number {
  const taken = new Set<string>();
  let sum = 0;
  for (const { choices } of ways) {
    if (choices.some(({ changes }) => changes.some(({ key }) => taken.has(key)))) continue;
    for (const { changes } of choices) for (const { key } of changes) taken.add(key);
    sum += Math.min(...choices.map(costOf));
  }
  return sum;
}

/** The ways to some states, up to the last step that something closes. Whatever closes a way closes those that it begins. */
function waysTo(ends: Iterable<string>, reached: Reached): Iterable<OpenWay> {
  const lasts = new Map<Step, string>();
  for (const end of ends) {
    const [last] = closableBack(end, reached);
    if (last) lasts.set(last, end);
  }
  const found = new Map<string, OpenWay>();
  for (const end of lasts.values()) {
    const steps = [...closableBack(end, reached)];
    if (steps.some((step, index) => index > 0 && lasts.has(step))) continue;
    const choices = choicesFor(steps.reverse());
    const way = { choices, width: choices.reduce((sum, { changes }) => sum + changes.length, 0) };
    found.set(keyOf(way), way);
  }
  return found.values();
}

/** The steps of a way that something closes, the last first. */
function* closableBack(end: string, reached: Reached): Iterable<Step> {
  for (const step of reached.backFrom(end)) if (isClosable(step)) yield step;
}

function isClosable({ closers = [], together = [] }: Step): boolean {
  return closers.length > 0 || together.length > 0;
}

/** The choices that close a step of a way, each once; the cheapest first, and of these what breaks least. */
function choicesFor(way: readonly Step[]): readonly KnownChoice[] {
  const found = new Map<string, KnownChoice>();
  for (const changes of way.flatMap(choicesOf)) {
    const key = changes.map((change) => change.key).join('\0');
    if (!found.has(key)) found.set(key, { key, changes, cost: weigh(changes) });
  }
  return [...found.values()].sort((a, b) => a.cost - b.cost);
}

function keyOf({ choices }: OpenWay): string {
  return choices.map(({ key }) => key).join('\0\0');
}

/** Choices of which each way has one: those first that the most ways have for their cost. */
function covering(ways: readonly OpenWay[]): Made {
  const users = new Map<string, { readonly choice: KnownChoice; readonly ways: OpenWay[]; amount: number }>();
  for (const way of ways)
    for (const choice of way.choices) {
      const entry = users.get(choice.key) ?? { choice, ways: [], amount: 0 };
      entry.ways.push(way);
      entry.amount++;
      users.set(choice.key, entry);
    }
  const covered = new Set<OpenWay>();
  const made = new Map<string, Change>();
  while (covered.size < ways.length) {
    let best: { readonly choice: KnownChoice; readonly ways: readonly OpenWay[]; amount: number } | undefined;
    let bestWorth = 0;
    for (const entry of users.values()) {
      if (entry.amount === 0) continue;
      const worth = entry.amount / Math.max(tolerance, missing(entry.choice, made));
      if (worth <= bestWorth) continue;
      best = entry;
      bestWorth = worth;
    }
    if (!best) break;
    for (const change of best.choice.changes) made.set(change.key, change);
    for (const way of best.ways) {
      if (covered.has(way)) continue;
      covered.add(way);
      for (const { key } of way.choices) {
        const entry = users.get(key);
        if (entry) entry.amount--;
      }
    }
  }
  return made;
}

/** The cost of changes; of equal sums the one that breaks less is cheaper. */
export function weigh(changes: readonly Change[]): number {
  return changes.reduce((sum, { kind, breaks }) => sum + costs[kind] + breaks / 1000, 0);
}

function workOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { kind }) => sum + costs[kind], 0);
}

function inOrder(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => weigh([a]) - weigh([b]));
}
