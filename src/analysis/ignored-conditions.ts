import { conditionNames } from '../facts/conditions.ts';
import { nearest } from '../model/nearest.ts';
import type { Conditions } from '../model/pipeline.ts';
import { say, type Text } from '../model/text.ts';

/**
 * Says of a key in `trigger` or `when` that it is no condition, and what should have been written: another condition, the
 * same key at another place, or a condition around it. `label` names the block.
 */
export function ignoredConditionText(
  { value, elsewhere }: Pick<Conditions['unknown'][number], 'value' | 'elsewhere'>,
  label: Text,
): Text {
  const hint = hintFor(value, elsewhere);
  return say`"${value}" in ${label} is not a condition and is ignored${hint === undefined ? '' : say` (${hint})`}`;
}

function hintFor(value: string, elsewhere: string | undefined): Text | undefined {
  if (value === 'include' || value === 'exclude') return say`it is a key of a single condition, like "branch"`;
  const meant = nearest(value, conditionNames);
  if (meant !== undefined) return say`did you mean "${meant}"?`;
  return elsewhere === undefined ? undefined : say`it is a key of ${elsewhere}`;
}
