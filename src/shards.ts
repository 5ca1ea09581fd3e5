import { createHash } from 'node:crypto';
import { compare } from './model/compare.ts';
import { build } from './version.ts';
import type { Whole } from './whole.ts';

/** What of a batch decides in which share it is. */
interface Sized {
  readonly sources: readonly { readonly name: string }[];
}

/**
 * The share, from 1, of each batch: the largest first to whichever share has the fewest files. It depends on nothing but which files
 * there are and which belong together, so that every process that shares the audit comes to the same.
 */
export function sharesOf(batches: Iterable<Sized>, of: number): readonly number[] {
  const ordered = Array.from(batches, ({ sources }, batch) => ({
    batch,
    files: sources.length,
    name: sources[0]?.name ?? '',
  })).sort((a, b) => b.files - a.files || compare(a.name, b.name));
  const shares: number[] = new Array(ordered.length).fill(1);
  const files: number[] = new Array(of).fill(0);
  for (const { batch, files: own } of ordered) {
    let least = 0;
    for (let share = 1; share < of; share++) if ((files[share] ?? 0) < (files[least] ?? 0)) least = share;
    shares[batch] = least + 1;
    files[least] = (files[least] ?? 0) + own;
  }
  return shares;
}

/** A digest of which files there are, what is in them, and which of them are judged together. */
export function divisionDigest(batches: Iterable<Sized>, contents: string): string {
  const hash = createHash('sha256').update(contents);
  for (const { sources } of batches) hash.update(`${JSON.stringify(sources.map(({ name }) => name))}\n`);
  return hash.digest('hex');
}

/** A digest of everything in which the parts of one audit are the same; `ruleSet` is that of its rules. */
export function termsOf(whole: Whole, ruleSet: string): string {
  // What is idle may be known to one part alone, and parts that lie in what is audited are passed over.
  const common = {
    ...whole,
    passedOver: undefined,
    entries: whole.entries.map(({ isToldIdle: _, ...entry }) => entry),
  };
  return createHash('sha256')
    .update(`${build}\n${ruleSet}\n${JSON.stringify(common)}`)
    .digest('hex');
}
