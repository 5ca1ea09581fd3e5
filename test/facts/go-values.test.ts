import { describe, expect, it } from 'vitest';
import { parseGoBool, parseGoDuration, parseGoInt, parseMap, splitList } from '../../src/facts/go-values.ts';

describe('bool', () => {
  it.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%s is true', (text) => expect(parseGoBool(text)).toBe(true));
  it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%s is false', (text) => expect(parseGoBool(text)).toBe(false));
  it.each(['', 'yes', 'on', 'tRUE', ' true', 'true ', '2', 'enabled'])('%j is refused', (text) =>
    expect(parseGoBool(text)).toBeUndefined(),
  );
});

describe('int', () => {
  it.each<[string, bigint | undefined]>([
    ['0', 0n],
    ['42', 42n],
    ['-7', -7n],
    ['+7', 7n],
    ['0x1F', 31n],
    ['-0x10', -16n],
    ['0b101', 5n],
    ['0o17', 15n],
    ['017', 15n],
    ['1_000', 1000n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', undefined],
    ['-9223372036854775808', -9223372036854775808n],
    ['', undefined],
    ['08', undefined],
    ['1__0', undefined],
    ['1_', undefined],
    ['1.5', undefined],
    [' 1', undefined],
    ['ten', undefined],
    ['1'.repeat(1000), undefined],
  ])('%s', (text, value) => expect(parseGoInt(text)).toBe(value));
});

describe('duration in milliseconds', () => {
  it.each<[string, number | undefined]>([
    ['0', 0],
    ['-0', 0],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['720h', 2_592_000_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2s', -2000],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['30', undefined],
    ['', undefined],
    ['.', undefined],
    ['.s', undefined],
    ['1d', undefined],
    ['1 h', undefined],
    ['h', undefined],
    ['3000000h', undefined],
  ])('%s', (text, value) => {
    const found = parseGoDuration(text);
    if (value === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(value, 6);
  });
});

describe('lists and maps', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['  ', []],
    ['a', ['a']],
    ['a, b,', ['a', ' b', '']],
  ])('list %j', (text, items) => expect(splitList(text, false)).toEqual(items));

  it.each<[string, string[]]>([
    ['', ['']],
    ['  ', ['  ']],
    ['a, b,', ['a', ' b', '']],
  ])('list %j with its blank item', (text, items) => expect(splitList(text, true)).toEqual(items));

  it.each<[string, [string, string][], string[]]>([
    ['', [], []],
    ['/a:/b', [['/a', '/b']], []],
    ['/a:/b:ro,/c:/d', [['/c', '/d']], ['/a:/b:ro']],
    ['a', [], ['a']],
    [
      'a:1, b:',
      [
        ['a', '1'],
        [' b', ''],
      ],
      [],
    ],
  ])('map %j', (text, pairs, invalid) => expect(parseMap(text, false)).toEqual({ pairs, invalid }));

  it('map with its blank item', () => expect(parseMap('', true)).toEqual({ pairs: [], invalid: [''] }));
});
