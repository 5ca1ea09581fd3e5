import type { Location } from './source.ts';
import type { Text } from './text.ts';

/** Something that is said about a place. */
export interface Remark {
  readonly at: Location;
  readonly message: Text;
  /** What it is said of where that is more than the place: the address of a server. */
  readonly whole?: string;
}
