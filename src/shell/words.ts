import { memoize, memoizePer } from '../model/memoize.ts';
import type { Step } from '../model/pipeline.ts';
import type { Located, Source } from '../model/source.ts';

/** Only the beginning of a longer command is searched. */
const maxTextLength = 1_000_000;

/** The words of the texts of a file: many rules ask, and aliases repeat texts. */
const wordsIn = memoizePer((_: Source) =>
  memoize((text): ReadonlySet<string> => new Set(text.slice(0, maxTextLength).toLowerCase().match(/\w+/g))),
);

const wordsOf = memoizePer((step: Step): ReadonlySet<string> => {
  const words = wordsIn(step.at.source);
  return new Set(textsOf(step).flatMap(({ value }) => [...words(value)]));
});

function textsOf({ commands, command, entrypoint }: Step): readonly Located<string>[] {
  return [...commands, ...command, ...entrypoint];
}

/**
 * Whether some command, or word of `command` and `entrypoint`, contains all words of one of the alternatives, ignoring
 * case. A word is a run of letters, digits and `_`. This test is cheap and spares parsing most steps.
 */
export function containsWords(step: Step, alternatives: readonly (string | readonly string[])[]): boolean {
  if (!holdsSome(wordsOf(step), alternatives)) return false;
  const words = wordsIn(step.at.source);
  return textsOf(step).some(({ value }) => holdsSome(words(value), alternatives));
}

function holdsSome(words: ReadonlySet<string>, alternatives: readonly (string | readonly string[])[]): boolean {
  return alternatives.some((wanted) =>
    typeof wanted === 'string' ? words.has(wanted) : wanted.every((word) => words.has(word)),
  );
}

/** Whether some command, or word of `command` and `entrypoint`, matches a pattern. */
export function matchesCommands(step: Step, pattern: RegExp): boolean {
  return textsOf(step).some(({ value }) => pattern.test(value));
}
