/**
 * What the patterns of `.gitignore` files may cost for one path, over all folders above it: three times what large
 * repositories have. A plain pattern costs 1, about 0.2 µs.
 */
const mostCost = 5000;
/** The library nests a loop for each `**` of a pattern, over the folders of a path: a third one would be cubic. */
const costByLoops = [1, 2, 100];
/** Folders of a path that is compared at all. */
export const mostFolders = 100;

export interface Affordable {
  readonly patterns: readonly string[];
  readonly cost: number;
}

/**
 * The patterns of a `.gitignore` file that can be afforded, where those of the folders above cost `used`. What others would
 * hide is read, so that a repository can neither delay the audit nor hide a file by them.
 */
export function affordablePatterns(text: string, used: number): Affordable {
  const patterns: string[] = [];
  let cost = 0;
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const more = costByLoops[line.split('**').length - 1] ?? Number.POSITIVE_INFINITY;
    if (used + cost + more > mostCost) continue;
    patterns.push(line);
    cost += more;
  }
  return { patterns, cost };
}
