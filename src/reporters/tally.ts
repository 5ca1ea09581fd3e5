import { memoizePer } from '../model/memoize.ts';
import { type FindingHead, isOld, type Report } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { AdviceGroups } from './decisions.ts';
import { numbered } from './passes.ts';
import { Ranking } from './ranking.ts';

/** No format that shows the worst first shows more findings one by one. */
export const mostRanked = 5000;

/** How many findings of a report are what, and where the worst of them stand; nothing of the findings themselves. */
export interface Tally {
  /** Those that count, by severity. */
  readonly open: Readonly<Record<Severity, number>>;
  readonly shown: number;
  /** Of these, those that a config gives another severity. */
  readonly overridden: number;
  /** Those that somebody accepted. */
  readonly accepted: number;
  /** Those that are merely known from a baseline or another commit. */
  readonly known: number;
  /** The ordinals of those that count, the worst first, but no more than `mostRanked`. */
  readonly ranked: readonly number[];
  /** Those that count, by their advice. */
  readonly groups: AdviceGroups;
}

/** Whether a finding counts: nobody accepted it, and it is not known from before. */
export function isOpen({ suppressed }: Pick<FindingHead, 'suppressed'>): boolean {
  return !suppressed;
}

/** The findings of a report counted, in one pass however many formats ask. */
export function tallyOf({ findings, heads = findings }: Pick<Report, 'findings' | 'heads'>): Tally {
  return counted(heads);
}

const counted = memoizePer((findings: Iterable<FindingHead>): Tally => {
  const open = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  let [shown, overridden, accepted, known] = [0, 0, 0, 0];
  const ranking = new Ranking(mostRanked);
  const groups = new AdviceGroups();
  for (const [ordinal, finding] of numbered(findings))
    if (isOpen(finding)) {
      shown++;
      open[finding.severity]++;
      if (finding.override) overridden++;
      ranking.add(finding.rank, ordinal);
      groups.see(finding, ordinal);
    } else if (isOld(finding)) known++;
    else accepted++;
  return { open, shown, overridden, accepted, known, ranked: ranking.ordinals, groups };
});
