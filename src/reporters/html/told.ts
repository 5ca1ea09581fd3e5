import type { Finding } from '../../model/report.ts';
import { type Decision, decisionsOf } from '../decisions.ts';

/** A decision with its number in the list, and all findings of it, the worst first. */
export interface Told extends Decision {
  readonly number: number;
  readonly findings: readonly Finding[];
}

/** What is to be decided, in order; `ranked` has the worst finding first. */
export function toldOf(ranked: readonly Finding[]): readonly Told[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of ranked) {
    const of = byRule.get(finding.rule);
    if (of) of.push(finding);
    else byRule.set(finding.rule, [finding]);
  }
  return decisionsOf(ranked).map((decision, index) => ({
    ...decision,
    number: index + 1,
    findings: byRule.get(decision.first.rule) ?? [],
  }));
}
