import type { Reach } from './pipeline.ts';
import { type Confidence, confidences, type Severity, severities } from './severity.ts';

/** What the rank of a finding is made of. */
export interface Ranked {
  readonly severity: Severity;
  readonly reach?: Pick<Reach, 'events' | 'pullRequest'> | undefined;
  readonly openTo?: 'anyone' | undefined;
  readonly confidence: Confidence;
}

/** How many consequences count. */
const mostRemoved = 9;

/**
 * In which order to act (docs/severity.md): by severity, then by whom it is open to, then by how much one change removes,
 * then by how sure it is. Larger first.
 */
export function rankOf({ severity, reach, openTo, confidence }: Ranked, removed: number): number {
  const severityRank = severities.length - severities.indexOf(severity);
  const reachRank = reach?.pullRequest || openTo === 'anyone' ? 2 : reach && reach.events.size > 0 ? 1 : 0;
  const confidenceRank = confidences.length - confidences.indexOf(confidence);
  return severityRank * 1000 + reachRank * 100 + Math.min(removed, mostRemoved) * 10 + confidenceRank;
}

/** The numbers of things, from 0, by their ranks: the first to act on comes first, and equal ones stay in their order. */
export function byRank(ranks: readonly number[]): readonly number[] {
  const rank = (of: number): number => ranks[of] ?? 0;
  return [...ranks.keys()].sort((a, b) => rank(b) - rank(a));
}
