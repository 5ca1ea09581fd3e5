/** How far something is. */
export interface Count {
  readonly done: number;
  readonly of: number;
  /** What is counted, where the words before do not say it. */
  readonly what?: string;
}

/** Says what is being done, in words of ours, before it is begun. It changes nothing. */
export type Progress = (doing: string, count?: Count) => void;

/** Says nothing. */
export const silently: Progress = () => {};
