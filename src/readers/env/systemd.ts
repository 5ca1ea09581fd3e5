import { say } from '../../model/text.ts';
import { addEntry, addProblem, type Findings } from './findings.ts';

const blank = /[ \t\r\n]/;
const newline = /[\r\n]/;
/** The characters that a backslash escapes within double quotes (systemd src/basic/escape.h SHELL_NEED_ESCAPE). */
const needsEscape = /["\\`$]/;

/**
 * systemd's EnvironmentFile (systemd src/basic/env-file.c parse_env_file_internal): `#` and `;` begin comments only at
 * the start of a line, a backslash continues a line, quotes may begin anywhere after blanks, nothing is expanded.
 */
export function readSystemdEnv(found: Findings): void {
  const { text } = found.source;
  let i = 0;
  while (i < text.length) {
    while (i < text.length && blank.test(text.charAt(i))) i++;
    if (i >= text.length) break;
    // A backslash before the end of a comment does not continue it (since systemd 254); it only hides one character.
    if (text[i] === '#' || text[i] === ';') while (i < text.length && !newline.test(text.charAt(i))) i++;
    else i = readAssignment(found, i);
  }
}

function readAssignment(found: Findings, start: number): number {
  const { text } = found.source;
  let i = start;
  while (i < text.length && text[i] !== '=' && !newline.test(text.charAt(i))) i++;
  if (text[i] !== '=') {
    addProblem(found, start, say`line is not an assignment; systemd ignores it`);
    return i;
  }
  const key = text.slice(start, i).trimEnd();
  const value = readValue(text, i + 1);
  // systemd drops invalid names with a warning (src/core/execute.c exec_context_load_environment).
  if (!/^[A-Za-z_]\w*$/.test(key)) addProblem(found, start, say`variable name is malformed; systemd ignores the line`);
  const name = { text: key.replace(/^export[ \t]+/, ''), start, end: start + key.length };
  const { stop, quoted, ...piece } = value;
  addEntry(found, name, piece, quoted ? { quoted } : {});
  return stop;
}

function readValue(text: string, from: number) {
  let value = '';
  /** Length without trailing blanks, which are not part of an unquoted value. */
  let kept = 0;
  let first = -1;
  let last = from;
  const quotes: ('single' | 'double')[] = [];
  let bare = false;
  let state: 'before' | 'bare' = 'before';
  let i = from;
  while (i < text.length && !newline.test(text.charAt(i))) {
    const c = text.charAt(i);
    if (state === 'before' && (c === "'" || c === '"')) {
      const piece = c === "'" ? singleQuoted(text, i + 1) : doubleQuoted(text, i + 1);
      quotes.push(c === "'" ? 'single' : 'double');
      if (first < 0) first = i + 1;
      last = piece.end;
      value += piece.text;
      kept = value.length;
      i = piece.end + 1;
    } else if (state === 'before' && blank.test(c)) i++;
    else if (c === '\\') {
      state = 'bare';
      bare = true;
      if (first < 0) first = i;
      const next = text.charAt(i + 1);
      if (!newline.test(next)) value += next;
      kept = value.length;
      i += 2;
      last = i;
    } else {
      state = 'bare';
      bare = true;
      if (first < 0) first = i;
      value += c;
      i++;
      if (!blank.test(c)) {
        kept = value.length;
        last = i;
      }
    }
  }
  const only = quotes.length === 1 && !bare ? quotes[0] : undefined;
  const start = first < 0 ? i : first;
  // Several pieces in a row keep their quotes in the span, except for the outermost ones.
  return {
    text: value.slice(0, kept),
    start,
    end: Math.min(Math.max(start, last), text.length),
    stop: Math.min(i, text.length),
    quoted: only,
  };
}

function singleQuoted(text: string, from: number): { text: string; end: number } {
  const end = text.indexOf("'", from);
  return { text: text.slice(from, end < 0 ? text.length : end), end: end < 0 ? text.length : end };
}

function doubleQuoted(text: string, from: number): { text: string; end: number } {
  let value = '';
  let i = from;
  while (i < text.length && text[i] !== '"') {
    if (text[i] !== '\\') value += text.charAt(i++);
    else {
      const next = text.charAt(i + 1);
      if (needsEscape.test(next)) value += next;
      else if (next !== '\n') value += `\\${next}`;
      i += 2;
    }
  }
  return { text: value, end: Math.min(i, text.length) };
}
