/** Texts that an earlier run left, by a key that says everything they depend on. */
export interface RecordCache {
  /** The texts under a key; undefined if there are none, or they are not what was put there. */
  get(key: string): KeptTexts | undefined;
  /** `of`: what the texts are about. Others about the same are dropped. */
  put(key: string, of: string, texts: readonly string[]): void;
  drop(key: string): void;
  /** Drops what this run did not use, where `isSecret` says so of what is there. */
  sweep(isSecret: (text: string) => boolean): void;
}

/** Texts in UTF-8, one behind the other, and how long each is (bytes). */
export interface KeptTexts {
  readonly bytes: Buffer;
  readonly lengths: readonly number[];
}
