/** Keeps texts, in memory or outside of it. */
export interface TextStore {
  /** Keeps a text; where it lies. */
  append(text: string): TextPlace;
  read(place: TextPlace): string;
}

/** Where a text lies, and how long it is, in the units of its store. */
export type TextPlace = readonly [offset: number, length: number];

/** A store that keeps its texts in memory. */
export function memoryStore(): TextStore {
  const texts: string[] = [];
  return {
    append: (text) => [texts.push(text) - 1, text.length],
    read: ([index]) => {
      const text = texts[index];
      if (text === undefined) throw new Error('a text is not in the store');
      return text;
    },
  };
}
