import type { Standards } from './rule.ts';
import type { Confidence, Severity } from './severity.ts';
import type { Location, Source } from './source.ts';
import { type MaskedText, say, type Text } from './text.ts';

/** A source whose secrets are masked; only such reach reporters. */
export interface MaskedSource extends Source {
  readonly text: MaskedText;
}

/** A place in a masked source. */
export interface MaskedLocation extends Location {
  readonly source: MaskedSource;
  readonly path: MaskedText;
}

export interface Suppression {
  readonly by: 'comment' | 'config' | 'policy' | 'baseline';
  readonly reason: MaskedText;
  /** Where it is written: `docker-compose.yml:12`. */
  readonly where: string;
}

/** A hit with everything known about it. Its places refer to masked texts, so no secret can be quoted from them. */
export interface Finding {
  readonly rule: string;
  readonly family: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly standards: Standards;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly message: MaskedText;
  readonly at: MaskedLocation;
  /** For people: `service "drone"`, `pipeline "default"`. */
  readonly label: MaskedText;
  readonly related: readonly { readonly at: MaskedLocation; readonly message: MaskedText }[];
  readonly reach?: MaskedText;
  /** 16 hex digits; stays the same when lines move. */
  readonly fingerprint: string;
  readonly suppressed?: Suppression;
}

/** Something that could not be looked at or understood. Lines and columns from 1. */
export interface Problem<Message = Text> {
  /** `unreadable`: a place could not be looked at; `malformed`: a text of a known form is broken; `empty`: nothing there; `suppression`: a suppression that is wrong or idle; `fault`: drone-audit itself failed here. */
  readonly kind:
    | 'unreadable'
    | 'malformed'
    | 'too-large'
    | 'binary'
    | 'empty'
    | 'suppression'
    | 'unsupported'
    | 'fault';
  readonly source: string;
  readonly message: Message;
  readonly line?: number;
  readonly column?: number;
  /** Whether it makes the audit incomplete (exit 3). */
  readonly incomplete: boolean;
}

/** A problem as it is shown. */
export type ReportedProblem = Problem<MaskedText>;

/** What was not seen or not decided, and why. */
export interface Coverage {
  readonly files: number;
  readonly pipelines: number;
  readonly containers: number;
  readonly components: number;
  /** Places that were not asked: `the Docker Engine (--docker)`. */
  readonly notAsked: readonly string[];
  /** What is unknown, with its place: `docker-compose.yml: env_file "server.env" is not there`. */
  readonly unknown: readonly { readonly source: string; readonly line?: number; readonly message: MaskedText }[];
  readonly inconclusive: readonly {
    readonly rule: string;
    readonly source: string;
    readonly line: number;
    readonly message: MaskedText;
  }[];
}

export interface Report {
  readonly tool: { readonly name: 'drone-audit'; readonly version: string };
  readonly findings: readonly Finding[];
  readonly problems: readonly ReportedProblem[];
  readonly coverage: Coverage;
  /** The config that was used, and how much it suppressed. */
  readonly config?: { readonly name: string; readonly suppressed: number };
  readonly failOn: Severity | 'never';
  readonly exitCode: 0 | 1 | 3 | 4;
  /** Unsuppressed findings below --min-severity, which are not in `findings`. */
  readonly hiddenBySeverity: number;
  /** Findings that only --pedantic shows. */
  readonly hiddenPedantic: number;
}

/** A fault of our own. What failed is told in words of ours alone: an error may quote what was read. */
export function fault(source: string, what: Text): Problem {
  const message = say`${what} failed here: a fault of drone-audit itself, please report it`;
  return { kind: 'fault', source, message, incomplete: true };
}

/** The exit status of what could not all be done: 4 for a fault of our own, 3 for anything else that is missing. */
export function statusOf(problems: readonly Problem<unknown>[]): 0 | 3 | 4 {
  if (problems.some(({ kind }) => kind === 'fault')) return 4;
  return problems.some(({ incomplete }) => incomplete) ? 3 : 0;
}

/** Sorts problems by file and line. */
export function byPlace(a: ReportedProblem, b: ReportedProblem): number {
  const names = a.source < b.source ? -1 : a.source > b.source ? 1 : 0;
  return (
    names || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || (a.message < b.message ? -1 : 1)
  );
}
