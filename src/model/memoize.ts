/** Texts whose answers are kept. */
const maxTexts = 10_000;

/** Makes a pure function of a text keep its answers: the same tags, names and values stand in many files. */
export function memoize<Answer, Text extends string = string>(answer: (text: Text) => Answer): (text: Text) => Answer {
  const cache = new Map<Text, { readonly answer: Answer }>();
  return (text) => {
    const kept = cache.get(text);
    if (kept) return kept.answer;
    if (cache.size >= maxTexts) cache.clear();
    const given = { answer: answer(text) };
    cache.set(apart(text), given);
    return given.answer;
  };
}

/** Shorter texts are copied where they are cut out of others (V8, UTF-16 units). */
const leastCut = 13;

/**
 * An equal text that stands by itself: one that is cut out of another keeps that in memory. What is put together is copied before
 * anything is cut out of it, so that the copy is all that is kept.
 */
function apart<Text extends string>(text: Text): Text {
  return text.length < leastCut ? text : (` ${text}`.slice(1) as Text);
}

/**
 * Makes a pure function of an object, most often an installation, keep its answers as long as the object is in use. The
 * answer may be a memoized function itself, for questions about two things: `memoizePer((a) => memoizePer((b) => …))`.
 */
export function memoizePer<Answer, Whole extends object>(answer: (whole: Whole) => Answer): (whole: Whole) => Answer {
  const cache = new WeakMap<Whole, { readonly answer: Answer }>();
  return (whole) => {
    const kept = cache.get(whole);
    if (kept) return kept.answer;
    const given = { answer: answer(whole) };
    cache.set(whole, given);
    return given.answer;
  };
}

/** Makes something when it is first asked for, and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
