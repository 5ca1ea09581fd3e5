import { lineEndOf } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { expandReferences } from './expansion.ts';
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
export function readComposeEnv(found: Findings, resolve: (name: string) => string | undefined): void {
  const { text } = found.source;
  const reader: Reader = { found, resolve, values: new Map(), openQuote: false, budget: maxExpanded };
  let i = text.startsWith(byteOrderMark) ? 1 : 0;
  while (i < text.length) {
    if (anyBlank.test(text.charAt(i))) i++;
    else if (text[i] === '#') i = lineEndOf(text, i);
    else i = readStatement(reader, i);
  }
}

interface Reader {
  readonly found: Findings;
  readonly resolve: (name: string) => string | undefined;
  readonly values: Map<string, string>;
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
  if (/ /.test(key) || key === '') {
    addProblem(found, start, key === '' ? say`line has no variable name` : say`variable name contains a blank`);
    return lineEndOf(text, end);
  }
  if (end >= text.length || text[end] === '\n') {
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
  const quality = quoted ? { quoted } : {};
  const expansion =
    quoted === 'single' || reader.budget < 0
      ? { text: value.text, unresolved: quoted !== 'single' && value.text.includes('$'), fallback: false }
      : expandReferences(value.text, (wanted) => reader.resolve(wanted) ?? reader.values.get(wanted));
  if (expansion.text !== value.text) reader.budget -= expansion.text.length;
  if (expansion.unresolved) {
    reader.values.delete(name.text);
    addEntry(reader.found, name, value, { ...quality, dynamic: true });
    return;
  }
  reader.values.set(name.text, expansion.text);
  const fallback = expansion.fallback ? ({ fallback: true } as const) : {};
  addEntry(reader.found, name, { ...value, text: expansion.text }, { ...quality, ...fallback });
}
