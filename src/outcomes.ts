import type { MarkedProblem } from './accept-problems.ts';
import { shortHash } from './baseline.ts';
import { compare } from './model/compare.ts';
import { addTo, groupedBy } from './model/groups.ts';
import { once } from './model/memoize.ts';
import type {
  Coverage,
  Finding,
  FindingHead,
  Mention,
  ReadSource,
  ReportedShard,
  SeenPipeline,
  Violations,
} from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import { type Severity, severities } from './model/severity.ts';
import { unknownSite } from './model/site.ts';
import type { Form } from './model/source.ts';
import type { TextPlace, TextStore } from './model/text-store.ts';
import type { Outcome, PartPicture, UnknownThing } from './outcome.ts';
import {
  type DividedDetails,
  divided,
  type FoundRecord,
  findingsIn,
  headsIn,
  type ListingRecord,
  type OutcomeRecord,
  type SummaryRecord,
  undivided,
} from './outcome-record.ts';
import type { PlacedOrigin } from './population.ts';
import { countEvidence, type EvidenceCounts } from './rule-runs.ts';

/** Where a source lies: the number of its record, and its number in that. */
interface SourcePlace {
  readonly name: string;
  readonly form: Form;
  readonly record: number;
  readonly index: number;
  readonly findings: number;
  /** Where it stands among all that were read. */
  readonly order: number;
}

/** A record that is read as far as it was asked for. */
interface Held {
  readonly listing: () => ListingRecord;
  readonly heads: () => ReturnType<typeof headsIn>;
  readonly findings: () => ReturnType<typeof findingsIn>;
  readonly lines: () => readonly string[];
}

/** How many records are held in memory while a report is written. */
const maxHeld = 4;

/** The parts of a record as JSON. */
export type RecordText = Readonly<Record<RecordPart, string>>;

export type RecordPart = 'summary' | keyof DividedDetails | 'lines';

/** In the order in which they are written; of the last alone, there may be several lines. */
export const recordParts: readonly RecordPart[] = ['summary', 'listing', 'found', 'texts', 'lines'];

/** Stands between what is said of one source and of the next: no line of JSON has it. */
const betweenSources = '\x1e';

/** The record of a batch, with where each of its sources stands among all that were read. */
export interface BatchRecord {
  readonly batch: number;
  readonly orders: readonly number[];
  readonly text: RecordText;
}

/** `lines`: the findings as a report has them (`linesIn`), empty where no report was to have them. */
export function textOfRecord({ summary, details }: OutcomeRecord, lines = ''): RecordText {
  const { listing, found, texts } = divided(details);
  return {
    summary: JSON.stringify(summary),
    listing: JSON.stringify(listing),
    found: JSON.stringify(found),
    texts: JSON.stringify(texts),
    lines,
  };
}

/** Makes lines of JSON of a finding as reports have them: one if it is open, or none. */
export type LinesOf = (finding: Finding) => string;

/** The findings of an outcome as lines, those of each source together. */
export function linesIn({ sources, findings }: Outcome, linesOf: LinesOf): string {
  const bySource = groupedBy(findings, ({ at }) => at.source.name);
  return Array.from(sources, ({ name }) => bySource.get(name)?.map(linesOf).join('') ?? '').join(betweenSources);
}

/** The details of a record as one JSON. */
function detailsIn(text: RecordText): string {
  return JSON.stringify(undivided(dividedIn(text)));
}

function dividedIn({ listing, found, texts }: RecordText): DividedDetails {
  return { listing: JSON.parse(listing), found: JSON.parse(found), texts: JSON.parse(texts) };
}

/** Whether a text is that of a record, by what the two parts of one have to be. Throws for what is no JSON, or nothing of the kind. */
export function isTextOfRecord(text: RecordText, isRecord: (summary: unknown, details: unknown) => boolean): boolean {
  const told = dividedIn(text);
  const details = undivided(told);
  if (!isRecord(JSON.parse(text.summary), details)) return false;
  const { listing, found } = divided(details);
  const [heads, lines] = [listing.heads, found.lines].map((part) => JSON.stringify(part));
  return JSON.stringify(told.listing.heads) === heads && JSON.stringify(told.found.lines) === lines;
}

/** Something made of each part of a record. */
export function mapped<From, To>(
  { summary, listing, found, texts, lines }: Readonly<Record<RecordPart, From>>,
  make: (part: From) => To,
): Record<RecordPart, To> {
  return {
    ...{ summary: make(summary), listing: make(listing), found: make(found), texts: make(texts), lines: make(lines) },
  };
}

/**
 * The outcomes of many batches, which lie in a store until they are reported, as one. What is added up is held; what is
 * listed is read again each time that it is asked for.
 */
export class Outcomes {
  private readonly store: TextStore;
  private readonly places = new Map<number, Readonly<Record<RecordPart, TextPlace>>>();
  private readonly orders = new Map<number, readonly number[]>();
  private readonly held = new Map<number, Held>();
  private readonly rules: ReadonlyMap<string, AnyRule>;
  private readonly familyOf: ReadonlyMap<string, string>;
  private readonly linesOf: LinesOf | undefined;

  constructor(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>, store: TextStore, linesOf?: LinesOf) {
    this.store = store;
    this.linesOf = linesOf;
    this.rules = new Map(rules.map((rule) => [rule.id, rule]));
    this.familyOf = familyOf;
  }

  /** Keeps the record of a batch, in place of one that it has. */
  put({ batch, orders, text }: BatchRecord): void {
    this.places.set(
      batch,
      mapped(text, (part) => this.store.append(part)),
    );
    this.orders.set(batch, orders);
  }

  /** What was put, in the order of the batches. */
  *records(): ReportedShard['records'] {
    for (const [batch, places] of this.inOrder()) {
      const text = this.textAt(places);
      yield { batch, orders: this.orders.get(batch) ?? [], summary: text.summary, details: detailsIn(text) };
    }
  }

  /** What was put of a batch. */
  textOf(batch: number): RecordText {
    const places = this.places.get(batch);
    if (!places) throw new Error('there is no such record');
    return this.textAt(places);
  }

  private textAt(places: Readonly<Record<RecordPart, TextPlace>>): RecordText {
    return mapped(places, (place) => this.store.read(place));
  }

  private inOrder() {
    return [...this.places].sort(([a], [b]) => a - b);
  }

  /** All of them as one. */
  outcome(): Outcome {
    const sum = new Sum();
    for (const [batch, { summary }] of this.inOrder())
      sum.add(batch, this.orders.get(batch) ?? [], JSON.parse(this.store.read(summary)) as SummaryRecord);
    const inOrder = sum.sources.toSorted((a, b) => a.order - b.order);
    const byName = sum.sources.filter(({ findings }) => findings > 0).sort((a, b) => compare(a.name, b.name));
    return {
      ...sum.total(),
      findings: again(() => this.allFindings(byName)),
      heads: again(() => this.allHeads(byName)),
      lines: this.linesOf && again(() => this.allLines(byName)),
      sources: again(() => this.allSources(inOrder)),
      population: once(() => ({
        origins: sum.originsInOrder(),
        pipelines: again(() => this.allPipelines(inOrder)),
      })),
      pictures: () => [...this.pictures(inOrder)],
    };
  }

  private *allFindings(sources: readonly SourcePlace[]): Iterable<Finding> {
    for (const { record, index } of sources) yield* this.load(record).findings().get(index) ?? [];
  }

  private *allHeads(sources: readonly SourcePlace[]): Iterable<FindingHead> {
    for (const { record, index } of sources) yield* this.load(record).heads().get(index) ?? [];
  }

  private *allLines(sources: readonly SourcePlace[]): Iterable<string> {
    for (const { record, index } of sources) {
      const held = this.load(record);
      const lines = held.lines()[index];
      // What was kept for a report of another format has none.
      yield lines || (held.findings().get(index) ?? []).map((finding) => this.linesOf?.(finding)).join('');
    }
  }

  private *allSources(sources: readonly SourcePlace[]): Iterable<ReadSource> {
    for (const { record, index } of sources) {
      const source = this.load(record).listing().sources[index];
      if (!source) continue;
      const { name, form, gave, sha256, hashOf, bytes } = source;
      yield { name, form, gave, sha256, hashOf, bytes };
    }
  }

  private *allPipelines(sources: readonly SourcePlace[]): Iterable<SeenPipeline> {
    for (const { name, record, index } of sources)
      for (const pipeline of this.load(record).listing().sources[index]?.pipelines ?? [])
        yield { source: name, ...pipeline };
  }

  private *pictures(sources: readonly SourcePlace[]): Iterable<PartPicture> {
    for (const { name, record } of sources)
      for (const picture of this.load(record).listing().pictures) if (picture.first === name) yield picture;
  }

  private load(record: number): Held {
    const held = this.held.get(record);
    if (held) return held;
    const places = this.places.get(record);
    if (!places) throw new Error('there is no such record');
    if (this.held.size >= maxHeld) for (const oldest of this.held.keys()) if (this.held.delete(oldest)) break;
    const read = (part: RecordPart): unknown => JSON.parse(this.store.read(places[part]));
    const listing = once(() => read('listing') as ListingRecord);
    const texts = once(() => read('texts') as DividedDetails['texts']);
    const loaded: Held = {
      listing,
      heads: once(() => headsIn(listing(), this.rules)),
      findings: once(() =>
        findingsIn(listing(), read('found') as FoundRecord, texts, this.rules, this.familyOf, shortHash),
      ),
      lines: once(() => this.store.read(places.lines).split(betweenSources)),
    };
    this.held.set(record, loaded);
    return loaded;
  }
}

/** What records add up to. */
class Sum {
  readonly sources: SourcePlace[] = [];
  private readonly uses = new Map<number, number>();
  private readonly used = new Set<number>();
  private readonly refused = new Map<number, ReadonlySet<string>>();
  private readonly orderOf = once(() => new Map(this.sources.map(({ name, order }) => [name, order])));
  private readonly counted = new Set<Severity>();
  private readonly problems: MarkedProblem[] = [];
  private readonly mentions: Mention[] = [];
  private readonly unknown: UnknownThing[] = [];
  private readonly inconclusive: Coverage['inconclusive'][number][] = [];
  private readonly undecided = new Map<string, number>();
  private readonly violations = new Map<string, MutableViolations>();
  private readonly unknownReleases = new Map<string, number>();
  private readonly counts: { -readonly [Kind in keyof EvidenceCounts]: number } = countEvidence([], unknownSite);
  private readonly origins = new Map<string, PlacedOrigin[]>();
  private readonly sums = {
    ...{ hiddenBySeverity: 0, hiddenPedantic: 0, suppressedByConfig: 0, pipelines: 0, containers: 0, components: 0 },
  };
  private hasGiven = false;

  add(record: number, orders: readonly number[], summary: SummaryRecord): void {
    for (const [index, [name, form, findings]] of summary.sources.entries())
      this.sources.push({ name, form, record, index, findings, order: orders[index] ?? 0 });
    for (const severity of summary.counted) this.counted.add(severity);
    for (const key of Object.keys(this.sums) as (keyof typeof this.sums)[]) this.sums[key] += summary[key];
    for (const each of summary.problems) this.problems.push(each);
    this.hasGiven ||= summary.hasGiven;
    for (const each of summary.mentions) this.mentions.push(each);
    for (const each of summary.unknown) this.unknown.push(each);
    for (const each of summary.inconclusive) this.inconclusive.push(each);
    addCounts(this.uses, summary.uses);
    for (const number of summary.used) this.used.add(number);
    for (const [number, rules] of summary.refused)
      this.refused.set(number, new Set([...(this.refused.get(number) ?? []), ...rules]));
    addCounts(this.undecided, summary.undecided);
    addCounts(this.unknownReleases, summary.unknownReleases);
    for (const kind of Object.keys(this.counts) as (keyof EvidenceCounts)[]) this.counts[kind] += summary.counts[kind];
    for (const each of summary.violations) addViolations(this.violations, each);
    for (const origin of summary.origins) this.addOrigin(origin);
  }

  private addOrigin(origin: PlacedOrigin): void {
    const key = `${origin.kind}\n${origin.key}`;
    addTo(this.origins, key, origin);
  }

  originsInOrder(): readonly PlacedOrigin[] {
    const first = ({ first }: PlacedOrigin): string => first;
    const joined = [...this.origins.values()].map((parts) => this.inOrder(parts, first).reduce(sumOf));
    return this.inOrder(joined, first);
  }

  private readonly forms = once(() => new Map(this.sources.map(({ name, form }) => [name, form])));

  total(): Omit<Outcome, 'findings' | 'sources' | 'population' | 'pictures'> {
    const unknown = this.inOrder(this.unknown, ({ order }) => order[1]).toSorted((a, b) => a.order[0] - b.order[0]);
    return {
      ...this.sums,
      ...{ counted: this.counted, problems: this.problems, hasGiven: this.hasGiven, mentions: this.mentions, unknown },
      inconclusive: this.inconclusive.sort(
        (a, b) => compare(a.source, b.source) || a.line - b.line || compare(a.rule, b.rule),
      ),
      ...{ uses: this.uses, entries: { used: this.used, refused: this.refused }, undecided: this.undecided },
      formOf: (name) => this.forms().get(name),
      violations: () => [...this.violations.values()],
      counts: () => this.counts,
      unknownReleases: (rule) => this.unknownReleases.get(rule) ?? 0,
    };
  }

  /** Things in the order of a source of theirs. */
  private inOrder<T>(things: readonly T[], sourceOf: (thing: T) => string): readonly T[] {
    return things
      .map((thing) => ({ thing, order: this.orderOf().get(sourceOf(thing)) ?? Number.MAX_SAFE_INTEGER }))
      .sort((a, b) => a.order - b.order)
      .map(({ thing }) => thing);
  }
}

/** Something that is made anew each time that it is gone through. */
function again<T>(make: () => Iterable<T>): Iterable<T> {
  return { [Symbol.iterator]: () => make()[Symbol.iterator]() };
}

interface MutableViolations extends Omit<Violations, 'open' | 'accepted' | 'notShown' | 'unsure'> {
  readonly open: Record<Severity, number>;
  readonly accepted: Violations['accepted'][number][];
  notShown: number;
  unsure: number;
}

function addViolations(all: Map<string, MutableViolations>, each: Violations): void {
  const key = [each.rule, each.cisDocker?.join(' '), each.toldWith, each.sameAs].join('\n');
  const there = all.get(key);
  if (!there) {
    all.set(key, { ...each, open: { ...each.open }, accepted: [...each.accepted] });
    return;
  }
  for (const severity of severities) there.open[severity] += each.open[severity];
  there.accepted.push(...each.accepted);
  there.notShown += each.notShown;
  there.unsure += each.unsure;
}

function addCounts<Key>(all: Map<Key, number>, counts: readonly (readonly [Key, number])[]): void {
  for (const [key, count] of counts) all.set(key, (all.get(key) ?? 0) + count);
}

function sumOf(one: PlacedOrigin, other: PlacedOrigin): PlacedOrigin {
  const open = { ...one.open };
  for (const severity of severities) open[severity] += other.open[severity];
  return {
    ...one,
    files: one.files + other.files,
    pipelines: one.pipelines + other.pipelines,
    open,
    suppressed: one.suppressed + other.suppressed,
    known: one.known + other.known,
  };
}
