import { type Location, lineStarts, positionOf, type Source } from '../model/source.ts';
import { characterWidth, displayWidth } from './display-width.ts';
import { isPlain, visible } from './escape.ts';

/** One line of quoted source, ready for a terminal; `mark` is the part in question, in columns from 0. */
export interface FrameLine {
  /** Starts at 1. */
  readonly line: number;
  readonly text: string;
  readonly mark?: { readonly from: number; readonly to: number };
}

/** What is shown for a part of the text: several columns for a tab or an escaped character. */
interface Cell {
  readonly offset: number;
  readonly column: number;
  readonly shown: string;
  readonly width: number;
}

const tabStop = 4;
const before = 8;

/**
 * The first line of a place with the place marked, cut to `width` columns, and one line of context on both sides if
 * wanted. A longer line is cut around the place and shown without context, which would not align.
 */
export function frame(at: Location, width: number, context: boolean): FrameLine[] {
  const { source, span } = at;
  const start = Math.min(span.start, source.text.length);
  const { line } = positionOf(source, start);
  const { content, end } = bounds(source, line);
  const from = Math.max(content, Math.min(start - 4 * width, end));
  const to = Math.min(end, Math.max(start, content) + 4 * width);
  const cells = cellsOf(source.text, from, to);
  const total = widthOf(cells);

  const marked = cells.filter((cell) => cell.offset >= start && cell.offset < span.end);
  const first = marked[0];
  const last = marked.at(-1);
  const markFrom = first ? first.column : (cells.find((cell) => cell.offset >= start)?.column ?? total);
  const markTo = last && last.column + last.width > markFrom ? last.column + last.width : markFrom + 1;

  const left = leftEdge(markFrom, markTo, total, width);
  const main: FrameLine = {
    line,
    text: clip(cells, left, width),
    mark: {
      from: Math.max(markFrom - left, left > 0 ? 1 : 0),
      to: Math.max(Math.min(markTo - left, width), Math.max(markFrom - left, 0) + 1),
    },
  };
  if (!context || left > 0 || from > content) return [main];
  return [...contextLine(source, line - 1, width), main, ...contextLine(source, line + 1, width)];
}

/** A whole line, cut at the right; none for a blank line or beyond the ends. */
function contextLine(source: Source, line: number, width: number): FrameLine[] {
  if (line < 1 || line > lineStarts(source).length) return [];
  const { content, end } = bounds(source, line);
  const written = source.text.slice(content, Math.min(end, content + 4 * width));
  const fits = written.length <= width && isPlain(written);
  const text = fits ? written.trimEnd() : clip(cellsOf(source.text, content, content + written.length), 0, width);
  return text.trim() === '' ? [] : [{ line, text }];
}

/** The first visible column, chosen so that the mark is seen with some text before it. */
function leftEdge(markFrom: number, markTo: number, total: number, width: number): number {
  if (total <= width || markTo < width) return 0;
  const showsStart = markFrom - before;
  const showsEnd = markTo + 4 - width;
  return Math.max(0, Math.min(showsStart, Math.max(showsEnd, 0), total - width));
}

/** Offsets of a line's content, without its line end. A byte order mark at the start of the text is not content. */
function bounds(source: Source, line: number): { content: number; end: number } {
  const starts = lineStarts(source);
  let content = starts[line - 1] ?? 0;
  if (content === 0 && source.text.charCodeAt(0) === 0xfeff) content = 1;
  const next = starts[line];
  let end = next ?? source.text.length;
  if (next !== undefined)
    end -= source.text.charCodeAt(end - 1) === 10 && source.text.charCodeAt(end - 2) === 13 ? 2 : 1;
  return { content, end: Math.max(content, end) };
}

function cellsOf(text: string, start: number, end: number): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  let offset = start;
  for (const character of text.slice(start, end)) {
    if (isPlain(character)) {
      cells.push({ offset: offset++, column: column++, shown: character, width: 1 });
      continue;
    }
    const shown = character === '\t' ? ' '.repeat(tabStop - (column % tabStop)) : visible(character);
    const width = shown === character ? characterWidth(character) : displayWidth(shown);
    cells.push({ offset, column, shown, width });
    column += width;
    offset += character.length;
  }
  return cells;
}

function widthOf(cells: readonly Cell[]): number {
  const last = cells.at(-1);
  return last ? last.column + last.width : 0;
}

/** The columns from `left` on, with `…` at an edge where something is cut off. */
function clip(cells: readonly Cell[], left: number, width: number): string {
  const total = widthOf(cells);
  const low = left > 0 ? left + 1 : 0;
  const cutRight = total > left + width;
  const high = cutRight ? left + width - 1 : left + width;
  let text = left > 0 ? '…' : '';
  for (const { column, width: columns, shown } of cells) {
    const end = column + columns;
    if (end <= low && !(column === 0 && low === 0)) continue;
    if (column >= high && columns > 0) break;
    // A mark without width beyond the edge has no columns to fill.
    const inside = Math.max(0, Math.min(end, high) - Math.max(column, low));
    text += column >= low && end <= high ? shown : ' '.repeat(inside);
  }
  return cutRight ? `${text}…` : text.trimEnd();
}
