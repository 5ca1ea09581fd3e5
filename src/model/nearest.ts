import leven from 'leven';

/** The name nearest to a misspelt one, if it is near enough to be meant; of equally near ones, the first. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = leven(word, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** The first name one changed, added or omitted letter away from a word; undefined if the word is a name. */
export function oneLetterFrom(word: string, names: Iterable<string>): string | undefined {
  for (const name of names) if (Math.abs(name.length - word.length) <= 1 && leven(word, name) === 1) return name;
  return undefined;
}
