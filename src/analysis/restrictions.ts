import { type ConditionBlock, filters } from '../drone/conditions.ts';
import { choosingConditions, ignoredInTrigger, ignoredInWhen } from '../facts/conditions.ts';
import type { Installation } from '../model/installation.ts';
import type { Condition, Conditions, Step } from '../model/pipeline.ts';
import { setVariable } from '../model/settings.ts';
import { misplacedWhen } from './misplaced-when.ts';

/** Conditions that really choose which builds run: Drone evaluates them and understands their patterns. */
export function restrictionsOf(conditions: Conditions | undefined): readonly Condition[] {
  return choosingConditions.flatMap((name) => {
    const condition = conditions?.conditions.get(name);
    return filters(condition) ? [condition] : [];
  });
}

/** Whether a step was meant to be restricted by a condition that is dropped, or by a `when` where Drone reads none. */
export function losesRestriction(step: Step): boolean {
  const isDropped = choosingConditions.some((name) => {
    const condition = step.when?.conditions.get(name);
    return condition !== undefined && !filters(condition);
  });
  return isDropped || misplacedWhen(step) !== undefined;
}

/** Conditions that nothing evaluates. Where a conversion extension is known, it may evaluate `paths`. */
export function ignoredOf({ kind, conditions }: ConditionBlock, installation: Installation): readonly Condition[] {
  const names = kind === 'trigger' ? ignoredInTrigger : ignoredInWhen;
  return names.flatMap((name) => {
    const condition = conditions.conditions.get(name);
    if (!filters(condition) || (name === 'paths' && hasConversion(installation))) return [];
    return [condition];
  });
}

function hasConversion(installation: Installation): boolean {
  return installation.settings.some((settings) => setVariable(settings, 'DRONE_CONVERT_PLUGIN_ENDPOINT') !== undefined);
}
