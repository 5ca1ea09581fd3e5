import type { Container, Mount } from '../model/container.ts';

/** Where the official image keeps the database (docker/Dockerfile.server.linux.amd64). */
const database = '/data/database.sqlite';

/** Whether a path of a container lies in a mount. */
export function covers({ target }: Mount, path: string): boolean {
  if (target === undefined) return false;
  const folder = target.replace(/(?<!\/)\/+$/, '');
  return folder === path || path.startsWith(`${folder}/`) || folder === database;
}

/** Whether the database of the official image outlives its container: not in an anonymous volume (a hash for a name). */
export function keepsDatabase({ mounts }: Container): boolean {
  return mounts.some(
    (mount) =>
      covers(mount, '/data') &&
      (mount.type !== 'volume' || (mount.source !== undefined && !/^[0-9a-f]{64}$/.test(mount.source))),
  );
}

/** Whether a server keeps its database where the official image does; undefined if that is not known. */
export function usesDefaultDatabase({ environment }: Container): boolean | undefined {
  const driver = environment.variables.get('DRONE_DATABASE_DRIVER');
  const datasource = environment.variables.get('DRONE_DATABASE_DATASOURCE');
  if (driver?.value !== undefined && driver.value !== 'sqlite3') return false;
  if (datasource?.value !== undefined && datasource.value !== database) return false;
  if (datasource?.value === undefined && datasource) return undefined;
  if (driver && driver.value === undefined) return undefined;
  return (driver && datasource) || environment.complete ? true : undefined;
}
