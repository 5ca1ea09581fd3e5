import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Each, safeJson, safeJsonChunks, visible, wellFormed } from '../../src/reporters/escape.ts';

describe('visible', () => {
  test.each([
    ['escape sequence', '\x1b[2Jgone', '\\u{1B}[2Jgone'],
    ['carriage return and line feed', 'a\r\nb', 'a\\u{D}\\u{A}b'],
    ['tab, null and delete', '\t\0\x7f', '\\u{9}\\u{0}\\u{7F}'],
    ['C1 control sequence introducer', 'a\u009b31m', 'a\\u{9B}31m'],
    ['right-to-left override', 'a\u202etxt.exe', 'a\\u{202E}txt.exe'],
    ['isolates and marks', '\u2066a\u2069\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200F}\\u{61C}'],
    ['zero width characters', 'a\u200bb\u200dc\ufeffd\u00ad', 'a\\u{200B}b\\u{200D}c\\u{FEFF}d\\u{AD}'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['tags and fillers', '\u{e0041}\u3164\u115f', '\\u{E0041}\\u{3164}\\u{115F}'],
    ['noncharacters', 'a\ufffe\uffff\ufdd0\u{1fffe}', 'a\\u{FFFE}\\u{FFFF}\\u{FDD0}\\u{1FFFE}'],
    ['lone surrogates', 'a\ud83d', 'a\\u{D83D}'],
    ['a low surrogate', '\ude00b', '\\u{DE00}b'],
  ])('shows a %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('leaves text of all languages and emoji alone', () => {
    const text = 'größe 日本語 עברית हिन्दी ✔\ufe0f 🚀 •│…';
    expect(visible(text)).toBe(text);
  });

  test('leaves nothing that acts, whatever comes in, and nothing more to do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(visible(shown)).toBe(shown);
      }),
    );
  });
});

test('wellFormed replaces halves of characters only', () => {
  expect(wellFormed('\ud83da😀\ude00')).toBe('\ufffda😀\ufffd');
});

describe('safeJson', () => {
  test('keeps the data and escapes what could act on a terminal', () => {
    const value = { name: 'a\x1b\u009b\u202e\u200b\u{e0041}\u2028\n😀é' };
    const json = safeJson(value);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toBe('{\n  "name": "a\\u001b\\u009b\\u202e\\u200b\\udb40\\udc41\\u2028\\n😀é"\n}\n');
  });

  test('makes strings well-formed', () => {
    expect(JSON.parse(safeJson(['\ud800']))).toEqual(['\ufffd']);
  });

  test('a text that only looks like an escape stays what it is', () => {
    expect(JSON.parse(safeJson(['\\ud800']))).toEqual(['\\ud800']);
  });
});

describe('safeJsonChunks', () => {
  test('writes lists that are made meanwhile as those that are there', () => {
    const list = fc.array(fc.jsonValue(), { maxLength: 4 });
    fc.assert(
      fc.property(list, list, fc.jsonValue(), (first, second, other) => {
        const value = (all: (items: readonly unknown[]) => unknown) => ({
          ...{ none: undefined, other, first: all(first) },
          runs: [{ second: all(second), other }, { first: all(first) }],
        });
        const chunks = [...safeJsonChunks(value((items) => new Each(items)))];
        expect(chunks.join('')).toBe(safeJson(value((items) => items)));
        expect(JSON.parse(chunks.join(''))).toEqual(JSON.parse(JSON.stringify(value((items) => items))));
      }),
    );
  });
});
