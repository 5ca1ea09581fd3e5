import { settingFor, settingsNamed } from '../../facts/settings.ts';
import type { Component } from '../../facts/settings-table.ts';

/**
 * The secret variable that `NAME_FILE` is meant for, where nothing reads `NAME_FILE` itself: Drone has no such convention
 * (DRONE_PRIVATE_KEY_FILE and other names in the table are paths in their own right).
 */
export function secretOfFile(name: string, component: Component): string | undefined {
  if (!name.endsWith('_FILE') || settingsNamed(name).some(({ nonexistent }) => !nonexistent)) return undefined;
  const plain = name.slice(0, -'_FILE'.length);
  const fact = settingFor(plain, component);
  return fact?.secret === 'yes' ? plain : undefined;
}
