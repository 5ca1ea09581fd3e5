import type { KeptTexts } from './record-cache.ts';

/** Keeps texts, in memory or outside of it. */
export interface TextStore {
  /** Keeps a text behind the last one; where it lies. */
  append(text: string): TextPlace;
  /** The same of several, which need not be decoded for it. */
  appendAll(texts: KeptTexts): readonly TextPlace[];
  read(place: TextPlace): string;
}

/** Where a text lies, and how long it is, in the units of its store. */
export type TextPlace = readonly [offset: number, length: number];

/** A store that keeps its texts in memory. */
export function memoryStore(): TextStore {
  const texts = new Map<number, string>();
  let size = 0;
  const append = (text: string): TextPlace => {
    const place = [size, text.length] as const;
    if (text !== '') texts.set(size, text);
    size += text.length;
    return place;
  };
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
    read: ([offset, length]) => {
      const text = length === 0 ? '' : texts.get(offset);
      if (text?.length !== length) throw new Error('a text is not in the store');
      return text;
    },
  };
}
