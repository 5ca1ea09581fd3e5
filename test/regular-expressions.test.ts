import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const checked = (...literals: string[]): string =>
  spawnSync(process.execPath, ['scripts/regular-expressions.js', ...literals], { encoding: 'utf8' }).stderr;

// What passes for all of src means something only if these do not.
it.each([
  ['quantifiers that trade characters', String.raw`/^[^/]*[.:][^/]*\//`],
  ['a quantifier that begins anew at each character', String.raw`/\/+$/`],
  ['a word before a quantifier', '/env[^/]*$/'],
  ['a pair of words', '/^aws .*s3 .*sync$/'],
])('finds %s', (_, literal) => {
  expect(checked(literal)).toContain('may take more than linear time');
});

it('finds nothing in the source', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/regular-expressions.js'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d{4,} regular expressions, 0 faults\n$/),
  });
});

it('passes what is anchored by what stands before it', () => {
  expect(checked(String.raw`/(?<!\/)\/+$/`, '/$(?<=env[^/]*)/', String.raw`/^[^/.:]*[.:][^/]*\//`)).toBe('');
});
