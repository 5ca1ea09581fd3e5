import { expect, test } from 'vitest';
import type { Source } from '../../src/model/source.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { respelt } from '../../src/secrets/respelt.ts';

/** A text that makes a value known as a secret, and what another shows of its own text then. */
function shownWith(value: string, text: string): string {
  const known: Source = { name: 'known.yml', form: 'drone', text: value };
  const mask = maskFor([{ source: known, path: '', span: { start: 0, end: value.length } }]);
  return mask.source({ name: 'other.yml', form: 'drone', text }).text;
}

test.each([
  ['an escape of four digits', 'hunt\\u0065r2Xk9QzPw4'],
  ['an escape of eight digits', 'hunt\\U00000065r2Xk9QzPw4'],
  ['an escape of two digits', '\\x68unter2Xk9QzPw4'],
  ['all of it escaped', [...'hunter2Xk9QzPw4'].map((each) => `\\x${each.charCodeAt(0).toString(16)}`).join('')],
  ['a line that goes on', 'hunter2\\\n    Xk9QzPw4'],
])('a known value is hidden where it is written with %s', (_, written) => {
  const shown = shownWith('hunter2Xk9QzPw4', `  image: "app/x:${written}" # tail`);
  expect(shown).toMatch(/^ {2}image: "app\/x:[•\n]+" # tail$/);
});

test.each([
  ['quotes that are doubled', "it''s Qx7tT9pLw2Zz"],
  ['an escaped quote', "it\\'s Qx7tT9pLw2Zz"],
  ['two lines', "it's\n    Qx7tT9pLw2Zz"],
  ['two lines of Windows', "it's \r\n    Qx7tT9pLw2Zz"],
])('a known value with blanks is hidden where it is written with %s', (_, written) => {
  expect(shownWith("it's Qx7tT9pLw2Zz", `key: ${written} end`)).toMatch(/^key: [•\r\n]+ end$/);
});

test('what is not a known value stays as it is', () => {
  const text = 'a: "b\\u0065c\\x41" # \\"\n  d: \'\'\n';
  expect(shownWith('hunter2Xk9QzPw4', text)).toBe(text);
});

test('a place is found again in the text that is written', () => {
  const text = 'ab\\u0063d\\\n  ef  \n  g';
  const read = respelt(text, true);
  expect(read?.text).toBe('abcdef g');
  for (const [word, written] of [
    ['abc', 'ab\\u0063'],
    ['c', '\\u0063'],
    // What joins it to the next line goes with it.
    ['d', 'd\\\n  '],
    ['ef g', 'ef  \n  g'],
  ] as const) {
    const start = read?.text.indexOf(word) ?? -1;
    const span = read?.spanOf({ start, end: start + word.length });
    expect(text.slice(span?.start, span?.end)).toBe(written);
  }
  expect(respelt('nothing of that', true)).toBeUndefined();
});
