import { parseGoBool } from '../facts/go-values.ts';
import type { Settings } from '../model/settings.ts';
import { say, type Text } from '../model/text.ts';

/**
 * Whether a switch whose default is off is on, by Go's strconv.ParseBool. Undefined where that is not known: its value is
 * not, or it is absent from an environment that was not wholly read.
 */
export function isOn(settings: Settings, name: string): boolean | undefined {
  const variable = settings.variables.get(name);
  if (!variable) return settings.complete ? false : undefined;
  return variable.value === undefined ? undefined : parseGoBool(variable.value) === true;
}

/** Whether a text is absent or empty. Undefined where that is not known; a text of unknown value counts as set. */
export function isUnset(settings: Settings, name: string): boolean | undefined {
  const variable = settings.variables.get(name);
  if (!variable) return settings.complete ? true : undefined;
  return variable.value === '';
}

/** Why it is not known what a variable is, for coverage. */
export function whyUnknown(settings: Settings, name: string): Text {
  if (settings.variables.has(name)) return say`the value of ${name} is not known`;
  return settings.gaps[0] ?? say`the environment is not wholly known`;
}
