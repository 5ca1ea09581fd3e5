/** Texts that an earlier run left, by a key that says everything they depend on. */
export interface RecordCache {
  /** The text under a key; undefined if there is none, or it is not what was put there. */
  get(key: string): string | undefined;
  /** `of`: what the text is about. Others about the same are dropped. */
  put(key: string, of: string, text: string): void;
  drop(key: string): void;
  /** Drops what this run did not use, where `isSecret` says so of what is there. */
  sweep(isSecret: (text: string) => boolean): void;
}
