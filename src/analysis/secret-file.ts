import { componentBinaries, componentImages } from '../facts/images.ts';
import { isComponent, settingFor, settingsNamed } from '../facts/settings.ts';
import type { Component } from '../facts/settings-table.ts';
import { type Settings, setVariable } from '../model/settings.ts';

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

/** Whether the program of the image starts, and no script before it; undefined where that is not known. */
export function hasOwnEntrypoint({ container, at }: Settings): boolean | undefined {
  if (!container) return at.source.form === 'env' || at.source.form === 'docker-env' ? undefined : true;
  const [program] = container.entrypoint;
  if (program) return componentBinaries.has(program.value.split('/').at(-1) ?? '');
  return container.image && componentImages.has(container.image.value.name) ? true : undefined;
}

/** Whether ignored-secret-file tells why a secret is not there: `NAME_FILE` is set, and only Drone's own program runs. */
export function isLeftInFile(settings: Settings, name: string): boolean {
  const file = `${name}_FILE`;
  if (!isComponent(settings.role) || secretOfFile(file, settings.role) !== name) return false;
  return setVariable(settings, file) !== undefined && hasOwnEntrypoint(settings) === true;
}
