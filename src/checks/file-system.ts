import * as fs from 'node:fs';
import { platform } from 'node:os';

/*
 * The calls of node:fs for names of any bytes. Node decodes a name that is not UTF-8 to one that no file has. In our
 * paths a byte that is not UTF-8 is `\xE9`, and a backslash that would read as such a byte is `\x5C`: a path is unique,
 * can be shown, and leads back to its file. Windows has no such names, and backslashes of its own.
 */

const isWindows = platform() === 'win32';
/** What a lossy name may hold: the mark of a lost byte, or what reads as one of our escapes. */
const odd = /\uFFFD|\\x[0-9A-F]{2}/;
const escapedByte = /\\x([0-9A-F]{2})/;
/** One character a byte: a run of UTF-8 (RFC 3629), or a byte that is not. */
const utf8OrByte =
  /(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g;

/** The path that these bytes are to the system. */
export function pathFrom(bytes: Buffer): string {
  const lossy = bytes.toString('utf8');
  if (isWindows || !odd.test(lossy)) return lossy;
  return bytes
    .toString('latin1')
    .replace(/\\(?=x[0-9A-F]{2})/g, '\\x5C')
    .replace(utf8OrByte, (run) => {
      const text = Buffer.from(run, 'latin1');
      return run.length === 1 && run > '\x7f' ? `\\x${text.toString('hex').toUpperCase()}` : text.toString('utf8');
    });
}

/** What the system is given for a path. */
export function onDisk(path: string): string | Buffer {
  if (isWindows || !escapedByte.test(path)) return path;
  return Buffer.concat(
    path.split(escapedByte).map((part, index) => Buffer.from(part, index % 2 === 1 ? 'hex' : 'utf8')),
  );
}

/** The current folder, which Node knows as `known`. Throws what the system says. */
export function currentFolder(known: string): string {
  return isWindows || !odd.test(known) ? known : pathFrom(fs.realpathSync.native('.', 'buffer'));
}

/** What the user wrote, where Node could not decode it; only Linux tells. */
export function argumentsAsGiven(decoded: readonly string[]): readonly string[] {
  if (platform() !== 'linux' || !decoded.some((argument) => argument.includes('\uFFFD'))) return decoded;
  const bytes = fs
    .readFileSync('/proc/self/cmdline')
    .toString('latin1')
    .split('\0')
    .slice(0, -1)
    .slice(-decoded.length);
  return decoded.map((argument, index) =>
    argument.includes('\uFFFD') ? pathFrom(Buffer.from(bytes[index] ?? argument, 'latin1')) : argument,
  );
}

/** What is in a folder. */
export interface Entry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export function listFolder(path: string): readonly Entry[] {
  const folder = onDisk(path);
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  if (isWindows || !entries.some(({ name }) => odd.test(name))) return entries;
  return fs
    .readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })
    .map((entry) => Object.assign(entry, { name: pathFrom(entry.name) }));
}

interface MayBeAbsent {
  readonly throwIfNoEntry: false;
}

export function statSync(path: string): fs.Stats;
export function statSync(path: string, options: MayBeAbsent): fs.Stats | undefined;
export function statSync(path: string, options?: MayBeAbsent): fs.Stats | undefined {
  return fs.statSync(onDisk(path), options);
}

export function lstatSync(path: string): fs.Stats;
export function lstatSync(path: string, options: MayBeAbsent): fs.Stats | undefined;
export function lstatSync(path: string, options?: MayBeAbsent): fs.Stats | undefined {
  return fs.lstatSync(onDisk(path), options);
}

export function existsSync(path: string): boolean {
  return fs.existsSync(onDisk(path));
}

/** Whether a path has something, a link that leads nowhere included; also where the system does not tell. */
export function mayBeThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG';
  }
}

export function readFileSync(path: string): Buffer;
export function readFileSync(path: string, encoding: 'utf8'): string;
export function readFileSync(path: string, encoding?: 'utf8'): Buffer | string {
  return fs.readFileSync(onDisk(path), encoding);
}

export function readlinkSync(path: string): string {
  return pathFrom(fs.readlinkSync(onDisk(path), 'buffer'));
}

/** With all links resolved, by the system: Node's own way cannot follow a link to such a name. */
export function realpathSync(path: string): string {
  return pathFrom(fs.realpathSync.native(onDisk(path), 'buffer'));
}
