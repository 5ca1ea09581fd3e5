import type { Standards } from './rule.ts';

/** The recommendations that two hits of one rule go against; `undefined` stands for all of the rule's. */
export function joinIds(one: readonly string[] | undefined, other: readonly string[] | undefined) {
  return one && other && [...new Set([...one, ...other])];
}

/** The standards of a rule, as far as one of its hits goes against them. */
export function standardsOf(rule: Standards, cisDocker: readonly string[] | undefined): Standards {
  if (cisDocker === undefined) return rule;
  const { cisDocker: _, ...others } = rule;
  if (cisDocker.length === 0) return others;
  return { ...others, cisDocker: { version: '1.6.0', ids: cisDocker.toSorted(byNumbers) } };
}

/** Sorts `5.4` before `5.13` and `CWE-78` before `CWE-250`. */
export function byNumbers(a: string, b: string): number {
  const left = a.match(/\d+/g) ?? [];
  const right = b.match(/\d+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
