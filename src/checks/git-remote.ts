import { join, resolve } from 'node:path';
import { slugOfAddress } from '../model/repository-address.ts';
import { statSync } from './file-system.ts';
import { readPathBounded } from './read-bounded.ts';

/*
 * What the SCM calls a repository, by the address that it was cloned from: in `config` of its git folder. The git program
 * is not run (see git-index.ts), so that `include` and `insteadOf` have no effect.
 */

/** How large a config may be to be read, in bytes. */
const maxBytes = 256 * 1024;

/**
 * The slug of the repository whose git folder this is, `octocat/hello-world`: that of the remote "origin", else of the only
 * one. Undefined where there is none, or its address is no such name. Throws nothing.
 */
export function slugOfGitFolder(folder: string): string | undefined {
  try {
    const remotes = remotesIn(textOf(join(commonFolderOf(folder), 'config')) ?? '');
    const [only] = remotes.size === 1 ? remotes.values() : [];
    const address = remotes.get('origin') ?? only;
    return address === undefined ? undefined : slugOfAddress(address);
  } catch {
    return undefined;
  }
}

/**
 * Whether only some branches are fetched from the remote "origin", as with `git clone --single-branch`; others are not there
 * then. Throws nothing.
 */
export function fetchesSomeBranches(folder: string): boolean {
  try {
    const fetched = fetchedFromOrigin(textOf(join(commonFolderOf(folder), 'config')) ?? '');
    return fetched.length > 0 && !fetched.some((each) => each.includes('*'));
  } catch {
    return false;
  }
}

/** What is fetched from "origin", as refspecs: `+refs/heads/*:refs/remotes/origin/*`. */
function fetchedFromOrigin(text: string): readonly string[] {
  const found: string[] = [];
  let isOrigin = false;
  for (const line of text.split('\n')) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) isOrigin = /^remote\s+"origin"\s*$/i.test(section);
    const refspec = isOrigin ? /^\s*fetch\s*=\s*"?([^"\s#;]+)/i.exec(line)?.[1] : undefined;
    if (refspec !== undefined) found.push(refspec);
  }
  return found;
}

/** A further work tree shares the config of its repository, which the file `commondir` names (gitrepository-layout). */
export function commonFolderOf(folder: string): string {
  const path = (textOf(join(folder, 'commondir')) ?? '').trim();
  return path === '' ? folder : resolve(folder, path);
}

/** Undefined for what is no file, or too large. */
export function textOf(path: string, most = maxBytes): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > most) return undefined;
  return readPathBounded(path, most).toString('utf8');
}

/** The addresses of the remotes, the last of each as git takes it (git Documentation/config: "[remote "NAME"]"). */
function remotesIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let remote: string | undefined;
  for (const line of text.split('\n')) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) remote = /^remote\s+"([^"]+)"\s*$/i.exec(section)?.[1];
    const address = remote === undefined ? undefined : /^\s*url\s*=\s*"?([^"\s#;]+)/i.exec(line)?.[1];
    if (remote !== undefined && address !== undefined && !found.has(remote)) found.set(remote, address);
  }
  return found;
}
