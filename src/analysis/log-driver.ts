import type { Settings } from '../model/settings.ts';

/** Log drivers that keep the log on the host (or nowhere). */
export const localDrivers: ReadonlySet<string> = new Set(['json-file', 'local', 'none', 'journald']);

/** The log driver of a component's container when it sends the log elsewhere. */
export function remoteLogDriver({ container }: Settings): string | undefined {
  const driver = container?.logDriver?.value;
  return driver === undefined || driver === '' || localDrivers.has(driver) ? undefined : driver;
}
