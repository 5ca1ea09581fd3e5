import type { ReportedProblem } from './report.ts';
import type { Origin, Role, Variable } from './settings.ts';
import type { Text } from './text.ts';

/** What was understood of an installation, with every secret taken out: for people who want to check it. */
export interface EffectiveView {
  readonly tool: { readonly name: 'drone-audit'; readonly version: string };
  readonly components: readonly EffectiveComponent[];
  readonly problems: readonly ReportedProblem[];
}

/** A place as people name it. Lines and columns from 1. */
export interface EffectivePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A fact in words, with the place that says so. */
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
  readonly at: EffectivePlace;
  readonly image?: EffectiveFact;
  /** Whether it is the image that Drone publishes, whose own variables then count as defaults. */
  readonly officialImage: boolean;
  readonly settings: readonly EffectiveSetting[];
  /** What the component takes for settings that nobody set. */
  readonly defaults: readonly EffectiveDefault[];
  readonly ports: readonly EffectiveFact[];
  readonly mounts: readonly EffectiveFact[];
  /** Privileged mode, capabilities, devices, shared namespaces, security options. */
  readonly privileges: readonly EffectiveFact[];
  readonly networks: readonly EffectiveFact[];
  readonly user?: EffectiveFact;
  /** The server that a runner talks to, where that can be told. */
  readonly server?: EffectiveFact;
  /** The runners of a server. */
  readonly runners: readonly EffectiveFact[];
  /** The reverse proxy before a server. */
  readonly proxy?: EffectiveFact;
  /** What could not be read or understood, one reason each. */
  readonly gaps: readonly Text[];
}

/** One setting as the process will see it. */
export interface EffectiveSetting {
  readonly name: Text;
  /** The value with its secret parts masked; absent when it is a secret or not known. */
  readonly value?: Text;
  /** Of a value that is a secret as a whole. */
  readonly secret?: {
    /** Characters (UTF-16 units). */
    readonly length: number;
    readonly known: 'sample' | 'word' | 'placeholder' | 'none';
    /** Where a documented value is printed. */
    readonly where?: string;
  };
  /** What is written where the value cannot be known: `${NAME}`. */
  readonly written?: Text;
  readonly origin: Origin;
  readonly heldBy: Variable['heldBy'];
  readonly at: EffectivePlace;
  /** The place that uses a value of another file. */
  readonly usedAt?: EffectivePlace;
  /** The name that won over this one. */
  readonly via?: string;
  /** What the component makes of the text: `2 items: "a", "b"`. */
  readonly understood?: Text;
  /** Whether the text stops the process when it starts. */
  readonly fatal: boolean;
  /** `unjudged`: not a setting of Drone, or of a program whose settings are not known here. */
  readonly status: 'read' | 'no-effect' | 'unknown' | 'unjudged';
  /** Why it has no effect, or what else is to be said. */
  readonly note?: Text;
}

export interface EffectiveDefault {
  readonly name: string;
  /** Empty for none. */
  readonly value: string;
  readonly from: 'program' | 'image';
  /** Whether the security of the installation turns on it. */
  readonly telling: boolean;
}
