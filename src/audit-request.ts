import type { Policy } from './apply-policy.ts';
import type { Config, JoinedPath } from './config-entries.ts';
import type { StandardName } from './facts/standards.ts';
import type { Targets } from './gather.ts';
import type { Installation } from './model/installation.ts';
import type { RecordCache } from './model/record-cache.ts';
import type { Asked, ConfigSetting, Problem, RuleSet } from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import type { Severity } from './model/severity.ts';
import type { Shard } from './model/shard.ts';
import type { Site } from './model/site.ts';
import type { Source } from './model/source.ts';
import type { Text } from './model/text.ts';
import type { TextStore } from './model/text-store.ts';
import type { LinesOf } from './outcomes.ts';

/** What to audit, by which rules and under which policy. */
export interface AuditRequest {
  readonly version: string;
  readonly targets: Targets;
  readonly rules: readonly AnyRule[];
  readonly familyOf: ReadonlyMap<string, string>;
  readonly site: Site;
  /** Makes what keeps texts outside of memory; absent: they stay in it. */
  readonly store?: () => TextStore;
  /** Makes what a report in lines of JSON says of a finding, if there is to be one. */
  readonly linesOf?: LinesOf;
  /** Whether a report tells the ways in; absent: it may. */
  readonly tellsWays?: boolean;
  /** Called before installations are judged one by one: there may be very many. */
  readonly beforeMany?: () => void;
  /** Called before several files are judged. */
  readonly beforeSeveral?: () => void;
  /** What earlier runs left. `terms` says everything that what is said of a pipeline depends on, besides its file. */
  readonly cache?: {
    readonly records: RecordCache;
    readonly terms: string;
    /** Whether a record is kept as soon as it is there, and not at the end: for a run that may be interrupted. */
    readonly isEarly: boolean;
  };
  /** The share of the audit that this process takes. */
  readonly shard?: Shard;
  /** Whether installations are to be judged one by one even where there are few of them. */
  readonly inBatches?: boolean;
  /** Whether more than the report is made of what was read, so that all of it has to be kept. */
  readonly isWhole?: boolean;
  /** Paths of the config that are one installation. */
  readonly joined?: readonly JoinedPath[];
  readonly policy: Policy;
  readonly failOn: Severity | 'never';
  /** Whether the gate is off. */
  readonly exitZero?: boolean;
  /** Whether to tell what was met and not read. */
  readonly verbose?: boolean;
  /** Whether today's findings are written into a baseline, so that none of them fails the audit. */
  readonly writesBaseline?: boolean;
  /** Every rule that there is, where only some are to run. */
  readonly every?: readonly AnyRule[];
  /** Standards whose controls are told; by default the usual ones. */
  readonly standards?: readonly StandardName[];
  /** Which rules options leave out, in sentences. */
  readonly rulesLeftOut?: readonly string[];
  /** What else limits the audit by its options, in sentences. */
  readonly limits?: readonly string[];
  /** What was asked for, in the words of the command line. */
  readonly asked?: Asked;
  /** When it is, if the user says so. */
  readonly date?: string;
  /** What all rules amount to; only some reports tell. */
  readonly ruleSet?: () => RuleSet;
  /** The config that was used, and which of its keys count. */
  readonly config?: Config;
  readonly settings?: readonly ConfigSetting[];
  /** What is to be said besides what the audit finds out. */
  readonly remarks?: () => readonly Problem[];
  /** Secrets that the audit itself was given: its tokens. They are hidden wherever they stand. */
  readonly ownSecrets?: readonly string[];
  /** What was not asked, now or when evidence was saved; shown under coverage. */
  readonly notAsked: (sources: readonly Source[]) => readonly string[];
  /** What probes came to, with the source that holds the answers. */
  readonly probed?: (found: Installation) => readonly { readonly source: string; readonly message: Text }[];
}
