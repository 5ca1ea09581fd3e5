/** Texts that an earlier run left, by a key that says everything they depend on. */
export interface RecordCache {
  /** The text under a key; undefined if there is none, or it is not what was put there. */
  get(key: string): string | undefined;
  put(key: string, text: string): void;
  drop(key: string): void;
}
