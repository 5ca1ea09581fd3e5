import { binarySearch } from '../model/binary-search.ts';
import type { Span } from '../model/source.ts';

/*
 * Texts as YAML, JSON and programs read them: an escape for what it stands for, a doubled quote as one, lines that are folded into
 * one. A value that is known may be written so anywhere, and whoever reads the text can undo it.
 */

/** A text in another spelling, and where its parts stand in the one that is written. */
export interface Respelt {
  readonly text: string;
  readonly spanOf: (span: Span) => Span;
}

const escapes =
  /\\(?:u(?<unit>[\da-fA-F]{4})|U(?<point>[\da-fA-F]{8})|x(?<byte>[\da-fA-F]{2})|(?<sign>["'\\/ ])|(?<control>[bfnrt])|\r?\n[ \t]*)|(?<quote>''|"")/g;
const escapesOrLines = new RegExp(`${escapes.source}|(?<line>(?<![ \\t])[ \\t]*\\r?\\n[ \\t]*)`, 'g');

/** The text as it is read; `folds`: with lines as one. Undefined where that is how it is written. */
export function respelt(text: string, folds: boolean): Respelt | undefined {
  const parts: string[] = [];
  /** By what was replaced: where the text behind it begins, in either spelling. */
  const read: number[] = [0];
  const written: number[] = [0];
  let length = 0;
  let done = 0;
  for (const { 0: found, index, groups } of text.matchAll(folds ? escapesOrLines : escapes)) {
    const meant = meaning(groups ?? {});
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

function meaning({
  unit,
  point,
  byte,
  sign,
  control,
  quote,
  line,
}: Readonly<Record<string, string | undefined>>): string {
  const code = unit ?? point ?? byte;
  if (code !== undefined) {
    const value = Number.parseInt(code, 16);
    return value > 0x10_ff_ff
      ? '\ufffd'
      : point === undefined
        ? String.fromCharCode(value)
        : String.fromCodePoint(value);
  }
  if (sign !== undefined) return sign;
  if (control !== undefined) return controls[control] ?? '';
  if (quote !== undefined) return quote.slice(0, 1);
  return line === undefined ? '' : ' ';
}

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
