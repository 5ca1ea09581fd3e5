import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { codeOf } from '../../model/error-code.ts';
import { listFolder, readFileSync, statSync } from '../file-system.ts';
import { inflated, inflatedStart, openBytes } from './bytes.ts';
import { GitError } from './git-error.ts';
import { type GitObject, type ObjectHeader, type ObjectType, openPack, type Pack } from './pack.ts';

export type IdKind = 'sha1' | 'sha256';

/** The objects of a repository, its alternates included. */
export interface ObjectStore {
  /** Hex digits of an id. */
  readonly idLength: number;
  has(id: string): boolean;
  /** Type and size, without the bytes. Throws GitError. */
  header(id: string): ObjectHeader;
  /** An object of at most `limit` bytes, whose bytes are what its id says. Throws GitError. */
  object(id: string, limit: number): GitObject;
  /** Ids that begin with these four or more hex digits, some dozens at most. */
  withPrefix(prefix: string): readonly string[];
  close(): void;
}

/** A folder of objects: of the repository, or of an alternate. */
interface ObjectFolder {
  readonly path: string;
  /** For errors: from the git folder, or which alternate it is. */
  readonly shown: string;
}

/** Alternates that one repository may have, those of alternates included; git follows five deep. */
const maxAlternates = 64;
const maxAlternateDepth = 5;
const maxPacks = 10_000;
/** Packs that are open at once: each has up to two descriptors. */
const openPacks = 100;
/** Bytes of objects that are kept, because deltas are mostly made upon the same few. */
const keptBytes = 48 * 1024 * 1024;
const largestKept = 4 * 1024 * 1024;
/** How often a delta may name an object of another pack, and that again one. */
const maxDetours = 50;
const types: ReadonlySet<string> = new Set<ObjectType>(['commit', 'tree', 'blob', 'tag']);

/** Opens the objects of a repository, by the folder that holds `objects`. */
export function openObjects(commonFolder: string, kind: IdKind): ObjectStore {
  const idBytes = kind === 'sha1' ? 20 : 32;
  const folders = withAlternates({ path: join(commonFolder, 'objects'), shown: 'objects' });
  const kept = keeper();
  const open = new Map<string, Pack>();
  let packs: string[] | undefined;
  const shownOf = new Map<string, string>();

  /** Paths of all packs without their ending; those that had something lately come first. */
  const packPaths = (): string[] => {
    packs ??= folders.flatMap(({ path, shown }) =>
      packsIn(join(path, 'pack')).map((name) => {
        const pack = join(path, 'pack', name);
        shownOf.set(pack, `${shown}/pack/${name}`);
        return pack;
      }),
    );
    if (packs.length > maxPacks) throw new GitError('too-large', `objects/pack has more than ${maxPacks} packs`);
    return packs;
  };
  const packAt = (path: string): Pack => {
    const known = open.get(path);
    if (known) return known;
    const [oldest] = open.size >= openPacks ? open : [];
    if (oldest) {
      oldest[1].close();
      open.delete(oldest[0]);
    }
    const pack = openPack(path, shownOf.get(path) ?? 'objects/pack', {
      idBytes,
      elsewhere: (id, limit) => found(id, limit),
      headerElsewhere: (id) => headerOf(id),
      remembered: (place) => kept.get(place),
      remember: (place, object) => kept.set(place, object),
    });
    open.set(path, pack);
    return pack;
  };
  const inPacks = (id: string): { pack: Pack; offset: number } | undefined => {
    const paths = packPaths();
    for (const [index, path] of paths.entries()) {
      const pack = packAt(path);
      const offset = pack.offsetOf(id);
      if (offset === undefined) continue;
      if (index > 0) packs = [path, ...paths.slice(0, index), ...paths.slice(index + 1)];
      return { pack, offset };
    }
    return undefined;
  };
  const looseAt = (id: string): { path: string; shown: string } | undefined => {
    for (const { path, shown } of folders) {
      const place = join(path, id.slice(0, 2), id.slice(2));
      if (statSync(place, { throwIfNoEntry: false }))
        return { path: place, shown: `${shown}/${id.slice(0, 2)}/${id.slice(2)}` };
    }
    return undefined;
  };
  /** How often deltas have led from pack to pack. */
  let depth = 0;
  const detour = <T>(id: string, read: () => T): T => {
    if (depth > maxDetours) throw new GitError('damaged', `object ${id} is damaged: its deltas lead in a circle`);
    depth++;
    try {
      return read();
    } finally {
      depth--;
    }
  };
  const headerOf = (id: string): ObjectHeader => {
    const packed = inPacks(id);
    if (packed) return detour(id, () => packed.pack.header(packed.offset));
    const loose = looseAt(id);
    if (loose) return readLoose(loose, undefined).header;
    throw missing(id);
  };
  const found = (id: string, limit: number): GitObject => {
    const packed = inPacks(id);
    if (packed) return detour(id, () => packed.pack.object(packed.offset, limit));
    const loose = looseAt(id);
    if (!loose) throw missing(id);
    const { header, bytes } = readLoose(loose, limit);
    return { type: header.type, bytes };
  };

  return {
    idLength: idBytes * 2,
    has: (id) => guarded(() => inPacks(id) !== undefined || looseAt(id) !== undefined),
    header: (id) => guarded(() => headerOf(id)),
    object: (id, limit) =>
      guarded(() => {
        const object = found(id, limit);
        const hash = createHash(kind).update(`${object.type} ${object.bytes.length}\0`).update(object.bytes);
        if (hash.digest('hex') !== id) throw new GitError('damaged', `object ${id} is damaged: its bytes are others`);
        return object;
      }),
    withPrefix: (prefix) =>
      guarded(() => {
        const ids = new Set(packPaths().flatMap((path) => packAt(path).withPrefix(prefix)));
        for (const { path } of folders)
          for (const name of namesIn(join(path, prefix.slice(0, 2))))
            if (/^[0-9a-f]+$/.test(name) && name.length === idBytes * 2 - 2 && name.startsWith(prefix.slice(2)))
              ids.add(prefix.slice(0, 2) + name);
        return [...ids].sort();
      }),
    close() {
      for (const pack of open.values()) pack.close();
      open.clear();
    },
  };
}

function missing(id: string): GitError {
  return new GitError('missing', `object ${id} is not there`);
}

/** What the system says of a file becomes an error like the others. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof GitError || code === '') throw error;
    throw new GitError('damaged', `the objects cannot be read: the system says ${code}`);
  }
}

/** The header of an object in a file of its own, and with a limit its bytes, too. */
function readLoose(
  { path, shown }: { path: string; shown: string },
  limit: number | undefined,
): { header: ObjectHeader; bytes: Buffer } {
  const damaged = (): GitError => new GitError('damaged', `${shown} is damaged`);
  const file = openBytes(path, shown, 1 << 16);
  try {
    const start = inflatedStart(file.upTo(0, 128));
    const end = start?.indexOf(0) ?? -1;
    const [, type = '', digits = ''] =
      /^([a-z]+) (\d{1,15})$/.exec(start?.toString('latin1', 0, Math.max(0, end)) ?? '') ?? [];
    if (end < 0 || !types.has(type)) throw damaged();
    const header = { type: type as ObjectType, size: Number(digits) };
    if (limit === undefined) return { header, bytes: Buffer.alloc(0) };
    if (header.size > limit) throw new GitError('too-large', `${shown} holds ${header.size} bytes, more than ${limit}`);
    const most = header.size + (header.size >> 3) + 4096;
    if (file.size > most) throw damaged();
    const bytes = inflated(file.upTo(0, most), end + 1 + header.size);
    if (!Buffer.isBuffer(bytes)) throw damaged();
    return { header, bytes: bytes.subarray(end + 1) };
  } finally {
    file.close();
  }
}

/** The folder of objects with those that `info/alternates` names, and what these name. */
function withAlternates(first: ObjectFolder): readonly ObjectFolder[] {
  const found = new Map([[first.path, first]]);
  let level = [first];
  for (let depth = 0; depth < maxAlternateDepth && level.length > 0; depth++) {
    const next: ObjectFolder[] = [];
    for (const folder of level)
      for (const path of alternatesOf(folder.path)) {
        if (found.has(path)) continue;
        const alternate = { path, shown: `alternate ${found.size}` };
        found.set(path, alternate);
        next.push(alternate);
        if (found.size > maxAlternates)
          throw new GitError('too-large', `objects/info/alternates names more than ${maxAlternates} folders`);
      }
    level = next;
  }
  return [...found.values()];
}

/** Paths that `info/alternates` of a folder of objects names, one a line (gitrepository-layout). */
function alternatesOf(path: string): readonly string[] {
  const file = join(path, 'info', 'alternates');
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > 1 << 20) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (isAbsolute(line) ? line : join(path, line)))
    .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory());
}

/** Names of packs that have an index, without ending. */
function packsIn(folder: string): readonly string[] {
  const names = new Set(namesIn(folder));
  return [...names].flatMap((name) => {
    const base = /^(pack-[0-9a-f]+)\.idx$/.exec(name)?.[1];
    return base !== undefined && names.has(`${base}.pack`) ? [base] : [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return listFolder(folder).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Keeps what was used last, up to so many bytes. */
function keeper(): { get(key: string): GitObject | undefined; set(key: string, object: GitObject): void } {
  const kept = new Map<string, GitObject>();
  let bytes = 0;
  return {
    get(key) {
      const object = kept.get(key);
      if (!object) return undefined;
      kept.delete(key);
      kept.set(key, object);
      return object;
    },
    set(key, object) {
      if (object.bytes.length > largestKept || kept.has(key)) return;
      kept.set(key, object);
      bytes += object.bytes.length + 100;
      for (const [oldest, { bytes: of }] of kept) {
        if (bytes <= keptBytes) break;
        kept.delete(oldest);
        bytes -= of.length + 100;
      }
    },
  };
}
