import type { Reach } from './pipeline.ts';
import type { Severity } from './severity.ts';
import type { Location } from './source.ts';
import type { Text } from './text.ts';

/** Something that is said about a place. */
export interface Remark {
  readonly at: Location;
  readonly message: Text;
  /** What it is said of where that is more than the place: the address of a server. */
  readonly whole?: string;
  /** The same fault is here too: this place is suppressed, and compared with a baseline, by itself. */
  readonly again?: Again;
}

/** What a further place of a fault is told with where it is told alone, as far as that differs from the first. */
export interface Again {
  readonly message?: Text;
  readonly severity?: Severity;
  readonly fills?: Readonly<Record<string, string>>;
  /** `undefined`, where it is named: the rule's own. */
  readonly fix?: string | undefined;
  readonly reach?: Pick<Reach, 'events' | 'pullRequest'>;
  /** Of this place alone: what is about the first place is not about this one. */
  readonly about?: string;
  readonly subject?: string;
  /** The component that it is of. */
  readonly label?: Text;
  /** Whoever accepts the first place accepts this one too: what mounts a volume. A baseline compares it all the same. */
  readonly follows?: true;
}
