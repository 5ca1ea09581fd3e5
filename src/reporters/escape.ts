import { acting } from '../model/visible.ts';

export { isPlain, visible } from '../model/visible.ts';

/** The text with each lone surrogate, which no encoding can carry, as U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** Runs of characters that plain English lacks; typographic quotes and dashes (U+2010 to U+2027) are English. */
const unusual = /[^\n\x20-\x7e\u2010-\u2027]+/g;

/**
 * JSON of a value, indented by two spaces and ending with a newline. Strings are well-formed, and characters that could
 * act on a terminal are written as `\u001b`, so that `cat` can show the data.
 */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value, undefined, 2);
  // JSON.stringify writes lone surrogates, and only those, as `\ud800`.
  const clean = json.includes('\\ud') ? JSON.stringify(value, wellFormedStrings, 2) : json;
  return `${clean.replace(unusual, (run) => run.replace(acting, jsonEscape))}\n`;
}

function wellFormedStrings(_: string, value: unknown): unknown {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function jsonEscape(character: string): string {
  let escaped = '';
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
}
