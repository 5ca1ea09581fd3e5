import { openRefs } from './git/refs.ts';
import { commonFolderOf } from './git-remote.ts';

/** Characters of an object id, by SHA-1 and by SHA-256. */
const idLengths = [40, 64];

/**
 * The id of the commit that HEAD of a git folder leads to; undefined before the first commit, and where refs are damaged or
 * kept in another way (reftable). Whether files were changed since is not told: that needs the objects of the commit. Throws
 * nothing.
 */
export function headOf(folder: string): string | undefined {
  for (const length of idLengths)
    try {
      const id = openRefs(folder, commonFolderOf(folder), length).idOf('HEAD');
      if (id !== undefined) return id;
    } catch {}
  return undefined;
}
