import { compare } from './compare.ts';

/** Why something that was met was not read. */
export type Why =
  | 'nothing of Drone in it'
  | 'ignored by git'
  | 'left out by the config'
  | 'of a package manager, and not tracked by git'
  | 'where a version control keeps its own'
  | 'no file, or a link to elsewhere'
  | 'an archive'
  | 'encrypted'
  | 'kept in Git LFS or git-annex, and not here'
  | 'part of saved evidence'
  | 'a report of drone-audit'
  | 'where this run writes a report'
  | 'a container that is not of Drone';

/** What was met and not read for one reason. */
export interface PassedOver {
  readonly why: Why;
  readonly count: number;
  /** The first of their names; a folder ends with a slash and counts as one. */
  readonly first: readonly string[];
}

/** How many names are kept for each reason, so that a tree of any size costs the same. */
export const namesKept = 20;

/** Counts what is passed over. */
export interface Tally {
  readonly pass: (why: Why, name: string) => void;
  /** By reason, the first names of each in their order. */
  readonly all: () => readonly PassedOver[];
}

export function tally(): Tally {
  const counts = new Map<Why, { count: number; first: string[] }>();
  return {
    pass: (why, name) => {
      const known = counts.get(why) ?? { count: 0, first: [] };
      counts.set(why, known);
      known.count++;
      const last = known.first.at(-1);
      if (known.first.length === namesKept && last !== undefined && compare(name, last) >= 0) return;
      known.first.push(name);
      known.first.sort(compare).splice(namesKept);
    },
    all: () =>
      [...counts].map(([why, { count, first }]) => ({ why, count, first })).sort((a, b) => compare(a.why, b.why)),
  };
}

/** What several counted, as one would have. */
export function joinedTallies(all: readonly (readonly PassedOver[])[]): readonly PassedOver[] {
  const found = new Map<Why, { count: number; first: readonly string[] }>();
  for (const { why, count, first } of all.flat()) {
    const known = found.get(why) ?? { count: 0, first: [] };
    found.set(why, {
      count: known.count + count,
      first: [...known.first, ...first].sort(compare).slice(0, namesKept),
    });
  }
  return [...found].map(([why, each]) => ({ why, ...each })).sort((a, b) => compare(a.why, b.why));
}
