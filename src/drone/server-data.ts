import type { Container, Mount } from '../model/container.ts';
import { olderThan, parseVersion } from './version.ts';

/**
 * What a server mounts at its data directory: `/data` (docker/Dockerfile.server.linux.amd64), `/var/lib/drone` in 0.x.
 * It holds the database with accounts, tokens and secrets, unless an external database is configured.
 */
export function serverData({ role, mounts, version }: Container): readonly Mount[] {
  if (role !== 'server') return [];
  const folder = olderThan(parseVersion(version), [1]) ? '/var/lib/drone' : '/data';
  return mounts.filter(({ source, target }) => source !== undefined && target?.replace(/(?<!\/)\/+$/, '') === folder);
}

/** How many folders up to look. */
const maxDepth = 64;

/** A host path and the folders above it: `/srv/drone`, `/srv`, `/`; a relative one only up to the project's folder. */
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

/** Whether a path equals a folder or lies below it. Neither has a trailing slash. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
