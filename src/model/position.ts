import type { Location, Source } from './source.ts';

const starts = new WeakMap<Source, readonly number[]>();

/** Offsets at which the lines of a text begin; LF, CRLF and CR end a line. Computed once per source. */
export function lineStarts(source: Source): readonly number[] {
  const known = starts.get(source);
  if (known) return known;
  const found = [0];
  const { text } = source;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) found.push(i + 1);
  }
  starts.set(source, found);
  return found;
}

/** Lets a text with the same lines (a masked one) share the line starts of the original; returns it. */
export function withLinesOf(original: Source, same: Source): Source {
  starts.set(same, lineStarts(original));
  return same;
}

/** Line and column of an offset, both from 1; columns in UTF-16 units. */
export function positionOf(source: Source, offset: number): { line: number; column: number } {
  const lines = lineStarts(source);
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}

/** Line of the start of a place, from 1. */
export function lineOf(at: Location): number {
  return positionOf(at.source, at.span.start).line;
}
