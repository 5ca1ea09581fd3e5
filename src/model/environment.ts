import type { Location } from './source.ts';
import type { Text } from './text.ts';

/** What may be said about a secret without showing it. Rules judge secrets by nothing else. */
export interface SecretTraits {
  /** Characters (UTF-16 units). */
  readonly length: number;
  /** Bytes in UTF-8. */
  readonly bytes: number;
  /** Number of different characters. */
  readonly distinct: number;
  /** Shannon entropy in bits per character. */
  readonly bits: number;
  /** `sample`: a documented value; `word`: a common word; `placeholder`: stands for a value; `none` of these. */
  readonly kind: 'sample' | 'word' | 'placeholder' | 'none';
  /** Where the documented value is printed. */
  readonly where?: string;
  /** Which token it is, or holds, by its form: `a token of GitHub`. */
  readonly form?: string;
  /** Equal for equal values in one audit, and meaningless outside it. */
  readonly identity: string;
}

/** A secret inside a longer text. */
export interface SecretPart {
  /** `password`, `token`, or the key of a map. */
  readonly name: string;
  readonly secret: SecretTraits;
  /** Its own place, or that of the whole value if its own is unknown. */
  readonly at: Location;
}

/** How the value is known. */
export type Origin =
  /** Written in the evidence itself. */
  | 'literal'
  /** Interpolated from another place that was read (`${NAME}` with `.env`). */
  | 'interpolated'
  /** The fallback of `${NAME:-text}` was used. */
  | 'fallback'
  /** Present, but its value is elsewhere: pass-through, secretKeyRef, unresolved `${NAME}`, a template mark. */
  | 'unresolved';

/** One environment variable of a component. */
export interface Variable {
  readonly name: string;
  /** The text that the process will see; absent if it cannot be known or is a secret kept out of the evidence. */
  readonly value?: string;
  /** What is written of DRONE_USER_CREATE where only references in it are not known: each item counts by itself. May hold a secret. */
  readonly partly?: string;
  readonly origin: Origin;
  /** The place of the value; that of the name if there is no value. */
  readonly at: Location;
  readonly keyAt: Location;
  /** Traits of the whole value, for secret variables whose value, or at least its traits, are known. */
  readonly secret?: SecretTraits;
  /** Secret parts of the value: the password of a URL, the `token` of DRONE_USER_CREATE, each value of DRONE_RUNNER_SECRETS. */
  readonly parts?: readonly SecretPart[];
  /** The text that `${NAME:-text}` provides if the variable is forgotten. */
  readonly fallback?: { readonly value: string; readonly secret?: SecretTraits; readonly at: Location };
  /** The place that uses the value, if the value is in another file. */
  readonly usedAt?: Location;
  /** The name that took precedence (`CLIENT_DRONE_RPC_SECRET` over `DRONE_RPC_SECRET`), if not its own. */
  readonly via?: string;
  /** The kind of text that holds it: decides whether the value is inline and whether it is protected. */
  readonly heldBy: 'deployment' | 'env-file' | 'live' | 'secret-object';
}

/** The variables of one component, as its process will see them. */
export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  /** Whether every source of variable names was read. Rules about absent variables need to know. */
  readonly complete: boolean;
  /** Why not, one reason each: `env_file "server.env" is not there`. */
  readonly gaps: readonly Text[];
}
