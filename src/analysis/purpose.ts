import { type SecretPurpose, secretPurposes } from '../facts/secret-purposes.ts';
import type { Variable } from '../model/environment.ts';
import type { Role } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';

const foreignRoles: ReadonlySet<Role> = new Set<Role>(['other', 'step', 'proxy', 'docker']);

/** Whether a component is one of Drone, so that its secrets are those of the installation. */
export function isOfDrone({ role }: Settings): boolean {
  return !foreignRoles.has(role);
}

/** What the secret of a variable is for; undefined for purposes of its own. */
export function purposeOf({ name }: Variable, role: Role): SecretPurpose | undefined {
  if (role === 'extension') return extensionSecrets.has(name) ? 'extension' : undefined;
  if (name === 'DRONE_SECRET') return 'rpc';
  return secretPurposes.find(([names]) => names.test(name))?.[1];
}

/** Names under which extensions read the token that they share with their caller (starters of the drone organisation). */
export const extensionSecrets: ReadonlySet<string> = new Set(['DRONE_SECRET', 'SECRET_KEY', 'PLUGIN_SECRET']);

/** Maps for builds, whose values are judged by rules of the runner. */
export const buildMaps: ReadonlySet<string> = new Set(['DRONE_RUNNER_ENVIRON', 'DRONE_AGENT_ENVIRON']);
