import { memoizePer } from '../model/memoize.ts';
import type { ReadSource, Report } from '../model/report.ts';
import { isAnswer } from '../model/source.ts';

/** What the sources of a report have in common. */
export interface SourcesInAll {
  readonly first: ReadSource | undefined;
  readonly amount: number;
  /** Extensions that were probed. */
  readonly probes: number;
  /** Whether an engine was asked, or what it answers was read. */
  readonly isEngineAsked: boolean;
  /** Whether any gave what is neither pipeline, container nor setting. */
  readonly hasOthers: boolean;
  /** The folder that all files lie in; empty for the current one. */
  readonly root: string;
}

/** The sources of a report in all, in one pass however many formats ask. */
export function sourcesInAll({ sources }: Pick<Report, 'sources'>): SourcesInAll {
  return summed(sources);
}

const summed = memoizePer((sources: Iterable<ReadSource>): SourcesInAll => {
  let first: ReadSource | undefined;
  let [amount, probes, isEngineAsked, hasOthers] = [0, 0, false, false];
  let folders: readonly string[] | undefined;
  for (const source of sources) {
    const { name, form, gave } = source;
    first ??= source;
    amount++;
    if (form === 'extension-probe') probes++;
    isEngineAsked ||= form === 'docker-engine' || form === 'docker-inspect';
    hasOthers ||= (gave.others ?? 0) > 0;
    if (isAnswer(name)) continue;
    const own = name.split('/').slice(0, -1);
    folders = folders ? shared(folders, own) : own;
  }
  return { first, amount, probes, isEngineAsked, hasOthers, root: folders?.join('/') ?? '' };
});

/** What two paths begin with. */
function shared(some: readonly string[], others: readonly string[]): readonly string[] {
  const end = some.findIndex((folder, index) => folder !== others[index]);
  return end < 0 ? some : some.slice(0, end);
}
