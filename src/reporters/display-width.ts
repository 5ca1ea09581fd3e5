import { isPlain } from './escape.ts';

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
const regional = /\p{Regional_Indicator}/u;
/** Combining marks and variation selectors of emoji. */
const zero = /\p{Mn}|\p{Me}/u;

/** How many columns of a terminal one printable character takes: 0, 1 or 2. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x300) return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) && !regional.test(character) ? 2 : 1;
}

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text padded with spaces to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Longer code is broken like any other word. */
const longestCode = 200;

/** The lines of `wrap` for words of ours, in which code between backticks is copied: it stays whole, if need be on a line of its own that is wider. */
export function wrapCode(text: string, width: number): string[] {
  return wrapWords(text.match(/(?:[^\s`]|`[^`]*`)+|\S+/g) ?? [], width, longestCode);
}

/** Lines of at most `width` columns, broken at spaces, or inside a word that is wider by itself. Never empty. */
export function wrap(text: string, width: number): string[] {
  return wrapWords(text.split(/\s+/), width, 0);
}

/** Words up to `whole` columns that hold code are not broken. */
function wrapWords(words: readonly string[], width: number, whole: number): string[] {
  const room = Math.max(width, 10);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of words) {
    if (word === '') continue;
    const needed = displayWidth(word);
    if (used > 0 && used + 1 + needed <= room) {
      line += ` ${word}`;
      used += 1 + needed;
      continue;
    }
    if (used > 0) lines.push(line);
    line = '';
    used = 0;
    if (needed <= whole && word.includes('`')) {
      line = word;
      used = needed;
      continue;
    }
    for (const character of word) {
      const columns = characterWidth(character);
      if (used + columns > room) {
        lines.push(line);
        line = '';
        used = 0;
      }
      line += character;
      used += columns;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}
