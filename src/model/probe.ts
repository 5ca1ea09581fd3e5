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
  readonly verdict: Located<Verdict>;
  readonly status?: Located<number>;
  /** Path and name of the canary that was asked for. */
  readonly secret?: Located<string>;
  readonly at: Location;
}

/** What an answer tells of a request. `unknown`: nothing, as where right and wrong keys get the same error. */
export type Verdict = 'refused' | 'accepted' | 'data' | 'unknown';

/** A kind of request that a probe sends. */
export interface ProbeRequest {
  /** If it ends in `-`, there may be several, with a number after it. */
  readonly name: string;
  /** The request, after "accepts" or "refuses". */
  readonly words: string;
  readonly group: 'key' | 'credentials' | 'sample' | 'altered' | 'unknown' | 'canary';
  /** What a sound extension does. */
  readonly safe: Verdict;
}

/** The requests of a probe, in the order in which they are told. */
export const probeRequests: readonly ProbeRequest[] = [
  { name: 'right-key', words: 'the right key', group: 'key', safe: 'accepted' },
  { name: 'unsigned', words: 'unsigned requests', group: 'credentials', safe: 'refused' },
  { name: 'garbage', words: 'garbage signatures', group: 'credentials', safe: 'refused' },
  { name: 'bearer', words: 'bearer tokens', group: 'credentials', safe: 'refused' },
  { name: 'wrong-key', words: 'a random key', group: 'credentials', safe: 'refused' },
  { name: 'empty-key', words: 'an empty key', group: 'credentials', safe: 'refused' },
  { name: 'get', words: 'plain GET requests', group: 'credentials', safe: 'refused' },
  { name: 'sample-', words: 'documented tokens', group: 'sample', safe: 'refused' },
  { name: 'altered-body', words: 'a body that does not match its digest', group: 'altered', safe: 'refused' },
  { name: 'hour-old', words: 'a date one hour old', group: 'altered', safe: 'refused' },
  { name: 'year-old', words: 'a date one year old', group: 'altered', safe: 'refused' },
  { name: 'repeated', words: 'an exact repetition', group: 'altered', safe: 'refused' },
  { name: 'date-only', words: 'a signature over the date alone', group: 'altered', safe: 'refused' },
  { name: 'hmac-sha1', words: 'hmac-sha1', group: 'altered', safe: 'refused' },
  { name: 'unknown-secret', words: 'a name that does not exist', group: 'unknown', safe: 'accepted' },
  { name: 'canary-push-', words: 'a canary in a push', group: 'canary', safe: 'data' },
  { name: 'canary-fork-', words: 'a canary in a pull request from a fork', group: 'canary', safe: 'accepted' },
];
