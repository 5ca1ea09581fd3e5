import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordCache } from '../model/record-cache.ts';
import { UserError } from '../model/user-error.ts';

/** A cache in a folder of its own, whose files nobody else may write. */
export interface CacheFolder extends RecordCache {
  /** Takes the folder away, with what is in it. */
  remove(): void;
}

/**
 * Opens the cache in a folder, which is made if it is not there. A folder that others could write is refused, because whoever can
 * write it decides what a report says. `uid` is that of the user, where the system has users.
 */
export function cacheFolder(path: string, shown: string, uid: number | undefined): CacheFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    throw new UserError(`"${shown}" cannot be made for a cache`);
  }
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new UserError(`"${shown}" is no folder, and cannot be a cache`);
  if (uid !== undefined && found.uid !== uid)
    throw new UserError(`"${shown}" belongs to another user, and cannot be a cache`);
  if (uid !== undefined && (found.mode & 0o022) !== 0)
    throw new UserError(`"${shown}" can be written by other users, and cannot be a cache: chmod go-w`);
  const fileOf = (key: string): string => join(path, key.slice(0, 2), key);
  return {
    get: (key) => {
      try {
        const text = readFileSync(fileOf(key), 'utf8');
        const end = text.indexOf('\n');
        const body = text.slice(end + 1);
        return end > 0 && text.slice(0, end) === digest(key, body) ? body : undefined;
      } catch {
        return undefined;
      }
    },
    put: (key, text) => {
      const file = fileOf(key);
      const aside = `${file}.${randomUUID()}`;
      // A run without a cache is slower, and not wrong.
      try {
        mkdirSync(join(path, key.slice(0, 2)), { recursive: true, mode: 0o700 });
        writeFileSync(aside, `${digest(key, text)}\n${text}`, { mode: 0o600, flag: 'wx' });
        renameSync(aside, file);
      } catch {
        rmSync(aside, { force: true });
      }
    },
    drop: (key) => rmSync(fileOf(key), { force: true }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function digest(key: string, text: string): string {
  return createHash('sha256').update(`${key}\n${text}`).digest('hex');
}
