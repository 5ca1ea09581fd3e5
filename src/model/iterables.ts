/* Lists that may be too long to be kept: each pass over one makes its items anew, and nothing else is asked of it. */

/** The items of which something is true; like `items`, as often as they are asked for. */
export function where<T, Some extends T>(items: Iterable<T>, is: (item: T) => item is Some): Iterable<Some>;
export function where<T>(items: Iterable<T>, is: (item: T) => boolean): Iterable<T>;
export function where<T>(items: Iterable<T>, is: (item: T) => boolean): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) if (is(item)) yield item;
    },
  };
}

/** At most so many of the first items, and how many more there are. */
export function firstOf<T>(items: Iterable<T>, most: number): { readonly first: readonly T[]; readonly more: number } {
  const first: T[] = [];
  let more = 0;
  for (const item of items)
    if (first.length < most) first.push(item);
    else more++;
  return { first, more };
}

/** How many items there are. */
export function amountOf(items: Iterable<unknown>): number {
  let amount = 0;
  for (const _ of items) amount++;
  return amount;
}
