import { opennessOf } from '../../analysis/runner-access.ts';
import { isOn, isUnset } from '../../analysis/setting-state.ts';
import { matchGlob } from '../../drone/glob.ts';
import type { Installation } from '../../model/installation.ts';
import { isRunner } from '../../model/role.ts';
import type { Repository } from '../../model/server.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

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

/** drone/runner-go pipeline/runtime/runner.go:194-201 */
function mayTake(runner: Settings, { slug }: Repository): boolean {
  if (isOn(runner, 'DRONE_LIMIT_TRUSTED') === true) return false;
  return admits(runner, 'DRONE_LIMIT_REPOS', slug) && admits(runner, 'DRONE_LIMIT_EVENTS', 'pull_request');
}

function admits(runner: Settings, name: string, text: string): boolean {
  const value = setVariable(runner, name)?.value;
  return value === undefined || value.split(',').some((pattern) => matchGlob(pattern, text) === 'match');
}

/** Runners of these types make some plugins privileged by the name of their image. */
function makesPrivileged(runner: Settings): boolean {
  const { role } = runner;
  return (role === 'runner-docker' || role === 'runner-kube') && isUnset(runner, 'DRONE_LIMIT_EVENTS') === true;
}
