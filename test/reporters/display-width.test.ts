import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth, pad, wrap, wrapCode } from '../../src/reporters/display-width.ts';

test.each([
  ['abc', 3],
  ['größe', 5],
  ['日本', 4],
  ['🚀', 2],
  ['🇩🇪', 2],
  ['e\u0301', 1],
  ['│…•', 3],
  ['', 0],
])('width of %j is %i', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('pad counts columns', () => {
  expect(pad('日', 4)).toBe('日  ');
  expect(pad('long', 2)).toBe('long');
});

test('wrap breaks at spaces', () => {
  expect(wrap('one two  three\nfour', 10)).toEqual(['one two', 'three four']);
  expect(wrap('', 10)).toEqual(['']);
});

test('wrap breaks words that are too wide', () => {
  expect(wrap('aaaaaaaaaaaaa b', 10)).toEqual(['aaaaaaaaaa', 'aaa b']);
  expect(wrap('日本語日本語', 11)).toEqual(['日本語日本', '語']);
});

test('wrap never exceeds the width and loses nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 10, max: 40 }), (text, width) => {
      const lines = wrap(text, width);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    }),
  );
});

test('wrapCode keeps code whole, where it is too wide on a line of its own', () => {
  const rules = '`DRONE_NAMESPACE_RULES=kube-system:none/none`';
  expect(wrapCode(`Protect the namespaces: ${rules}, and restart`, 30)).toEqual([
    ...['Protect the namespaces:', `${rules},`, 'and restart'],
  ]);
  expect(wrapCode('Print (`openssl rand -hex 24`) 1', 24)).toEqual(['Print', '(`openssl rand -hex 24`)', '1']);
  expect(wrapCode('a lone ` is no code', 10)).toEqual(['a lone `', 'is no code']);
  const long = `\`${'x '.repeat(200)}\``;
  expect(Math.max(...wrapCode(long, 40).map(displayWidth))).toBe(40);
});

test('wrap takes a megabyte without spaces', () => {
  expect(wrap('x'.repeat(1_000_000), 80)).toHaveLength(12_500);
});
