import type { Container, Mount } from '../model/container.ts';
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

/** Deeper folders than these are no place for data. */
const maxDepth = 64;

/** A path of the host and the folders above it, `/srv/drone`, `/srv`, `/`; for a relative one up to the project's folder. */
export function foldersAbove(path: string): readonly string[] {
  const found = [path];
  for (
    let slash = path.lastIndexOf('/');
    slash > 0 && found.length < maxDepth;
    slash = path.lastIndexOf('/', slash - 1)
  )
    found.push(path.slice(0, slash));
  if (path.startsWith('/') && path !== '/') found.push('/');
  return found;
}

/** Whether a path is another one or lies below it. Both without a slash at the end. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
