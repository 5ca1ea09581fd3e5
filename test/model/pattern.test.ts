import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namePattern, pathPattern, wildcard } from '../../src/model/pattern.ts';
import { expectProportional } from '../support/cost.ts';

describe('a path of a config', () => {
  it.each([
    ['docs', 'docs', true],
    ['docs', 'docs/a/b.yml', true],
    ['docs', 'docs2/b.yml', false],
    ['docs/*', 'docs/a/b.yml', true],
    ['docs/*', 'docs', false],
    ['docs/*.yml', 'docs/a/b.yml', false],
    ['docs/**', 'docs/a/b.yml', true],
    ['docs/**', 'docs', false],
    ['**', 'a', true],
    ['**/test', 'test/a', true],
    ['**/test', 'a/b/test', true],
    ['**/test', 'a/b/tests', false],
    ['**/*.yml', 'a/b/c.yml', true],
    ['a/**/b/**/c', 'a/x/b/y/z/c/d', true],
    ['a/**/b/**/c', 'a/c/b', false],
    ['a/**/**/b', 'a/b', true],
    ['a/b*d*', 'a/bccd/e', true],
    ['a/b*d', 'a/bd/e', true],
    ['a/b*d', 'a/b/d', false],
    ['[a]{b}?', '[a]{b}?', true],
    ['[a]', 'a', false],
    ['docker://drone', 'docker://drone-runner', false],
  ])('%s means %s: %s', (pattern, path, means) => {
    expect(pathPattern(pattern)(path)).toBe(means);
  });

  it('means what is found by trying everything', () => {
    const part = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '**');
    const list = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 1, maxLength: 6 });
    const tried = (patterns: readonly string[], parts: readonly string[]): boolean => {
      const [first, ...others] = patterns;
      if (first === undefined) return true;
      if (first === '**') {
        if (others.length === 0) return parts.length > 0;
        return parts.some((_, index) => tried(others, parts.slice(index)));
      }
      const [head, ...rest] = parts;
      return head !== undefined && wildcard(first)(head) && tried(others, rest);
    };
    fc.assert(
      fc.property(list(part), list(fc.constantFrom('a', 'b', 'ab', 'c')), (patterns, parts) => {
        expect(pathPattern(patterns.join('/'))(parts.join('/'))).toBe(tried(patterns, parts));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a name of the site', () => {
  it.each([
    ['octocat/*', 'octocat/app', true],
    ['octocat/*', 'octocat/app/x', false],
    ['octocat', 'octocat/app', false],
    ['runner-*', 'runner-1', true],
    ['**', 'octocat/app', true],
    ['**/app', 'octocat/app', true],
    ['**/app', 'octocat/app/x', false],
  ])('%s means %s: %s', (pattern, name, means) => {
    expect(namePattern(pattern)(name)).toBe(means);
  });
});

describe('hostile patterns', () => {
  it.each([
    ['stars in a part', (n: number) => [`${'a*'.repeat(499)}c`, `${'a'.repeat(n)}b`]],
    ['many parts', (n: number) => [`${'*/'.repeat(400)}b`, 'a/'.repeat(n)]],
    ['many double stars', (n: number) => [`${'**/a/'.repeat(200)}b`, 'a/'.repeat(n)]],
    ['double stars alone', (n: number) => [`${'**/'.repeat(330)}b`, 'a/'.repeat(n)]],
    ['stars that never match', (n: number) => [`*${'ab*'.repeat(330)}c`, 'ab'.repeat(n)]],
  ])('%s cost in proportion to the text', (_, make) => {
    expectProportional((scale) => {
      const [pattern = '', text = ''] = make(20_000 * scale);
      for (let i = 0; i < 20; i++) {
        expect(pathPattern(pattern)(text)).toBe(false);
        expect(namePattern(pattern)(text)).toBe(false);
      }
    });
  });
});
