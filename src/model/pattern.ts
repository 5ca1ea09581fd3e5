/*
 * The patterns of a config. `*` stands for any text within a part of a path, `**` as a whole part for any number of
 * parts, everything else for itself. What stands between stars is taken where it first occurs, which leaves most to the
 * rest: nothing is tried twice, whoever wrote the pattern.
 */

/** Whether a text as a whole is what a pattern means, in which `*` stands for any text. */
export function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split(/\*+/);
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}

/** Whether a path is what a pattern means, or lies below it: a folder stands for all that is in it. */
export function pathPattern(pattern: string): (path: string) => boolean {
  return matcherOf(pattern, true);
}

/** Whether a name of several parts, `octocat/images`, is what a pattern means as a whole. */
export function namePattern(pattern: string): (name: string) => boolean {
  return matcherOf(pattern, false);
}

function matcherOf(pattern: string, isFolder: boolean): (path: string) => boolean {
  // Most are plain, and a tree has many files.
  if (!pattern.includes('*')) return (path) => path === pattern || (isFolder && path.startsWith(`${pattern}/`));
  /** What stands between `**`, part by part. */
  const runs: ((text: string) => boolean)[][] = [[]];
  for (const part of pattern.split('/'))
    if (part === '**') runs.push([]);
    else runs.at(-1)?.push(wildcard(part));
  const [first = [], ...others] = runs;
  const last = others.pop();
  return (path) => {
    const parts = path.split('/');
    const fits = (run: (typeof runs)[number], at: number): boolean =>
      at + run.length <= parts.length && run.every((matches, index) => matches(parts[at + index] ?? ''));
    if (!fits(first, 0)) return false;
    if (!last) return isFolder || parts.length === first.length;
    let at = first.length;
    for (const run of others) {
      while (at < parts.length && !fits(run, at)) at++;
      if (at >= parts.length) return false;
      at += run.length;
    }
    // Behind the last `**`, at least one part is left.
    if (last.length === 0) return at < parts.length;
    if (!isFolder) return parts.length - last.length >= at && fits(last, parts.length - last.length);
    while (at < parts.length && !fits(last, at)) at++;
    return at < parts.length;
  };
}
