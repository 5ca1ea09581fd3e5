import type { MarkedProblem } from './accept-problems.ts';
import { shortHash } from './baseline.ts';
import { compare } from './model/compare.ts';
import { addTo } from './model/groups.ts';
import { once } from './model/memoize.ts';
import type { Coverage, Finding, Mention, ReadSource, SeenPipeline, Violations } from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import { type Severity, severities } from './model/severity.ts';
import { unknownSite } from './model/site.ts';
import type { Form } from './model/source.ts';
import type { TextPlace, TextStore } from './model/text-store.ts';
import type { Outcome, PartPicture, UnknownThing } from './outcome.ts';
import { type DetailsRecord, findingsIn, type OutcomeRecord, type SummaryRecord } from './outcome-record.ts';
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

interface Held {
  readonly details: DetailsRecord;
  findings?: ReturnType<typeof findingsIn>;
}

/** How many records are held in memory while a report is written. */
const maxHeld = 4;

/** A record as JSON. */
export interface RecordText {
  readonly summary: string;
  readonly details: string;
}

/** A record, and what masks looked through when it was made and no source has as it is. */
export interface MadeText extends RecordText {
  readonly unwritten: string;
}

/** The record of a batch, with where each of its sources stands among all that were read. */
export interface BatchRecord extends RecordText {
  readonly batch: number;
  readonly orders: readonly number[];
}

export function textOfRecord({ summary, details }: OutcomeRecord): RecordText {
  return { summary: JSON.stringify(summary), details: JSON.stringify(details) };
}

/**
 * The outcomes of many batches, which lie in a store until they are reported, as one. What is added up is held; what is
 * listed is read again each time that it is asked for.
 */
export class Outcomes {
  private readonly store: TextStore;
  private readonly places = new Map<number, readonly [summary: TextPlace, details: TextPlace]>();
  private readonly orders = new Map<number, readonly number[]>();
  private readonly held = new Map<number, Held>();
  private readonly rules: ReadonlyMap<string, AnyRule>;
  private readonly familyOf: ReadonlyMap<string, string>;

  constructor(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>, store: TextStore) {
    this.store = store;
    this.rules = new Map(rules.map((rule) => [rule.id, rule]));
    this.familyOf = familyOf;
  }

  /** Keeps the record of a batch, in place of one that it has. */
  put({ batch, orders, summary, details }: BatchRecord): void {
    this.places.set(batch, [this.store.append(summary), this.store.append(details)]);
    this.orders.set(batch, orders);
  }

  /** The records as they were put, in the order of their batches. */
  *records(): Iterable<BatchRecord> {
    for (const [batch, [summary, details]] of this.inOrder())
      yield {
        ...{ batch, orders: this.orders.get(batch) ?? [] },
        ...{ summary: this.store.read(summary), details: this.store.read(details) },
      };
  }

  private inOrder() {
    return [...this.places].sort(([a], [b]) => a - b);
  }

  /** All of them as one. */
  outcome(): Outcome {
    const sum = new Sum();
    for (const [batch, [place]] of this.inOrder())
      sum.add(batch, this.orders.get(batch) ?? [], JSON.parse(this.store.read(place)) as SummaryRecord);
    const inOrder = sum.sources.toSorted((a, b) => a.order - b.order);
    const byName = sum.sources.filter(({ findings }) => findings > 0).sort((a, b) => compare(a.name, b.name));
    return {
      ...sum.total(),
      findings: again(() => this.allFindings(byName)),
      sources: again(() => this.allSources(inOrder)),
      population: once(() => ({
        origins: sum.originsInOrder(),
        pipelines: again(() => this.allPipelines(inOrder)),
      })),
      pictures: () => [...this.pictures(inOrder)],
    };
  }

  private *allFindings(sources: readonly SourcePlace[]): Iterable<Finding> {
    for (const { record, index } of sources) {
      const held = this.load(record);
      held.findings ??= findingsIn(held.details, this.rules, this.familyOf, shortHash);
      yield* held.findings.get(index) ?? [];
    }
  }

  private *allSources(sources: readonly SourcePlace[]): Iterable<ReadSource> {
    for (const { record, index } of sources) {
      const source = this.load(record).details.sources[index];
      if (!source) continue;
      const { name, form, gave, sha256, hashOf, bytes } = source;
      yield { name, form, gave, sha256, hashOf, bytes };
    }
  }

  private *allPipelines(sources: readonly SourcePlace[]): Iterable<SeenPipeline> {
    for (const { name, record, index } of sources)
      for (const pipeline of this.load(record).details.sources[index]?.pipelines ?? [])
        yield { source: name, ...pipeline };
  }

  private *pictures(sources: readonly SourcePlace[]): Iterable<PartPicture> {
    for (const { name, record } of sources)
      for (const picture of this.load(record).details.pictures) if (picture.first === name) yield picture;
  }

  private load(record: number): Held {
    const held = this.held.get(record);
    if (held) return held;
    const place = this.places.get(record);
    if (!place) throw new Error('there is no such record');
    if (this.held.size >= maxHeld) for (const oldest of this.held.keys()) if (this.held.delete(oldest)) break;
    const loaded: Held = { details: JSON.parse(this.store.read(place[1])) as DetailsRecord };
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
