/**
 * What can act on a terminal or hide text: controls, line separators, lone surrogates and everything that Unicode calls
 * ignorable (bidi controls, zero-width characters, tags), but not the selectors that belong to emoji.
 */
const acting = /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const notPlain = /[^\x20-\x7e]/;

/**
 * Whether all of a text is printable ASCII: one column per character, and none that acts. Most of what is printed is.
 */
export function isPlain(text: string): boolean {
  return !notPlain.test(text);
}

/** The text with every character that could act on a terminal or hide something shown as `\u{1B}`. */
export function visible(text: string): string {
  if (isPlain(text)) return text;
  return text.replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** The text with each lone surrogate, which no encoding can carry, as U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/**
 * Runs of characters that plain English does not have; typographic quotes and dashes (U+2010 to U+2027) count as
 * English.
 */
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
