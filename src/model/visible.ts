/**
 * What can act on a terminal or hide text: controls, line separators, lone surrogates and everything Unicode
 * calls ignorable (bidi controls, zero-width characters, tags), but not the selectors that belong to emoji; and
 * noncharacters, of which XML forbids some.
 */
export const acting =
  /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

const notPlain = /[^\x20-\x7e]/;

/** Whether all of a text is printable ASCII: one column each, and nothing that acts. Most of what is printed is. */
export function isPlain(text: string): boolean {
  return !notPlain.test(text);
}

/** The text with every character that could act on a terminal or hide something shown as `\u{1B}`. */
export function visible(text: string): string {
  if (isPlain(text)) return text;
  return text.replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}
