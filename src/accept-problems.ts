import type { Policy } from './apply-policy.ts';
import type { Acceptance } from './config-entries.ts';
import type { Problem, ReportedProblem } from './model/report.ts';
import { say } from './model/text.ts';
import type { Mask } from './secrets/mask.ts';

/** A problem as it is shown, and what a config makes of it. */
export interface MarkedProblem {
  readonly problem: ReportedProblem;
  /** Whether it makes the audit incomplete, accepted or not. */
  readonly isMissing: boolean;
  /** The entry of a config that accepts it. */
  readonly entry?: Acceptance;
}

/** Marks the problems that the policy accepts. */
export function markAccepted(
  problems: readonly Problem[],
  { acceptances, today }: Pick<Policy, 'acceptances' | 'today'>,
  maskOf: (source: string) => Mask,
): readonly MarkedProblem[] {
  return problems.map((problem): MarkedProblem => {
    const entry = acceptances.find(({ until, matches }) => (until === undefined || until >= today) && matches(problem));
    const mask = maskOf(problem.source);
    if (!entry) return { problem: mask.problem(problem), isMissing: problem.incomplete };
    const message = say`${problem.message} (accepted: ${entry.reason})`;
    const accepted = mask.problem({ ...problem, message, incomplete: false, accepted: true });
    return { problem: accepted, isMissing: problem.incomplete, entry };
  });
}

/** A problem for each acceptance that accepts nothing. */
export function idleAcceptances(
  { acceptances, today, looked }: Policy,
  uses: ReadonlyMap<Acceptance, number>,
): readonly Problem[] {
  return acceptances.flatMap((entry): readonly Problem[] => {
    const { path, pattern, until, where, line, column, isShared } = entry;
    const hasEnded = until !== undefined && until < today;
    if (uses.has(entry) || (!hasEnded && (isShared || looked?.covers(pattern) === false))) return [];
    const message = hasEnded
      ? say`acceptance of "${path}" ended on ${until}`
      : say`acceptance of "${path}" has no effect: no such problem`;
    return [{ kind: 'suppression', source: where, line, column, message, incomplete: false }];
  });
}
