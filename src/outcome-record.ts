import type { MarkedProblem } from './accept-problems.ts';
import { comparingRules } from './analysis/known-release.ts';
import { groupedBy } from './model/groups.ts';
import type {
  Coverage,
  Finding,
  MaskedLocation,
  MaskedSource,
  Mention,
  ReadSource,
  SeenPipeline,
  Violations,
} from './model/report.ts';
import type { AnyRule, Standards } from './model/rule.ts';
import type { Severity } from './model/severity.ts';
import type { Form } from './model/source.ts';
import type { MaskedText } from './model/text.ts';
import type { Outcome, PartPicture } from './outcome.ts';
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

/** What is read again when a report is written. */
export interface DetailsRecord {
  readonly sources: readonly SourceRecord[];
  readonly findings: readonly FindingRecord[];
  readonly pictures: readonly PartPicture[];
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

/** An outcome as a record. */
export function recordOf(outcome: Outcome, rules: ReadonlyMap<string, AnyRule>): OutcomeRecord {
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
    details: { sources, findings, pictures: outcome.pictures() },
  };
}

/** The findings of a record, by the number of their source. */
export function findingsIn(
  { sources, findings }: DetailsRecord,
  rules: ReadonlyMap<string, AnyRule>,
  familyOf: ReadonlyMap<string, string>,
  groupOf: (toldWith: string) => string,
): ReadonlyMap<number, readonly Finding[]> {
  const restored = sources.map(({ name, form, text, slug, pathInRepository }): MaskedSource | undefined =>
    text === undefined
      ? undefined
      : {
          ...{ name, form, text },
          ...(slug === undefined ? {} : { slug }),
          ...(pathInRepository === undefined ? {} : { pathInRepository }),
        },
  );
  const placeOf = ([index, start, end, path]: PlaceRecord): MaskedLocation => {
    const source = restored[index];
    if (!source) throw new Error('a record names a source that it does not have');
    return { source, path, span: { start, end } };
  };
  const found = new Map<number, Finding[]>();
  for (const { at, related, consequences, unfilled, ...own } of findings) {
    const rule = rules.get(own.rule);
    const fix = unfilled ?? rule?.fix ?? '';
    const place = placeOf(at);
    const toldWith = `${own.rule}\n${place.source.name}\n${own.severity}\n${fix}`;
    const finding: Finding = {
      ...own,
      family: familyOf.get(own.rule) ?? '',
      title: rule?.title ?? own.rule,
      why: rule?.why ?? '',
      at: place,
      related: related.map(([at, message]) => ({ at: placeOf(at), message })),
      consequences: consequences.map(({ at, ...rest }) => ({ ...rest, at: placeOf(at) })),
      advice: `${own.rule}\n${fix}`,
      toldWith,
      get group() {
        return groupOf(toldWith);
      },
    };
    const of = found.get(at[0]);
    if (of) of.push(finding);
    else found.set(at[0], [finding]);
  }
  return found;
}
