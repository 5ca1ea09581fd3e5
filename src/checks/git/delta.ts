import { GitError } from './git-error.ts';

/** The sizes at the beginning of a delta: of what it is applied to, and of what it makes. */
export function deltaSizes(delta: Buffer, place: string): { base: number; result: number; at: number } {
  const base = sizeAt(delta, 0, place);
  const result = sizeAt(delta, base.at, place);
  return { base: base.value, result: result.value, at: result.at };
}

/**
 * Applies a delta (git Documentation/gitformat-pack, "Deltified representation"). Throws GitError if it does not fit its
 * base, or makes more or less than it says; never makes more than `limit` bytes.
 */
export function applyDelta(base: Buffer, delta: Buffer, limit: number, place: string): Buffer {
  const sizes = deltaSizes(delta, place);
  if (sizes.base !== base.length) throw damaged(place);
  if (sizes.result > limit) throw new GitError('too-large', `${place} holds more than ${limit} bytes`);
  const result = Buffer.allocUnsafe(sizes.result);
  let { at } = sizes;
  let end = 0;
  while (at < delta.length) {
    const code = delta[at++] ?? 0;
    if (code === 0) throw damaged(place);
    if (code < 0x80) {
      if (at + code > delta.length || end + code > result.length) throw damaged(place);
      delta.copy(result, end, at, at + code);
      at += code;
      end += code;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let byte = 0; byte < 4; byte++) if (code & (1 << byte)) offset += (delta[at++] ?? 0) * 2 ** (8 * byte);
    for (let byte = 0; byte < 3; byte++) if (code & (0x10 << byte)) length += (delta[at++] ?? 0) * 2 ** (8 * byte);
    if (length === 0) length = 0x10000;
    if (at > delta.length || offset + length > base.length || end + length > result.length) throw damaged(place);
    base.copy(result, end, offset, offset + length);
    end += length;
  }
  if (end !== result.length) throw damaged(place);
  return result;
}

/** A size of seven bits a byte, the least first. */
function sizeAt(bytes: Buffer, start: number, place: string): { value: number; at: number } {
  let value = 0;
  for (let at = start; at < start + 8; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * (at - start));
    if (byte < 128) return { value, at: at + 1 };
  }
  throw damaged(place);
}

function damaged(place: string): GitError {
  return new GitError('damaged', `${place} is damaged: a delta that does not fit`);
}
