import { expect, test } from 'vitest';
import { joinTexts, say } from '../../src/model/text.ts';
import { maskFor } from '../../src/secrets/mask.ts';

const mask = maskFor([]);

test('a sentence quotes so much of a name that it stays a sentence', () => {
  const name = 'n'.repeat(100_000);
  expect(mask.text(say`step "${name}" runs privileged`)).toBe(`step "${'n'.repeat(299)}…" runs privileged`);
  expect(mask.text(say`${`${'n'.repeat(298)}🚀🚀`}`)).toBe(`${'n'.repeat(298)}…`);
  const many = joinTexts(
    Array.from({ length: 5000 }, (_, index) => say`${`step-${index}`}`),
    ', ',
  );
  expect(mask.text(many)).toHaveLength(2000);
});

test('nothing is cut of what is not shown as a sentence', () => {
  const command = 'echo '.repeat(1000);
  expect(mask.all(say`${command}`)).toBe(command);
});
