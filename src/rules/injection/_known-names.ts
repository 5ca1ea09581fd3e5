import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isRunner } from '../../model/role.ts';

/**
 * Names that runners add to every build (DRONE_RUNNER_ENVIRON, split on commas and one colon). Undefined if they
 * may add others that are not known: from a file, from an extension, or in a value that could not be resolved.
 */
export const environmentOfRunners = memoizePer(({ settings }: Installation): ReadonlySet<string> | undefined => {
  const names = new Set<string>();
  for (const { role, variables } of settings) {
    if (!isRunner(role) && role !== 'server') continue;
    for (const other of ['DRONE_RUNNER_ENV_FILE', 'DRONE_RUNNER_ENVFILE', 'DRONE_ENV_PLUGIN_ENDPOINT'])
      if (variables.has(other) && variables.get(other)?.value !== '') return undefined;
    const environ = variables.get('DRONE_RUNNER_ENVIRON');
    if (!environ) continue;
    if (environ.value === undefined && environ.parts === undefined) return undefined;
    for (const part of environ.parts ?? []) if (part.name !== undefined) names.add(part.name);
    for (const pair of environ.value?.split(',') ?? []) names.add(pair.split(':', 1)[0] ?? '');
  }
  return names;
});
