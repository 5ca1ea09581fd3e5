import { createHash } from 'node:crypto';
import { where } from '../model/iterables.ts';
import type { PassedOver } from '../model/passed-over.ts';
import {
  type ConfigInForce,
  type ControlResult,
  exitStatus,
  type Finding,
  type Report,
  type ReportedProblem,
  type ReportedShard,
} from '../model/report.ts';
import type { Standards } from '../model/rule.ts';
import type { Confidence, Severity } from '../model/severity.ts';
import { type Location, positionOf } from '../model/source.ts';
import { Each, safeJsonChunks } from './escape.ts';
import { scopeOf } from './scope.ts';
import { isOpen, tallyOf } from './tally.ts';
import { jsonWays } from './ways.ts';

/** Lines and columns start at 1, columns count UTF-16 units, the end is exclusive. */
interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly path: string;
}

/** Entries of standards that a finding or rule violates. */
export interface JsonStandards {
  readonly owasp: readonly string[];
  readonly cisDocker: { readonly version: string; readonly ids: readonly string[] } | null;
  readonly cwe: readonly string[];
}

interface JsonControl {
  readonly standard: string;
  readonly id: string;
  readonly title: string;
  readonly manual: boolean;
  readonly assessed: string;
  readonly about: string;
  readonly result: string;
  readonly reasons: readonly string[];
  readonly failures: readonly (Readonly<Record<Severity | 'accepted' | 'notShown', number>> & {
    readonly toldWith: string | null;
    readonly rule: string;
  })[];
  readonly accepted: readonly {
    readonly rule: string;
    readonly file: string;
    readonly line: number;
    readonly fingerprint: string;
    readonly reason: string;
    readonly where: string;
  }[];
  readonly rules: readonly string[];
}

interface JsonOrigin extends Readonly<Record<Severity | 'files' | 'pipelines' | 'suppressed' | 'known', number>> {
  readonly name: string;
  readonly kind: string;
  readonly commit: string | null;
}

interface JsonPipeline {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** Its type; in JSONL, `type` is that of the line. */
  readonly runner: string;
  readonly origin: string;
}

/** How many accepted findings of a control are listed. */
const maxAccepted = 1000;

interface JsonFinding extends JsonPlace {
  readonly rule: string;
  readonly severity: Severity;
  /** Where a config gives the rule another severity. */
  readonly override: {
    readonly from: Severity;
    readonly to: Severity;
    readonly reason: string;
    readonly where: string;
  } | null;
  readonly confidence: Confidence;
  readonly title: string;
  readonly message: string;
  readonly why: string;
  readonly fix: string;
  readonly reach: string | null;
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly standards: JsonStandards;
  readonly fingerprint: string;
  readonly group: string;
  readonly consequences: readonly (JsonPlace & {
    readonly rule: string;
    readonly severity: Severity;
    readonly message: string;
    readonly fingerprint: string;
    readonly remains: Severity | null;
  })[];
  readonly rank: number;
  /** Only where findings were compared with something. */
  readonly baselineState?: string;
}

/** The report as schemas/report.schema.json describes it. Scripts depend on it: fields are added, never changed. */
interface JsonReport {
  readonly version: 1;
  readonly tool: {
    readonly name: string;
    readonly version: string;
    readonly rules: { readonly count: number; readonly sha256: string } | null;
    readonly facts: { readonly drone: string; readonly commit: string };
  };
  readonly scope: {
    readonly statement: readonly string[];
    readonly asked: readonly { readonly place: string; readonly option: string | null }[];
    readonly options: readonly string[];
    readonly date: string | null;
  };
  /** What `paths --format json` prints; only where a server or runners were seen. */
  readonly ways?: ReturnType<typeof jsonWays>;
  readonly population: { readonly origins: Iterable<JsonOrigin>; readonly pipelines: Iterable<JsonPipeline> };
  /** Only of one part of an audit that several processes share; for `merge` alone. */
  readonly shard?: {
    readonly index: number;
    readonly of: number;
    readonly terms: string;
    readonly division: string;
    readonly batches: number;
    readonly whole: string;
    readonly records: Iterable<string>;
  };
  readonly summary: Readonly<Record<Severity | 'suppressed' | 'hiddenBySeverity' | 'hiddenPedantic', number>> & {
    readonly failOn: Severity | 'never';
    readonly exitCode: number;
    /** Only where the gate is off. */
    readonly exitZero?: true;
    readonly config: {
      readonly file: string;
      readonly suppressed: number;
      readonly excluded: number;
      readonly accepted: number;
    } | null;
    /** Only where findings were compared with something. */
    readonly baseline?: {
      readonly kind: string;
      readonly name: string;
      readonly known: number;
      readonly fixed: number;
    };
  };
  readonly findings: readonly JsonFinding[];
  readonly problems: readonly {
    readonly kind: string;
    readonly file: string;
    readonly line: number | null;
    readonly column: number | null;
    readonly message: string;
    readonly incomplete: boolean;
  }[];
  readonly coverage: {
    readonly files: number;
    readonly pipelines: number;
    readonly containers: number;
    readonly components: number;
    readonly notAsked: readonly string[];
    readonly probed: readonly string[];
    readonly mentions: readonly { readonly file: string; readonly line: number; readonly what: string }[];
    /** Only with --verbose. */
    readonly passedOver?: readonly PassedOver[];
    readonly unknown: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
    readonly inconclusive: readonly {
      readonly rule: string;
      readonly file: string;
      readonly line: number;
      readonly message: string;
    }[];
  };
  readonly config: {
    readonly files: readonly {
      readonly file: string;
      readonly by: string;
      readonly audited: boolean;
      readonly sha256: string;
      readonly hashOf: string;
    }[];
    readonly settings: readonly {
      readonly key: string;
      readonly value: string | null;
      readonly by: string;
      readonly where: string;
    }[];
    readonly entries: readonly {
      readonly key: string;
      readonly by: string;
      readonly where: string;
      readonly rule: string | null;
      readonly path: string | null;
      readonly at: string | null;
      readonly problem: string | null;
      readonly to: string | null;
      readonly reason: string | null;
      readonly until: string | null;
      readonly count: number | null;
    }[];
  } | null;
  readonly sources: readonly {
    readonly file: string;
    readonly form: string;
    readonly gave: Readonly<Record<string, number>>;
    readonly sha256: string;
    readonly hashOf: string;
    readonly bytes: number;
  }[];
  readonly suppressed: readonly (JsonFinding & {
    readonly suppression: {
      readonly by: string;
      readonly reason: string;
      readonly where: string;
      readonly until: string | null;
    };
  })[];
  readonly rules: readonly {
    readonly rule: string;
    readonly pedantic: boolean;
    readonly seen: number;
    readonly found: number;
    readonly unsure: number;
    readonly undecided: number;
    readonly unknownRelease: number;
    readonly unread: number;
    readonly notRun: { readonly kind: string; readonly why: string } | null;
  }[];
  readonly controls: {
    readonly standards: readonly {
      readonly key: string;
      readonly name: string;
      readonly version: string;
      readonly publisher: string;
      readonly titles: string;
    }[];
    readonly limits: readonly string[];
    readonly results: readonly JsonControl[];
  };
}

/** The report for scripts, in the order of its findings; in parts, so that large ones are never in memory as a whole. */
export function jsonReport(report: Report): Iterable<string> {
  const { head, population, sources, findings, suppressed, problems, rules, controls, ways, tail } = jsonParts(report);
  const { summary, coverage, config } = tail;
  const json = {
    ...head,
    ...(report.shard ? { shard: jsonShard(report.shard) } : {}),
    summary,
    findings,
    problems,
    coverage,
    config,
    ...(ways ? { ways } : {}),
    population,
    sources,
    suppressed,
    rules,
    controls,
  } satisfies Listed<JsonReport>;
  return safeJsonChunks(json);
}

function isAnyIn(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}

/** What `merge` makes the report of all parts of; each record is a text, so that it stays what it is however the file is laid out. */
function jsonShard({ index, of, terms, division, batches, whole, records }: ReportedShard) {
  return {
    ...{ index, of, terms, division, batches, whole: JSON.stringify(whole) },
    records: Each.of(records, ({ batch, orders, summary, details }) => {
      const json = `{"batch":${batch},"orders":${JSON.stringify(orders)},"summary":${summary},"details":${details}}`;
      return `${digestOfRecord(json)} ${json}`;
    }),
  };
}

/** What stands before each record of a part, so that one that was damaged is not taken for another. */
export function digestOfRecord(json: string): string {
  return createHash('sha256').update(json).digest('hex');
}

/** What the report consists of, for every form of JSON. */
export function jsonParts(report: Report) {
  const { tool, coverage, config } = report;
  const { open, accepted, known } = tallyOf(report);
  const summary: JsonReport['summary'] = {
    ...open,
    suppressed: accepted,
    hiddenBySeverity: report.hiddenBySeverity,
    hiddenPedantic: report.hiddenPedantic,
    failOn: report.failOn,
    exitCode: exitStatus(report),
    ...(report.exitZero ? { exitZero: true } : {}),
    config: config
      ? { file: config.name, suppressed: config.suppressed, excluded: config.excluded, accepted: config.accepted }
      : null,
    ...(report.baseline ? { baseline: { ...report.baseline } } : {}),
  };
  const seen: Listed<JsonReport['coverage']> = {
    files: coverage.files,
    pipelines: coverage.pipelines,
    containers: coverage.containers,
    components: coverage.components,
    notAsked: coverage.notAsked,
    probed: coverage.probed,
    mentions: Each.of(coverage.mentions, ({ source, line, what }) => ({ file: source, line, what })),
    ...(coverage.passedOver ? { passedOver: coverage.passedOver } : {}),
    unknown: Each.of(coverage.unknown, ({ source, line, message }) => ({ file: source, line: line ?? null, message })),
    inconclusive: Each.of(coverage.inconclusive, ({ rule, source, line, message }) => ({
      ...{ rule, file: source, line, message },
    })),
  };
  return {
    head: {
      version: 1,
      tool: { name: tool.name, version: tool.version, rules: tool.ruleSet ?? null, facts: tool.facts },
      scope: {
        statement: scopeOf(report),
        asked: (report.asked?.places ?? []).map(({ place, option = null }) => ({ place, option })),
        options: report.asked?.options ?? [],
        date: report.date ?? null,
      },
    },
    population: {
      origins: Each.of(
        report.population.origins,
        ({ name, kind, commit = null, files, pipelines, open, suppressed, known }) => ({
          ...{ name, kind, commit, files, pipelines },
          ...open,
          suppressed,
          known,
        }),
      ),
      pipelines: Each.of(report.population.pipelines, ({ source, line, name, type, origin }) => ({
        ...{ file: source, line, name, runner: type, origin },
      })),
    },
    findings: Each.of(where(report.findings, isOpen), jsonFinding),
    problems: Each.of(report.problems, jsonProblem),
    sources: Each.of(report.sources, ({ name, form, gave, sha256, hashOf, bytes }) => ({
      file: name,
      form,
      gave,
      sha256,
      hashOf,
      bytes,
    })),
    // Each list is a pass over all findings.
    suppressed: Each.of(accepted + known > 0 ? where(report.findings, isSuppressed) : [], (finding) => {
      const { by, reason, where: place, until = null } = finding.suppressed;
      return { ...jsonFinding(finding), suppression: { by, reason, where: place, until } };
    }),
    rules: Each.of(
      report.rules,
      ({ rule, pedantic, seen, found, unsure, undecided, unknownRelease, unread, notRun }) => ({
        ...{ rule, pedantic, seen, found, unsure, undecided, unknownRelease, unread },
        notRun: notRun ? { kind: notRun.kind, why: notRun.why } : null,
      }),
    ),
    controls: {
      standards: report.controls.standards.map(({ key, name, version, publisher, hasTitles }) => ({
        ...{ key, name, version, publisher },
        titles: hasTitles ? 'publisher' : 'ours',
      })),
      limits: report.controls.limits,
      results: Each.of(report.controls.results, jsonControl),
    },
    ways: report.ways && isAnyIn(report.ways) ? jsonWays(report.ways) : undefined,
    tail: { summary, coverage: seen, config: config ? jsonConfig(config) : null },
  } as const;
}

function jsonConfig({ files, settings, entries }: ConfigInForce): JsonReport['config'] {
  return {
    files: files.map(({ name, by, isAudited, sha256, hashOf }) => ({
      ...{ file: name, by, audited: isAudited, sha256, hashOf },
    })),
    settings: settings.map(({ key, value = null, by, where }) => ({ key, value, by, where })),
    entries: entries.map(({ key, by, where, rule, path, at, problem, to, reason, until, count }) => ({
      ...{ key, by, where, rule: rule ?? null, path: path ?? null, at: at ?? null, problem: problem ?? null },
      ...{ to: to ?? null, reason: reason ?? null, until: until ?? null, count: count ?? null },
    })),
  };
}

function jsonControl(result: ControlResult): JsonControl {
  const { standard, id, title, isManual, assessed, about, reasons, failures, accepted, rules } = result;
  return {
    ...{ standard, id, title, manual: isManual, assessed, about, result: result.result, reasons },
    failures: failures.map(({ rule, toldWith, open, accepted, notShown }) => ({
      ...{ rule, toldWith: toldWith ?? null, ...open, accepted, notShown },
    })),
    accepted: accepted
      .slice(0, maxAccepted)
      .map(({ rule, file, line, fingerprint, reason, where }) => ({ rule, file, line, fingerprint, reason, where })),
    rules,
  };
}

/** The same, with lists that may be very long made while they are written. */
type Listed<T> = {
  readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? T[Key] | Each<Item> : T[Key] | Listed<T[Key]>;
};

function isSuppressed(finding: Finding): finding is Finding & Required<Pick<Finding, 'suppressed'>> {
  return finding.suppressed !== undefined;
}

/** The standards of a rule or finding, every key present. */
export function jsonStandards({ owasp, cisDocker, cwe }: Standards): JsonStandards {
  return {
    owasp: owasp ?? [],
    cisDocker: cisDocker ? { version: cisDocker.version, ids: cisDocker.ids } : null,
    cwe: cwe ?? [],
  };
}

export function jsonFinding(finding: Finding): JsonFinding {
  return {
    rule: finding.rule,
    severity: finding.severity,
    override: finding.override ?? null,
    confidence: finding.confidence,
    title: finding.title,
    message: finding.message,
    why: finding.why,
    fix: [finding.fix, ...(finding.afterwards === undefined ? [] : [finding.afterwards])].join('\n\n'),
    ...place(finding.at),
    reach: finding.reach ?? null,
    related: finding.related.map(({ at, message }) => ({ ...place(at), message })),
    standards: jsonStandards(finding.standards),
    fingerprint: finding.fingerprint,
    group: finding.group,
    consequences: finding.consequences.map(({ rule, severity, message, at, fingerprint, remains }) => ({
      rule,
      severity,
      message,
      ...place(at),
      fingerprint,
      remains: remains ?? null,
    })),
    rank: finding.rank,
    ...(finding.baselineState ? { baselineState: finding.baselineState } : {}),
  };
}

function place({ source, span, path }: Location): JsonPlace {
  const start = positionOf(source, span.start);
  const end = positionOf(source, span.end);
  return {
    file: source.name,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    path,
  };
}

/** A problem as all JSON of the tool has it. */
export function jsonProblem({ kind, source, line, column, message, incomplete }: ReportedProblem) {
  return { kind, file: source, line: line ?? null, column: column ?? null, message, incomplete };
}
