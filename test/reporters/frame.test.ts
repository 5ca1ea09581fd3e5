import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { frame } from '../../src/reporters/frame.ts';
import { expectProportional } from '../support/cost.ts';
import { place, source } from './sample-report.ts';

/** The frame as a person sees it, carets below the line. */
function drawn(text: string, needle: string, width = 60, nth = 1): string[] {
  return frame(place(source('a.yml', text), needle, '', nth), width, true).flatMap(({ line, text, mark }) =>
    mark ? [`${line} ${text}`, `  ${' '.repeat(mark.from)}${'^'.repeat(mark.to - mark.from)}`] : [`${line} ${text}`],
  );
}

test('one line of context on each side and carets exactly below the place', () => {
  expect(drawn('a: 1\nb: 2\nkey: value # why\nd: 4\ne: 5\n', 'value')).toEqual([
    '2 b: 2',
    '3 key: value # why',
    '       ^^^^^',
    '4 d: 4',
  ]);
});

test('blank neighbours are left out, and there is nothing beyond the ends', () => {
  expect(drawn('x: 1\n\n', 'x')).toEqual(['1 x: 1', '  ^']);
  expect(drawn('\n  \nx: 1', '1')).toEqual(['3 x: 1', '     ^']);
});

test.each(['\r\n', '\r'])('line ends %j are not shown', (end) => {
  expect(drawn(`a: 1${end}b: 2${end}c: 3`, '2')).toEqual(['1 a: 1', '2 b: 2', '     ^', '3 c: 3']);
});

test('tabs are expanded, wide characters take two columns, combining ones none', () => {
  expect(drawn('\tname:\tvalue', 'value')).toEqual(['1     name:   value', '              ^^^^^']);
  expect(drawn('日本: 値', '値')).toEqual(['1 日本: 値', '        ^^']);
  expect(drawn('ne\u0301: v', 'v')).toEqual(['1 ne\u0301: v', '      ^']);
});

test('characters that act are escaped, and the carets still fit', () => {
  expect(drawn('a\x1b[31m: bad', 'bad')).toEqual(['1 a\\u{1B}[31m: bad', '               ^^^']);
  expect(drawn('k: \u202eabc', '\u202ea')).toEqual(['1 k: \\u{202E}abc', '     ^^^^^^^^^']);
});

test('a byte order mark is not shown', () => {
  expect(drawn('\ufeffkey: value', 'value')).toEqual(['1 key: value', '       ^^^^^']);
});

test('a place of several lines shows its first line', () => {
  expect(drawn('a:\n  b: 1\n  c: 2\n', 'b: 1\n  c: 2')).toEqual(['1 a:', '2   b: 1', '    ^^^^', '3   c: 2']);
});

test('an empty place has one caret', () => {
  const at = { source: source('a.yml', 'key:\n'), path: '', span: { start: 4, end: 4 } };
  expect(frame(at, 60, false)).toEqual([{ line: 1, text: 'key:', mark: { from: 4, to: 5 } }]);
});

describe('a line that is too long', () => {
  const long = `${'a'.repeat(100)}needle${'b'.repeat(100)}`;

  test('is cut around the place', () => {
    expect(drawn(long, 'needle', 30)).toEqual(['1 …aaaaaaaaaaaaaaaaaaaneedlebbb…', '                      ^^^^^^']);
  });

  test('is cut at the right when the place is at the left', () => {
    expect(drawn(`needle${'b'.repeat(100)}`, 'needle', 20)).toEqual(['1 needlebbbbbbbbbbbbb…', '  ^^^^^^']);
  });

  test('is cut at the left when the place is at the right', () => {
    expect(drawn(`${'b'.repeat(100)}needle`, 'needle', 20)).toEqual([
      '1 …bbbbbbbbbbbbbneedle',
      '                ^^^^^^',
    ]);
  });

  test('shows the beginning of a place that is itself too long', () => {
    const lines = drawn(`key: ${'v'.repeat(500)}`, 'v'.repeat(500), 20);
    expect(lines).toEqual(['1 key: vvvvvvvvvvvvvv…', `       ${'^'.repeat(15)}`]);
  });

  test('of a megabyte costs nothing much', () => {
    expectProportional((scale) => {
      const text = `k: ${'x'.repeat(1_000_000 * scale)}needle${'y'.repeat(1_000_000 * scale)}`;
      for (let i = 0; i < 100; i++) drawn(text, 'needle', 70);
    });
  });
});

test('a combining mark behind the right edge is left out', () => {
  const at = { source: source('a', '\x1ba\ud800\x1b\u0301'), path: '', span: { start: 0, end: 0 } };
  expect(frame(at, 20, true)[0]?.text).not.toContain('\u0301');
});

test('no frame is wider than it may be, and its mark is inside and holds the place', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', ' ', '\t', '日', '\n', '\x1b', '🚀', '\u0301', '\ud800'),
        maxLength: 200,
      }),
      fc.nat(200),
      fc.nat(50),
      fc.integer({ min: 20, max: 60 }),
      (text, start, length, width) => {
        const from = Math.min(start, text.length);
        const at = {
          source: source('a', text),
          path: '',
          span: { start: from, end: Math.min(from + length, text.length) },
        };
        const lines = frame(at, width, true);
        for (const line of lines) expect(displayWidth(line.text)).toBeLessThanOrEqual(width);
        const mark = lines.find((line) => line.mark)?.mark;
        expect(mark).toBeDefined();
        expect(mark?.from).toBeGreaterThanOrEqual(0);
        expect(mark?.to).toBeGreaterThan(mark?.from ?? 0);
        expect(mark?.to).toBeLessThanOrEqual(width + 1);
      },
    ),
  );
});
