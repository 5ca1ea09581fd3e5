import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf } from '../model/error-code.ts';
import { OutputError } from '../model/output-error.ts';
import { lstatSync, onDisk, readlinkSync, realpathSync, statSync } from './file-system.ts';

/**
 * Writes a report to an absolute path. A regular file is complete or absent: it is written aside and renamed, and keeps
 * its mode and owner; at the end of a link, what the link leads to is replaced. A device, a pipe or a descriptor
 * (`/dev/stdout`, `/dev/fd/3`) is written to. `inputs` are absolute paths of files that must not be overwritten. Throws
 * OutputError. The text may come in parts, which are made while it is written. Returns whether it lies in a regular file.
 */
export function writeReport(
  path: string,
  shown: string,
  text: string | Iterable<string>,
  inputs: Iterable<string>,
): boolean {
  try {
    const end = endOf(path);
    const descriptor = descriptorOf(end);
    const found = descriptor === undefined ? statSync(end, mayBeAbsent) : undefined;
    const isFile = descriptor === undefined && found?.isFile() !== false;
    if (isFile) replace(end, text, found, inputs);
    else if (descriptor === undefined) writeThrough(end, text);
    else writeAll(descriptor, text);
    return isFile;
  } catch (error) {
    throw cannotWrite(`the report "${shown}"`, error);
  }
}

/** Makes a folder for several files of a report, where there is none. Throws OutputError. */
export function makeFolder(path: string, shown: string): void {
  try {
    makeFolders(path);
  } catch (error) {
    throw cannotWrite(`the report "${shown}"`, error);
  }
}

/**
 * Makes a folder and those above it, as far as they are not there, and returns those that it made, the deepest first. Throws
 * what the system says, and leaves none of them then. Node's `recursive` never ends where the system denies that a folder
 * which is there could hold another, as Linux does in /proc.
 */
export function makeFolders(path: string, mode = 0o777): readonly string[] {
  const missing: string[] = [];
  for (let current = path; !lstatSync(current, mayBeAbsent); current = dirname(current)) missing.push(current);
  const made: string[] = [];
  try {
    for (const folder of missing.reverse()) if (makeOne(folder, mode)) made.unshift(folder);
    return made;
  } catch (error) {
    removeFolders(made);
    throw error;
  }
}

/** False if another process has made it meanwhile. */
function makeOne(folder: string, mode: number): boolean {
  try {
    mkdirSync(onDisk(folder), mode);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes folders, each within the next, as long as nothing else is in them. */
export function removeFolders(folders: readonly string[]): void {
  try {
    for (const folder of folders) rmdirSync(onDisk(folder));
  } catch {}
}

/** Whether two absolute paths lead to the same regular file, or would. */
export function isSameFile(one: string, other: string): boolean {
  try {
    const end = endOf(one);
    return end === endOf(other) && descriptorOf(end) === undefined && lstatSync(end, mayBeAbsent)?.isFile() !== false;
  } catch {
    return false;
  }
}

/**
 * Writes a new file beside `path` and returns its path; whoever calls renames it. It gets the mode and, where that is
 * allowed, the owner of `like`, or else `mode`. Throws what the system says, and leaves nothing then.
 */
export function writeAside(path: string, text: string | Iterable<string>, like?: Stats, mode = 0o666): string {
  const aside = join(dirname(path), `.drone-audit-${randomBytes(6).toString('hex')}.tmp`);
  const descriptor = openSync(onDisk(aside), 'wx', like ? 0o600 : mode);
  try {
    try {
      writeAll(descriptor, text);
      // A quota or a network file system may tell only now that there was no room.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (like) takeAfter(aside, like);
    return aside;
  } catch (error) {
    remove(aside);
    throw error;
  }
}

/** Puts a file that was written aside in its place. */
export function moveTo(path: string, aside: string): void {
  renameSync(onDisk(aside), onDisk(path));
}

/** Removes a file if it is there. */
export function remove(path: string): void {
  rmSync(onDisk(path), { force: true });
}

/**
 * Writes all of a text to an open descriptor, however slowly it is taken. A reader that has gone (EPIPE) is no error.
 * Throws anything else that the system says.
 */
export function writeAll(descriptor: number, text: string | Iterable<string>): void {
  for (const part of typeof text === 'string' ? [text] : inBlocks(text)) if (!writePart(descriptor, part)) return;
}

/** Parts of a text are put together to about so many UTF-16 units, because each write costs the same. */
const blockLength = 1 << 16;

/** Parts of a text put together to larger ones. */
export function* inBlocks(parts: Iterable<string>): Generator<string> {
  let block = '';
  for (const part of parts) {
    block += part;
    if (block.length < blockLength) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

/** False if the reader has gone. */
function writePart(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      // Another process has made the pipe non-blocking, and it is full.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return true;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left for this user',
  EFBIG: 'it is larger than files may be here',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'part of its path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads in a circle',
  ENAMETOOLONG: 'its name is too long',
  EBADF: 'it is not open for writing',
  ENXIO: 'nothing takes what is written there',
  EBUSY: 'it is in use or a mount point',
};

/** The OutputError for what the system said of an output; any other error, a fault of ours, as it is. */
export function cannotWrite(output: string, error: unknown): unknown {
  const code = codeOf(error);
  const why = error instanceof OutputError ? error.message : (reasons[code] ?? `the system says ${code}`);
  return error instanceof OutputError || code !== '' ? new OutputError(`${output} cannot be written: ${why}`) : error;
}

const mayBeAbsent = { throwIfNoEntry: false } as const;
const mostLinks = 40;

/** The path at which writing ends: links are followed, also one that leads to nothing yet. */
function endOf(path: string): string {
  let end = path;
  for (let links = 0; links < mostLinks; links++) {
    end = join(realpathSync(dirname(end)), basename(end));
    if (descriptorOf(end) !== undefined) return end;
    const found = lstatSync(end, mayBeAbsent);
    if (found) refuseStrangers(end, found);
    if (!found?.isSymbolicLink()) return end;
    end = resolve(dirname(end), readlinkSync(end));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

/**
 * What another user has put into a folder for everybody, such as `/tmp`, would lead an output to a file of ours, or be theirs
 * afterwards. Linux refuses to open it (fs.protected_symlinks, fs.protected_regular), but links are followed here, and files
 * replaced. Throws OutputError; `found` is what `lstat` says of the path.
 */
export function refuseStrangers(path: string, found: Stats): void {
  const folder = statSync(dirname(path));
  const isForEverybody = (folder.mode & 0o1002) === 0o1002;
  // Told by Linux alone; elsewhere nothing is refused, as the system does not either.
  const own = statSync('/proc/self', mayBeAbsent)?.uid;
  if (isForEverybody && found.uid !== folder.uid && own !== undefined && found.uid !== own)
    throw new OutputError('another user has put it into a folder that everybody may write to');
}

/** The number of an own descriptor that a path stands for. On Linux, `/dev/fd` leads to `/proc/PID/fd`. */
function descriptorOf(path: string): number | undefined {
  const [, folder, number] = /^(\/dev|\/proc\/\d+)(?:\/task\/\d+)?\/fd\/(\d+)$/.exec(path) ?? [];
  return folder === '/dev' || (folder && folder === realpathSync('/proc/self')) ? Number(number) : undefined;
}

function replace(
  path: string,
  text: string | Iterable<string>,
  found: Stats | undefined,
  inputs: Iterable<string>,
): void {
  if (found) {
    refuseInputs(found, inputs);
    accessSync(onDisk(path), constants.W_OK);
  }
  moveTo(path, writeAside(path, text, found));
}

function writeThrough(path: string, text: string | Iterable<string>): void {
  const descriptor = openSync(onDisk(path), constants.O_WRONLY);
  try {
    writeAll(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Replacing a file that the audit reads destroys it; replacing where standard output goes loses what is printed. */
function refuseInputs(found: Stats, inputs: Iterable<string>): void {
  const isFound = (other: Stats | undefined) => other?.ino === found.ino && other.dev === found.dev;
  for (const path of inputs)
    if (isFound(statSync(path, mayBeAbsent))) throw new OutputError('the audit reads that file');
  if (isFound(fstatSync(1))) throw new OutputError('standard output goes there');
}

function takeAfter(path: string, { mode, uid, gid }: Stats): void {
  const own = statSync(path);
  // Only root may give files away; a group that one is in may be kept.
  if (own.uid !== uid || own.gid !== gid) mayChown(path, uid, gid) || mayChown(path, own.uid, gid);
  chmodSync(onDisk(path), mode & 0o777);
}

function mayChown(path: string, uid: number, gid: number): boolean {
  try {
    chownSync(onDisk(path), uid, gid);
    return true;
  } catch {
    return false;
  }
}
