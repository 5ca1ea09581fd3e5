import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { coversAll, isLiteral, matchGlob, mayMatch } from '../../src/drone/glob.ts';
import { expectProportional } from '../support/cost.ts';

const oracle = '../shared/oracle/glob.json';

interface GlobCase {
  readonly pattern: string;
  readonly value: string;
  readonly match: boolean;
  readonly error: string | null;
}

describe.skipIf(!existsSync(oracle))('verdicts of doublestar v1.1.1 (needs the measured cases)', () => {
  const cases: readonly GlobCase[] = existsSync(oracle) ? JSON.parse(readFileSync(oracle, 'utf8')).cases : [];
  test.each(cases.map((entry) => [entry.pattern, entry.value, entry] as const))('%j on %j', (pattern, value, entry) => {
    const expected = entry.error ? 'invalid' : entry.match ? 'match' : 'no match';
    expect(matchGlob(pattern, value)).toBe(expected);
  });
});

describe('matchGlob', () => {
  test.each([
    ['main', 'main', 'match'],
    ['main', 'mai', 'no match'],
    ['mai', 'main', 'no match'],
    ['Main', 'main', 'no match'],
    ['*', 'a/b', 'no match'],
    ['**', 'a/b', 'match'],
    ['**/c', 'c', 'match'],
    ['a/**/c', 'a/c', 'match'],
    ['a/**', 'a', 'no match'],
    ['a/', 'a', 'match'],
    ['a*c', 'abbbc', 'match'],
    ['a*c*', 'abc', 'match'],
    ['[^a]', 'b', 'match'],
    ['[^a]', 'a', 'no match'],
    ['[a-c]x', 'bx', 'match'],
    ['[-a]', 'a', 'invalid'],
    ['[]', 'a', 'invalid'],
    ['[a-]', 'a', 'invalid'],
    ['[\\]]', ']', 'match'],
    ['a[', 'b', 'no match'],
    ['*[', 'xyz', 'no match'],
    ['{a,b}c', 'bc', 'match'],
    ['{a,b}c', 'cc', 'no match'],
    ['{a/b,c}', 'c', 'invalid'],
    ['a\\', 'ab', 'invalid'],
    ['\\{a\\}', '{a}', 'match'],
    ['?', '\u{1F600}', 'match'],
    ['??', '\u{1F600}', 'no match'],
    ['a?', 'a', 'no match'],
    ['!main', 'main', 'no match'],
  ] as const)('%j on %j: %s', (pattern, text, expected) => {
    expect(matchGlob(pattern, text)).toBe(expected);
  });

  it('matches a text without special characters by itself alone', () => {
    const plain = fc.stringMatching(/^[a-z0-9_.-]{1,12}(\/[a-z0-9_.-]{1,12}){0,3}$/);
    fc.assert(
      fc.property(plain, plain, (pattern, text) => {
        expect(matchGlob(pattern, text)).toBe(pattern === text ? 'match' : 'no match');
      }),
    );
  });

  it.each<[string, (scale: number) => string]>([
    ['stars', (scale) => `${'*a'.repeat(900 * scale)}b`],
    ['alternatives', (scale) => `${'{a,aa}'.repeat(300 * scale)}b`],
    ['alternatives in alternatives', (scale) => `${'{a{b,'.repeat(300 * scale)}`],
    ['folders', (scale) => `${'**/'.repeat(600 * scale)}x`],
    ['open classes', (scale) => '['.repeat(2000 * scale)],
    ['one word', (scale) => 'a'.repeat(1_000_000 * scale)],
  ])('takes time in proportion to its length: %s', (_, pattern) => {
    for (const text of ['a'.repeat(300), 'a/'.repeat(300)])
      expectProportional((scale) => {
        expect(['match', 'no match', 'invalid']).toContain(matchGlob(pattern(scale), text));
        mayMatch(pattern(scale), ['refs', 'heads', '**']);
        coversAll(pattern(scale), ['refs', 'heads', '**']);
      });
  });
});

describe('families of texts', () => {
  const branches = ['refs', 'heads', '**'];
  const pullRequests = ['refs', 'pull', '*', 'head'];

  test.each([
    ['refs/heads/main', true, false],
    ['refs/heads/**', true, false],
    ['refs/**', true, true],
    ['**', true, true],
    ['refs/pull/*/head', false, true],
    ['refs/pull/**', false, true],
    ['refs/*/1/head', true, true],
    ['refs/pull/7/head', false, true],
    ['main', false, false],
    ['refs/heads/', false, false],
    ['refs/heads/[', false, false],
    ['', false, false],
  ])('%j may be a branch: %s, a pull request: %s', (pattern, branch, pullRequest) => {
    expect(mayMatch(pattern, branches)).toBe(branch);
    expect(mayMatch(pattern, pullRequests)).toBe(pullRequest);
  });

  test.each([
    ['**', true, true],
    ['refs/**', true, true],
    ['refs/heads/**', true, false],
    ['refs/heads/*', false, false],
    ['refs/pull/**', false, true],
    ['refs/pull/*/head', false, true],
    ['refs/*/**', true, true],
    ['refs/pull/1/head', false, false],
    ['refs/heads/**/*', true, false],
  ])('%j covers all branches: %s, all pull requests: %s', (pattern, branch, pullRequest) => {
    expect(coversAll(pattern, branches)).toBe(branch);
    expect(coversAll(pattern, pullRequests)).toBe(pullRequest);
  });

  it('never denies a match that exists, and never claims one that does not', () => {
    const sign = fc.constantFrom('*', '**', '/', 'a', 'refs', 'heads', 'pull', '1', '?', '{a,b}', '[a-z]', '\\', '[');
    const pattern = fc.array(sign, { maxLength: 7 }).map((signs) => signs.join(''));
    const branch = fc.array(fc.constantFrom('a', 'b', '1', 'main'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(pattern, branch, (glob, parts) => {
        const matched = matchGlob(glob, `refs/heads/${parts.join('/')}`) === 'match';
        if (matched) expect(mayMatch(glob, branches)).toBe(true);
        if (coversAll(glob, branches)) expect(matched).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells plain text from patterns', () => {
    expect(isLiteral('refs/heads/main')).toBe(true);
    for (const glob of ['*', 'a?', '[a]', '{a}', 'a\\b', 'a/']) expect(isLiteral(glob)).toBe(false);
  });
});
