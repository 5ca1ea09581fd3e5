import { conditionNames } from '../facts/conditions.ts';
import type { Step, StepValue } from '../model/pipeline.ts';

/** The setting of a plugin that is a `when` one level too low: a mapping with nothing but conditions. */
export function misplacedWhen({ settings }: Step): StepValue | undefined {
  return settings.find(isWhen);
}

function isWhen({ name, text, fromSecret, scalars }: StepValue): boolean {
  if (name.value !== 'when' || text || fromSecret || scalars.length === 0) return false;
  return scalars.every(({ at }) => {
    const key = at.path.startsWith(`${name.at.path}.`) ? at.path.slice(name.at.path.length + 1) : '';
    return conditionNames.includes(key.replace(/[.[].*/s, ''));
  });
}
