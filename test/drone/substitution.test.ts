import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { findSubstitutions, substitute } from '../../src/drone/substitution.ts';
import { expectProportional } from '../support/cost.ts';

const oracle = '../shared/oracle/substitution.json';

interface Oracle {
  readonly env: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly in: string; readonly out: string | null; readonly error: string | null }[];
}

function loadOracle(): Oracle {
  return existsSync(oracle) ? JSON.parse(readFileSync(oracle, 'utf8')) : { env: {}, cases: [] };
}

describe.skipIf(!existsSync(oracle))('drone/envsubst (needs the measured cases)', () => {
  const { env, cases } = loadOracle();
  test.each(cases.map((entry) => [entry.in, entry] as const))('%j', (text, entry) => {
    expect(substitute(text, env)).toEqual(entry.error === null ? { text: entry.out } : { error: entry.error });
    const broken = findSubstitutions(text).some(({ error }) => error);
    expect(broken).toBe(entry.error !== null);
  });
});

const environment = { TAG: 'v1.2.3-rc.1', PATHS: 'a/b/c.tar.gz', WORD: 'héllo', LINES: 'one\n"two"\t$x', EMPTY: '' };

// Measured with both releases; where they differ the second result is that of 1.0.3.
const measured: readonly (readonly [text: string, older: string | undefined, newer?: string])[] = [
  ['${TAG#v}', '1.2.3-rc.1'],
  ['${TAG##*.}', '1'],
  ['${TAG%-*}', 'v1.2.3'],
  ['${TAG%%.*}', 'v1'],
  ['${TAG/-/_}', 'v1.2.3_rc.1'],
  ['${TAG//./_}', 'v1_2_3-rc_1'],
  ['${TAG/#v/release-}', 'release-1.2.3-rc.1'],
  ['${TAG/%.1/.2}', 'v1.2.3-rc.2'],
  ['${PATHS//\\//-}', 'a-b-c.tar.gz'],
  ['${WORD^}', 'Héllo'],
  ['${WORD^^}', 'HÉLLO'],
  ['${#WORD}', '6'],
  ['${WORD:0:1}', 'h'],
  ['${LINES}', '"one\\n\\"two\\"\\t$x"'],
  ['${NOPE:-${TAG}}', 'v1.2.3-rc.1'],
  ['${NOPE:=a b}', 'a b'],
  ['a\\\\b \\/ \\n', 'a\\b / \\n'],
  ['one${TAG}\0${', 'onev1.2.3-rc.1'],
  ['${TAG:-}', undefined, 'v1.2.3-rc.1'],
  ['${NOPE:-a${TAG}b}', undefined, 'av1.2.3-rc.1b'],
  ['${NOPE:+a}', 'a'],
  ['${TAG,^}', 'v1.2.3-rc.1'],
  ['${TAG:é}', undefined],
];

describe('substitute', () => {
  const cases = measured.map(([text, older, newer = older]) => ({ text, older, newer }));
  test.each(cases)('$text', ({ text, older, newer }) => {
    const result = (value: string | undefined) =>
      value === undefined ? { error: 'bad substitution' } : { text: value };
    expect(substitute(text, environment)).toEqual(result(older));
    expect(substitute(text, environment, '1.0.3')).toEqual(result(newer));
  });

  it('tells where the older release crashes', () => {
    const crash = { error: 'runtime error: slice bounds out of range' };
    expect(substitute('${EMPTY:3:2}', environment)).toEqual(crash);
    expect(substitute('${EMPTY:3:2}', environment, '1.0.3')).toEqual({ text: '' });
    expect(substitute('${TAG:0:-1}', environment, '1.0.3')).toEqual(crash);
  });

  it('takes the environment as it is, names of objects included', () => {
    expect(substitute('[${constructor}]', {})).toEqual({ text: '[]' });
    expect(substitute('${A}', new Map([['A', '$1 $& ${B}']]))).toEqual({ text: '$1 $& ${B}' });
  });
});

describe('findSubstitutions', () => {
  it('tells name, operator and arguments', () => {
    expect(findSubstitutions('x ${TAG//./_} y')).toEqual([
      {
        start: 2,
        end: 13,
        expression: '${TAG//./_}',
        name: 'TAG',
        operator: '//',
        arguments: ['.', '_'],
        escaped: false,
        depth: 0,
      },
    ]);
    expect(findSubstitutions('${#TAG}')).toMatchObject([{ name: 'TAG', operator: '#' }]);
  });

  it('tells those within others', () => {
    expect(findSubstitutions('${A:-${B:-${C}}}').map(({ name, depth }) => [name, depth])).toEqual([
      ['A', 0],
      ['B', 1],
      ['C', 2],
    ]);
  });

  it('tells escaped ones apart and leaves shell variables alone', () => {
    expect(findSubstitutions('$${A} $B $$$${C} $$${D}').map(({ name, escaped }) => [name, escaped])).toEqual([
      ['A', true],
      ['C', true],
      ['D', false],
    ]);
  });

  it('goes on after an error', () => {
    expect(findSubstitutions('${{ x }} ${A-b} ${B}').map(({ expression, error }) => [expression, error])).toEqual([
      ['${{ x }', 'bad substitution'],
      ['${A-b}', 'bad substitution'],
      ['${B}', undefined],
    ]);
  });

  it('marks what only the older release refuses', () => {
    expect(findSubstitutions('${A:-}')).toMatchObject([{ olderError: 'bad substitution' }]);
  });

  it('holds what the text holds, in order, whatever the text', () => {
    const piece = fc.constantFrom(
      '${',
      '$',
      '{',
      '}',
      'A',
      'b1',
      ':',
      '-',
      '/',
      '#',
      '%',
      '^',
      '\\',
      '\n',
      '\0',
      'é',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const found = findSubstitutions(text);
        for (const { start, end, expression } of found) {
          expect(text.slice(start, end)).toBe(expression);
          expect(expression).toMatch(/^\$?\$\{/);
        }
        expect(found.map(({ start }) => start)).toEqual(found.map(({ start }) => start).sort((a, b) => a - b));
        const result = substitute(text, environment, '1.0.3');
        const isRefused = found.some(({ error, start }) => error && !text.slice(0, start).includes('\0'));
        if ('text' in result) expect(isRefused).toBe(false);
        else if (result.error === 'bad substitution') expect(isRefused).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['${', '${a:-', '${a/', '$${', '${ ', '${a:-${b}', '${a//b/${', '\\\\$'])(
    'takes linear time for %j',
    (piece) => {
      expectProportional((scale) => {
        const text = piece.repeat(100_000 * scale);
        findSubstitutions(text);
        substitute(text, {});
      });
    },
  );
});
