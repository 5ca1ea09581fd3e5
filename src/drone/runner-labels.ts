import { itemsOf } from '../model/location-within.ts';
import type { Pipeline } from '../model/pipeline.ts';
import type { Settings } from '../model/settings.ts';

/** DRONE_RUNNER_LABELS as a map (`disk:ssd,pool:release`); undefined when unknown. */
export function labelsOf(runner: Settings): ReadonlyMap<string, string> | undefined {
  const variable = runner.variables.get('DRONE_RUNNER_LABELS');
  if (!variable) return runner.complete ? new Map() : undefined;
  if (variable.value === undefined) return undefined;
  return new Map(
    itemsOf(variable).flatMap(({ text }) => {
      const [key, value, more] = text.split(':');
      return key === undefined || value === undefined || more !== undefined ? [] : [[key, value] as const];
    }),
  );
}

/** A string for a set of labels, the same for equal maps. */
export function labelKey(labels: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a pipeline asks for exactly these labels. Unknown labels count as a match. */
export function asksFor({ node }: Pipeline, labels: ReadonlyMap<string, string> | undefined): boolean {
  if (!labels) return true;
  return node.size === labels.size && [...node].every(([key, { value }]) => labels.get(key) === value);
}

/** Whether a runner is known to have a different platform from the one a pipeline asks for. */
export function isOtherPlatform({ variables }: Settings, { os, arch }: Pipeline): boolean {
  const differs = (name: string, wanted: string): boolean => {
    const own = variables.get(name)?.value;
    return own !== undefined && own !== '' && own !== wanted;
  };
  return differs('DRONE_PLATFORM_OS', os.value) || differs('DRONE_PLATFORM_ARCH', arch.value);
}
