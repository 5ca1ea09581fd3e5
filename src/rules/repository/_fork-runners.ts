import { opennessOf } from '../../analysis/runner-access.ts';
import { isOn, isUnset } from '../../analysis/setting-state.ts';
import { admits, isNamed } from '../../drone/runner-limits.ts';
import type { Installation } from '../../model/installation.ts';
import { isRunner } from '../../model/role.ts';
import type { Repository } from '../../model/server.ts';
import type { Settings } from '../../model/settings.ts';

/**
 * What is known of the runners that may build the pull requests of an untrusted repository: one of them makes plugins
 * privileged for them; one takes builds of all repositories; no runner is in sight; or all are limited.
 */
export function forkRunnersOf(
  repository: Repository,
  { settings }: Installation,
): 'privileging' | 'open' | 'unknown' | 'limited' {
  const runners = settings.filter(({ role }) => isRunner(role));
  if (runners.length === 0) return 'unknown';
  const takers = runners.filter((runner) => mayTake(runner, repository));
  if (takers.some(makesPrivileged)) return 'privileging';
  return takers.some((runner) => opennessOf(runner, limits).state !== 'limited') ? 'open' : 'limited';
}

const limits = ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_EVENTS', 'DRONE_LIMIT_TRUSTED'];

/** A limit that is not known refuses nothing. */
function mayTake(runner: Settings, { slug }: Repository): boolean {
  if (isOn(runner, 'DRONE_LIMIT_TRUSTED') === true) return false;
  return (
    admits(runner, 'DRONE_LIMIT_REPOS', (pattern) => isNamed(pattern, slug)) !== false &&
    admits(runner, 'DRONE_LIMIT_EVENTS', (pattern) => isNamed(pattern, 'pull_request')) !== false
  );
}

/** Runners of these types make some plugins privileged by the name of their image. */
function makesPrivileged(runner: Settings): boolean {
  const { role } = runner;
  return (role === 'runner-docker' || role === 'runner-kube') && isUnset(runner, 'DRONE_LIMIT_EVENTS') === true;
}
