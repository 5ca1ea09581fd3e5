import type { Container, Mount } from './container.ts';
import { olderThan, parseVersion } from './version.ts';

/**
 * What a server mounts at its data directory: `/data` (docker/Dockerfile.server.linux.amd64), `/var/lib/drone` in 0.x.
 * It holds the database with accounts, tokens and secrets, unless an external one is configured.
 */
export function serverData({ role, mounts, settings }: Container): readonly Mount[] {
  if (role !== 'server') return [];
  const folder = olderThan(parseVersion(settings.version), [1]) ? '/var/lib/drone' : '/data';
  return mounts.filter(({ source, target }) => source !== undefined && target?.replace(/\/+$/, '') === folder);
}

/** Whether a path is another one or lies below it. Both without a slash at the end. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
