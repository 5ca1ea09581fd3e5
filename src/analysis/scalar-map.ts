import { type Location, lineEndOf } from '../model/source.ts';

/** Where each unit of a scalar's text is written, as offsets of the source. */
export interface ScalarMap {
  readonly start: (index: number) => number;
  /** End of what stands for the unit. */
  readonly end: (index: number) => number;
  /** Escapes of double quotes are undone: a backslash in the text was two in the source. */
  readonly escaped: boolean;
}

/** A text under construction, with where each of its units begins and ends. */
interface Trace {
  readonly pieces: string[];
  readonly starts: number[];
  readonly ends: number[];
}

/**
 * Follows a scalar's text to where it is written. `at` is the place of the scalar as the tree gives it. Undefined where the
 * text cannot have been written so, because something was put into it (a matrix) or it is read by other rules.
 */
export function scalarMap(text: string, at: Location): ScalarMap | undefined {
  const { start, end } = at.span;
  const written = at.source.text.slice(start, end);
  if (written === text)
    return { start: (index) => start + index, end: (index) => start + index + 1, escaped: isDouble(at) };
  const first = written[0];
  const trace: Trace = { pieces: [], starts: [], ends: [] };
  if (first === '|' || first === '>') traceBlock(written, text, first === '>', trace);
  else if (first === '"') traceFlow(written, 1, written.length - 1, 'double', trace);
  else if (first === "'") traceFlow(written, 1, written.length - 1, 'single', trace);
  else traceFlow(written, 0, written.length, 'plain', trace);
  const traced = trace.pieces.join('');
  // The ends of blocks depend on their header; what is there is written where it is.
  if (!traced.startsWith(text)) return undefined;
  return {
    start: (index) => start + (trace.starts[index] ?? written.length),
    end: (index) => start + (trace.ends[index] ?? written.length),
    escaped: first === '"',
  };
}

/** Whether the text stands unchanged between double quotes. */
function isDouble({ source, span }: Location): boolean {
  return source.text[span.start - 1] === '"' && source.text[span.end] === '"';
}

function add(trace: Trace, piece: string, start: number, end: number): void {
  trace.pieces.push(piece);
  for (let unit = 0; unit < piece.length; unit++) {
    trace.starts.push(start);
    trace.ends.push(end);
  }
}

/** Units that stand there as they are. */
function addWritten(trace: Trace, written: string, start: number, end: number): void {
  trace.pieces.push(written.slice(start, end));
  for (let at = start; at < end; at++) {
    trace.starts.push(at);
    trace.ends.push(at + 1);
  }
}

const blanks = /[ \t]*/y;
const breaks = /[ \t]*(?:\r?\n[ \t]*)+/y;

/** Plain and quoted scalars: lines are folded, quotes and escapes undone. */
function traceFlow(
  written: string,
  from: number,
  to: number,
  style: 'plain' | 'single' | 'double',
  trace: Trace,
): void {
  let at = from;
  while (at < to) {
    const character = written[at] ?? '';
    if (character === '\n' || character === ' ' || character === '\t' || character === '\r') {
      breaks.lastIndex = at;
      const found = breaks.exec(written)?.[0];
      if (found !== undefined) {
        const count = found.split('\n').length - 1;
        add(trace, count === 1 ? ' ' : '\n'.repeat(count - 1), at, at + found.length);
        at += found.length;
        continue;
      }
      // All blanks of a run at once: they are looked at only once.
      blanks.lastIndex = at;
      const run = Math.max(blanks.exec(written)?.[0].length ?? 0, 1);
      addWritten(trace, written, at, at + run);
      at += run;
    } else if (style === 'single' && character === "'") {
      add(trace, "'", at, at + 2);
      at += 2;
    } else if (style === 'double' && character === '\\') {
      at = traceEscape(written, at, trace);
    } else {
      addWritten(trace, written, at, at + 1);
      at++;
    }
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ['/', '/'],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const codeLengths: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function traceEscape(written: string, at: number, trace: Trace): number {
  const next = written[at + 1] ?? '';
  if (next === '\n' || next === '\r') {
    // The line goes on behind the blanks of the next one.
    const broken = /\\\r?\n[ \t]*/y;
    broken.lastIndex = at;
    return at + (broken.exec(written)?.[0].length ?? 2);
  }
  const digits = codeLengths.get(next);
  if (digits === undefined) {
    add(trace, escapes.get(next) ?? next, at, at + 2);
    return at + 2;
  }
  const code = Number.parseInt(written.slice(at + 2, at + 2 + digits), 16);
  const end = at + 2 + digits;
  add(trace, code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd', at, end);
  return end;
}

/** Literal and folded blocks. How far they are indented follows from the text. */
function traceBlock(written: string, text: string, folds: boolean, trace: Trace): void {
  const header = written.indexOf('\n') + 1;
  if (header === 0) return;
  const lines = linesOf(written, header);
  const firstLine = lines.find(({ start, end }) => /\S/.test(written.slice(start, end)));
  if (!firstLine) return;
  const ownBlanks = /^\n*( *)/.exec(text)?.[1]?.length ?? 0;
  const indent = leadingBlanks(written, firstLine) - ownBlanks;
  let before: { readonly end: number; readonly indented: boolean } | undefined;
  let empty = 0;
  for (const line of lines) {
    const start = Math.min(line.start + indent, line.start + leadingBlanks(written, line));
    if (start >= line.end) {
      empty++;
      if (!folds || !before) add(trace, '\n', line.end, line.next);
      continue;
    }
    const indented = written[start] === ' ' || written[start] === '\t';
    if (folds && before) {
      const isFold = !before.indented && !indented;
      const between = isFold ? (empty === 0 ? ' ' : '\n'.repeat(empty)) : '\n'.repeat(empty + 1);
      add(trace, between, before.end, start);
    }
    addWritten(trace, written, start, line.end);
    if (!folds) add(trace, '\n', line.end, line.next);
    before = { end: line.end, indented };
    empty = 0;
  }
  if (folds) add(trace, '\n'.repeat(empty + 1), before?.end ?? written.length, written.length);
}

interface Line {
  readonly start: number;
  /** Without the line break. */
  readonly end: number;
  readonly next: number;
}

function linesOf(text: string, from: number): Line[] {
  const lines: Line[] = [];
  for (let start = from; start < text.length; ) {
    const stop = lineEndOf(text, start);
    const next = Math.min(stop + 1, text.length);
    const end = stop < next && text[stop - 1] === '\r' && stop > start ? stop - 1 : stop;
    lines.push({ start, end, next });
    start = next;
  }
  return lines;
}

function leadingBlanks(text: string, { start, end }: Line): number {
  let at = start;
  while (at < end && text[at] === ' ') at++;
  return at - start;
}
