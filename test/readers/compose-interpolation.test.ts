import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/readers/compose/interpolation.ts';
import { castBoolean, printed, shellWords, sizeInBytes } from '../../src/readers/compose/scalars.ts';
import { expectProportional } from '../support/cost.ts';

const variables = new Map<string, string>([
  ['SET', 'one'],
  ['OTHER', 'two'],
  ['EMPTY', ''],
  ['DOLLAR', 'a$b'],
]);
const find = (name: string) => (variables.has(name) ? { text: variables.get(name) ?? '' } : undefined);

const unknown = null;

describe('references, as Compose replaces them', () => {
  const cases: readonly (readonly [what: string, raw: string, text: string | null, origin: string])[] = [
    ['plain text', 'drone', 'drone', 'literal'],
    ['an escaped dollar', 'a$$b', 'a$b', 'literal'],
    ['an escaped reference', '$${SET}', '${SET}', 'literal'],
    ['three dollars', '$$$SET', '$one', 'interpolated'],
    ['a name without braces', '$SET', 'one', 'interpolated'],
    ['a name without braces that ends at a dot', '$SET.x', 'one.x', 'interpolated'],
    ['a name in braces', '${SET}', 'one', 'interpolated'],
    ['text on both sides', 'a${SET}b', 'aoneb', 'interpolated'],
    ['two names', '$SET-$OTHER', 'one-two', 'interpolated'],
    ['an unset name', '${UNSET}', unknown, 'unresolved'],
    ['an unset name among set ones', '${SET}/${UNSET}', unknown, 'unresolved'],
    ['an empty name', '${EMPTY}', '', 'interpolated'],
    ['a value with a dollar is not read again', '${DOLLAR}', 'a$b', 'interpolated'],
    [':- with a set name', '${SET:-b}', 'one', 'interpolated'],
    [':- with an empty name', '${EMPTY:-b}', 'b', 'fallback'],
    [':- with an unset name', '${UNSET:-b}', 'b', 'fallback'],
    [':- without text', '${UNSET:-}', '', 'fallback'],
    ['- with a set name', '${SET-b}', 'one', 'interpolated'],
    ['- with an empty name', '${EMPTY-b}', '', 'interpolated'],
    ['- with an unset name', '${UNSET-b}', 'b', 'fallback'],
    [':? with a set name', '${SET:?why}', 'one', 'interpolated'],
    [':? with an empty name', '${EMPTY:?why}', unknown, 'unresolved'],
    [':? with an unset name', '${UNSET:?why}', unknown, 'unresolved'],
    ['? with an empty name', '${EMPTY?why}', '', 'interpolated'],
    ['? with an unset name', '${UNSET?why}', unknown, 'unresolved'],
    [':+ with a set name', '${SET:+c}', 'c', 'interpolated'],
    [':+ with an empty name', '${EMPTY:+c}', '', 'interpolated'],
    [':+ with an unset name', '${UNSET:+c}', unknown, 'unresolved'],
    ['+ with an empty name', '${EMPTY+c}', 'c', 'interpolated'],
    ['+ with an unset name', '${UNSET+c}', unknown, 'unresolved'],
    ['a nested fallback', '${UNSET:-${NONE:-x}}', 'x', 'fallback'],
    ['a nested name', '${UNSET:-${SET}}', 'one', 'interpolated'],
    ['a nested unset name', '${UNSET:-${NONE}}', unknown, 'unresolved'],
    ['text around a nested fallback', '${UNSET:-a${NONE:-b}c}', 'abc', 'fallback'],
    ['a nested name within +', '${SET:+<${OTHER}>}', '<two>', 'interpolated'],
    ['a fallback with a colon and dashes', '${UNSET:-http://x-y:1}', 'http://x-y:1', 'fallback'],
    ['the first operator counts', '${UNSET-b:?c}', 'b:?c', 'fallback'],
    ['a fallback with braces', '${UNSET:-{"a":1}}', '{"a":1}', 'fallback'],
    ['two fallbacks on one line', '${UNSET:-a}${NONE:-b}', 'ab', 'fallback'],
    ['a dollar before a digit', 'cost $5', 'cost $5', 'literal'],
    ['a dollar at the end', 'cost $', 'cost $', 'literal'],
    ['a dollar before a blank', '$ {SET}', '$ {SET}', 'literal'],
  ];
  it.each(cases)('%s', (_what, raw, text, origin) => {
    const result = interpolate(raw, find);
    expect([result.text ?? unknown, result.origin, result.invalidAt]).toEqual([text, origin, undefined]);
  });

  it.each([
    ['no name', 'a${}', 1],
    ['a name that begins with a digit', '${1A}', 0],
    ['a name with a dot', '${A.B}', 0],
    ['a brace that is not closed', 'ab${SET', 2],
    ['a fallback that is not closed on its line', '${UNSET:-a\n}', 0],
    ['an unknown operator', '${SET=x}', 0],
    ['a reference behind a good one', '${SET}${', 6],
    ['a fallback that is used', '${UNSET:-${}}', 0],
  ])('refuses %s', (_what, raw, at) => {
    expect(interpolate(raw, find).invalidAt).toBe(at);
  });

  it('keeps unknown references as they are written in the text that is shown', () => {
    expect(interpolate('${SET}:${UNSET:?why}:80', find).shown).toBe('one:${UNSET:?why}:80');
  });

  it('knows nothing of a variable that is set to something unknown, not even its fallback', () => {
    expect(interpolate('${HIDDEN:-b}', () => ({}))).toMatchObject({ origin: 'unresolved', fallback: { text: 'b' } });
  });

  it.each([
    ['its text', '${UNSET:-abc}', 'abc', [9, 12]],
    ['also when the variable is set', '${SET:-abc}', 'abc', [7, 10]],
    ['the innermost text', '${UNSET:-${NONE:-abc}}', 'abc', [17, 20]],
    ['nothing when empty', '${UNSET:-}', undefined, undefined],
    ['nothing of a part', 'x${UNSET:-abc}', undefined, undefined],
    ['nothing that another file provides', '${UNSET:-$SET}', undefined, undefined],
    ['nothing for a required one', '${SET:?abc}', undefined, undefined],
  ])('records as fallback %s', (_what, raw, text, part) => {
    const { fallback } = interpolate(raw, find);
    expect(fallback?.text).toBe(text);
    expect(fallback && [fallback.part.start, fallback.part.end]).toEqual(part);
  });

  it('leaves a text without dollars alone, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = interpolate(text, find);
        if (!text.includes('$')) expect(result).toEqual({ text, shown: text, origin: 'literal' });
      }),
    );
  });

  it('gives back any text whose dollars are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(interpolate(text.replaceAll('$', '$$$$'), find).text).toBe(text);
      }),
    );
  });

  it.each<[string, (scale: number) => string]>([
    ['nested fallbacks', (scale) => '${A:-'.repeat(20_000 * scale) + '}'.repeat(20_000 * scale)],
    ['fallbacks that are not closed', (scale) => '${A:-'.repeat(200_000 * scale)],
    ['many references', (scale) => '${A:-b}'.repeat(100_000 * scale)],
    ['braces in fallbacks', (scale) => `${'${A:-{'.repeat(100_000 * scale)}}`],
  ])('takes time in proportion for %s', (_what, raw) => {
    expectProportional((scale) => interpolate(raw(scale), find));
  });
});

describe('unquoted values as Compose prints them', () => {
  it.each([
    ['true', 'true'],
    ['True', 'true'],
    ['FALSE', 'false'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['5', '5'],
    ['+5', '5'],
    ['0777', '511'],
    ['0o17', '15'],
    ['0x1F', '31'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['089', '89'],
    ['1.10', '1.1'],
    ['1e3', '1000'],
    ['1e10', '1e+10'],
    ['123456789.5', '1.234567895e+08'],
    ['0.00001', '1e-05'],
    ['12345678901234567890123', '1.2345678901234568e+22'],
    ['1:30', '1:30'],
    ['0123abc', '0123abc'],
    ['2.24.0', '2.24.0'],
  ])('%s is %s', (text, value) => {
    expect(printed(text)).toBe(value);
  });
});

describe('casts', () => {
  it.each([
    ['true', true],
    ['TRUE', true],
    ['yes', true],
    ['on', true],
    ['n', false],
    ['Off', false],
    ['1', undefined],
    ['', undefined],
  ])('boolean %j', (text, value) => {
    expect(castBoolean(text)).toBe(value);
  });

  it.each([
    ['512m', 536_870_912],
    ['1.5gb', 1_610_612_736],
    ['1GiB', 1_073_741_824],
    ['64', 64],
    ['10 k', 10_240],
    ['1x', undefined],
    ['', undefined],
  ])('size %j', (text, value) => {
    expect(sizeInBytes(text)).toBe(value);
  });

  it.each([
    ['agent --name "a b" c\\ d', ['agent', '--name', 'a b', 'c d']],
    ["sh -c 'echo $X && y'", ['sh', '-c', 'echo $X && y']],
    ['echo a && echo b', ['echo', 'a']],
    ['run 2>&1', ['run']],
    ['a"b"c ""', ['abc', '']],
    ['x $(date +%s now) y', ['x', '$(date +%s now)', 'y']],
    ['', []],
  ])('words of %j', (text, words) => {
    expect(shellWords(text).map((word) => word.text)).toEqual(words);
  });
});
