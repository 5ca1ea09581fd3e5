import { parseGoBool, parseGoDuration, parseGoInt, parseMap } from '../facts/go-values.ts';
import { defaultOf, isComponent, keepsBlankItem, settingFor, typeOf } from '../facts/settings.ts';
import type { Component, SettingFact } from '../facts/settings-table.ts';
import type { Variable } from '../model/environment.ts';
import type { Settings } from '../model/settings.ts';
import { say, type Text } from '../model/text.ts';
import { isTemplateFile } from '../secrets/weakness.ts';
import { isOfDrone08 } from './obsolete.ts';

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

/** What is wrong with the value of a variable, without the value. */
export interface ValueFault {
  /** `is neither true nor false`. */
  readonly because: Text;
  /** Whether the process stops at it; else it goes on without a default that it needs. */
  readonly stops: boolean;
}

/** Why a component cannot take the known value of a variable; undefined where it can, or does not read the variable. */
export function valueFault(settings: Settings, { name, value, at }: Variable): ValueFault | undefined {
  const { role } = settings;
  if (value === undefined || !isComponent(role) || isOfDrone08(settings)) return undefined;
  const fact = settingFor(name, role);
  if (!fact || (fact.legacy && !fact.legacy.works)) return undefined;
  if (isTemplateFile(at.source.name) && (value === '' || /^[<{[].*[>}\]]$/.test(value))) return undefined;
  const because = faultOf(value, fact, role);
  if (because !== undefined) return { because, stops: true };
  const isNoDefault = value === '' && typeOf(fact, role) === 'enum' && defaultOf(fact, role, true) !== '';
  return isNoDefault ? { because: say`is empty, which counts as set`, stops: false } : undefined;
}

/**
 * Whether a component does not start because of what a variable is set to. invalid-setting-value tells that; what would
 * follow if it started without the setting is no second finding.
 */
export function isStoppedBy(settings: Settings, name: string): boolean {
  const variable = settings.variables.get(name);
  return variable !== undefined && valueFault(settings, variable)?.stops === true;
}

/** What is wrong with a value, without the value. */
function faultOf(value: string, fact: SettingFact, component: Component): Text | undefined {
  const { name, format } = fact;
  if (component === 'server' && name === 'DRONE_SERVER_PORT' && value.startsWith('tcp://'))
    return say`is an address and no port`;
  if (format === 'kvlist' || format === 'bytes') return undefined;
  if (format === 'float') return value.trim() === '' || Number.isNaN(Number(value)) ? say`is not a number` : undefined;
  switch (typeOf(fact, component)) {
    case 'bool':
      return parseGoBool(value) === undefined ? say`is neither true nor false` : undefined;
    case 'int':
      return parseGoInt(value) === undefined ? say`is not a whole number` : undefined;
    case 'duration':
      return parseGoDuration(value) === undefined ? say`is not a duration with a unit` : undefined;
    case 'map':
      return mapFault(value, fact, component);
    case 'enum':
      if (!fact.closedIn?.includes(component) || fact.values?.includes(value)) return undefined;
      return value === '' ? say`is empty, which counts as set` : say`is none of ${fact.values?.join(', ') ?? ''}`;
    default:
      return undefined;
  }
}

function mapFault(value: string, { name }: SettingFact, component: Component): Text | undefined {
  if (parseMap(value, keepsBlankItem(component)).invalid.length === 0) return undefined;
  if (value.trim() === '') return say`is empty, which is not a map`;
  return name === 'DRONE_RUNNER_VOLUMES'
    ? say`has an item that is not "/host:/container"`
    : say`has an item that is not "NAME:VALUE"`;
}
