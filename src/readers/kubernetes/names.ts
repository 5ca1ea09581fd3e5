import { settingsNamed } from '../../facts/settings.ts';

/** Whether a name configures Drone. Drone's variables for builds do not, nor do the two of its client. */
export function isDroneSetting(name: string): boolean {
  return (
    name.startsWith('DRONE_') && name !== 'DRONE_SERVER' && name !== 'DRONE_TOKEN' && settingsNamed(name).length > 0
  );
}

/** Whether a text names a variable that configures Drone. */
export function namesDroneSetting(text: string): boolean {
  const tried = new Set<string>();
  for (const [name] of text.matchAll(/\bDRONE_[A-Z0-9_]+/g)) {
    if (tried.has(name)) continue;
    tried.add(name);
    if (isDroneSetting(name)) return true;
  }
  return false;
}
