import { type ByteFile, inflated, inflatedStart, openBytes } from './bytes.ts';
import { applyDelta, deltaSizes } from './delta.ts';
import { GitError } from './git-error.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Buffer;
}

export interface ObjectHeader {
  readonly type: ObjectType;
  readonly size: number;
}

/** A pack with its index. All throw GitError for what is damaged or too large, with the place. */
export interface Pack {
  /** Where an object begins; undefined if this pack does not have it. */
  offsetOf(id: string): number | undefined;
  /** Ids that begin so. */
  withPrefix(prefix: string): readonly string[];
  header(offset: number): ObjectHeader;
  object(offset: number, limit: number): GitObject;
  close(): void;
}

/** What a pack asks of the store that it belongs to. */
export interface PackSurroundings {
  readonly idBytes: number;
  /** An object that a delta names and this pack does not have. */
  readonly elsewhere: (id: string, limit: number) => GitObject;
  readonly headerElsewhere: (id: string) => ObjectHeader;
  /** What was made of an entry before, by its place. */
  readonly remembered: (place: string) => GitObject | undefined;
  readonly remember: (place: string, object: GitObject) => void;
}

const typeNumbers: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const offsetDelta = 6;
const referenceDelta = 7;
/** As long as git makes chains (git pack-objects: a depth of at most 4095). */
const maxChain = 4096;
/** Bytes of all deltas of one chain, as far as they may exceed what is made of it. */
const maxDeltaBytes = 256 * 1024 * 1024;
/** An index of up to so many bytes is read at once: it has half a million objects. */
const indexInMemory = 16 * 1024 * 1024;
/** The longest header of an entry: a size, and an id or offset. */
const headerBytes = 64;

/** An entry of a pack, undone as far as its header. */
interface PackEntry {
  readonly type: number;
  /** Of what its stream holds: the object, or a delta. */
  readonly size: number;
  /** Where its stream begins. */
  readonly data: number;
  /** Of a delta: what it is applied to. */
  readonly base?: number | string;
}

/**
 * Opens a pack by the path without its ending; `shown` is that path from the git folder. Index versions 1 and 2 are read
 * (git Documentation/gitformat-pack). Throws GitError.
 */
export function openPack(path: string, shown: string, surroundings: PackSurroundings): Pack {
  const { idBytes } = surroundings;
  const index = openBytes(`${path}.idx`, `${shown}.idx`, indexInMemory);
  const find = openedWith(index, () => readIndex(index, `${shown}.idx`, idBytes));
  let file: ByteFile | undefined;
  const packFile = (): ByteFile => {
    if (file) return file;
    const opened = openBytes(`${path}.pack`, `${shown}.pack`, 0);
    const head = opened.read(0, 12);
    if (head.toString('latin1', 0, 4) !== 'PACK' || ![2, 3].includes(head.readUInt32BE(4))) {
      opened.close();
      throw new GitError('damaged', `${shown}.pack is not a pack of a version that git writes`);
    }
    file = opened;
    return opened;
  };
  const placeOf = (offset: number): string => `${shown}.pack at byte ${offset}`;

  function entryAt(offset: number): PackEntry {
    const place = placeOf(offset);
    if (!(offset >= 12)) throw new GitError('damaged', `${place} is damaged: no entry begins there`);
    const head = packFile().upTo(offset, headerBytes);
    let at = 0;
    const next = (): number => {
      const byte = head[at++];
      if (byte === undefined) throw new GitError('damaged', `${place} is damaged: it ends too early`);
      return byte;
    };
    let byte = next();
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let shift = 4; byte & 128; shift += 7) {
      byte = next();
      size += (byte & 127) * 2 ** shift;
      if (shift > 45) throw new GitError('damaged', `${place} is damaged: no object is so large`);
    }
    if (type === offsetDelta) {
      byte = next();
      let back = byte & 127;
      for (let more = 0; byte & 128; more++) {
        byte = next();
        back = (back + 1) * 128 + (byte & 127);
        if (more > 6) throw new GitError('damaged', `${place} is damaged: no pack is so large`);
      }
      if (back <= 0 || back > offset) throw new GitError('damaged', `${place} is damaged: its base is not before it`);
      return { type, size, data: offset + at, base: offset - back };
    }
    if (type === referenceDelta) {
      const id = head.subarray(at, at + idBytes);
      if (id.length < idBytes) throw new GitError('damaged', `${place} is damaged: it ends too early`);
      return { type, size, data: offset + at + idBytes, base: id.toString('hex') };
    }
    if (!typeNumbers[type]) throw new GitError('damaged', `${place} is damaged: type ${type}`);
    return { type, size, data: offset + at };
  }

  /** What the stream of an entry holds. */
  function content({ data, size }: PackEntry, offset: number): Buffer {
    // What git writes fits at once (zlib compressBound); another program may have stored more loosely.
    let window = size + (size >> 9) + 1024;
    for (let tries = 0; tries < 3; tries++, window *= 2) {
      const bytes = packFile().upTo(data, window);
      const found = inflated(bytes, size);
      if (Buffer.isBuffer(found)) return found;
      if (found === 'damaged' || bytes.length < window) break;
    }
    throw new GitError('damaged', `${placeOf(offset)} is damaged: its data cannot be inflated`);
  }

  /** The deltas that lead from an entry to a whole object, and where that is. */
  function chainOf(offset: number): { deltas: readonly number[]; base: number | string } {
    const deltas: number[] = [];
    for (let at = offset; ; ) {
      if (surroundings.remembered(placeOf(at))) return { deltas, base: at };
      const { base } = entryAt(at);
      if (base === undefined) return { deltas, base: at };
      deltas.push(at);
      if (deltas.length > maxChain)
        throw new GitError('damaged', `${placeOf(offset)} is damaged: more than ${maxChain} deltas`);
      const next = typeof base === 'number' ? base : find.offsetOf(base);
      if (next === undefined) return { deltas, base };
      at = next;
    }
  }

  function wholeAt(offset: number, limit: number): GitObject {
    const known = surroundings.remembered(placeOf(offset));
    if (known) return known;
    const entry = entryAt(offset);
    const type = typeNumbers[entry.type];
    if (!type) throw new GitError('damaged', `${placeOf(offset)} is damaged: type ${entry.type}`);
    if (entry.size > limit)
      throw new GitError('too-large', `${placeOf(offset)} holds ${entry.size} bytes, more than ${limit}`);
    return { type, bytes: content(entry, offset) };
  }

  return {
    offsetOf: find.offsetOf,
    withPrefix: find.withPrefix,
    header(offset) {
      const entry = entryAt(offset);
      const { deltas, base } = chainOf(offset);
      const [first] = deltas;
      if (first === undefined) {
        const type = typeNumbers[entry.type];
        if (type) return { type, size: entry.size };
        // A delta that was undone before.
        const { type: known, bytes } = wholeAt(offset, Number.MAX_SAFE_INTEGER);
        return { type: known, size: bytes.length };
      }
      const { type } = typeof base === 'number' ? headerOfWhole(base) : surroundings.headerElsewhere(base);
      const start = inflatedStart(packFile().upTo(entry.data, 128));
      if (!start) throw new GitError('damaged', `${placeOf(offset)} is damaged: its data cannot be inflated`);
      return { type, size: deltaSizes(start, placeOf(offset)).result };
    },
    object(offset, limit) {
      const { deltas, base } = chainOf(offset);
      const bound = deltas.length > 0 ? Math.max(limit, maxDeltaBytes) : limit;
      let object = typeof base === 'number' ? wholeAt(base, bound) : surroundings.elsewhere(base, bound);
      if (typeof base === 'number') surroundings.remember(placeOf(base), object);
      let budget = maxDeltaBytes;
      for (const at of deltas.toReversed()) {
        const entry = entryAt(at);
        budget -= entry.size;
        if (budget < 0)
          throw new GitError('too-large', `${placeOf(offset)} is made of more than ${maxDeltaBytes} bytes of deltas`);
        const bytes = applyDelta(object.bytes, content(entry, at), at === offset ? limit : bound, placeOf(at));
        budget -= bytes.length >> 4;
        object = { type: object.type, bytes };
        surroundings.remember(placeOf(at), object);
      }
      if (object.bytes.length > limit)
        throw new GitError('too-large', `${placeOf(offset)} holds ${object.bytes.length} bytes, more than ${limit}`);
      return object;
    },
    close() {
      index.close();
      file?.close();
      file = undefined;
    },
  };

  function headerOfWhole(offset: number): ObjectHeader {
    const known = surroundings.remembered(placeOf(offset));
    if (known) return { type: known.type, size: known.bytes.length };
    const { type, size } = entryAt(offset);
    const name = typeNumbers[type];
    if (!name) throw new GitError('damaged', `${placeOf(offset)} is damaged: type ${type}`);
    return { type: name, size };
  }
}

/** What is made of a file that is open; where that fails, it is closed. */
function openedWith<T>(file: ByteFile, make: () => T): T {
  try {
    return make();
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Looks up where objects are. */
function readIndex(
  file: ByteFile,
  shown: string,
  idBytes: number,
): { offsetOf: (id: string) => number | undefined; withPrefix: (prefix: string) => readonly string[] } {
  const isNewer = file.read(0, 4).toString('latin1') === '\xfftOc';
  if (isNewer && file.read(4, 4).readUInt32BE(0) !== 2)
    throw new GitError('unsupported', `${shown} is of a version that is not read`);
  const fanOut = file.read(isNewer ? 8 : 0, 1024);
  const counts = Array.from({ length: 256 }, (_, byte) => fanOut.readUInt32BE(byte * 4));
  const count = counts[255] ?? 0;
  if (counts.some((each, byte) => byte > 0 && each < (counts[byte - 1] ?? 0)))
    throw new GitError('damaged', `${shown} is damaged: its table of first bytes is not in order`);
  const start = (isNewer ? 8 : 0) + 1024;
  const stride = isNewer ? idBytes : idBytes + 4;
  const ids = isNewer ? start : start + 4;
  const offsets = start + count * (idBytes + 4);
  const largeOffsets = offsets + count * 4;
  const least = (isNewer ? largeOffsets : start + count * stride) + 2 * idBytes;
  if (file.size < least) throw new GitError('damaged', `${shown} is damaged: too short for ${count} objects`);
  const idAt = (place: number): Buffer => file.read(ids + place * stride, idBytes);
  const offsetAt = (place: number): number => {
    if (!isNewer) return file.read(start + place * stride, 4).readUInt32BE(0);
    const offset = file.read(offsets + place * 4, 4).readUInt32BE(0);
    if (offset < 0x80000000) return offset;
    const large = file.read(largeOffsets + (offset - 0x80000000) * 8, 8);
    return large.readUInt32BE(0) * 2 ** 32 + large.readUInt32BE(4);
  };
  /** The first place whose id is not before these bytes. */
  const search = (wanted: Buffer): number => {
    const first = wanted[0] ?? 0;
    let low = first === 0 ? 0 : (counts[first - 1] ?? 0);
    let high = counts[first] ?? 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (idAt(middle).compare(wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    offsetOf(id) {
      const wanted = Buffer.from(id, 'hex');
      const place = search(wanted);
      return place < count && idAt(place).equals(wanted) ? offsetAt(place) : undefined;
    },
    withPrefix(prefix) {
      const found: string[] = [];
      for (let place = search(Buffer.from(prefix.padEnd(idBytes * 2, '0'), 'hex')); place < count; place++) {
        const id = idAt(place).toString('hex');
        if (!id.startsWith(prefix) || found.length > 32) break;
        found.push(id);
      }
      return found;
    },
  };
}
