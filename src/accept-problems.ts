import type { Policy } from './apply-policy.ts';
import type { Acceptance } from './config-entries.ts';
import type { Problem } from './model/report.ts';
import { say } from './model/text.ts';

/** Marks the problems that the policy accepts, and adds one for each acceptance that accepts nothing; how many each accepts. */
export function acceptProblems(
  problems: readonly Problem[],
  { acceptances, today, looked }: Policy,
): { readonly problems: readonly Problem[]; readonly uses: ReadonlyMap<Acceptance, number> } {
  const uses = new Map<Acceptance, number>();
  const marked = problems.map((problem): Problem => {
    const entry = acceptances.find(({ until, matches }) => (until === undefined || until >= today) && matches(problem));
    if (!entry) return problem;
    uses.set(entry, (uses.get(entry) ?? 0) + 1);
    const message = say`${problem.message} (accepted: ${entry.reason})`;
    return { ...problem, message, incomplete: false, accepted: true };
  });
  const idle = acceptances.flatMap((entry): readonly Problem[] => {
    const { path, pattern, until, where, line, column, isShared } = entry;
    const hasEnded = until !== undefined && until < today;
    if (uses.has(entry) || (!hasEnded && (isShared || looked?.covers(pattern) === false))) return [];
    const message = hasEnded
      ? say`acceptance of "${path}" ended on ${until}`
      : say`acceptance of "${path}" has no effect: no such problem`;
    return [{ kind: 'suppression', source: where, line, column, message, incomplete: false }];
  });
  return { problems: [...marked, ...idle], uses };
}
