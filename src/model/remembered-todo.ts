/** How many answers are kept. */
const most = 10_000;

/** Makes a pure function of a text cache its answers: the same tags, names and values occur in many files. */
export function memoize<T>(answer: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly answer: T }>();
  return (text) => {
    const found = known.get(text);
    if (found) return found.answer;
    if (known.size >= most) known.clear();
    const given = { answer: answer(text) };
    known.set(text, given);
    return given.answer;
  };
}
