import { isUtf8 } from 'node:buffer';
import { say, type Text } from '../model/text.ts';

/*
 * The one place where bytes become text.
 */

/** What a byte order mark says of a text; undefined without one, or with that of UTF-8. */
function wideEncoding(bytes: Buffer): 'UTF-16' | 'UTF-32' | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32';
  return a === 0xfe && b === 0xff ? 'UTF-16' : undefined;
}

/**
 * Decodes bytes as YAML and Docker do: UTF-8, or UTF-16 with a byte order mark. The mark stays in the text. Undefined
 * for everything else.
 */
export function decodeText(bytes: Buffer): string | undefined {
  if (wideEncoding(bytes) === 'UTF-16') {
    if (bytes[0] === 0xff) return bytes.toString('utf16le');
    if (bytes.length % 2 === 0) return Buffer.from(bytes).swap16().toString('utf16le');
  }
  return bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString('utf8');
}

/** What is wrong with bytes that are no text, as `decodeText` finds. */
export function whyNoText(bytes: Buffer): Text {
  return isUtf8(bytes)
    ? say`has NUL characters in it, which no text has (UTF-16 is read with a byte order mark)`
    : say`is not UTF-8 text`;
}

/** Formats that are no text, by how they begin: programs, archives, pictures, databases. */
const binaryStart =
  /^(?:\x7fELF|MZ|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\x89PNG|GIF8|\xff\xd8\xff|RIFF|%PDF|SQLite format 3|\x00asm|!<arch>|wOF|\x00\x01\x00\x00|DIRC|PACK|Obj\x01)|^.{257}ustar/s;

/** Bytes that are no UTF-8 text, as far as they can be read as one; undefined for a format that is no text at all. */
export function legibleText(bytes: Buffer): string | undefined {
  if (binaryStart.test(bytes.toString('latin1', 0, 300))) return undefined;
  return bytes.toString('latin1').replaceAll('\0', '');
}

/** Whether bytes are those of a text, by their beginning, as git tells: a NUL is in none but those of wide characters. */
export function beginsAsText(bytes: Buffer): boolean {
  return wideEncoding(bytes) !== undefined || !bytes.subarray(0, 8000).includes(0);
}

/** What makes words of ASCII searchable in all bytes of a file that begins with these, whatever the width of characters. */
export function searchableAs(beginning: Buffer): (bytes: Buffer) => Buffer {
  if (wideEncoding(beginning) === undefined) return (bytes) => bytes;
  return (bytes) => Buffer.from(bytes.filter((byte) => byte !== 0));
}
