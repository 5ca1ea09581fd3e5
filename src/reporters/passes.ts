/*
 * Findings may be made anew by each pass over them, and there may be more of them than fit into memory. What identifies one
 * from pass to pass is its ordinal: how many come before it.
 */

/** Items with their ordinals. */
export function* numbered<T>(items: Iterable<T>): Generator<readonly [ordinal: number, item: T]> {
  let ordinal = 0;
  for (const item of items) yield [ordinal++, item];
}

/** The items that are wanted, kept while all go by. */
export class Kept<T> {
  private readonly wanted: ReadonlySet<number>;
  private readonly items = new Map<number, T>();

  constructor(wanted: Iterable<number>) {
    this.wanted = new Set(wanted);
  }

  wants(ordinal: number): boolean {
    return this.wanted.has(ordinal);
  }

  see(item: T, ordinal: number): void {
    if (this.wants(ordinal)) this.items.set(ordinal, item);
  }

  /** In the order of the ordinals given; those that were not seen are left out. */
  of(ordinals: readonly number[]): readonly T[] {
    return ordinals.flatMap((ordinal) => {
      const item = this.items.get(ordinal);
      return item === undefined ? [] : [item];
    });
  }
}

/** Counts files while what lies in them goes by, file after file. */
export class FileCount {
  amount = 0;
  private last: string | undefined;

  see(file: string): void {
    if (file === this.last) return;
    this.last = file;
    this.amount++;
  }
}
