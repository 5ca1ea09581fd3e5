import { compare } from './compare.ts';
import type { PassedOver } from './passed-over.ts';
import type { Picture } from './picture.ts';
import type { Standards } from './rule.ts';
import type { Confidence, Severity } from './severity.ts';
import type { Form, Location, Source } from './source.ts';
import { type Masked, type MaskedText, say, type Text, textKey } from './text.ts';
import type { ToldWays } from './ways.ts';

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
  /** Of a baseline: whether somebody accepted it, with this reason; otherwise it is merely old. */
  readonly accepted?: boolean;
  /** The last day on which it holds, `2026-12-31`. */
  readonly until?: string;
}

/** Whether what a finding is suppressed by only knows it, and nobody accepted it: it is counted as known, and left out. */
export function isOld({ suppressed }: { readonly suppressed?: Pick<Suppression, 'by' | 'accepted'> }): boolean {
  return suppressed?.by === 'baseline' && suppressed.accepted !== true;
}

/** A hit with everything known about it. Its places refer to masked texts, so no secret can be quoted from them. */
export interface Finding {
  readonly rule: string;
  readonly family: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** What the fix says to do first, in a sentence. */
  readonly task: string;
  /** What is to do after any change to its file, in sentences. */
  readonly afterwards?: string;
  readonly standards: Standards;
  readonly severity: Severity;
  /** Where a config gives its rule another severity: the one that it had, why, and where that is written. */
  readonly override?: {
    readonly from: Severity;
    readonly to: Severity;
    readonly reason: MaskedText;
    readonly where: string;
  };
  readonly confidence: Confidence;
  readonly message: MaskedText;
  readonly at: MaskedLocation;
  /** For people: `service "drone"`, `pipeline "default"`. */
  readonly label: MaskedText;
  readonly related: readonly { readonly at: MaskedLocation; readonly message: MaskedText }[];
  readonly reach?: MaskedText;
  /** 16 hex digits; stays the same when lines move. */
  readonly fingerprint: string;
  /** What the same condition opens, and what its fix removes or lessens; the severity includes theirs. */
  readonly consequences: readonly ConsequenceFinding[];
  /** Equal for findings of one rule whose fixes differ by names alone, and are explained once. */
  readonly advice: string;
  /** Equal for findings of one rule, file, severity and fix, which are told once. */
  readonly toldWith: string;
  /** The same as 16 hex digits. */
  readonly group: string;
  /** In which order to act: what is worse, open to more people, surer, and removes more comes first. Larger first. */
  readonly rank: number;
  readonly suppressed?: Suppression;
  /** What it is in view of the baseline; absent without one. `updated`: it became worse, and counts as new. */
  readonly baselineState?: 'new' | 'unchanged' | 'updated';
}

/** As much of a finding as counting takes. */
export interface FindingHead extends Pick<Finding, 'rule' | 'severity' | 'rank' | 'task' | 'advice'> {
  readonly standards: Pick<Standards, 'owasp' | 'cwe'>;
  readonly override?: object;
  readonly suppressed?: Pick<Suppression, 'by' | 'accepted'>;
  readonly consequences: readonly Pick<ConsequenceFinding, 'remains'>[];
}

/** A finding that is told with its cause. */
export interface ConsequenceFinding extends Pick<Finding, 'rule' | 'severity' | 'message' | 'at' | 'fingerprint'> {
  /** What is left of it once the cause is mended, a finding of its own; absent if nothing is. */
  readonly remains?: Severity;
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
  /** Whether the config accepts it, and the audit counts as complete without it. */
  readonly accepted?: boolean;
}

/** A problem as it is shown. */
export type ReportedProblem = Problem<MaskedText>;

/** A file that speaks of Drone and was not read: prose, the source code of a program, or one that only may mean Drone. */
export interface Mention {
  readonly source: string;
  /** Of the first place, from 1. */
  readonly line: number;
  readonly what:
    | 'an image of Drone'
    | 'a chart of Drone'
    | 'a program of Drone'
    | 'a role for Drone'
    | 'a setting of Drone'
    | 'a pipeline'
    | 'a name that Drone has'
    | 'a name of Drone';
}

/** What was not seen or not decided, and why. */
export interface Coverage {
  readonly files: number;
  readonly pipelines: number;
  readonly containers: number;
  readonly components: number;
  /** Places that were not asked: `the Docker Engine (--docker)`. */
  readonly notAsked: readonly string[];
  /** What probes that were asked for came to: `the RPC endpoint of … answers with 401; 7 documented secrets refused`. */
  readonly probed: readonly MaskedText[];
  readonly mentions: readonly Mention[];
  /** What was met and not read, by why; told with --verbose alone, because it changes with files that have nothing to do with Drone. */
  readonly passedOver?: readonly PassedOver[];
  /** What is unknown, with its place: `docker-compose.yml: env_file "server.env" is not there`. */
  readonly unknown: readonly { readonly source: string; readonly line?: number; readonly message: MaskedText }[];
  readonly inconclusive: readonly {
    readonly rule: string;
    readonly source: string;
    readonly line: number;
    readonly message: MaskedText;
  }[];
}

/** A source that was read. */
export interface ReadSource {
  readonly name: string;
  readonly form: Form;
  /** How many artefacts of each kind it gave, those of none left out. */
  readonly gave: Readonly<Partial<Record<'pipelines' | 'documents' | 'containers' | 'settings' | 'others', number>>>;
  /** In hex. A hash of a text with secrets would let them be guessed, so then it is that of the masked text. */
  readonly sha256: string;
  readonly hashOf: 'original' | 'masked';
  /** Of the text that the hash is of, as UTF-8. */
  readonly bytes: number;
}

/** What an audit was asked for, in the words of its command line. */
export interface Asked {
  /** Files, folders, engines and servers; with the option that names them, where it is one. */
  readonly places: readonly { readonly place: string; readonly option?: string }[];
  /** Other options that change what is looked at, assumed or shown: `--trust untrusted`. */
  readonly options: readonly string[];
}

/** Where sources come from: a repository, a folder outside of any, or an engine or server that answered. */
export interface Origin {
  /** What the SCM calls the repository, else its folder, else the address. */
  readonly name: string;
  readonly kind: 'repository' | 'folder' | 'answers';
  /** The commit that the repository is at; files may have been changed since. */
  readonly commit?: string;
  readonly files: number;
  readonly pipelines: number;
  /** Open findings. */
  readonly open: Readonly<Record<Severity, number>>;
  /** Those that somebody accepted. */
  readonly suppressed: number;
  /** Those that are merely known from a baseline or another commit. */
  readonly known: number;
}

/** A pipeline that was judged. */
export interface SeenPipeline {
  readonly source: string;
  readonly line: number;
  readonly name: MaskedText;
  readonly type: MaskedText;
  /** The name of where it comes from. */
  readonly origin: string;
}

/** All that was judged, none of it sampled: what an assessor draws from. */
export interface Population {
  readonly origins: Iterable<Origin> & { readonly length: number };
  /** How many of them are repositories. */
  readonly repositories: number;
  readonly pipelines: Iterable<SeenPipeline>;
}

/** What all rules that there are amount to. */
export interface RuleSet {
  readonly count: number;
  /** Of what `drone-audit rules --format json` prints, in hex. */
  readonly sha256: string;
}

/** What a rule did in an audit. */
export interface RuleRun {
  readonly rule: string;
  readonly pedantic: boolean;
  /** How many things of the kind that it looks at it was shown. */
  readonly seen: number;
  /** What it found, open, accepted, told by another rule, shown or not. */
  readonly found: number;
  /** What it found below --min-confidence. */
  readonly unsure: number;
  /** How often it could not decide. */
  readonly undecided: number;
  /** How many things it was shown whose release is not known, so that it compared nothing. */
  readonly unknownRelease: number;
  /** How many places could not be read that may hold something for it. */
  readonly unread: number;
  /** Why it did not run. `none there`: the audit is complete, and has nothing of the kind. */
  readonly notRun?: { readonly kind: 'skipped' | 'not asked' | 'none seen' | 'none there'; readonly why: string };
}

/** A suppressed finding, as far as a table of controls lists it. */
export interface Accepted extends Suppression {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly fingerprint: string;
}

/** What a rule found, shown or not, by the recommendations that its hits go against, and by where the report tells of it. */
export interface Violations {
  readonly rule: string;
  /** The rule of the finding that tells of it; absent where it is a finding of its own. */
  readonly toldWith?: string;
  /** The rule that found the same fault, if another finding stands in its place. */
  readonly sameAs?: string;
  /** Absent: those of the rule. */
  readonly cisDocker?: readonly string[];
  /** With the severities that the report shows. */
  readonly open: Readonly<Record<Severity, number>>;
  readonly accepted: readonly Accepted[];
  /** How many of the open ones are not among the findings: pedantic, or below --min-severity. */
  readonly notShown: number;
  /** Hits below --min-confidence, which do not count. */
  readonly unsure: number;
}

/** What an audit shows of a control of a standard. */
export interface ControlResult {
  readonly standard: string;
  readonly id: string;
  /** The publisher's where that is free, else words of ours. */
  readonly title: string;
  /** The standard wants a person to judge it. */
  readonly isManual: boolean;
  readonly assessed: 'yes' | 'partly' | 'no';
  /** What rules can tell of it, and what they cannot. */
  readonly about: string;
  readonly rules: readonly string[];
  readonly result: 'failed' | 'nothing found' | 'not assessed' | 'not applicable';
  /** What is not assessed of it, or why it does not apply. */
  readonly reasons: readonly string[];
  /**
   * By rule, and by the finding that tells of it if that is another's: open ones by severity, accepted ones, and how many of
   * the open ones are counted only here.
   */
  readonly failures: readonly (Pick<Violations, 'rule' | 'toldWith' | 'open' | 'notShown'> & {
    readonly accepted: number;
  })[];
  readonly accepted: readonly Accepted[];
}

/** The controls of some standards. */
export interface ControlMatrix {
  readonly standards: readonly {
    readonly key: string;
    readonly name: string;
    readonly version: string;
    readonly publisher: string;
    readonly hasTitles: boolean;
  }[];
  /** What limits this audit, in sentences; none where all that was named was audited by all rules. */
  readonly limits: readonly string[];
  readonly results: readonly ControlResult[];
}

/** What a config says of findings, problems or files, and how many it hid or changed. */
export interface ConfigEntry {
  readonly key: 'ignore' | 'severity' | 'accept' | 'exclude';
  readonly by: 'config' | 'policy';
  /** Where it is written: `drone-audit.yml:3`. */
  readonly where: string;
  readonly rule?: string;
  readonly path?: MaskedText;
  readonly at?: MaskedText;
  readonly problem?: string;
  /** For `severity`: the severity that findings have by it, or that they are suppressed. */
  readonly to?: Severity | 'off';
  readonly reason?: MaskedText;
  readonly until?: string;
  /** Absent for `exclude`: files are counted for all of its entries together. */
  readonly count?: number;
}

/** A key of a config or policy that counts, because neither the command line nor a nearer file says otherwise. */
export interface ConfigSetting {
  /** `failOn`, `minSeverity`, `site.registries`. */
  readonly key: string;
  /** Of keys that have a single one. */
  readonly value?: string;
  readonly by: 'config' | 'policy';
  /** Where it is written: `drone-audit.yml:3`. */
  readonly where: string;
}

/** The config and policy in force. */
export interface ConfigInForce {
  /** The policy, or the config without one. */
  readonly name: string;
  /** How many findings it suppressed, files it left out and problems it accepted. */
  readonly suppressed: number;
  readonly excluded: number;
  readonly accepted: number;
  /** Every file that was read for it, the nearer first. */
  readonly files: readonly {
    readonly name: string;
    readonly by: 'config' | 'policy';
    /** Whether it lies in what is audited, so that its authors decide what it says. */
    readonly isAudited: boolean;
    readonly sha256: string;
    /** `masked`: the text holds secrets, and the digest is that of its masked copy. */
    readonly hashOf: ReadSource['hashOf'];
  }[];
  readonly settings: readonly ConfigSetting[];
  readonly entries: readonly ConfigEntry[];
}

export interface Report {
  /** In the order in which they were read; made anew each time, as findings are. */
  readonly sources: Iterable<ReadSource>;
  readonly tool: {
    readonly name: 'drone-audit';
    readonly version: string;
    readonly ruleSet?: RuleSet;
    readonly facts: { readonly drone: string; readonly commit: string };
  };
  readonly asked?: Asked;
  /** When it was made, if the user says so: nothing else of a report depends on it. */
  readonly date?: string;
  readonly population: Population;
  /** By file, then by place. There may be more than fit into memory: each time that they are gone through, they are made anew. */
  readonly findings: Iterable<Finding>;
  /** The same, as far as counting takes them, where that is known without making all of them. */
  readonly heads?: Iterable<FindingHead>;
  /** The open ones as lines of JSON lines, in texts of any number of them, where that is known without making all of them. */
  readonly lines?: Iterable<string>;
  readonly problems: readonly ReportedProblem[];
  readonly coverage: Coverage;
  /** What was read, as parts and what leads from one to another. */
  readonly picture?: Masked<Picture>;
  /** The ways through each installation that has a server or runners; made anew each time, as findings are. */
  readonly ways?: Iterable<Masked<ToldWays>>;
  readonly config?: ConfigInForce;
  /** What findings were compared with: a file, or another commit (`main (1f3c5a7)`). */
  readonly baseline?: {
    readonly kind: 'file' | 'commit';
    readonly name: string;
    /** Findings that it knows, accepted ones included. */
    readonly known: number;
    /** How many of it are not there any more. */
    readonly fixed: number;
  };
  /** Which rules options left out, in sentences. */
  readonly rulesLeftOut: readonly string[];
  readonly failOn: Severity | 'never';
  /** What the audit comes to, whether or not the process ends with it: see `exitStatus`. */
  readonly exitCode: 0 | 1 | 3 | 4;
  /** Whether the gate is off: --exit-zero. */
  readonly exitZero?: boolean;
  /** Unsuppressed findings below --min-severity, which are not in `findings`. */
  readonly hiddenBySeverity: number;
  /** Findings that only --pedantic shows. */
  readonly hiddenPedantic: number;
  readonly rules: readonly RuleRun[];
  readonly controls: ControlMatrix;
  /** Of an audit that several processes share: what the report of the whole is made of. */
  readonly shard?: ReportedShard;
}

/** The part of an audit that one process judged. */
export interface ReportedShard {
  readonly index: number;
  readonly of: number;
  /** Digests of what all parts have in common, and of which files are judged together. */
  readonly terms: string;
  readonly division: string;
  /** How many batches of installations all parts have. */
  readonly batches: number;
  /** What an audit is besides what its installations come to. */
  readonly whole: object;
  readonly records: Iterable<{
    readonly batch: number;
    readonly orders: readonly number[];
    readonly summary: string;
    readonly details: string;
  }>;
}

/** What the process ends with: --exit-zero gives 0 in place of 1 and 3. */
export function exitStatus({ exitCode, exitZero }: Report): Report['exitCode'] {
  return exitZero && (exitCode === 1 || exitCode === 3) ? 0 : exitCode;
}

/** What could not be looked at, so that the audit is incomplete. */
export function unreadable(source: string, message: Text): Problem {
  return { kind: 'unreadable', source, message, incomplete: true };
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

/** What was found to be so by the walk through a folder, and again when another file named it, is one problem. */
export function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  const keyOf = ({ kind, source, line, column, message }: Problem): string =>
    [kind, source, line, column, textKey(message)].join('\0');
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()];
}

/** Sorts problems by file and line. */
export function byPlace(a: ReportedProblem, b: ReportedProblem): number {
  return (
    compare(a.source, b.source) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    compare(a.message, b.message)
  );
}
