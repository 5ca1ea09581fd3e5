import type { Container } from './container.ts';
import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** What a process or container is in a Drone installation. `unknown` has Drone's settings but no role can be told. */
export type Role =
  | 'server'
  | 'runner-docker'
  | 'runner-kube'
  | 'runner-exec'
  | 'runner-ssh'
  | 'runner-digitalocean'
  | 'runner-macstadium'
  | 'runner-aws'
  | 'runner-nomad'
  | 'autoscaler'
  | 'agent'
  | 'extension'
  | 'docker'
  | 'proxy'
  | 'step'
  | 'other'
  | 'unknown';

export function isRunner(role: Role): boolean {
  return role.startsWith('runner-') || role === 'agent';
}

/** What may be told about a secret without showing it. Rules judge secrets by this alone. */
export interface SecretTraits {
  /** Characters (UTF-16 units). */
  readonly length: number;
  /** Different characters. */
  readonly distinct: number;
  /** Shannon entropy in bits per character. */
  readonly bits: number;
  /** `sample`: a documented value; `word`: a dictionary default; `placeholder`: no value at all; `none` of these. */
  readonly known: 'sample' | 'word' | 'placeholder' | 'none';
  /** Where a documented value is printed. */
  readonly where?: string;
  /** Equal for equal values of one audit, and meaningless outside it. */
  readonly identity: string;
}

/** A secret within a longer text. */
export interface SecretPart {
  /** `password`, `token`, or the key of a map. */
  readonly name: string;
  readonly secret: SecretTraits;
  /** Its own place, or that of the whole value where it cannot be told apart. */
  readonly at: Location;
}

/** How a value came to be known. */
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
  /** The text the process will see; absent when it cannot be known or is a secret kept out of the evidence. */
  readonly value?: string;
  readonly origin: Origin;
  /** Of the value; of the name when there is no value. */
  readonly at: Location;
  readonly keyAt: Location;
  /** Traits of the whole value, for secret variables whose value is known (also when only the traits are). */
  readonly secret?: SecretTraits;
  /** Secret parts of the value: the password of a URL, the `token` of DRONE_USER_CREATE, each value of DRONE_RUNNER_SECRETS. */
  readonly parts?: readonly SecretPart[];
  /** Where `${NAME:-text}` provides a text for when the variable is forgotten. */
  readonly fallback?: { readonly value: string; readonly secret?: SecretTraits; readonly at: Location };
  /** The place that uses it, when the value stands in another file. */
  readonly usedAt?: Location;
  /** Which of several names won (`CLIENT_DRONE_RPC_SECRET` beats `DRONE_RPC_SECRET`); absent when its own did. */
  readonly via?: string;
  /** Kind of text that holds it: decides whether the value is "inline" and whether it is protected. */
  readonly heldBy: 'deployment' | 'env-file' | 'live' | 'secret-object';
}

/** The environment of one component, as its process will see it. */
export interface Settings {
  readonly kind: 'settings';
  /** Identity shared by all artefacts of one component, `docker-compose.yml#services[drone]`. */
  readonly owner: string;
  /** For people: `service "drone"`, `container "drone-runner"`, `server.env`. */
  readonly label: Text;
  readonly role: Role;
  /** The place that stands for the component: its service key, or the first line of an env file. */
  readonly at: Location;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Whether every source of variable names was read. Rules about an absent variable need it. */
  readonly known: boolean;
  /** Why not, one reason each: `env_file "server.env" is not there`. */
  readonly gaps: readonly Text[];
  /** The container it belongs to, if any. */
  readonly container?: Container;
  /** Declared version of the component (from its image tag), `2.24.0`, `1`; absent when not known. */
  readonly version?: string;
  readonly live: boolean;
  /** The account that a process without container runs as; absent when nothing says so (a system unit: root). */
  readonly user?: Located<string>;
}

/** A list item of a setting with its place. */
export type SettingItem = Located<string>;
