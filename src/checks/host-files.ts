import { statSync } from 'node:fs';
import { hostname, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { readPathBounded } from './read-bounded.ts';

/** Who may do what with a file or folder, as the evidence holds it. */
export interface FileFacts {
  readonly path: string;
  /** Permission bits in octal digits: `660`. */
  readonly mode: string;
  /** Names where they are known, else numbers. */
  readonly user: string;
  readonly group: string;
}

/** The names of accounts and groups, by their numbers. */
export interface AccountNames {
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

/** Larger files are not read; their accounts keep their numbers. */
const maxLength = 1024 * 1024;

/** The accounts of this machine, as its `/etc/passwd` and `/etc/group` name them. */
export function accountNames(): AccountNames {
  return { users: namesIn('/etc/passwd'), groups: namesIn('/etc/group') };
}

function namesIn(path: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  try {
    const bytes = readPathBounded(path, maxLength);
    if (bytes.length > maxLength) return names;
    for (const line of bytes.toString('utf8').split('\n')) {
      const [name, , number] = line.split(':');
      if (name && number && !names.has(number)) names.set(number, name);
    }
  } catch {}
  return names;
}

/** What the system tells of a file; undefined if nothing, and on Windows, which has no such modes. */
export function fileFacts(path: string, { users, groups }: AccountNames): FileFacts | undefined {
  if (platform() === 'win32') return undefined;
  try {
    const { mode, uid, gid } = statSync(path);
    return {
      path,
      mode: (mode & 0o7777).toString(8),
      user: users.get(`${uid}`) ?? `${uid}`,
      group: groups.get(`${gid}`) ?? `${gid}`,
    };
  } catch {
    return undefined;
  }
}

/** Whether this machine is the host that an engine calls by this name, so that paths mean the same here and there. */
export function isThisHost(name: string): boolean {
  return name !== '' && name === hostname();
}

/**
 * The folder behind a mount and the database in it, as far as other accounts can get there at all: what lies below a
 * folder that they may not enter is left out.
 */
export function dataFiles(folder: string, names: AccountNames): readonly FileFacts[] {
  if (!folder.startsWith('/') || folder.includes('\0')) return [];
  return [folder, join(folder, 'database.sqlite')].flatMap((path) => {
    const facts = isWithinReach(path) ? fileFacts(path, names) : undefined;
    return facts ? [facts] : [];
  });
}

/** Whether anyone may enter every folder above a path. */
function isWithinReach(path: string): boolean {
  try {
    for (let above = dirname(path); ; above = dirname(above)) {
      if ((statSync(above).mode & 0o001) === 0) return false;
      if (above === dirname(above)) return true;
    }
  } catch {
    return false;
  }
}
