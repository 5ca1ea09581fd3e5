import type { Finding } from '../../model/report.ts';
import type { AnyRule } from '../../model/rule.ts';
import { type Decision, decisionsOf } from '../decisions.ts';

/** A decision with its number in the list. */
export interface Told extends Decision {
  readonly number: number;
  readonly effort: AnyRule['effort'];
}

/** What is to be decided, in order; `ranked` has the worst finding first. */
export function toldOf(ranked: readonly Finding[], rules: readonly AnyRule[]): readonly Told[] {
  const efforts = new Map(rules.map(({ id, effort }) => [id, effort]));
  return decisionsOf(ranked).map((decision, index) => ({
    ...decision,
    number: index + 1,
    effort: efforts.get(decision.first.rule),
  }));
}
