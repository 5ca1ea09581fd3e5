import { parseGoBool } from '../facts/go-values.ts';
import type { Role } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';

/** Whether debug shells are on by default (drone-runner-docker command/daemon/config.go:111, drone-runner-kube command/daemon/config.go:140). */
const defaults: ReadonlyMap<Role, boolean> = new Map<Role, boolean>([
  ['runner-docker', false],
  ['runner-kube', true],
  ['runner-aws', true],
]);

/** Whether a runner opens a shell in builds that are started in debug mode; undefined where that is not known. */
export function opensDebugShells(settings: Settings): boolean | undefined {
  const isDefault = defaults.get(settings.role);
  if (isDefault === undefined) return false;
  const variable = settings.variables.get('DRONE_TMATE_ENABLED');
  if (!variable) return isDefault && !settings.complete ? undefined : isDefault;
  return variable.value === undefined ? undefined : parseGoBool(variable.value) === true;
}
