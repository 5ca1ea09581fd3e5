import type { EdgeId } from './edge-ids.ts';
import type { Step } from './graph.ts';
import type { View } from './view.ts';

/** A kind of step: what it is, under which condition it can be taken, and where that is proven. */
export interface Edge {
  readonly id: EdgeId;
  /** What is done in it, as the predicate of a sentence: `opens a pull request, which is built`. */
  readonly does: string;
  /** The rules that judge the same. */
  readonly rules: readonly string[];
  /** Drone's source, or that of its surroundings, by repository, file and lines. */
  readonly source: string;
  /** Its steps in an installation, the ruled out ones included. Where there is nothing of its kind there is none. */
  readonly steps: (view: View) => Iterable<UnnamedStep>;
}

/** A step of the edge that makes it, or of another that it names. */
export type UnnamedStep = Omit<Step, 'edge'> & { readonly edge?: EdgeId };
