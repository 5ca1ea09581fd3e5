import type { Problem } from '../../model/report.ts';
import { type Located, lineEndOf, positionOf, type Source } from '../../model/source.ts';
import type { Text } from '../../model/text.ts';

/** One assignment of an env file. The span of a value that is written unchanged is exactly its text. */
export interface EnvEntry {
  readonly name: Located<string>;
  /** Absent for a name without a value, which the caller passes through. */
  readonly value?: Located<string>;
  /** How the whole value is quoted. */
  readonly quoted?: 'single' | 'double';
  /** Set if the value depends on something unknown; its text is as written. */
  readonly dynamic?: true;
  /** Set if the value contains the default of `${NAME:-text}`, because NAME is unknown. */
  readonly fallback?: true;
  /** Set for a variable of a shell that programs do not get. */
  readonly exported?: false;
}

/** What a dialect has found so far in a source. */
export interface Findings {
  readonly source: Source;
  readonly entries: EnvEntry[];
  readonly problems: Problem[];
}

/** A text with its offset. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Further problems of one file are not reported: the first ones say enough. */
const maxProblems = 20;

/** Records an assignment, or without a value a name that is passed through. */
export function addEntry(
  found: Findings,
  name: Piece,
  value?: Piece,
  quality: Pick<EnvEntry, 'quoted' | 'dynamic' | 'fallback' | 'exported'> = {},
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

/** Records what is wrong at an offset. The message never quotes the file, because any line of it may hold a secret. */
export function addProblem(found: Findings, offset: number, message: Text, incomplete = true): void {
  if (found.problems.length >= maxProblems) return;
  const { line, column } = positionOf(found.source, offset);
  found.problems.push({ kind: 'malformed', source: found.source.name, message, line, column, incomplete });
}

export function pieceOf(text: string, start: number, end: number): Piece {
  return { text: text.slice(start, end), start, end };
}

/** The lines of a text as Go's bufio.ScanLines yields them, without `\n` and `\r\n`. */
export function* linesOf(text: string): Generator<Piece> {
  for (let start = 0; start < text.length; ) {
    const stop = lineEndOf(text, start);
    const end = stop > start && text[stop - 1] === '\r' ? stop - 1 : stop;
    yield pieceOf(text, start, end);
    start = stop + 1;
  }
}

/** Windows editors write it at the start of a file. */
export const byteOrderMark = '\uFEFF';
