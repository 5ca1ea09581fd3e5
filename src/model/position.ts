import { binarySearch } from './binary-search.ts';
import { memoizePer } from './memoize.ts';
import type { Location, Source } from './source.ts';

/** Offsets at which the lines of a text begin; LF, CRLF and CR end a line. */
export function lineStarts(source: Source): readonly number[] {
  return source.lineStarts ?? startsOf(source);
}

const startsOf = memoizePer(({ text }: Source): readonly number[] => {
  const found = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) found.push(i + 1);
  }
  return found;
});

/** Line and column of an offset, both from 1; columns in UTF-16 units. */
export function positionOf(source: Source, offset: number): { line: number; column: number } {
  const lines = lineStarts(source);
  const line = Math.max(
    1,
    binarySearch(lines, (start) => start > offset),
  );
  return { line, column: offset - (lines[line - 1] ?? 0) + 1 };
}

/** Line of the start of a place, from 1. */
export function lineOf(at: Location): number {
  return positionOf(at.source, at.span.start).line;
}

/** The end of the line that an offset is in: its line feed, or the end of the text. */
export function lineEndOf(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  return feed < 0 ? text.length : feed;
}
