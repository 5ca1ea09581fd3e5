// Numbers that look random and are the same on every machine: each file has its own row of them, which depends on the
// seed and on the number of the file alone, so that more files leave the first ones as they were.

/** A row of choices for what the words name, such as a seed, a kind and a number. */
export function choices(...words) {
  let state = hash(words.join('/'));
  /** Below 1 (mulberry32). */
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick: (list) => list[below(list.length)],
    /** One of the keys, each as often as its weight says. */
    weighted: (weights) => {
      const entries = Object.entries(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const found = entries.find(([, weight]) => {
        left -= weight;
        return left < 0;
      });
      return (found ?? entries[0])[0];
    },
    /** So many of a list, in its order. */
    some: (list, count) => {
      let wanted = Math.min(count, list.length);
      return list.filter((_, index) => {
        const isTaken = next() < wanted / (list.length - index);
        if (isTaken) wanted--;
        return isTaken;
      });
    },
    /** Hexadecimal digits, for commits and digests. */
    hex: (length) => Array.from({ length }, () => below(16).toString(16)).join(''),
  };
}

/** FNV-1a, with a last mix so that neighbours differ. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
