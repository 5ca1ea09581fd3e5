import type { Container } from '../model/container.ts';
import type { Installation } from '../model/installation.ts';
import { itemsOf } from '../model/location-within.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Settings } from '../model/settings.ts';
import { takesRunnerSettings } from './embedded-runner.ts';

/** Runners by the networks they attach their builds to. */
const runnersByNetwork = memoizePer(({ settings }: Installation) => {
  const runners = new Map<string, Settings>();
  for (const runner of settings) {
    const variable = runner.variables.get('DRONE_RUNNER_NETWORKS');
    if (!variable || !takesRunnerSettings(runner)) continue;
    for (const { text } of itemsOf(variable)) if (!runners.has(text)) runners.set(text, runner);
  }
  return runners;
});

/** A runner that attaches its builds to a network of the container (drone-runner-docker command/daemon/config.go:54). */
export function buildsBeside({ networks }: Container, installation: Installation): Settings | undefined {
  for (const { value } of networks) {
    const runner = runnersByNetwork(installation).get(value);
    if (runner) return runner;
  }
  return undefined;
}
