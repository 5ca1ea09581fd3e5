import { conditionNames } from '../facts/conditions.ts';
import { nearest } from '../model/nearest.ts';
import type { Conditions } from '../model/pipeline.ts';

/**
 * Says of a key in `trigger` or `when` that it is no condition, and what should have been written: another condition, the
 * same key at another place, or a condition around it. `label` names the block.
 */
export function ignoredConditionText(
  { value, elsewhere }: Pick<Conditions['unknown'][number], 'value' | 'elsewhere'>,
  label: string,
): string {
  const hint = hintFor(value, elsewhere);
  return `"${value}" in ${label} is no condition and is ignored${hint === undefined ? '' : ` (${hint})`}`;
}

function hintFor(value: string, elsewhere: string | undefined): string | undefined {
  if (value === 'include' || value === 'exclude') return 'it is a key of a single condition, like "branch"';
  const meant = nearest(value, conditionNames);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return elsewhere && `it is a key of ${elsewhere}`;
}
