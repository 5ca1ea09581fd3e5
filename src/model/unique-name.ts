/** A name that none before has: `drone`, `drone#2`. `taken` counts how often each was asked for. */
export function uniqueName(taken: Map<string, number>, name: string): string {
  const count = (taken.get(name) ?? 0) + 1;
  taken.set(name, count);
  return count === 1 && name !== '' ? name : `${name}#${count}`;
}
