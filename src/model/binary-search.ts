/** The index of the first item from which on a condition holds; the number of items where it holds for none. */
export function binarySearch<Item>(items: readonly Item[], holds: (item: Item, index: number) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as Item, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
