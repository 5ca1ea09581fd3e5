import leven from 'leven';

/** The name nearest to a misspelt one, when it is near enough to be meant; the first of equally near ones. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = leven(word, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** The first name that a word becomes when one letter is changed, added or left out; undefined for a name itself. */
export function oneLetterFrom(word: string, names: Iterable<string>): string | undefined {
  for (const name of names) if (Math.abs(name.length - word.length) <= 1 && leven(word, name) === 1) return name;
  return undefined;
}
