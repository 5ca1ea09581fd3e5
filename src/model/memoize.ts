import type { Installation } from './installation.ts';

/** Makes a question about an object, usually the installation, that is answered once, however often it is asked. */
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
