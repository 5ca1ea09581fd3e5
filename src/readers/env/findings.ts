import { positionOf } from '../../model/position.ts';
import type { Problem } from '../../model/report.ts';
import type { Located, Source } from '../../model/source.ts';
import type { Text } from '../../model/text.ts';

/** One assignment of an env file. Where the text of the value stands in the file unchanged, its span is exactly that text. */
export interface EnvEntry {
  readonly name: Located<string>;
  /** Absent for a name without a value, which is passed through from the caller. */
  readonly value?: Located<string>;
  /** How the whole value is quoted. */
  readonly quoted?: 'single' | 'double';
  /** The value depends on something that is not known here; its text is as written. */
  readonly dynamic?: true;
  /** The default of `${NAME:-text}` is in the value, because NAME is not known here. */
  readonly fallback?: true;
}

/** What a dialect has found so far in a source. */
export interface Findings {
  readonly source: Source;
  readonly entries: EnvEntry[];
  readonly problems: Problem[];
}

/** A text and where it stands. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** More problems of one file are not told: the first ones say it. */
const maxProblems = 20;

/** Notes an assignment; without a value, a name that is passed through. */
export function addEntry(
  found: Findings,
  name: Piece,
  value?: Piece,
  quality: Pick<EnvEntry, 'quoted' | 'dynamic' | 'fallback'> = {},
): void {
  found.entries.push({
    name: locate(found.source, name, name.text),
    value: value ? locate(found.source, value, name.text) : undefined,
    ...quality,
  });
}

function locate(source: Source, piece: Piece, path: string): Located<string> {
  return { value: piece.text, at: { source, path, span: { start: piece.start, end: piece.end } } };
}

/** Notes what is wrong at an offset. The message never quotes the file: any line of it may hold a secret. */
export function addProblem(found: Findings, offset: number, message: Text): void {
  if (found.problems.length >= maxProblems) return;
  const { line, column } = positionOf(found.source, offset);
  found.problems.push({ kind: 'malformed', source: found.source.name, message, line, column, incomplete: true });
}

export function pieceOf(text: string, start: number, end: number): Piece {
  return { text: text.slice(start, end), start, end };
}

/** Where the line ends that holds an offset: at its `\n`, or at the end of the text. */
export function lineEndOf(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** The lines of a text as Go's bufio.ScanLines gives them, without `\n` and `\r\n`. */
export function* linesOf(text: string): Generator<Piece> {
  for (let start = 0; start < text.length; ) {
    const stop = lineEndOf(text, start);
    const end = stop > start && text[stop - 1] === '\r' ? stop - 1 : stop;
    yield pieceOf(text, start, end);
    start = stop + 1;
  }
}

/** Windows editors write it before the first character. */
export const byteOrderMark = '\uFEFF';
