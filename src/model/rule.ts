import type { ArtifactKind, ArtifactOf, Installation } from './installation.ts';
import type { Reach } from './pipeline.ts';
import type { Again, Remark } from './remark.ts';
import type { Endpoint } from './server.ts';
import type { Confidence, Severity } from './severity.ts';
import type { Site } from './site.ts';
import type { Location } from './source.ts';
import type { Text } from './text.ts';

export type { Remark } from './remark.ts';
/** What a rule makes its hits of: how severe, where, and in which words. */
export { type Severity, trustSeverity, worstFirst } from './severity.ts';
export type { Located, Location } from './source.ts';
export { joinTexts, ownWords, say, type Text } from './text.ts';

/** One place that is wrong, with what only the rule knows about it. */
export interface Hit {
  readonly at: Location;
  /** States the fault, in lower case and without a full stop. Never holds the value of a secret. */
  readonly message: Text;
  /** If it differs from the rule's own. */
  readonly severity?: Severity;
  /** Recommendations of the CIS Docker Benchmark that this hit goes against, where its rule judges several; by default the rule's. */
  readonly cisDocker?: readonly string[];
  /** If it is less sure than the rule itself. */
  readonly confidence?: Confidence;
  readonly related?: readonly Remark[];
  /** What makes this happen, and so whom it is open to. */
  readonly reach?: Pick<Reach, 'events' | 'pullRequest'>;
  /** No event starts it: whoever reaches the address can. */
  readonly openTo?: 'anyone';
  /** What it is about inside the artefact (a setting, a mount, a step); `supersedes` compares it. */
  readonly subject?: string;
  /** What else makes it this finding and no other, where the text of its place does not say it: the host that a variable names. */
  readonly about?: string;
  /** The component it is about, for rules that judge several at once; by default the judged artefact. */
  readonly of?: { readonly owner: string; readonly label: Text };
  /** What this finding has in place of words of the rule's fix: `{ FILE: 'server.env' }`. */
  readonly fills?: Readonly<Record<string, string>>;
  /** The rule's fix as it is for this hit, where what there is to do differs; Markdown like the rule's own. */
  readonly fix?: string;
  /** The release of the component that mends it: what else that release mends is told as its consequence. */
  readonly release?: string;
  /** Its subject is one fault in all of the file: of several hits, the worst is the finding, the others are its places. */
  readonly oncePerFile?: true;
  /** Shown only with --pedantic, although the rule itself is not pedantic. */
  readonly pedantic?: boolean;
}

/** Places beside its own that a hit names; people look at a few. */
export const maxRelated = 20;

/** A further place of a fault, with what is said of it beside the first, and what differs where it is told alone. */
export function alsoAt(at: Location, message: Text, again: Again = {}): Remark {
  return { at, message, again };
}

/** A hit as it is told alone at a further place of its own. */
export function hitAt(hit: Hit, { at, again = {} }: Pick<Remark, 'at' | 'again'>): Hit {
  const { message = hit.message, severity = hit.severity, fills = hit.fills, reach = hit.reach, about } = again;
  const fix = 'fix' in again ? again.fix : hit.fix;
  return { ...hit, at, message, severity, fills, fix, reach, about };
}

/** The rule cannot decide, because something is unknown. Listed under coverage. */
export interface Inconclusive {
  readonly inconclusive: Text;
  readonly at: Location;
}

export interface Standards {
  /** OWASP Top 10 CI/CD Security Risks, `CICD-SEC-5`. */
  readonly owasp?: readonly string[];
  readonly cisDocker?: { readonly version: '1.6.0'; readonly ids: readonly string[] };
  /** `CWE-250`. */
  readonly cwe?: readonly string[];
}

/** What a rule may look at besides the artefact it judges. */
export interface Context {
  readonly site: Site;
  readonly installation: Installation;
}

export interface Rule<K extends ArtifactKind = ArtifactKind> {
  readonly id: string;
  readonly on: K;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Hygiene: off unless asked for. */
  readonly pedantic?: true;
  readonly title: string;
  /** For somebody who was woken by it: what can happen, in two or three sentences. */
  readonly why: string;
  /** The lines to paste. Markdown. */
  readonly fix: string;
  /** Documentation and source that prove the claim. */
  readonly refs: readonly string[];
  readonly standards: Standards;
  /** Rules that are not reported for the same subject of the same owner if this one is. */
  readonly supersedes?: readonly string[];
  /**
   * What it tells of a component is so only while that runs: of a container that does not run, it is told as what happens once
   * it is started, and counts one step less.
   */
  readonly needsRunning?: true;
  readonly since: string;
  /**
   * How long the fix takes in one place. `minutes`: a few lines of a file, and a restart; `hours`: something has to be set up,
   * or others have to be asked. Absent where it depends on the installation.
   */
  readonly effort?: 'minutes' | 'hours';
  /**
   * The fault lets pull requests in, and what they get to by it is told as its consequence: always, or only what Drone
   * decides by the very condition that is at fault.
   */
  readonly cause?: 'always' | 'where decisive';
  /** What it finds in a pipeline file is wrong whether Drone builds the file or not: a secret that is written out. */
  readonly withoutBuild?: true;
  judge(artifact: ArtifactOf[K], context: Context): Iterable<Hit | Inconclusive>;
  /** The same fault where an address tells of it: what runs there need not be in the audit. */
  judgeEndpoint?(endpoint: Endpoint, context: Context): Iterable<Hit>;
}

/** A rule of any kind, for lists. */
export type AnyRule = { [K in ArtifactKind]: Rule<K> }[ArtifactKind];

/** Only checks types: a rule is a plain object. */
export function rule<K extends ArtifactKind>(definition: Rule<K>): Rule<K> {
  return definition;
}
