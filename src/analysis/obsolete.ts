import { scmOf } from '../drone/scm.ts';
import { olderThan, parseVersion } from '../drone/version.ts';
import { isComponent, settingFor, settingsNamed } from '../facts/settings.ts';
import type { Component, SettingFact } from '../facts/settings-table.ts';
import { type Settings, setVariable } from '../model/settings.ts';

/**
 * Whether a component is of Drone 0.8 or older: by its version, and for a server without a known image by its settings,
 * when they name an SCM in the words of 0.8 only (a current server does not start with them).
 */
export function isOfDrone08(settings: Settings): boolean {
  if (settings.version !== undefined) return olderThan(parseVersion(settings.version), [1]);
  if (settings.role !== 'server' || settings.container?.image) return false;
  return !scmOf(settings) && oldProviders.some((name) => setVariable(settings, name));
}

const oldProviders = [
  'DRONE_GITHUB',
  'DRONE_GITLAB',
  'DRONE_GITEA',
  'DRONE_GOGS',
  'DRONE_BITBUCKET',
  'DRONE_STASH',
  'DRONE_CODING',
];

/** Names of 0.8 agents that the command line client reads today, where it is used inside the container (drone-cli@662f6f4 drone/main.go). */
const ofTheClient: ReadonlySet<string> = new Set(['DRONE_SERVER']);

/** What a name meant that a component does not read any more, and no other program instead of it. */
export function obsoleteSetting(
  name: string,
  component: Component,
  version: string | undefined,
): SettingFact | undefined {
  const own = settingFor(name, component);
  if (own) {
    if (!own.legacy || own.legacy.works) return undefined;
    const since = parseVersion(own.legacy.since);
    return since && olderThan(parseVersion(version), since) ? undefined : own;
  }
  if (ofTheClient.has(name) && component === 'server') return undefined;
  const facts = settingsNamed(name);
  return facts.every(({ legacy }) => legacy && !legacy.works) ? facts[0] : undefined;
}

/** Whether obsolete-setting says that nothing reads a variable: what its value is does not matter then. */
export function isReportedAsObsolete(name: string, settings: Settings): boolean {
  const { role, version } = settings;
  if (isOfDrone08(settings)) return false;
  // An agent shares the names of its server's env file, where the finding is told.
  const isAgent = role === 'agent' && parseVersion(version) !== undefined;
  const component = isAgent ? 'runner-docker' : role;
  return isComponent(component) && obsoleteSetting(name, component, version) !== undefined;
}
