import { setVariable } from '../drone/scm.ts';
import type { Settings } from '../model/settings.ts';
import { say, type Text } from '../model/text.ts';
import { isOn, isUnset, whyUnknown } from './setting-state.ts';
import { isStoppedBy } from './value-fault.ts';

/** Whether a runner takes builds of all repositories; the variable that leaves it open is named where that is not known. */
export type Openness = { readonly state: 'open' | 'limited' } | { readonly state: 'unknown'; readonly because: Text };

/**
 * Whether none of some limits is set: lists by being not empty, DRONE_LIMIT_TRUSTED by being true (drone/runner-go
 * pipeline/runtime/runner.go:194-201). Labels are no limit: any pipeline can ask for them.
 */
export function opennessOf(runner: Settings, limits: readonly string[]): Openness {
  const isLimit = (name: string): boolean =>
    name === 'DRONE_LIMIT_TRUSTED' ? isOn(runner, name) === true : setVariable(runner, name) !== undefined;
  if (limits.some(isLimit)) return { state: 'limited' };
  const stopper = limits.find((name) => isStoppedBy(runner, name));
  if (stopper !== undefined) return { state: 'unknown', because: say`the runner does not start with this ${stopper}` };
  const unknown = limits.find(
    (name) => (name === 'DRONE_LIMIT_TRUSTED' ? isOn(runner, name) : isUnset(runner, name)) === undefined,
  );
  return unknown === undefined ? { state: 'open' } : { state: 'unknown', because: whyUnknown(runner, unknown) };
}
