import { lineEndOf } from '../../model/source.ts';
import { cEscapes } from '../env/c-escapes.ts';

/** The languages of programs that write pipelines. */
export type Language = 'starlark' | 'jsonnet';

/** A part of a program. White space is not a token; in Starlark, a line end that ends a statement is. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'comment' | 'line end';
  /** As written; for a string, its value; for a comment, the text between its signs. */
  readonly value: string;
  /** Offsets, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Where the content of a string or comment begins and ends; for other tokens, as `start` and `end`. */
  readonly innerStart: number;
  readonly innerEnd: number;
}

/**
 * The tokens of a program, in the order of the text and in time linear in its length. Any text is accepted: what is not
 * closed ends with the text, or with the line if the language says so.
 */
export function tokensOf(text: string, language: Language): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let offset = 0;
  while (offset < text.length) {
    offset = endOf(space, text, offset);
    if (offset === text.length) break;
    const token = language === 'starlark' ? starlarkToken(text, offset) : jsonnetToken(text, offset);
    offset = token.end;
    if (token.kind === 'sign') depth = depthAfter(depth, token.value);
    // Inside brackets, a line end is white space.
    if (token.kind !== 'line end' || (language === 'starlark' && depth === 0)) tokens.push(token);
  }
  return tokens;
}

function depthAfter(depth: number, sign: string): number {
  if (/^[([{]$/.test(sign)) return depth + 1;
  return /^[)\]}]$/.test(sign) ? Math.max(0, depth - 1) : depth;
}

/** In Starlark, a backslash joins lines; in Jsonnet, it means nothing outside strings. */
const space = /(?:[^\S\n]|\\\r?\n)+/y;
const name = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const number = /[0-9][\w.]*/y;
/** Comparison operators and augmented assignments are one sign. */
const sign = /[=!<>+\-*/%&|^]=|[\s\S]/y;

function starlarkToken(text: string, start: number): Token {
  if (text[start] === '#') return comment(text, start, start + 1, lineEndOf(text, start));
  const [, prefix = '', quotes] = matchAt(starlarkQuotes, text, start) ?? [];
  return quotes === undefined ? plainToken(text, start) : starlarkString(text, start, prefix, quotes);
}

const starlarkQuotes = /([rR]?[bB]?|[bB][rR])("""|'''|"|')/y;

function starlarkString(text: string, start: number, prefix: string, quotes: string): Token {
  const innerStart = start + prefix.length + quotes.length;
  const isLong = quotes.length === 3;
  let offset = innerStart;
  while (offset < text.length && !text.startsWith(quotes, offset) && (isLong || text[offset] !== '\n'))
    offset += text[offset] === '\\' ? 2 : 1;
  const innerEnd = Math.min(offset, text.length);
  const end = text.startsWith(quotes, innerEnd) ? innerEnd + quotes.length : innerEnd;
  const inner = text.slice(innerStart, innerEnd);
  const value = /r/i.test(prefix) ? inner : inner.replace(starlarkEscape, unescaped);
  return { kind: 'string', value, start, end, innerStart, innerEnd };
}

const starlarkEscape = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|\r\n|[\s\S])/g;

function jsonnetToken(text: string, start: number): Token {
  const two = text.slice(start, start + 2);
  if (two === '/*') {
    const close = text.indexOf('*/', start + 2);
    return close < 0 ? comment(text, start, start + 2, text.length) : comment(text, start, start + 2, close, close + 2);
  }
  if (two === '//') return comment(text, start, start + 2, lineEndOf(text, start));
  if (text[start] === '#') return comment(text, start, start + 1, lineEndOf(text, start));
  if (two === '@"' || two === "@'") return verbatimString(text, start, two.slice(1));
  const quote = text[start];
  if (quote === '"' || quote === "'") return jsonnetString(text, start, quote);
  const blockStart = endOf(textBlock, text, start);
  return blockStart > start ? blockString(text, start, blockStart) : plainToken(text, start);
}

function jsonnetString(text: string, start: number, quote: string): Token {
  let offset = start + 1;
  while (offset < text.length && text[offset] !== quote) offset += text[offset] === '\\' ? 2 : 1;
  const innerEnd = Math.min(offset, text.length);
  const value = text.slice(start + 1, innerEnd).replace(jsonnetEscape, unescaped);
  return { kind: 'string', value, start, end: Math.min(innerEnd + 1, text.length), innerStart: start + 1, innerEnd };
}

const jsonnetEscape = /\\(?:u[0-9A-Fa-f]{4}|["'\\/bfnrt])/g;

/** `@'…'`: nothing is escaped, except that a doubled quote stands for one. */
function verbatimString(text: string, start: number, quote: string): Token {
  let offset = start + 2;
  while (offset < text.length) {
    if (text[offset] !== quote) offset += 1;
    else if (text[offset + 1] === quote) offset += 2;
    else break;
  }
  const value = text.slice(start + 2, offset).replaceAll(quote + quote, quote);
  const end = Math.min(offset + 1, text.length);
  return { kind: 'string', value, start, end, innerStart: start + 2, innerEnd: offset };
}

const textBlock = /\|\|\|-?[^\S\n]*\n/y;
const indentation = /[ \t]*/y;
const emptyLines = /(?:[ \t]*\r?\n)*/y;
const textBlockEnd = /[ \t]*\|\|\|/y;

/** `|||`: lines indented as deep as the first; the end mark is indented less. */
function blockString(text: string, start: number, innerStart: number): Token {
  const first = endOf(emptyLines, text, innerStart);
  const depth = text.slice(first, endOf(indentation, text, first));
  const lines: string[] = [];
  let offset = innerStart;
  while (offset < text.length) {
    const next = lineEndOf(text, offset) + 1;
    const line = text.slice(offset, next);
    const isContent = depth !== '' && line.startsWith(depth);
    if (!isContent && line.trim() !== '') break;
    lines.push(isContent ? line.slice(depth.length) : '\n');
    offset = next;
  }
  const innerEnd = Math.min(offset, text.length);
  return {
    kind: 'string',
    value: lines.join(''),
    start,
    end: endOf(textBlockEnd, text, innerEnd),
    innerStart,
    innerEnd,
  };
}

const meanings: Readonly<Record<string, string>> = {
  ...cEscapes,
  '\n': '',
  '\r\n': '',
  '/': '/',
  "'": "'",
};

/** What an escape stands for; if it is not one, itself. */
function unescaped(sequence: string): string {
  const written = sequence.slice(1);
  const known = meanings[written];
  if (known !== undefined) return known;
  const isOctal = /^[0-7]+$/.test(written);
  const code = Number.parseInt(isOctal ? written : written.slice(1), isOctal ? 8 : 16);
  return code <= 0x10ffff && (isOctal || /^[xuU]./.test(written)) ? String.fromCodePoint(code) : sequence;
}

function comment(text: string, start: number, innerStart: number, innerEnd: number, end = innerEnd): Token {
  return { kind: 'comment', value: text.slice(innerStart, innerEnd), start, end, innerStart, innerEnd };
}

function plainToken(text: string, start: number): Token {
  const ends = [
    ['name', endOf(name, text, start)],
    ['number', endOf(number, text, start)],
  ] as const;
  const [kind, end] = ends.find((found) => found[1] > start) ?? ['sign', endOf(sign, text, start)];
  const value = text.slice(start, end);
  return { kind: value === '\n' ? 'line end' : kind, value, start, end, innerStart: start, innerEnd: end };
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

/** Where a match at an offset ends; the offset itself if nothing matches. */
function endOf(pattern: RegExp, text: string, offset: number): number {
  return offset + (matchAt(pattern, text, offset)?.[0].length ?? 0);
}
