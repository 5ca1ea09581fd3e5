/** Keeps texts, in memory or outside of it. */
export interface TextStore {
  /** Keeps a text behind the last one; where it lies. */
  append(text: string): TextPlace;
  read(place: TextPlace): string;
}

/** Where a text lies, and how long it is, in the units of its store. */
export type TextPlace = readonly [offset: number, length: number];

/** A store that keeps its texts in memory. */
export function memoryStore(): TextStore {
  const texts = new Map<number, string>();
  let size = 0;
  return {
    append: (text) => {
      const place = [size, text.length] as const;
      if (text !== '') texts.set(size, text);
      size += text.length;
      return place;
    },
    read: ([offset, length]) => {
      const text = length === 0 ? '' : texts.get(offset);
      if (text?.length !== length) throw new Error('a text is not in the store');
      return text;
    },
  };
}
