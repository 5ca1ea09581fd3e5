import type { MarkedProblem } from './accept-problems.ts';
import { comparingRules } from './analysis/known-release.ts';
import { groupedBy } from './model/groups.ts';
import type {
  Coverage,
  Finding,
  FindingHead,
  MaskedLocation,
  MaskedSource,
  Mention,
  ReadSource,
  SeenPipeline,
  Violations,
} from './model/report.ts';
import type { AnyRule, Standards } from './model/rule.ts';
import type { Severity } from './model/severity.ts';
import { type Form, lineStarts } from './model/source.ts';
import type { MaskedText } from './model/text.ts';
import type { Outcome, PartPicture, PartWays } from './outcome.ts';
import type { PlacedOrigin } from './population.ts';
import type { EvidenceCounts } from './rule-runs.ts';

/** An outcome as it is kept outside of memory: what is added up, and what is listed. */
export interface OutcomeRecord {
  readonly summary: SummaryRecord;
  readonly details: DetailsRecord;
}

/** What is added up over all installations. */
export interface SummaryRecord {
  /** The sources in the order of `details.sources`, each with how many findings it has. */
  readonly sources: readonly (readonly [name: string, form: Form, findings: number])[];
  readonly counted: readonly Severity[];
  readonly hiddenBySeverity: number;
  readonly hiddenPedantic: number;
  readonly suppressedByConfig: number;
  readonly problems: readonly MarkedProblem[];
  readonly hasGiven: boolean;
  readonly mentions: readonly Mention[];
  readonly unknown: Outcome['unknown'];
  readonly inconclusive: Coverage['inconclusive'];
  readonly pipelines: number;
  readonly containers: number;
  readonly components: number;
  /** By the numbers of entries: how many findings they suppressed or changed, those that were used, and refused for which rules. */
  readonly uses: readonly (readonly [number, number])[];
  readonly used: readonly number[];
  readonly refused: readonly (readonly [number, readonly string[]])[];
  readonly undecided: readonly (readonly [string, number])[];
  readonly violations: readonly Violations[];
  readonly counts: EvidenceCounts;
  readonly unknownReleases: readonly (readonly [string, number])[];
  readonly origins: readonly PlacedOrigin[];
}

/** What is listed. */
export interface DetailsRecord {
  readonly sources: readonly SourceRecord[];
  readonly findings: readonly FindingRecord[];
  readonly pictures: readonly PartPicture[];
  readonly ways: readonly PartWays[];
}

export interface SourceRecord extends ReadSource {
  readonly slug?: string;
  readonly pathInRepository?: string;
  /** The masked text, where a finding has a place in it. */
  readonly text?: MaskedText;
  readonly pipelines?: readonly Omit<SeenPipeline, 'source'>[];
}

type PlaceRecord = readonly [source: number, start: number, end: number, path: MaskedText];

/** A finding without what its rule says anyway. */
export type FindingRecord = Omit<
  Finding,
  'family' | 'title' | 'why' | 'at' | 'related' | 'consequences' | 'advice' | 'toldWith' | 'group' | 'standards'
> & {
  readonly at: PlaceRecord;
  readonly standards: Standards;
  readonly related: readonly (readonly [PlaceRecord, MaskedText])[];
  readonly consequences: readonly (Omit<Finding['consequences'][number], 'at'> & { readonly at: PlaceRecord })[];
  /** The fix as its rule has it, where that is not the rule's own. */
  readonly unfilled?: string;
};

/** An outcome as a record; ways are worked out where they are told alone. */
export function recordOf(outcome: Outcome, rules: ReadonlyMap<string, AnyRule>, tellsWays = true): OutcomeRecord {
  const indexes = new Map<string, number>();
  const sources: { -readonly [Key in keyof SourceRecord]: SourceRecord[Key] }[] = [];
  const counts: number[] = [];
  for (const { name, form, gave, sha256, hashOf, bytes } of outcome.sources) {
    indexes.set(name, sources.length);
    sources.push({ name, form, gave, sha256, hashOf, bytes });
    counts.push(0);
  }
  const placeOf = ({ source, span, path }: MaskedLocation): PlaceRecord => {
    const index = indexes.get(source.name) ?? -1;
    const kept = sources[index];
    if (kept && kept.text === undefined) {
      kept.text = source.text;
      if (source.slug !== undefined) kept.slug = source.slug;
      if (source.pathInRepository !== undefined) kept.pathInRepository = source.pathInRepository;
    }
    return [index, span.start, span.end, path];
  };
  const findings = Array.from(outcome.findings, (finding): FindingRecord => {
    const { family: _, title: __, why: ___, advice, toldWith: ____, group: _____, ...own } = finding;
    const unfilled = advice.slice(finding.rule.length + 1);
    const at = placeOf(finding.at);
    counts[at[0]] = (counts[at[0]] ?? 0) + 1;
    return {
      ...own,
      at,
      related: finding.related.map(({ at, message }) => [placeOf(at), message]),
      consequences: finding.consequences.map(({ at, ...rest }) => ({ ...rest, at: placeOf(at) })),
      ...(unfilled === rules.get(finding.rule)?.fix ? {} : { unfilled }),
    };
  });
  const { origins, pipelines } = outcome.population();
  for (const [name, own] of groupedBy(pipelines, ({ source }) => source)) {
    const kept = sources[indexes.get(name) ?? -1];
    if (kept) kept.pipelines = own.map(({ source: _, ...pipeline }) => pipeline);
  }
  const { used, refused } = outcome.entries;
  return {
    summary: {
      sources: sources.map(({ name, form }, index) => [name, form, counts[index] ?? 0]),
      counted: [...outcome.counted],
      hiddenBySeverity: outcome.hiddenBySeverity,
      hiddenPedantic: outcome.hiddenPedantic,
      suppressedByConfig: outcome.suppressedByConfig,
      problems: outcome.problems,
      hasGiven: outcome.hasGiven,
      mentions: outcome.mentions,
      unknown: outcome.unknown,
      inconclusive: outcome.inconclusive,
      pipelines: outcome.pipelines,
      containers: outcome.containers,
      components: outcome.components,
      uses: [...outcome.uses],
      used: [...used],
      refused: [...refused].map(([entry, rules]) => [entry, [...rules]]),
      undecided: [...outcome.undecided],
      violations: outcome.violations(),
      counts: outcome.counts(),
      unknownReleases: comparingRules.map((rule) => [rule, outcome.unknownReleases(rule)]),
      origins: [...origins],
    },
    details: { sources, findings, pictures: outcome.pictures(), ways: tellsWays ? [...outcome.ways()] : [] },
  };
}

/** The details in the parts that a report takes one by one, most of them without the others. */
export interface DividedDetails {
  readonly listing: ListingRecord;
  /** As much of findings as counting takes. */
  readonly heads: readonly HeadRecord[];
  readonly found: FoundRecord;
  /** The masked texts of sources, where findings have places in them. */
  readonly texts: readonly (MaskedText | null)[];
  readonly ways: readonly PartWays[];
}

/** Everything but what findings say. */
export interface ListingRecord extends Pick<DetailsRecord, 'pictures'> {
  readonly sources: readonly Omit<SourceRecord, 'text'>[];
}

export type HeadRecord = Omit<FindingHead, 'advice'> & { readonly source: number } & Pick<FindingRecord, 'unfilled'>;

export interface FoundRecord extends Pick<DetailsRecord, 'findings'> {
  /** How long the lines of each source are that has a text: places are told without it. */
  readonly lines: readonly (readonly number[] | null)[];
}

export function divided({ sources, findings, pictures, ways }: DetailsRecord): DividedDetails {
  return {
    listing: { sources: sources.map(({ text: _, ...source }) => source), pictures },
    heads: findings.map(({ at, rule, severity, rank, task, standards, override, suppressed, ...finding }) => ({
      ...{ source: at[0], rule, severity, rank, task, standards: { owasp: standards.owasp, cwe: standards.cwe } },
      override: override && {},
      suppressed: suppressed && { by: suppressed.by, accepted: suppressed.accepted },
      consequences: finding.consequences.map(({ remains }) => ({ remains })),
      unfilled: finding.unfilled,
    })),
    found: { lines: sources.map(({ text }) => (text === undefined ? null : lineLengths(text))), findings },
    texts: sources.map(({ text = null }) => text),
    ways,
  };
}

/** The same again as a whole. */
export function undivided({ listing, found, texts, ways }: Omit<DividedDetails, 'heads'>): DetailsRecord {
  return {
    sources: listing.sources.map(({ slug, pathInRepository, pipelines, ...source }, index) => ({
      ...{ ...source, text: texts[index] ?? undefined, slug, pathInRepository, pipelines },
    })),
    findings: found.findings,
    pictures: listing.pictures,
    ways,
  };
}

function lineLengths(text: MaskedText): readonly number[] {
  const starts = lineStarts({ name: '', form: 'drone', text });
  return starts.slice(1).map((start, line) => start - (starts[line] ?? 0));
}

function startsOf(lengths: readonly number[]): readonly number[] {
  const starts = [0];
  let start = 0;
  for (const length of lengths) {
    start += length;
    starts.push(start);
  }
  return starts;
}

/** As much of the findings of a record as counting takes, by the number of their source. */
export function headsIn(
  heads: readonly HeadRecord[],
  rules: ReadonlyMap<string, AnyRule>,
): ReadonlyMap<number, readonly FindingHead[]> {
  return groupedBy(
    heads.map((head) => Object.assign(head, { advice: adviceOf(head, rules) })),
    ({ source }) => source,
  );
}

function adviceOf({ rule, unfilled }: Pick<FindingRecord, 'rule' | 'unfilled'>, rules: ReadonlyMap<string, AnyRule>) {
  return `${rule}\n${unfilled ?? rules.get(rule)?.fix ?? ''}`;
}

/** The findings of a record, by the number of their source. */
export function findingsIn(
  { sources }: ListingRecord,
  { lines, findings }: FoundRecord,
  texts: () => DividedDetails['texts'],
  rules: ReadonlyMap<string, AnyRule>,
  familyOf: ReadonlyMap<string, string>,
  groupOf: (toldWith: string) => string,
): ReadonlyMap<number, readonly Finding[]> {
  const restored = sources.map(({ name, form, slug, pathInRepository }, index): MaskedSource | undefined => {
    const lengths = lines[index];
    if (!lengths) return undefined;
    return {
      ...{ name, form, lineStarts: startsOf(lengths) },
      get text() {
        const text = texts()[index];
        if (typeof text !== 'string') throw new Error('a record lacks a text');
        return text;
      },
      ...(slug === undefined ? {} : { slug }),
      ...(pathInRepository === undefined ? {} : { pathInRepository }),
    };
  });
  const placeOf = ([index, start, end, path]: PlaceRecord): MaskedLocation => {
    const source = restored[index];
    if (!source) throw new Error('a record names a source that it does not have');
    return { source, path, span: { start, end } };
  };
  const found = new Map<number, Finding[]>();
  for (const record of findings) {
    const { rule: id, severity } = record;
    const rule = rules.get(id);
    const at = placeOf(record.at);
    const advice = adviceOf(record, rules);
    const toldWith = `${id}\n${at.source.name}\n${severity}${advice.slice(id.length)}`;
    // Named one by one: a rest of an object takes several times as long.
    const finding: Finding = {
      rule: id,
      family: familyOf.get(id) ?? '',
      title: rule?.title ?? id,
      why: rule?.why ?? '',
      fix: record.fix,
      task: record.task,
      afterwards: record.afterwards,
      standards: record.standards,
      severity,
      override: record.override,
      confidence: record.confidence,
      message: record.message,
      at,
      label: record.label,
      related: record.related.map(([at, message]) => ({ at: placeOf(at), message })),
      reach: record.reach,
      fingerprint: record.fingerprint,
      consequences: record.consequences.map(({ rule, severity, message, at, fingerprint, remains }) => ({
        ...{ rule, severity, message, at: placeOf(at), fingerprint, remains },
      })),
      advice,
      toldWith,
      get group() {
        return groupOf(toldWith);
      },
      rank: record.rank,
      suppressed: record.suppressed,
      baselineState: record.baselineState,
    };
    const of = found.get(record.at[0]);
    if (of) of.push(finding);
    else found.set(record.at[0], [finding]);
  }
  return found;
}
