import type { Installation } from './installation.ts';

/** Makes a question about a whole, mostly an installation, that is answered once, however many rules and artefacts ask it. */
export function memoizePer<Answer, Whole extends object = Installation>(
  answer: (whole: Whole) => Answer,
): (whole: Whole) => Answer {
  const known = new WeakMap<Whole, { readonly answer: Answer }>();
  return (whole) => {
    const found = known.get(whole) ?? { answer: answer(whole) };
    known.set(whole, found);
    return found.answer;
  };
}
