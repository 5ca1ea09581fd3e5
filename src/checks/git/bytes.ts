import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { constants, inflateSync } from 'node:zlib';
import { codeOf } from '../../model/error-code.ts';
import { onDisk, statSync } from '../file-system.ts';
import { GitError } from './git-error.ts';

/** A file that is read in pieces. Throws GitError beyond its end. */
export interface ByteFile {
  readonly size: number;
  /** Exactly so many bytes. */
  read(offset: number, length: number): Buffer;
  /** As many of them as there are. */
  upTo(offset: number, length: number): Buffer;
  close(): void;
}

/** Opens a regular file; `shown` names it in errors. One of at most `inMemory` bytes is read at once, and not kept open. */
export function openBytes(path: string, shown: string, inMemory: number): ByteFile {
  // To open a pipe would wait for who writes to it.
  if (!statSync(path).isFile()) throw new GitError('damaged', `${shown} is not a regular file`);
  const descriptor = openSync(onDisk(path), 'r');
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  try {
    const { size } = fstatSync(descriptor);
    const fromDisk = (offset: number, length: number): Buffer => {
      const into = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let end = 0;
      for (let more = 1; more > 0 && end < into.length; end += more)
        more = readSync(descriptor, into, end, into.length - end, offset + end);
      return into.subarray(0, end);
    };
    const whole = size <= inMemory ? fromDisk(0, size) : undefined;
    if (whole) close();
    const upTo = (offset: number, length: number): Buffer =>
      whole ? whole.subarray(offset, offset + length) : fromDisk(offset, length);
    return {
      size,
      upTo,
      read(offset, length) {
        const bytes = offset >= 0 && offset + length <= size ? upTo(offset, length) : undefined;
        if (bytes?.length !== length) throw new GitError('damaged', `${shown} ends too early`);
        return bytes;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * What a zlib stream at the beginning of `bytes` holds: exactly `size` bytes. `short`: the stream goes on behind what was
 * given; `damaged`: it is no such stream, or holds another number of bytes. No more than `size` bytes are ever made.
 */
export function inflated(bytes: Buffer, size: number): Buffer | 'short' | 'damaged' {
  try {
    const chunkSize = Math.min(Math.max(64, size + 1), 1 << 16);
    const found = inflateSync(bytes, { maxOutputLength: Math.max(1, size), chunkSize });
    return found.length === size ? found : 'damaged';
  } catch (error) {
    return codeOf(error) === 'Z_BUF_ERROR' ? 'short' : 'damaged';
  }
}

/** The first bytes of what a zlib stream holds, from as much of it as is given; undefined where it is none. */
export function inflatedStart(bytes: Buffer): Buffer | undefined {
  try {
    return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}
