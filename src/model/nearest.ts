import leven from 'leven';

/** What is said to somebody who wrote a word that is none of `names`: the one that may be meant, or else `otherwise`. */
export function didYouMean(word: string, names: Iterable<string>, otherwise: string): string {
  const meant = meantAmong(word, [...names]);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}

/** The name that may be meant by a word: the nearest, in any case of letters, or the only one that it begins. */
export function meantAmong(word: string, known: readonly string[]): string | undefined {
  const small = word.toLowerCase();
  const near = nearest(word, known) ?? nearest(small, known);
  if (near !== undefined || small.length < 2) return near;
  const [only, ...others] = known.filter((name) => name.startsWith(small));
  return others.length === 0 ? only : undefined;
}

/** The name nearest to a misspelt one, if it is near enough to be meant; of equally near ones, the first. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue;
    const distance = isSwapped(word, name) || isOtherNumber(word, name) ? 1 : leven(word, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Whether one word is the plural of the other: registry, registries. */
function isOtherNumber(a: string, b: string): boolean {
  return a.replace(/y$/, 'ies') === b || b.replace(/y$/, 'ies') === a;
}

/** Whether two words differ in the order of two neighbouring letters alone. */
export function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length || a === b) return false;
  let at = 0;
  while (a[at] === b[at]) at++;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

/** The names one changed, added or omitted letter away from a word; none if the word is a name itself. */
export function lettersFrom(word: string, names: Iterable<string>): readonly string[] {
  const near: string[] = [];
  for (const name of names) if (Math.abs(name.length - word.length) <= 1 && leven(word, name) === 1) near.push(name);
  return near;
}
