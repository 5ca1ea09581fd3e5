import { parseGoBool } from '../../facts/go-values.ts';
import { isRunner, type Settings } from '../../model/settings.ts';
import { olderThan, parseVersion } from '../../model/version.ts';

/** Whether a server has a runner built in: until 1.5 by default, later when it is told to (cmd/drone-server/inject_runner.go:35-78). */
export function buildsByItself({ version, variables }: Settings): boolean {
  return (
    olderThan(parseVersion(version), [1, 5]) ||
    parseGoBool(variables.get('DRONE_AGENTS_DISABLED')?.value ?? '') === true
  );
}

/** Whether the settings of runners mean anything to a component: a runner, a server that builds by itself, or one of unknown role. */
export function takesRunnerSettings(settings: Settings): boolean {
  const { role } = settings;
  return isRunner(role) || role === 'unknown' || (role === 'server' && buildsByItself(settings));
}
