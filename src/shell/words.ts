import type { Step } from '../model/pipeline.ts';
import type { Source } from '../model/source.ts';

/** Words of texts that were split before, by source: many rules ask, and aliases repeat texts. */
const known = new WeakMap<Source, Map<string, ReadonlySet<string>>>();

const wordsOf = new WeakMap<Step, ReadonlySet<string>>();

/** Only the beginning of a longer command is searched. */
const maxTextLength = 1_000_000;

/**
 * Whether some command, or word of `command` and `entrypoint`, contains all words of one of the alternatives, ignoring
 * case. A word is a run of letters, digits and `_`. This test is cheap and spares parsing most steps.
 */
export function containsWords(step: Step, alternatives: readonly (string | readonly string[])[]): boolean {
  const lists = [step.commands, step.command, step.entrypoint];
  const texts = known.get(step.at.source) ?? new Map<string, ReadonlySet<string>>();
  known.set(step.at.source, texts);
  const wordsIn = (value: string): ReadonlySet<string> => {
    const words = texts.get(value) ?? new Set(value.slice(0, maxTextLength).toLowerCase().match(/\w+/g));
    texts.set(value, words);
    return words;
  };
  const all = wordsOf.get(step) ?? new Set(lists.flatMap((list) => list.flatMap(({ value }) => [...wordsIn(value)])));
  wordsOf.set(step, all);
  return (
    holdsSome(all, alternatives) &&
    lists.some((list) => list.some(({ value }) => holdsSome(wordsIn(value), alternatives)))
  );
}

function holdsSome(words: ReadonlySet<string>, alternatives: readonly (string | readonly string[])[]): boolean {
  return alternatives.some((wanted) =>
    typeof wanted === 'string' ? words.has(wanted) : wanted.every((word) => words.has(word)),
  );
}

/** Whether some command, or word of `command` and `entrypoint`, matches a pattern. */
export function matchesCommands({ commands, command, entrypoint }: Step, pattern: RegExp): boolean {
  return [commands, command, entrypoint].some((list) => list.some(({ value }) => pattern.test(value)));
}
