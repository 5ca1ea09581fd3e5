/** A commit, as far as its history matters. */
export interface Ancestor {
  readonly parents: readonly string[];
  /** Of the committer, in seconds. */
  readonly time: number;
}

const first = 1;
const second = 2;
const stale = 4;
const result = 8;

/**
 * The best common ancestors of two commits, the newest first, as `git merge-base --all` tells them; git itself takes the
 * first where it needs one. Walks from the newest to the oldest like git's paint_down_to_common (git commit-reach.c).
 * `commitOf` throws what it has to say of a commit that cannot be read.
 */
export function mergeBases(one: string, other: string, commitOf: (id: string) => Ancestor): readonly string[] {
  if (one === other) return [one];
  const { bases } = painted(one, [other], commitOf);
  if (bases.length < 2) return bases;
  const independent = bases.filter((base) => !isRedundant(base, bases, commitOf));
  return independent;
}

/** Whether another of the bases has this one among its ancestors. */
function isRedundant(base: string, bases: readonly string[], commitOf: (id: string) => Ancestor): boolean {
  const others = bases.filter((other) => other !== base);
  return ((painted(base, others, commitOf).flags.get(base) ?? 0) & second) !== 0;
}

function painted(
  one: string,
  others: readonly string[],
  commitOf: (id: string) => Ancestor,
): { bases: readonly string[]; flags: ReadonlyMap<string, number> } {
  const flags = new Map<string, number>();
  const queued = new Map<string, number>();
  const queue = byTime();
  /** How many entries of the queue are not known to be behind a common ancestor. */
  let open = 0;
  const paint = (id: string, colours: number): void => {
    const before = flags.get(id) ?? 0;
    const after = before | colours;
    flags.set(id, after);
    const waiting = queued.get(id) ?? 0;
    if ((before & stale) === 0 && (after & stale) !== 0) open -= waiting;
    queued.set(id, waiting + 1);
    if ((after & stale) === 0) open++;
    queue.push(id, commitOf(id).time);
  };
  paint(one, first);
  for (const other of others) paint(other, second);
  const found: string[] = [];
  while (open > 0) {
    const id = queue.pop();
    if (id === undefined) break;
    queued.set(id, (queued.get(id) ?? 1) - 1);
    const own = flags.get(id) ?? 0;
    if ((own & stale) === 0) open--;
    let colours = own & (first | second | stale);
    if (colours === (first | second)) {
      if ((own & result) === 0) {
        flags.set(id, own | result);
        found.push(id);
      }
      colours |= stale;
    }
    for (const parent of commitOf(id).parents)
      if (((flags.get(parent) ?? 0) & colours) !== colours) paint(parent, colours);
  }
  const bases = found.filter((id) => ((flags.get(id) ?? 0) & stale) === 0);
  return { bases: bases.toSorted((a, b) => commitOf(b).time - commitOf(a).time), flags };
}

/** A heap: the newest first, and of equally new ones what came first. */
function byTime(): { push(id: string, time: number): void; pop(): string | undefined } {
  const heap: { readonly id: string; readonly time: number; readonly order: number }[] = [];
  let order = 0;
  const isBefore = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]];
    if (!one || !other) return false;
    return one.time > other.time || (one.time === other.time && one.order < other.order);
  };
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (one && other) [heap[a], heap[b]] = [other, one];
  };
  return {
    push(id, time) {
      heap.push({ id, time, order: order++ });
      for (let at = heap.length - 1; at > 0; ) {
        const above = (at - 1) >> 1;
        if (!isBefore(at, above)) break;
        swap(at, above);
        at = above;
      }
    },
    pop() {
      const [top] = heap;
      const last = heap.pop();
      if (heap.length > 0 && last) heap[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let best = at;
        if (isBefore(left, best)) best = left;
        if (isBefore(right, best)) best = right;
        if (best === at) break;
        swap(at, best);
        at = best;
      }
      return top?.id;
    },
  };
}
