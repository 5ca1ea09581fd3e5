import { olderThan, parseVersion } from '../drone/version.ts';
import { parseGoBool } from '../facts/go-values.ts';
import { isRunner } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';
import { isOn } from './setting-state.ts';

/** Whether a server has a runner built in: until 1.5 by default, later when it is told to (cmd/drone-server/inject_runner.go:35-78). */
export function hasEmbeddedRunner({ version, variables }: Settings): boolean {
  return (
    olderThan(parseVersion(version), [1, 5]) ||
    parseGoBool(variables.get('DRONE_AGENTS_DISABLED')?.value ?? '') === true
  );
}

/** Servers before 2.0 could hand their builds to agents or a cluster; until 1.5 they kept them without being told so. */
export const schedulers = ['DRONE_AGENTS_ENABLED', 'DRONE_KUBERNETES_ENABLED', 'DRONE_NOMAD_ENABLED'] as const;

/** Whether a server is known to run the builds itself (builds-on-the-server tells it). */
export function isBuilder(server: Settings): boolean {
  if (isOn(server, 'DRONE_AGENTS_DISABLED')) return true;
  const version = parseVersion(server.version);
  if (olderThan(version, [1]) || !olderThan(version, [1, 5])) return false;
  return schedulers.every((name) => isOn(server, name) === false);
}

/** Whether the settings of runners mean anything to a component: a runner, a server that builds by itself, or one of unknown role. */
export function takesRunnerSettings(settings: Settings): boolean {
  const { role } = settings;
  return isRunner(role) || role === 'unknown' || (role === 'server' && hasEmbeddedRunner(settings));
}
