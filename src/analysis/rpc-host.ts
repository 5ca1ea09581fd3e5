import { isComponent, settingFor } from '../facts/settings.ts';
import type { Variable } from '../model/environment.ts';
import { memoizePer } from '../model/memoize.ts';
import { nearest } from '../model/nearest.ts';
import { isRunner } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';

/**
 * Whether a runner ends at once because it has no DRONE_RPC_HOST: all but that for AWS require it
 * (drone-runners/drone-runner-docker@9ea626a command/daemon/config.go:20-28). An empty value counts as given
 * (kelseyhightower/envconfig Process). Undefined where its environment is not wholly known.
 */
export function lacksRpcHost(settings: Settings): boolean | undefined {
  const { role, variables, complete } = settings;
  if (!isRunner(role) || !isComponent(role)) return false;
  if (!settingFor('DRONE_RPC_HOST', role)?.requiredBy?.includes(role) || variables.has('DRONE_RPC_HOST')) return false;
  return complete ? true : undefined;
}

/** The variable in which a runner without DRONE_RPC_HOST was given its server: a name that is old, made up or misspelt. */
export const misnamedRpcHost = memoizePer((settings: Settings): Variable | undefined => {
  if (lacksRpcHost(settings) !== true) return undefined;
  const { role } = settings;
  const candidates = [...settings.variables.values()].filter(
    ({ name }) => name.startsWith('DRONE_') && name.length < 30 && isComponent(role) && !settingFor(name, role),
  );
  return (
    candidates.find(({ name }) => oldRpcHosts.has(name)) ??
    candidates.find(
      ({ name }) => nearest(name.slice('DRONE_'.length), ['RPC_HOST', 'RPC_PROTO', 'RPC_SECRET']) === 'RPC_HOST',
    )
  );
});

/** Names of older programs, and one that guides made up: obsolete-setting tells of them. */
export const oldRpcHosts: ReadonlySet<string> = new Set(['DRONE_RPC_ADDR', 'DRONE_RPC_SERVER', 'DRONE_SERVER']);
