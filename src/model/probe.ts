import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** What an extension answered to the requests of a probe. */
export interface ExtensionProbe {
  readonly kind: 'extension';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  /** Scheme, host, port and path, without user information and query. */
  readonly address: Located<string>;
  /** Whether only this machine reaches the address. */
  readonly isLocal: boolean;
  /** By the name of the request: `unsigned`, `wrong-key`. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/** What became of one request. */
export interface Outcome {
  /** `unknown`: the answer does not tell, because it equals that to a right and to a wrong key. */
  readonly verdict: Located<'refused' | 'accepted' | 'data' | 'unknown'>;
  readonly status?: Located<number>;
  readonly at: Location;
}
