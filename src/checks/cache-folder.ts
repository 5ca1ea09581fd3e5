import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../model/error-code.ts';
import { addTo } from '../model/groups.ts';
import type { KeptTexts, RecordCache } from '../model/record-cache.ts';
import { isUserError, UserError } from '../model/user-error.ts';
import { visible } from '../model/visible.ts';
import { listFolder, lstatSync, onDisk } from './file-system.ts';
import { makeFolders, removeFolders } from './writing.ts';

/** A cache in a folder of its own, whose files nobody else may write. */
export interface CacheFolder extends RecordCache {
  /** Takes away its files, and the folder if nothing else is in it. */
  remove(): void;
}

/** Says whose a folder is: to people, and to programs that make backups (bford.info/cachedir). */
const tagName = 'CACHEDIR.TAG';
const tag = `Signature: 8a477f597d28d172789f06886806bc55
# drone-audit keeps here what it said of pipelines: scan --cache, --resume.
`;

/** With what is in it, texts are sealed: what was not put here by a run of this user is not taken. */
const keyName = 'records.key';
const keyLength = 32;

const recordsName = /^[0-9a-f-]{36}\.records$/;

/**
 * Opens the cache in a folder, which is made if it is not there. A folder that others could write is refused, because whoever can
 * write it decides what a report says, and one that holds anything else, because files of the cache are removed. `uid` is that of
 * the user, where the system has users.
 */
export function cacheFolder(path: string, shown: string, uid: number | undefined): CacheFolder {
  const refused = (why: string, hint?: string): UserError =>
    new UserError(`"${visible(shown)}" cannot be a cache: ${why}`, hint);
  try {
    makeFolders(path, 0o700);
    const found = lstatSync(path);
    if (!found.isDirectory()) throw refused('it is no folder');
    if (uid !== undefined && found.uid !== uid) throw refused('it belongs to another user');
    if (uid !== undefined && (found.mode & 0o022) !== 0)
      throw refused('it can be written by other users', `chmod go-w ${visible(shown)}`);
    const names = listFolder(path).map(({ name }) => name);
    const other = names.find((name) => !isOwnName(name));
    const isTagged = names.includes(tagName);
    if (other !== undefined || (names.length > 0 && !isTagged))
      throw refused(`it holds "${visible(other ?? names[0] ?? '')}"`, 'name a folder that is new or empty');
    if (!isTagged) writeTag(join(path, tagName));
    return new Packs(path, uid, keyIn(join(path, keyName), uid));
  } catch (error) {
    if (isUserError(error)) throw error;
    throw refused(`the system says ${codeOf(error)}`);
  }
}

function isOwnName(name: string): boolean {
  return name === tagName || name === keyName || recordsName.test(name);
}

/** The key of a folder: what is there, if nobody else could read it, or a new one. */
function keyIn(path: string, uid: number | undefined): Buffer {
  const there = keyAt(path, uid);
  if (there) return there;
  rmSync(onDisk(path), { force: true });
  try {
    writeFileSync(onDisk(path), randomBytes(keyLength), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another run may be as fast.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // One that is only half there seals what this run keeps for nobody.
  return keyAt(path, uid) ?? randomBytes(keyLength);
}

function keyAt(path: string, uid: number | undefined): Buffer | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  let file: number | undefined;
  try {
    file = openSync(onDisk(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = fstatSync(file);
    const isOwn = uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0);
    if (!found.isFile() || !isOwn || found.size !== keyLength) return undefined;
    return read({ file, offset: 0, length: keyLength });
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function writeTag(path: string): void {
  try {
    writeFileSync(onDisk(path), tag, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another run may be as fast.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Where something lies in a file. */
interface Place {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Where a text lies, with its head (bytes), and what it is found by. */
interface TextPlace extends Place {
  readonly key: string;
  readonly of: string;
}

/** What stands before each text: its key, what it is about, the seal of all that, and how long it is. */
const headPattern = /^([0-9a-f]{64}) ([0-9a-f]{64}) [0-9a-f]{64} (\d{12})\n$/;
const headLength = 208;

/** The key of what was dropped. */
const noKey = '0'.repeat(64);

/** With more files than this, what they hold is put into one. */
const maxFiles = 16;

/** Of a fleet of a million pipelines, and of the largest one that is read (bytes). */
const maxFileSize = 64 * 1024 ** 3;
const maxTextSize = 256 * 1024 ** 2;

/**
 * Texts in few files, one behind the other: each run that has something to keep writes a file of its own, so that runs do not
 * disturb each other. What is cut off or damaged is not there.
 */
class Packs implements CacheFolder {
  private readonly path: string;
  private readonly seal: Buffer;
  private readonly byKey = new Map<string, TextPlace[]>();
  private readonly byOf = new Map<string, TextPlace[]>();
  /** What is behind the last whole text of a file. */
  private readonly rests: Place[] = [];
  private readonly used = new Set<string>();
  private readonly files: number[] = [];
  private own: number | undefined;
  private size = 0;
  private kept = 0;
  private dropped = 0;

  constructor(path: string, uid: number | undefined, seal: Buffer) {
    this.path = path;
    this.seal = seal;
    const names = listFolder(path).filter((entry) => entry.isFile() && recordsName.test(entry.name));
    const read = names.map(({ name }) => name).filter((name) => this.open(join(path, name), uid));
    if (read.length > maxFiles || this.dropped > this.kept) this.join(read);
  }

  get(key: string): KeptTexts | undefined {
    const place = this.byKey.get(shortOf(key))?.at(-1);
    const bytes = place && read(place);
    if (!bytes) return undefined;
    const body = bytes.subarray(headLength);
    const head = Buffer.from(this.headOf(key, aboutIn(bytes), body), 'latin1');
    if (!timingSafeEqual(bytes.subarray(0, headLength), head)) return undefined;
    this.used.add(shortOf(key));
    const end = body.indexOf('\n');
    return { bytes: body.subarray(end + 1), lengths: body.toString('latin1', 0, end).split(' ').map(Number) };
  }

  put(key: string, of: string, texts: readonly string[]): void {
    this.drop(key);
    for (const place of this.byOf.get(shortOf(of)) ?? []) this.drop(place.key);
    this.byOf.delete(shortOf(of));
    const lengths = texts.map((text) => Buffer.byteLength(text)).join(' ');
    const body = Buffer.from(`${lengths}\n${texts.join('')}`);
    this.write(key, of, Buffer.concat([Buffer.from(this.headOf(key, of, body)), body]));
    this.used.add(shortOf(key));
  }

  drop(key: string): void {
    for (const place of this.byKey.get(shortOf(key)) ?? []) erase(place);
    this.byKey.delete(shortOf(key));
  }

  sweep(isSecret: (text: string) => boolean): void {
    for (const [key, places] of this.byKey)
      if (!this.used.has(key) && places.some((place) => isSecret(read(place)?.toString() ?? ''))) this.drop(key);
    for (const rest of this.rests) {
      if (rest.length > maxTextSize) cutOff(rest);
      else if (isSecret(read(rest)?.toString() ?? '')) erase(rest);
    }
  }

  remove(): void {
    for (const file of this.files) closeSync(file);
    const own = readdirSync(onDisk(this.path)).filter(isOwnName);
    for (const name of own) rmSync(onDisk(join(this.path, name)), { force: true });
    removeFolders([this.path]);
  }

  private headOf(key: string, of: string, body: Buffer): string {
    const seal = createHmac('sha256', this.seal).update(`${key} ${of}\n`).update(body).digest('hex');
    return `${key} ${of} ${seal} ${`${body.length}`.padStart(12, '0')}\n`;
  }

  /** Takes what is in a file, if it is one that nobody else could write; no more of it is read than where its texts lie. */
  private open(path: string, uid: number | undefined): boolean {
    const { O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    try {
      const file = openSync(onDisk(path), O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      this.files.push(file);
      const found = fstatSync(file);
      const isOwn = uid === undefined || (found.uid === uid && (found.mode & 0o022) === 0);
      if (!found.isFile() || !isOwn || found.size > maxFileSize) return false;
      this.index(file, found.size);
      return true;
    } catch {
      return false;
    }
  }

  private index(file: number, size: number): void {
    const head = Buffer.alloc(headLength);
    let offset = 0;
    while (readSync(file, head, 0, headLength, offset) === headLength) {
      const [, key, of, amount] = headPattern.exec(head.toString('latin1')) ?? [];
      const length = headLength + Number(amount);
      if (key === undefined || of === undefined || length > maxTextSize || offset + length > size) break;
      if (key === noKey) this.dropped += length;
      else this.add(key, of, { file, offset, length });
      offset += length;
    }
    if (offset < size) this.rests.push({ file, offset, length: size - offset });
  }

  private add(key: string, of: string, place: Place): void {
    const found = { ...place, key: shortOf(key), of: shortOf(of) };
    addTo(this.byKey, found.key, found);
    addTo(this.byOf, found.of, found);
    this.kept += place.length;
  }

  /** Puts what was read into a file of this run. */
  private join(names: readonly string[]): void {
    const all = [...this.byKey];
    this.byKey.clear();
    this.byOf.clear();
    for (const [key, places] of all) {
      const place = places.at(-1);
      const bytes = place && read(place);
      if (!bytes || !this.write(key, place.of, bytes)) return;
    }
    for (const name of names) rmSync(onDisk(join(this.path, name)), { force: true });
  }

  /** Whether it could be written: a run without a cache is slower, and not wrong. */
  private write(key: string, of: string, bytes: Buffer): boolean {
    try {
      if (this.own === undefined) {
        this.own = openSync(onDisk(join(this.path, `${randomUUID()}.records`)), 'wx+', 0o600);
        this.files.push(this.own);
      }
      const offset = this.size;
      let done = 0;
      while (done < bytes.length) done += writeSync(this.own, bytes, done, bytes.length - done, offset + done);
      this.size += bytes.length;
      this.add(key, of, { file: this.own, offset, length: bytes.length });
      return true;
    } catch {
      return false;
    }
  }
}

function read({ file, offset, length }: Place): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  try {
    return readSync(file, bytes, 0, length, offset) === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** What is not to be there is overwritten: it may hold what became known as a secret. */
function erase({ file, offset, length }: Place): void {
  const nothing = `${noKey} ${noKey} ${noKey} ${`${length - headLength}`.padStart(12, '0')}\n`;
  try {
    writeSync(file, length < headLength ? ' '.repeat(length) : nothing.padEnd(length), offset);
  } catch {
    // Where nothing can be written any more, as little was by this run.
  }
}

function cutOff({ file, offset }: Place): void {
  try {
    ftruncateSync(file, offset);
  } catch {
    // As above.
  }
}

/** What texts are found by: which one it is, its head says. */
function shortOf(key: string): string {
  return Buffer.from(key.slice(0, 24), 'latin1').toString('latin1');
}

/** What the text with this head is about. */
function aboutIn(bytes: Buffer): string {
  return bytes.toString('latin1', 65, 129);
}
