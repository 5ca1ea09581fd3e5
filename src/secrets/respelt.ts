import { binarySearch } from '../model/binary-search.ts';
import type { Span } from '../model/source.ts';

/*
 * Texts as YAML, JSON, addresses and programs read them: an escape for what it stands for, a doubled quote as one, lines that are
 * folded into one. A value that is known may be written so anywhere, and whoever reads the text can undo it.
 */

/** A text in another spelling, and where its parts stand in the one that is written. */
export interface Respelt {
  readonly text: string;
  readonly spanOf: (span: Span) => Span;
}

const escapes =
  /\\(?:u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}|["'\\/ ]|[bfnrt]|\r?\n[ \t]*)|%[2-7][\da-fA-F]|''|""/g;
const escapesOrLines = new RegExp(`${escapes.source}|(?<![ \\t])[ \\t]*\\r?\\n[ \\t]*`, 'g');

/** The text as it is read; `folds`: with lines as one. Undefined where that is how it is written. */
export function respelt(text: string, folds: boolean): Respelt | undefined {
  const parts: string[] = [];
  /** By what was replaced: where the text behind it begins, in either spelling. */
  const read: number[] = [0];
  const written: number[] = [0];
  let length = 0;
  let done = 0;
  for (const { 0: found, index } of text.matchAll(folds ? escapesOrLines : escapes)) {
    const meant = meaning(found);
    parts.push(text.slice(done, index), meant);
    length += index - done + meant.length;
    done = index + found.length;
    read.push(length);
    written.push(done);
  }
  if (parts.length === 0) return undefined;
  parts.push(text.slice(done));
  const offsetOf = (offset: number, isEnd: boolean): number => {
    const part = Math.max(0, binarySearch(read, (each) => each > offset) - 1);
    const place = (written[part] ?? 0) + offset - (read[part] ?? 0);
    // Within what was replaced, all of that.
    const next = written[part + 1];
    return isEnd && next !== undefined && place > next ? next : place;
  };
  return {
    text: parts.join(''),
    spanOf: ({ start, end }) => ({ start: offsetOf(start, false), end: offsetOf(end, true) }),
  };
}

/** What one of the escapes stands for, which is told by how it begins: without groups, they are found twice as fast. */
function meaning(found: string): string {
  const sign = found.charAt(0);
  if (sign === '%') return characterOf(found.slice(1));
  if (sign === "'" || sign === '"') return sign;
  if (sign !== '\\') return ' ';
  const kind = found.charAt(1);
  if (kind === 'u' || kind === 'x' || kind === 'U') return characterOf(found.slice(2));
  return controls[kind] ?? (kind === '\r' || kind === '\n' ? '' : kind);
}

function characterOf(code: string): string {
  const value = Number.parseInt(code, 16);
  return value > 0x10_ff_ff ? '\ufffd' : String.fromCodePoint(value);
}

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
