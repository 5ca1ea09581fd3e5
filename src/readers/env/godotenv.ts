import { say } from '../../model/text.ts';
import { addEntry, addProblem, byteOrderMark, type Findings, linesOf, type Piece } from './findings.ts';

/** How long all values together may grow by references to each other. */
const maxExpanded = 4_000_000;

/**
 * godotenv v1.3.0 (godotenv.go parseLine), with which the server and the runners load `.env` and `envfile`: any `#`
 * outside quotes begins a comment, even inside a value; `NAME: value` is accepted too; a reference to a name that no
 * earlier line sets becomes empty.
 */
export function readGodotenv(found: Findings): void {
  const { text } = found.source;
  const values = new Map<string, string>();
  let budget = maxExpanded;
  if (text.startsWith(byteOrderMark))
    addProblem(found, 0, say`file begins with a byte order mark, which becomes part of the first name`);
  for (const line of linesOf(text)) {
    const trimmed = line.text.replace(/^[ \n\t]+/, '');
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const kept = withoutComment(line.text);
    const separator = kept.search(/[=:]/);
    if (separator < 0) {
      addProblem(found, line.start, say`line has no "="; the whole file is refused`);
      continue;
    }
    const key = kept
      .slice(0, separator)
      .replace(/^export/, '')
      .replace(/^ +|(?<! ) +$/g, '');
    const keyStart = line.start + kept.slice(0, separator).search(/[^ ]|$/);
    const name: Piece = { text: key, start: keyStart, end: line.start + separator };
    const raw = pieceWithin(line, kept, separator + 1);
    const value = readValue(raw, values, budget);
    budget -= value.piece.text.length;
    values.set(key, value.piece.text);
    addEntry(found, name, value.piece, value.quoted ? { quoted: value.quoted } : {});
  }
}

/** The segments between `#` signs, keeping those inside an open quote. */
function withoutComment(line: string): string {
  if (!line.includes('#')) return line;
  const kept: string[] = [];
  let open = false;
  for (const segment of line.split('#')) {
    let closing = false;
    if (count(segment, '"') === 1 || count(segment, "'") === 1) {
      closing = open;
      open = !open;
    }
    if (closing || kept.length === 0 || open) kept.push(segment);
  }
  return kept.join('#');
}

function count(text: string, quote: string): number {
  let found = 0;
  for (let i = text.indexOf(quote); i >= 0; i = text.indexOf(quote, i + 1)) found++;
  return found;
}

/**
 * The value without surrounding blanks. If dropped comments leave something that is not a piece of the line, the place
 * is the rest of the line.
 */
function pieceWithin(line: Piece, kept: string, from: number): Piece {
  const text = kept
    .slice(from)
    .replace(/^ +/, '')
    .replace(/(?<! ) +$/, '');
  if (!line.text.startsWith(kept)) return { text, start: line.start + from, end: line.end };
  const start = line.start + from + (kept.length - from - kept.slice(from).replace(/^ +/, '').length);
  return { text, start, end: start + text.length };
}

function readValue(
  raw: Piece,
  values: ReadonlyMap<string, string>,
  budget: number,
): { piece: Piece; quoted?: 'single' | 'double' } {
  const { text } = raw;
  const quote = text.length > 1 && text.at(0) === text.at(-1) ? text.at(0) : undefined;
  const inner = { start: raw.start + 1, end: raw.end - 1 };
  if (quote === "'") return { piece: { text: text.slice(1, -1), ...inner }, quoted: 'single' };
  if (quote === '"') {
    const unescaped = text
      .slice(1, -1)
      .replace(/\\./g, (match) => (match === '\\n' ? '\n' : match === '\\r' ? '\r' : match))
      .replace(/\\([^$])/g, '$1');
    return { piece: { text: expand(unescaped, values, budget), ...inner }, quoted: 'double' };
  }
  return { piece: { ...raw, text: text.length > 1 ? expand(text, values, budget) : text } };
}

function expand(text: string, values: ReadonlyMap<string, string>, budget: number): string {
  if (!text.includes('$')) return text;
  let left = budget;
  return text.replace(/(\\)?\$(\()?\{?([A-Z0-9_]+)?\}?/g, (match, escaped?: string, _paren?: string, name?: string) => {
    if (escaped) return match.slice(1);
    if (!name) return match;
    const value = values.get(name) ?? '';
    left -= value.length;
    return left < 0 ? '' : value;
  });
}
