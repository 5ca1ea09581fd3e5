import { join } from 'node:path';
import { commonFolderOf, textOf } from './git-remote.ts';

/*
 * The commit that a repository is at, found in HEAD and the refs of its git folder. The git program is not run (see
 * git-index.ts). Whether files were changed since is not told: that needs the objects of the commit.
 */

/** How large a list of packed refs may be to be read, in bytes: one of a hundred thousand has 8 MiB. */
const maxPacked = 16 * 1024 * 1024;
const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The id of the commit that HEAD of a git folder leads to; undefined before the first commit, and where refs are kept in
 * another way (reftable). Throws nothing.
 */
export function headOf(folder: string): string | undefined {
  try {
    const head = textOf(join(folder, 'HEAD'))?.trim() ?? '';
    if (objectId.test(head)) return head;
    const ref = /^ref: (refs\/[^\0\r\n]{1,1024})$/.exec(head)?.[1];
    // git check-ref-format: no part of a name begins with a dot.
    if (ref === undefined || /(?:^|\/)\./.test(ref)) return undefined;
    const common = commonFolderOf(folder);
    const loose = textOf(join(common, ref))?.trim() ?? '';
    return objectId.test(loose) ? loose : packed(textOf(join(common, 'packed-refs'), maxPacked) ?? '', ref);
  } catch {
    return undefined;
  }
}

function packed(text: string, ref: string): string | undefined {
  const end = text.indexOf(` ${ref}\n`);
  const id = end < 0 ? '' : text.slice(text.lastIndexOf('\n', end) + 1, end);
  return objectId.test(id) ? id : undefined;
}
