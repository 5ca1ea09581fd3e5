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
  /** The number of the entry of a config that accepts it, among its acceptances. */
  readonly entry?: number;
}

/** Marks the problems that the policy accepts. */
export function markAccepted(
  problems: readonly Problem[],
  { acceptances, today }: Pick<Policy, 'acceptances' | 'today'>,
  maskOf: (source: string) => Mask,
): readonly MarkedProblem[] {
  return problems.map((problem): MarkedProblem => {
    const number = acceptances.findIndex(
      ({ until, matches }) => (until === undefined || until >= today) && matches(problem),
    );
    const entry = acceptances[number];
    const mask = maskOf(problem.source);
    if (!entry) return { problem: mask.problem(problem), isMissing: problem.incomplete };
    const message = say`${problem.message} (accepted: ${entry.reason})`;
    const accepted = mask.problem({ ...problem, message, incomplete: false, accepted: true });
    return { problem: accepted, isMissing: problem.incomplete, entry: number };
  });
}

/** What may have to be said of an acceptance. */
export interface AcceptanceNote extends Pick<Acceptance, 'path' | 'where' | 'line' | 'column' | 'until'> {
  readonly hasEnded: boolean;
  /** Whether it is to be told where it accepts nothing. */
  readonly isToldIdle: boolean;
}

export function acceptanceNotes({ acceptances, today, looked }: Policy): readonly AcceptanceNote[] {
  return acceptances.map(({ path, pattern, where, line, column, until, isShared }) => ({
    ...{ path, where, line, column, until },
    hasEnded: until !== undefined && until < today,
    isToldIdle: !isShared && looked?.covers(pattern) !== false,
  }));
}

/** A problem for each acceptance that accepts nothing; `uses` has how much each accepts, by its number. */
export function idleAcceptances(
  notes: readonly AcceptanceNote[],
  uses: ReadonlyMap<number, number>,
): readonly Problem[] {
  return notes.flatMap(({ path, where, line, column, until, hasEnded, isToldIdle }, number): readonly Problem[] => {
    if (uses.has(number) || !(hasEnded || isToldIdle)) return [];
    const message = hasEnded
      ? say`acceptance of "${path}" ended on ${until ?? ''}`
      : say`acceptance of "${path}" has no effect: no such problem`;
    return [{ kind: 'suppression', source: where, line, column, message, incomplete: false }];
  });
}
