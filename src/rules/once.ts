import type { Installation } from '../model/installation.ts';

/** Makes a question about a whole installation that is answered once, however many artefacts ask it. */
export function oncePer<T>(answer: (installation: Installation) => T): (installation: Installation) => T {
  const known = new WeakMap<Installation, { readonly answer: T }>();
  return (installation) => {
    const found = known.get(installation) ?? { answer: answer(installation) };
    known.set(installation, found);
    return found.answer;
  };
}
