import { lineEndOf } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type FindVariable, interpolate, isSet, type KnownVariable } from '../compose/interpolation.ts';
import { addEntry, addProblem, byteOrderMark, type Findings, type Piece, pieceOf } from './findings.ts';

/** Blanks that do not end a line (compose-go dotenv/parser.go isSpace). */
const blank = /[\t\v\f\r \u0085\u00A0]/;
const anyBlank = /[\s\u0085]/;
const keyCharacter = /[\p{L}\p{N}_.\-[\]]/u;
/** How long all values together may grow by references to each other. */
const maxExpanded = 4_000_000;

/**
 * Compose's env_file and `.env` (compose-spec/compose-go dotenv/parser.go): quotes, escapes in double quotes, ` #`
 * comments, `export`, references except in single quotes, quoted values that span lines.
 */
export function readComposeEnv(found: Findings, { find, earlier }: ComposeVariables): void {
  const { text } = found.source;
  const reader: Reader = { found, find, earlier, values: new Map(), openQuote: false, budget: maxExpanded };
  let i = text.startsWith(byteOrderMark) ? 1 : 0;
  while (i < text.length) {
    if (anyBlank.test(text.charAt(i))) i++;
    else if (text[i] === '#') i = lineEndOf(text, i);
    else i = readStatement(reader, i);
  }
}

/** Variables that a file may use besides its own. */
export interface ComposeVariables {
  /** Those that precede its own. */
  readonly find: FindVariable;
  /** Those of the files before it. */
  readonly earlier?: FindVariable | undefined;
}

interface Reader extends ComposeVariables {
  readonly found: Findings;
  readonly values: Map<string, KnownVariable>;
  /** A quote was never closed: from there on, quotes must close on their own line. */
  openQuote: boolean;
  budget: number;
}

function readStatement(reader: Reader, from: number): number {
  const { found } = reader;
  const { text } = found.source;
  let start = from;
  if (text.startsWith('export', start) && blank.test(text.charAt(start + 6)))
    for (start += 6; blank.test(text.charAt(start)); ) start++;
  let end = start;
  while (end < text.length && !/[=:\n]/.test(text.charAt(end))) {
    const unit = text.codePointAt(end) ?? 0;
    const character = String.fromCodePoint(unit);
    if (!blank.test(character) && !keyCharacter.test(character)) {
      addProblem(found, end, say`variable name contains a character that Compose refuses`);
      return lineEndOf(text, end);
    }
    end += character.length;
  }
  const key = text.slice(start, end).trimEnd();
  const name: Piece = { text: key, start, end: start + key.length };
  const isPassedOn = end >= text.length || text[end] === '\n';
  if (/ /.test(key) || (key === '' && isPassedOn)) {
    addProblem(found, start, key === '' ? say`line has no variable name` : say`variable name contains a blank`);
    return lineEndOf(text, end);
  }
  if (isPassedOn) {
    addEntry(found, name);
    return end;
  }
  let valueStart = end + 1;
  while (valueStart < text.length && blank.test(text.charAt(valueStart))) valueStart++;
  const quote = text[valueStart];
  return quote === '"' || quote === "'"
    ? readQuoted(reader, name, valueStart, quote)
    : readPlain(reader, name, valueStart);
}

function readPlain(reader: Reader, name: Piece, start: number): number {
  const { text } = reader.found.source;
  const stop = lineEndOf(text, start);
  const line = text.slice(start, stop);
  const comment = line.indexOf(' #');
  const value = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
  addValue(reader, name, { text: value, start, end: start + value.length });
  return stop;
}

function readQuoted(reader: Reader, name: Piece, start: number, quote: string): number {
  const { text } = reader.found.source;
  const limit = reader.openQuote ? lineEndOf(text, start) : text.length;
  let end = start + 1;
  while (end < limit && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
  if (end >= limit) {
    reader.openQuote = true;
    addProblem(reader.found, start, say`quote is never closed`);
    const stop = lineEndOf(text, start);
    addEntry(reader.found, name, pieceOf(text, start, stop), { dynamic: true });
    return stop;
  }
  const inner = text.slice(start + 1, end);
  const unquoted = inner.replaceAll(`\\${quote}`, quote);
  const quoted = quote === '"' ? 'double' : 'single';
  const value = quoted === 'double' ? withoutEscapes(unquoted) : unquoted;
  addValue(reader, name, { text: value, start: start + 1, end }, quoted);
  const rest = text.slice(end + 1, lineEndOf(text, end));
  // Compose takes what follows as the next name. More likely it is a piece of the value, so it must not become a name.
  if (!/[^\s#]/.test(rest) || /^\s*#/.test(rest) || /[=:]/.test(rest)) return end + 1;
  addProblem(reader.found, end + 1, say`text after a closing quote`);
  return end + 1 + rest.length;
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Unescapes double quotes; `\$` becomes `$$`, which the expansion reads as a dollar sign. */
function withoutEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0([0-7]{3}))/g, (match: string, letter?: string, octal?: string) => {
    if (octal) return octal < '400' ? String.fromCharCode(Number.parseInt(octal, 8)) : match;
    if (letter === '$') return '$$';
    if (letter === '"' || letter === '\\') return letter;
    return escapes[letter ?? ''] ?? match;
  });
}

function addValue(reader: Reader, name: Piece, value: Piece, quoted?: 'single' | 'double'): void {
  const { found, values } = reader;
  const quality = quoted ? { quoted } : {};
  if (quoted === 'single' || !value.text.includes('$')) {
    values.set(name.text, { text: value.text });
    addEntry(found, name, value, quality);
    return;
  }
  const result = interpolate(value.text, (wanted) => {
    const outside = reader.find(wanted);
    const variable = isSet(outside) ? outside : (values.get(wanted) ?? reader.earlier?.(wanted) ?? outside);
    reader.budget -= variable?.text?.length ?? 0;
    return reader.budget < 0 ? {} : variable;
  });
  if (result.invalidAt !== undefined)
    addProblem(found, value.start, say`invalid reference: a literal "$" before a brace is written "$$"`);
  if (result.missing !== undefined)
    addProblem(found, value.start, say`the variable "${result.missing}" is required but not set`);
  if (result.text === undefined) {
    values.set(name.text, {});
    addEntry(found, name, value, { ...quality, dynamic: true });
    return;
  }
  values.set(name.text, { text: result.text });
  const fallback = result.origin === 'fallback' ? ({ fallback: true } as const) : {};
  addEntry(found, name, { ...value, text: result.text }, { ...quality, ...fallback });
}
