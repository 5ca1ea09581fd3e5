import type { AnyRule } from '../../model/rule.ts';
import type { Decision } from '../decisions.ts';

/** A decision with its number in the list. */
export interface Told extends Decision {
  readonly number: number;
  readonly effort: AnyRule['effort'];
}

/** Decisions that are told, in order. */
export function toldOf(decisions: readonly Decision[], rules: readonly AnyRule[]): readonly Told[] {
  const efforts = new Map(rules.map(({ id, effort }) => [id, effort]));
  return decisions.map((decision, index) => ({
    ...decision,
    number: index + 1,
    effort: efforts.get(decision.first.rule),
  }));
}
