import type { KeptTexts } from './record-cache.ts';

/** Keeps texts, in memory or outside of it. */
export interface TextStore {
  /** Keeps a text; where it lies. */
  append(text: string): TextPlace;
  /** The same of several, which need not be decoded for it. */
  appendAll(texts: KeptTexts): readonly TextPlace[];
  read(place: TextPlace): string;
}

/** Where a text lies, and how long it is, in the units of its store. */
export type TextPlace = readonly [offset: number, length: number];

/** A store that keeps its texts in memory. */
export function memoryStore(): TextStore {
  const texts: string[] = [];
  const append = (text: string): TextPlace => [texts.push(text) - 1, text.length];
  return {
    append,
    appendAll: ({ bytes, lengths }) => {
      let end = 0;
      return lengths.map((length) => {
        const begin = end;
        end += length;
        return append(bytes.toString('utf8', begin, end));
      });
    },
    read: ([index]) => {
      const text = texts[index];
      if (text === undefined) throw new Error('a text is not in the store');
      return text;
    },
  };
}
