import type { Change, Graph, Step } from './graph.ts';

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
  /** Whether no cheaper set of changes would do; a search through a large installation is not complete. */
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

/** How many steps are looked at in the search, over all sets of changes that are tried. */
const mostLooked = 3_000_000;

/**
 * The cheapest set of changes that closes all ways from some states to others. Each way that is found open has to lose a
 * step, so the changes of its steps are tried in turn; what no change can close is left.
 */
export function cutOf(aim: Aim): Cut {
  const { isOpen } = aim;
  const left: (readonly [string, string])[] = [];
  const hopeless = new Set<string>();
  const pairs = aim.from.flatMap((from) => aim.to.map((to) => [from, to] as const));
  for (const [from, to] of openPairs(aim, pairs, isOpen)) {
    // A way of steps that no change closes.
    const fixedWay = aim.graph.shortest(from, (step) => isOpen(step) && (step.closers ?? []).length === 0);
    if (fixedWay.has(to)) {
      hopeless.add(`${from}\0${to}`);
      left.push([from, to]);
    }
  }
  const wanted = pairs.filter(([from, to]) => !hopeless.has(`${from}\0${to}`));
  const search = new Search(aim, wanted);
  return { ...search.best(), left };
}

function openPairs(
  { graph }: Aim,
  pairs: readonly (readonly [string, string])[],
  isOpen: (step: Step) => boolean,
): readonly (readonly [string, string])[] {
  const reached = new Map(
    [...new Set(pairs.map(([from]) => from))].map((from) => [from, graph.shortest(from, isOpen)]),
  );
  return pairs.filter(([from, to]) => reached.get(from)?.has(to));
}

class Search {
  private looked = 0;
  private found: readonly Change[] | undefined;
  private foundCost = Number.POSITIVE_INFINITY;
  private readonly seen = new Set<string>();

  private readonly aim: Aim;
  private readonly pairs: readonly (readonly [string, string])[];

  constructor(aim: Aim, pairs: readonly (readonly [string, string])[]) {
    this.aim = aim;
    this.pairs = pairs;
  }

  best(): Pick<Cut, 'changes' | 'isSmallest'> {
    const greedy = this.greedy();
    this.found = greedy;
    this.foundCost = weigh(greedy);
    this.looked = 0;
    this.tryWith([]);
    const isSmallest = this.looked < mostLooked;
    return { changes: inOrder(this.found), isSmallest };
  }

  /** A way that is open although some changes were made; the first by the order of pairs. */
  private openWay(changes: ReadonlySet<string>): readonly Step[] | undefined {
    const isOpen = (step: Step): boolean =>
      this.aim.isOpen(step) && !(step.closers ?? []).some(({ key }) => changes.has(key));
    this.looked += this.aim.graph.size;
    let from: string | undefined;
    let reached: ReturnType<Graph['shortest']> | undefined;
    for (const [start, end] of this.pairs) {
      if (start !== from) {
        from = start;
        reached = this.aim.graph.shortest(start, isOpen);
      }
      if (reached?.has(end)) return reached.wayTo(end);
    }
    return undefined;
  }

  private tryWith(changes: readonly Change[]): void {
    if (this.looked >= mostLooked) return;
    const cost = weigh(changes);
    if (cost > this.foundCost) return;
    const way = this.openWay(new Set(changes.map(({ key }) => key)));
    if (!way) {
      if (cost < this.foundCost) {
        this.found = changes;
        this.foundCost = cost;
      }
      return;
    }
    for (const change of candidates(way)) {
      const next = [...changes, change];
      const key = next
        .map((each) => each.key)
        .sort()
        .join('\0');
      if (this.seen.has(key) || weigh(next) >= this.foundCost) continue;
      this.seen.add(key);
      this.tryWith(next);
    }
  }

  /** A set that closes all, by taking for each open way what closes the most of those that were found. */
  private greedy(): readonly Change[] {
    const ways: (readonly Change[])[] = [];
    let chosen: readonly Change[] = [];
    for (let way = this.openWay(new Set()); way; way = this.openWay(new Set(chosen.map(({ key }) => key)))) {
      ways.push(candidates(way));
      chosen = covering(ways);
    }
    return chosen;
  }
}

/** Changes of which each list has one: those first that the most lists have for their cost. */
function covering(lists: readonly (readonly Change[])[]): readonly Change[] {
  const chosen: Change[] = [];
  let open = lists;
  while (open.length > 0) {
    const counts = new Map<string, { readonly change: Change; amount: number }>();
    for (const list of open)
      for (const change of list) {
        const entry = counts.get(change.key) ?? { change, amount: 0 };
        entry.amount++;
        counts.set(change.key, entry);
      }
    let best: { readonly change: Change; amount: number } | undefined;
    for (const entry of counts.values()) if (!best || worth(entry) > worth(best)) best = entry;
    if (!best) break;
    const { key } = best.change;
    chosen.push(best.change);
    open = open.filter((list) => !list.some((change) => change.key === key));
  }
  return chosen;
}

function worth({ change, amount }: { readonly change: Change; readonly amount: number }): number {
  return amount / weigh([change]);
}

/** The changes that close a step of a way, each once; the cheapest first, and of these what breaks least. */
function candidates(way: readonly Step[]): readonly Change[] {
  const found = new Map(way.flatMap(({ closers = [] }) => closers).map((change) => [change.key, change]));
  return [...found.values()].sort((a, b) => weigh([a]) - weigh([b]));
}

/** The cost of changes; of equal sums the one that breaks less is cheaper. */
export function weigh(changes: readonly Change[]): number {
  return changes.reduce((sum, { kind, breaks }) => sum + costs[kind] + breaks / 1000, 0);
}

function inOrder(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => weigh([a]) - weigh([b]));
}
