import { lineEndOf } from '../../model/source.ts';
import { addEntry, type Findings, type Piece } from './findings.ts';

const assignment = /^[A-Za-z_]\w*$/;
const wordEnd = /[\s;&|()<>]/;
/** Commands whose arguments may be assignments. */
const declaring: ReadonlySet<string> = new Set(['export', 'declare', 'readonly', 'typeset', 'env', 'local']);

/**
 * Assignments in a file that a shell sources: `NAME=value`, `export NAME=value`, several on a line. Commands are
 * skipped; a value with `$NAME`, `$(command)` or backticks is dynamic.
 */
export function readShellEnv(found: Findings): void {
  const { text } = found.source;
  const assigned = new Set<string>();
  let i = 0;
  /** Whether the next word may still be an assignment. */
  let open = true;
  let declares = false;
  while (i < text.length) {
    const c = text.charAt(i);
    if (/[\n;&|()]/.test(c)) {
      open = true;
      declares = false;
      i++;
    } else if (/[\s<>]/.test(c)) i++;
    else if (c === '\\' && /^\r?\n/.test(text.slice(i + 1, i + 3))) i += text[i + 1] === '\r' ? 3 : 2;
    else if (c === '#') i = lineEndOf(text, i);
    else {
      const word = readWord(text, i);
      if (open && word.name) {
        assigned.add(word.name.text);
        addEntry(found, word.name, word.value, { quoted: word.quoted, dynamic: word.dynamic || undefined });
      } else if (open && declares && assignment.test(word.value.text)) {
        if (!assigned.has(word.value.text)) addEntry(found, word.value);
      } else if (open && declaring.has(word.value.text)) declares = true;
      else if (!(declares && word.value.text.startsWith('-'))) open = false;
      i = word.stop;
    }
  }
}

/** `name` is set for an assignment; `value` is then what follows its sign. */
function readWord(text: string, from: number) {
  let name: Piece | undefined;
  let value = '';
  let start = from;
  let pieces = 0;
  let signs = 0;
  let quoted: 'single' | 'double' | undefined;
  let dynamic = false;
  let last = from;
  let i = from;
  while (i < text.length && !wordEnd.test(text.charAt(i))) {
    const c = text.charAt(i);
    if (c === '=' && signs++ === 0 && pieces === 0 && assignment.test(value)) {
      name = { text: value, start: from, end: i };
      value = '';
      i++;
      start = i;
      last = i;
      continue;
    }
    if (c === "'" || c === '"') {
      const piece = c === "'" ? singleQuoted(text, i + 1) : doubleQuoted(text, i + 1);
      quoted = c === "'" ? 'single' : 'double';
      if (value === '' && pieces === 0) start = i + 1;
      pieces++;
      value += piece.text;
      dynamic ||= piece.dynamic;
      last = piece.end;
      i = piece.end + 1;
    } else if (c === '\\') {
      const breaks = /^\r?\n/.exec(text.slice(i + 1, i + 3))?.[0];
      if (breaks === undefined) value += text.charAt(i + 1);
      i += breaks === undefined ? 2 : 1 + breaks.length;
      last = i;
    } else if (c === '$' || c === '`') {
      dynamic = true;
      const end = c === '`' ? backquoted(text, i) : substituted(text, i);
      value += text.slice(i, end);
      i = end;
      last = i;
    } else {
      value += c;
      i++;
      last = i;
    }
  }
  const end = Math.min(Math.max(start, last), text.length);
  // A word that is one quoted piece is exactly what is between the quotes.
  const whole = quoted && pieces === 1 && text[start - 1] === (quoted === 'single' ? "'" : '"') && i === last + 1;
  return {
    name,
    value: { text: value, start, end },
    quoted: whole ? quoted : undefined,
    dynamic,
    stop: Math.min(i, text.length),
  };
}

function singleQuoted(text: string, from: number) {
  const end = text.indexOf("'", from);
  const stop = end < 0 ? text.length : end;
  return { text: text.slice(from, stop), end: stop, dynamic: false };
}

function doubleQuoted(text: string, from: number) {
  let value = '';
  let dynamic = false;
  let i = from;
  while (i < text.length && text[i] !== '"') {
    const c = text.charAt(i);
    const next = text.charAt(i + 1);
    if (c === '\\' && /["\\`$\n]/.test(next)) {
      if (next !== '\n') value += next;
      i += 2;
    } else if (c === '`' || (c === '$' && /[\w{(@*#?$!-]/.test(next))) {
      dynamic = true;
      const end = c === '`' ? backquoted(text, i) : substituted(text, i);
      value += text.slice(i, end);
      i = end;
    } else {
      value += c;
      i++;
    }
  }
  return { text: value, end: Math.min(i, text.length), dynamic };
}

/** The end of `...` that begins here; an unclosed one ends with its line. */
function backquoted(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '`' && text[i] !== '\n') i++;
  return text[i] === '`' ? i + 1 : i;
}

/** The end of `$NAME`, `${...}` or `$(...)` that begins here; an unclosed one ends with its line. */
function substituted(text: string, from: number): number {
  const open = text[from + 1];
  if (open !== '(' && open !== '{') {
    let i = from + 1;
    while (i < text.length && /\w/.test(text.charAt(i))) i++;
    return i;
  }
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let i = from + 1; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') return i;
    if (c === open) depth++;
    else if (c === close && --depth === 0) return i + 1;
  }
  return text.length;
}
