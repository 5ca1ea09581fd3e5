import { closeSync, openSync, readSync } from 'node:fs';
import { codeOf } from '../model/error-code.ts';
import { onDisk } from './file-system.ts';

const chunkSize = 1 << 16;

/**
 * The bytes of an open file, a pipe or a device, but no more than one beyond a limit, so that the caller sees that it is
 * exceeded and an endless input ends.
 */
export function readBounded(descriptor: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= limit) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkSize, limit + 1 - length));
    const read = readSome(descriptor, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  return Buffer.concat(chunks);
}

/** The same, of what a path names. Throws as Node does. */
export function readPathBounded(path: string, limit: number): Buffer {
  const descriptor = openSync(onDisk(path), 'r');
  try {
    return readBounded(descriptor, limit);
  } finally {
    closeSync(descriptor);
  }
}

/** Windows tells the end of a pipe by an error. */
function readSome(descriptor: number, into: Buffer): number {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if (codeOf(error) === 'EOF') return 0;
    throw error;
  }
}
