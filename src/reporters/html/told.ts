import type { AnyRule } from '../../model/rule.ts';
import type { Decision } from '../decisions.ts';
import type { MendedByCut } from '../mended.ts';

/** A decision with its number in the list. */
export interface Told extends Decision {
  readonly number: number;
  readonly effort: AnyRule['effort'];
  /** Whether it is done by the changes that close the ways in. */
  readonly isMended: boolean;
}

/** Decisions that are told, in order; what is done by closing the ways in comes after what is left to do. */
export function toldOf(
  decisions: readonly Decision[],
  rules: readonly AnyRule[],
  mended: Pick<MendedByCut, 'has'>,
): readonly Told[] {
  const efforts = new Map(rules.map(({ id, effort }) => [id, effort]));
  const [left, done] = [decisions.filter((each) => !mended.has(each)), decisions.filter((each) => mended.has(each))];
  return [...left, ...done].map((decision, index) => ({
    ...decision,
    isMended: index >= left.length,
    number: index + 1,
    effort: efforts.get(decision.first.rule),
  }));
}
