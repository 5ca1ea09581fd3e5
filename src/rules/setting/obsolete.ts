import { settingFor, settingsNamed } from '../../facts/settings.ts';
import type { Component, SettingFact } from '../../facts/settings-table.ts';
import { given, scmOf } from '../../model/registration.ts';
import type { Settings } from '../../model/settings.ts';
import { olderThan, parseVersion } from '../../model/version.ts';

/**
 * Whether a component is of Drone 0.8 or older: by its version, and for a server without a known image by its settings,
 * when they name an SCM in the words of 0.8 only (a current server does not start with them).
 */
export function isOfDrone08(settings: Settings): boolean {
  if (settings.version !== undefined) return olderThan(parseVersion(settings.version), [1]);
  if (settings.role !== 'server' || settings.container?.image) return false;
  return !scmOf(settings) && oldProviders.some((name) => given(settings, name));
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
  const facts = settingsNamed(name);
  return facts.every(({ legacy }) => legacy && !legacy.works) ? facts[0] : undefined;
}
