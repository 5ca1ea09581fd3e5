import type { Origin, Variable } from './environment.ts';
import type { FindingLink } from './finding-link.ts';
import type { ReportedProblem } from './report.ts';
import type { Role } from './role.ts';
import type { Text } from './text.ts';

/** What was understood of an installation, with every secret removed, for people who want to check it. */
export interface EffectiveView {
  readonly tool: { readonly name: 'drone-audit'; readonly version: string };
  readonly components: readonly EffectiveComponent[];
  readonly problems: readonly ReportedProblem[];
}

/** A place as shown to people. Lines and columns start at 1. */
export interface EffectivePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A fact in words, with the place that states it. */
export interface EffectiveFact {
  readonly text: Text;
  readonly at: EffectivePlace;
}

/** One container, or one set of settings without a container. */
export interface EffectiveComponent {
  readonly label: Text;
  readonly role: Role;
  readonly version?: string;
  readonly live: boolean;
  /** What the engine says of a container: `running`, `exited`, `created`, `paused`. */
  readonly state?: string;
  readonly at: EffectivePlace;
  readonly image?: EffectiveFact;
  /** Whether it is an image that Drone publishes, whose own variables then count as defaults. */
  readonly officialImage: boolean;
  readonly settings: readonly EffectiveSetting[];
  /** The defaults of settings that nobody set. */
  readonly defaults: readonly EffectiveDefault[];
  readonly ports: readonly EffectiveFact[];
  readonly mounts: readonly EffectiveFact[];
  /** Privileged mode, capabilities, devices, shared namespaces, security options. */
  readonly privileges: readonly EffectiveFact[];
  readonly networks: readonly EffectiveFact[];
  readonly user?: EffectiveFact;
  /** The server that a runner talks to, if it is known. */
  readonly server?: EffectiveFact;
  readonly runners: readonly EffectiveFact[];
  /** The reverse proxy in front of a server. */
  readonly proxy?: EffectiveFact;
  /** What could not be read or understood, one reason each. */
  readonly gaps: readonly Text[];
  /** What an audit finds in it. */
  readonly findings: readonly FindingLink[];
}

/** One setting as the process will see it. */
export interface EffectiveSetting {
  readonly name: Text;
  /** The value with its secret parts masked; absent if it is a secret or unknown. */
  readonly value?: Text;
  /** Describes a value that is a secret as a whole. */
  readonly secret?: {
    /** Characters (UTF-16 units). */
    readonly length: number;
    readonly kind: 'sample' | 'word' | 'placeholder' | 'none';
    /** Where the documented value is printed. */
    readonly where?: string;
  };
  /** The text as written, if the value cannot be known: `${NAME}`. */
  readonly written?: Text;
  readonly origin: Origin;
  readonly heldBy: Variable['heldBy'];
  readonly at: EffectivePlace;
  /** The place that uses the value, if the value is in another file. */
  readonly usedAt?: EffectivePlace;
  /** The name of another variable that took precedence over this one. */
  readonly via?: string;
  /** How the component reads the text: `2 items: "a", "b"`. */
  readonly understood?: Text;
  /** Whether this text prevents the process from starting. */
  readonly fatal: boolean;
  /** `unjudged`: not a Drone setting, or of a program whose settings are not known here. */
  readonly status: 'read' | 'no-effect' | 'unknown' | 'unjudged';
  /** Why it has no effect, or another remark. */
  readonly note?: Text;
}

export interface EffectiveDefault {
  readonly name: string;
  /** Empty if there is none. */
  readonly value: string;
  readonly from: 'program' | 'image';
  /** Whether it matters for the security of the installation. */
  readonly notable: boolean;
}
