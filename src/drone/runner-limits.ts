import { parseGoBool } from '../facts/go-values.ts';
import { itemsOf } from '../model/location-within.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { matchGlob } from './glob.ts';

/**
 * Whether a list of a runner admits a text: `DRONE_LIMIT_REPOS` a slug, `DRONE_LIMIT_EVENTS` an event. A list that is not set
 * admits everything (drone/runner-go pipeline/runtime/runner.go:194-201, drone-runner-docker internal/match/match.go:22-36).
 * Undefined where the value is not known.
 */
export function admits(
  runner: Settings,
  name: 'DRONE_LIMIT_REPOS' | 'DRONE_LIMIT_EVENTS',
  isText: (pattern: string) => boolean,
): boolean | undefined {
  const variable = setVariable(runner, name);
  if (!variable) return runner.variables.has(name) || runner.complete ? true : undefined;
  if (variable.value === undefined) return undefined;
  // Items are not trimmed: `push, pull_request` admits no pull request.
  return itemsOf(variable).some(({ text }) => isText(text));
}

/** Whether a pattern of a limit admits exactly this text. */
export function isNamed(pattern: string, text: string): boolean {
  return matchGlob(pattern, text) === 'match';
}

/** Whether a runner takes builds of trusted repositories alone; undefined where that is not known. */
export function takesTrustedOnly(runner: Settings): boolean | undefined {
  const variable = runner.variables.get('DRONE_LIMIT_TRUSTED');
  if (!variable) return runner.complete ? false : undefined;
  return variable.value === undefined ? undefined : parseGoBool(variable.value) === true;
}
