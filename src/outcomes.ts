import type { MarkedProblem } from './accept-problems.ts';
import { shortHash } from './baseline.ts';
import { compare } from './model/compare.ts';
import { addTo, groupedBy } from './model/groups.ts';
import { once } from './model/memoize.ts';
import { NumberList } from './model/number-list.ts';
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
import type { Outcome, PartPicture, PartWays, UnknownThing } from './outcome.ts';
import {
  type DividedDetails,
  divided,
  type FoundRecord,
  findingsIn,
  type HeadRecord,
  headsIn,
  type ListingRecord,
  type OutcomeRecord,
  type SummaryRecord,
  undivided,
} from './outcome-record.ts';
import type { PlacedOrigin, PlacedPopulation } from './population.ts';
import { countEvidence, type EvidenceCounts } from './rule-runs.ts';

/** A record that is read as far as it was asked for. */
interface Held {
  readonly listing: () => ListingRecord;
  readonly heads: () => ReturnType<typeof headsIn>;
  readonly findings: () => ReturnType<typeof findingsIn>;
  readonly ways: () => readonly PartWays[];
  readonly lines: () => readonly string[];
}

/** How many records are held in memory while a report is written. */
const maxHeld = 4;

/** The parts of a record as JSON. */
export type RecordText = Readonly<Record<RecordPart, string>>;

export type RecordPart = 'summary' | keyof DividedDetails | 'lines';

const partNames: Readonly<{ [Part in RecordPart]: Part }> = {
  summary: 'summary',
  listing: 'listing',
  heads: 'heads',
  found: 'found',
  texts: 'texts',
  ways: 'ways',
  lines: 'lines',
};

/** In the order in which they are kept. */
export const recordParts: readonly RecordPart[] = Object.values(partNames);

/** Stands between what is said of one source and of the next: no line of JSON has it. */
const betweenSources = '\x1e';

/** A record, and what masks looked through when it was made and no source has as it is. */
export interface MadeText extends RecordText {
  readonly unwritten: string;
}

/** The record of a batch, with where each of its sources stands among all that were read. */
export interface BatchRecord {
  readonly batch: number;
  readonly orders: readonly number[];
  readonly text: RecordText;
}

/** `lines`: the findings as a report has them (`linesIn`), empty where no report was to have them. */
export function textOfRecord({ summary, details }: OutcomeRecord, lines = ''): RecordText {
  const { listing, heads, found, texts, ways } = divided(details);
  return {
    summary: JSON.stringify(summary),
    listing: JSON.stringify(listing),
    heads: JSON.stringify(heads),
    found: JSON.stringify(found),
    texts: JSON.stringify(texts),
    // Most have none, which is seen without reading it.
    ways: ways.length === 0 ? '' : JSON.stringify(ways),
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
function detailsIn({ listing, found, texts, ways }: RecordText): string {
  const parsed = { listing: JSON.parse(listing), found: JSON.parse(found), texts: JSON.parse(texts) };
  return JSON.stringify(undivided({ ...parsed, ways: waysFrom(ways) }));
}

function waysFrom(text: string): readonly PartWays[] {
  return text === '' ? [] : JSON.parse(text);
}

/** Something made of each part of a record. */
export function mapped<From, To>(
  { summary, listing, heads, found, texts, ways, lines }: Readonly<Record<RecordPart, From>>,
  make: (part: From) => To,
): Record<RecordPart, To> {
  return {
    ...{ summary: make(summary), listing: make(listing), heads: make(heads), found: make(found), texts: make(texts) },
    ...{ ways: make(ways), lines: make(lines) },
  };
}

/**
 * The outcomes of many batches, which lie in a store until they are reported, as one. What is added up is held; what is
 * listed is read again each time that it is asked for.
 */
export class Outcomes {
  private readonly store: TextStore;
  /** Of which batch each record is; the rest by the number of the record, in lists of numbers: there may be very many. */
  private readonly batches = new NumberList('large');
  /** By batch, the number of its record, unless that is the same. */
  private readonly numbers = new Map<number, number>();
  /** Where the first part of a record lies; the others lie behind it. */
  private readonly starts = new NumberList('large');
  private readonly lengths: Readonly<Record<RecordPart, NumberList>> = mapped(partNames, () => new NumberList());
  private readonly orders = new OrderLists();
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
    this.place(
      batch,
      orders,
      recordParts.map((part) => this.store.append(text[part])),
    );
  }

  /** The same of one whose parts lie in the store, one behind the other in their order. */
  place(batch: number, orders: readonly number[], places: readonly TextPlace[]): void {
    const number = this.numberOf(batch) ?? this.batches.push(batch);
    if (number !== batch) this.numbers.set(batch, number);
    this.starts.set(number, places[0]?.[0] ?? 0);
    for (const [index, part] of recordParts.entries()) this.lengths[part].set(number, places[index]?.[1] ?? 0);
    this.orders.set(number, orders);
  }

  /** What was put, in the order of the batches. */
  *records(): ReportedShard['records'] {
    for (const batch of this.inOrder()) {
      const text = this.textOf(batch);
      const orders = this.orders.of(this.numberOf(batch) ?? 0);
      yield { batch, orders, summary: text.summary, details: detailsIn(text) };
    }
  }

  /** What was put of a batch. */
  textOf(batch: number): RecordText {
    const number = this.numberOf(batch);
    if (number === undefined) throw new Error('there is no such record');
    return mapped(partNames, (part) => this.read(number, part));
  }

  private numberOf(batch: number): number | undefined {
    return batch < this.batches.length && this.batches.at(batch) === batch ? batch : this.numbers.get(batch);
  }

  private inOrder(): Iterable<number> {
    return Float64Array.from({ length: this.batches.length }, (_, number) => this.batches.at(number)).sort();
  }

  private read(record: number, wanted: RecordPart): string {
    let start = this.starts.at(record);
    for (const part of recordParts) {
      const length = this.lengths[part].at(record);
      if (part === wanted) return this.store.read([start, length]);
      start += length;
    }
    throw new Error('there is no such part');
  }

  /** All of them as one. */
  outcome(): Outcome {
    const sum = new Sum();
    for (const batch of this.inOrder()) {
      const number = this.numberOf(batch) ?? 0;
      sum.add(number, this.orders.of(number), this.summary(number));
    }
    const { sources } = sum;
    const inOrder = sources.inOrder();
    const byName = sources.withFindings();
    const origins = sum.origins.all((record) => this.summary(record).origins);
    return {
      ...sum.total(() => this.forms()),
      findings: again(() => this.allFindings(byName)),
      heads: again(() => this.allHeads(byName)),
      lines: this.linesOf && again(() => this.allLines(byName)),
      sources: again(() => this.allSources(inOrder)),
      population: () => ({
        origins,
        repositories: sum.origins.repositories,
        pipelines: again(() => this.allPipelines(inOrder)),
      }),
      pictures: () => [...this.pictures(inOrder)],
      ways: () => this.ways(inOrder),
    };
  }

  private summary(record: number): SummaryRecord {
    return JSON.parse(this.read(record, 'summary'));
  }

  private forms(): ReadonlyMap<string, Form> {
    const forms = new Map<string, Form>();
    for (let record = 0; record < this.batches.length; record++)
      for (const [name, form] of this.summary(record).sources) forms.set(name, form);
    return forms;
  }

  private *allFindings(sources: SourcePlaces): Iterable<Finding> {
    for (const [record, index] of sources) yield* this.load(record).findings().get(index) ?? [];
  }

  private *allHeads(sources: SourcePlaces): Iterable<FindingHead> {
    for (const [record, index] of sources) yield* this.load(record).heads().get(index) ?? [];
  }

  private *allLines(sources: SourcePlaces): Iterable<string> {
    for (const [record, index] of sources) {
      const held = this.load(record);
      const lines = held.lines()[index];
      // What was kept for a report of another format has none.
      yield lines || (held.findings().get(index) ?? []).map((finding) => this.linesOf?.(finding)).join('');
    }
  }

  private *allSources(sources: SourcePlaces): Iterable<ReadSource> {
    for (const [record, index] of sources) {
      const source = this.load(record).listing().sources[index];
      if (!source) continue;
      const { name, form, gave, sha256, hashOf, bytes } = source;
      yield { name, form, gave, sha256, hashOf, bytes };
    }
  }

  private *allPipelines(sources: SourcePlaces): Iterable<SeenPipeline> {
    for (const [record, index] of sources) {
      const source = this.load(record).listing().sources[index];
      for (const pipeline of source?.pipelines ?? []) yield { source: source?.name ?? '', ...pipeline };
    }
  }

  private *pictures(sources: SourcePlaces): Iterable<PartPicture> {
    for (const [record, index] of sources) {
      const { pictures, sources: listed } = this.load(record).listing();
      for (const picture of pictures) if (picture.first === listed[index]?.name) yield picture;
    }
  }

  private *ways(sources: SourcePlaces): Iterable<PartWays> {
    for (const [record, index] of sources) {
      if (this.lengths.ways.at(record) === 0) continue;
      const { listing, ways } = this.load(record);
      const name = listing().sources[index]?.name;
      for (const each of ways()) if (each.first === name) yield each;
    }
  }

  private load(record: number): Held {
    const held = this.held.get(record);
    if (held) return held;
    if (this.held.size >= maxHeld) for (const oldest of this.held.keys()) if (this.held.delete(oldest)) break;
    const read = (part: RecordPart): unknown => JSON.parse(this.read(record, part));
    const listing = once(() => read('listing') as ListingRecord);
    const texts = once(() => read('texts') as DividedDetails['texts']);
    const loaded: Held = {
      listing,
      heads: once(() => headsIn(read('heads') as readonly HeadRecord[], this.rules)),
      findings: once(() =>
        findingsIn(listing(), read('found') as FoundRecord, texts, this.rules, this.familyOf, shortHash),
      ),
      ways: once(() => waysFrom(this.read(record, 'ways'))),
      lines: once(() => this.read(record, 'lines').split(betweenSources)),
    };
    this.held.set(record, loaded);
    return loaded;
  }
}

/** Texts in a store, by number; an empty one where none was set. */
export class TextPlaces {
  private readonly starts = new NumberList('large');
  private readonly lengths = new NumberList();

  set(number: number, [start, length]: TextPlace): void {
    this.starts.set(number, start);
    this.lengths.set(number, length);
  }

  of(number: number): TextPlace {
    return [this.starts.at(number), this.lengths.at(number)];
  }
}

/** Lists of where sources stand among all, by number. */
class OrderLists {
  private readonly all = new NumberList('large');
  private readonly starts = new NumberList();
  private readonly lengths = new NumberList();

  set(number: number, list: readonly number[]): void {
    this.starts.set(number, this.all.length);
    this.lengths.set(number, list.length);
    for (const each of list) this.all.push(each);
  }

  of(number: number): readonly number[] {
    const start = this.starts.at(number);
    return Array.from({ length: this.lengths.at(number) }, (_, index) => this.all.at(start + index));
  }
}

/** Where sources lie: the number of the record of each, and its number in that. */
type SourcePlaces = Iterable<readonly [record: number, index: number]>;

/** The sources of records, as they are added. */
class Sources {
  private readonly records = new NumberList();
  private readonly indexes = new NumberList();
  /** Where each stands among all that were read. */
  private readonly orders = new NumberList('large');
  /** Those with findings. */
  private readonly found = new NumberList();
  private readonly names: string[] = [];

  add(record: number, index: number, order: number, nameOfFound: string | undefined): void {
    const number = this.records.push(record);
    this.indexes.push(index);
    this.orders.push(order);
    if (nameOfFound === undefined) return;
    this.found.push(number);
    this.names.push(nameOfFound);
  }

  inOrder(): SourcePlaces {
    return this.placesOf(sorted(this.records.length, (a, b) => this.orders.at(a) - this.orders.at(b)));
  }

  /** Those with findings, by their names; their names are forgotten. */
  withFindings(): SourcePlaces {
    const { found, names } = this;
    const byName = sorted(found.length, (a, b) => compare(names[a] ?? '', names[b] ?? ''));
    names.length = 0;
    return this.placesOf(byName.map((each) => found.at(each)));
  }

  private placesOf(numbers: Iterable<number>): SourcePlaces {
    const { records, indexes } = this;
    return again(function* () {
      for (const number of numbers) yield [records.at(number), indexes.at(number)] as const;
    });
  }
}

/** The numbers from 0 in an order; those that are equal as they come. */
function sorted(amount: number, compared: (a: number, b: number) => number): Uint32Array {
  return new Uint32Array(amount).map((_, index) => index).sort((a, b) => compared(a, b) || a - b);
}

/** The origins of records: where they lie, as long as they are not told. Those of several records are one. */
class Origins {
  private readonly records = new NumberList();
  private readonly indexes = new NumberList();
  private readonly orders = new NumberList('large');
  /** How many are repositories. */
  repositories = 0;
  private readonly byHash = new Map<number, number>();
  /** Those that may be one, by the first of them. */
  private readonly alike = new Map<number, number[]>();

  add(record: number, index: number, order: number, { kind, key }: PlacedOrigin): void {
    const number = this.records.push(record);
    this.indexes.push(index);
    this.orders.push(order);
    if (kind === 'repository') this.repositories++;
    const hash = hashOf(`${kind}\n${key}`);
    const first = this.byHash.get(hash);
    if (first === undefined) this.byHash.set(hash, number);
    else addTo(this.alike, first, number);
  }

  /** In the order of their first sources; `originsOf` reads those of a record. */
  all(originsOf: (record: number) => readonly PlacedOrigin[]): PlacedPopulation['origins'] {
    this.byHash.clear();
    const { records, indexes, orders } = this;
    const read = (number: number): PlacedOrigin => {
      const origin = originsOf(records.at(number))[indexes.at(number)];
      if (!origin) throw new Error('there is no such origin');
      return origin;
    };
    const byOrder = (a: number, b: number): number => orders.at(a) - orders.at(b) || a - b;
    const joined = new Map<number, PlacedOrigin>();
    const parts = new Set<number>();
    for (const [first, others] of this.alike)
      for (const [head, ...rest] of groupedBy([first, ...others].sort(byOrder), keyOf).values()) {
        if (head === undefined || rest.length === 0) continue;
        joined.set(head, [head, ...rest].map(read).reduce(sumOf));
        for (const part of rest) parts.add(part);
      }
    const inOrder = sorted(records.length, byOrder).filter((number) => !parts.has(number));
    for (const part of parts) if (read(part).kind === 'repository') this.repositories--;
    return {
      length: inOrder.length,
      *[Symbol.iterator]() {
        for (const number of inOrder) yield joined.get(number) ?? read(number);
      },
    };

    function keyOf(number: number): string {
      const { kind, key } = read(number);
      return `${kind}\n${key}`;
    }
  }
}

/** A number below 2 ** 30 for a text: a small integer for V8. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash >>> 2;
}

/** What records add up to. */
class Sum {
  readonly sources = new Sources();
  readonly origins = new Origins();
  private readonly uses = new Map<number, number>();
  private readonly used = new Set<number>();
  private readonly refused = new Map<number, ReadonlySet<string>>();
  private readonly counted = new Set<Severity>();
  private readonly problems: MarkedProblem[] = [];
  private readonly mentions: Mention[] = [];
  private readonly unknown: { readonly thing: UnknownThing; readonly order: number }[] = [];
  private readonly inconclusive: Coverage['inconclusive'][number][] = [];
  private readonly undecided = new Map<string, number>();
  private readonly violations = new Map<string, MutableViolations>();
  private readonly unknownReleases = new Map<string, number>();
  private readonly counts: { -readonly [Kind in keyof EvidenceCounts]: number } = countEvidence([], unknownSite);
  private readonly sums = {
    ...{ hiddenBySeverity: 0, hiddenPedantic: 0, suppressedByConfig: 0, pipelines: 0, containers: 0, components: 0 },
  };
  private hasGiven = false;

  add(record: number, orders: readonly number[], summary: SummaryRecord): void {
    const orderOf = (source: string): number => {
      const index = summary.sources.findIndex(([name]) => name === source);
      return index < 0 ? Number.MAX_SAFE_INTEGER : (orders[index] ?? 0);
    };
    for (const [index, [name, , findings]] of summary.sources.entries())
      this.sources.add(record, index, orders[index] ?? 0, findings > 0 ? name : undefined);
    for (const severity of summary.counted) this.counted.add(severity);
    for (const key of Object.keys(this.sums) as (keyof typeof this.sums)[]) this.sums[key] += summary[key];
    for (const each of summary.problems) this.problems.push(each);
    this.hasGiven ||= summary.hasGiven;
    for (const each of summary.mentions) this.mentions.push(each);
    for (const thing of summary.unknown) this.unknown.push({ thing, order: orderOf(thing.order[1]) });
    for (const each of summary.inconclusive) this.inconclusive.push(each);
    addCounts(this.uses, summary.uses);
    for (const number of summary.used) this.used.add(number);
    for (const [number, rules] of summary.refused)
      this.refused.set(number, new Set([...(this.refused.get(number) ?? []), ...rules]));
    addCounts(this.undecided, summary.undecided);
    addCounts(this.unknownReleases, summary.unknownReleases);
    for (const kind of Object.keys(this.counts) as (keyof EvidenceCounts)[]) this.counts[kind] += summary.counts[kind];
    for (const each of summary.violations) addViolations(this.violations, each);
    for (const [index, origin] of summary.origins.entries())
      this.origins.add(record, index, orderOf(origin.first), origin);
  }

  total(
    forms: () => ReadonlyMap<string, Form>,
  ): Omit<Outcome, 'findings' | 'sources' | 'population' | 'pictures' | 'ways'> {
    const formsOnce = once(forms);
    const unknown = this.unknown
      .toSorted((a, b) => a.thing.order[0] - b.thing.order[0] || a.order - b.order)
      .map(({ thing }) => thing);
    return {
      ...this.sums,
      ...{ counted: this.counted, problems: this.problems, hasGiven: this.hasGiven, mentions: this.mentions, unknown },
      inconclusive: this.inconclusive.sort(
        (a, b) => compare(a.source, b.source) || a.line - b.line || compare(a.rule, b.rule),
      ),
      ...{ uses: this.uses, entries: { used: this.used, refused: this.refused }, undecided: this.undecided },
      formOf: (name) => formsOnce().get(name),
      violations: () => [...this.violations.values()],
      counts: () => this.counts,
      unknownReleases: (rule) => this.unknownReleases.get(rule) ?? 0,
    };
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
