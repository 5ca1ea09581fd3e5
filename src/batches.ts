import { createHash } from 'node:crypto';
import type { Policy, PolicyResult } from './apply-policy.ts';
import type { AuditRequest } from './audit-request.ts';
import { type Anonymous, anonymous, filledTemplate, type RecordTemplate, templateOf } from './equal-texts.ts';
import type { Gathered } from './gather.ts';
import { Bonds, bondsOf, installationsOf, masksOf } from './installations.ts';
import { addTo, groupedBy } from './model/groups.ts';
import { memoize } from './model/memoize.ts';
import { NumberList } from './model/number-list.ts';
import { type Progress, silently } from './model/progress.ts';
import type { Problem } from './model/report.ts';
import type { SecretPlace, Source } from './model/source.ts';
import { memoryStore, type TextPlace, type TextStore } from './model/text-store.ts';
import { isOfRunner, judgeParts, type Outcome, outcomeOf, type Terms } from './outcome.ts';
import { recordOf } from './outcome-record.ts';
import { linesIn, type MadeText, Outcomes, recordParts, TextPlaces, textOfRecord } from './outcomes.ts';
import { joinGroups, type RankedGroup, type ReadResult, readGroups } from './read.ts';
import { KnownSecrets, type Mask, maskFor } from './secrets/mask.ts';
import { Unwritten } from './secrets/unwritten.ts';
import { sharesOf } from './shards.ts';

/** Installations that are read, judged and forgotten together: as few as may be. */
export interface Batch {
  readonly sources: readonly Source[];
  /** What was read already: everything but pipelines. */
  readonly groups: readonly RankedGroup[];
  /** Files of it that are there no more. */
  readonly lost: readonly Problem[];
}

/** What was gathered, divided into batches: deployments are read, and of pipelines no more is known than where they lie. */
export interface Division {
  readonly batches: Batches;
  /** Everything but pipelines. */
  readonly deployments: ReadResult;
  /** All sources, those included that others name. */
  readonly sources: readonly Source[];
  readonly bonds: Bonds;
}

/** Reads everything but pipelines, and tells from that which sources have to be judged together. */
export function divide({ sources, lookup, compose }: Gathered, joined: AuditRequest['joined']): Division {
  const others = sources.filter(({ form }) => form !== 'drone');
  const groups = readGroups(others, lookup, compose);
  const deployments = joinGroups(others, groups);
  const gathered = new Set(sources.map(({ name }) => name));
  const all = [...sources, ...deployments.sources.filter(({ name }) => !gathered.has(name))];
  const pipelines = sources.flatMap((source) => (source.form === 'drone' ? [{ at: { source } }] : []));
  const { installation, together } = deployments;
  const bonds = bondsOf(
    {
      installation: { ...installation, streams: [...installation.streams, ...pipelines] },
      ...{ sources: all, together },
    },
    joined,
  );
  // Files that were read as one cannot be read apart, whether or not they are one installation.
  const batchOf = new Bonds();
  for (const source of all) batchOf.join([{ name: bonds.of(source) }, source]);
  for (const { own, reading } of groups) batchOf.join([...own, ...reading.consumed]);
  return { batches: new Batches(all, groups, batchOf), deployments, sources: all, bonds };
}

/** Batches in the order of their first sources. There may be very many: what they hold is known by numbers. */
export class Batches implements Iterable<Batch> {
  private readonly all: readonly Source[];
  private readonly groups = new Map<number, RankedGroup[]>();
  /** The numbers of all sources, those of a batch together. */
  private readonly members: Uint32Array;
  /** Where those of each batch begin, and at last where the list ends. */
  private readonly starts: Uint32Array;

  constructor(all: readonly Source[], groups: readonly RankedGroup[], bonds: Bonds) {
    const numbers = new Map<string, number>();
    const batchOf = Uint32Array.from(all, (source) => {
      const key = bonds.of(source);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
    for (const group of groups) {
      const [first] = group.own;
      const number = first && numbers.get(bonds.of(first));
      if (number !== undefined) addTo(this.groups, number, group);
    }
    this.all = all;
    this.starts = new Uint32Array(numbers.size + 1);
    for (const batch of batchOf) this.starts[batch + 1] = (this.starts[batch + 1] ?? 0) + 1;
    for (let batch = 1; batch <= numbers.size; batch++)
      this.starts[batch] = (this.starts[batch] ?? 0) + (this.starts[batch - 1] ?? 0);
    const next = this.starts.slice();
    this.members = new Uint32Array(all.length);
    for (const [number, batch] of batchOf.entries()) {
      const place = next[batch] ?? 0;
      this.members[place] = number;
      next[batch] = place + 1;
    }
  }

  get length(): number {
    return this.starts.length - 1;
  }

  at(index: number): Batch {
    const sources = Array.from(this.membersOf(index), (number) => this.all[number]).filter(
      (each) => each !== undefined,
    );
    return { sources, groups: this.groups.get(index) ?? [], lost: [] };
  }

  *[Symbol.iterator](): Generator<Batch> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  *entries(): Generator<readonly [index: number, batch: Batch]> {
    for (let index = 0; index < this.length; index++) yield [index, this.at(index)];
  }

  /** Where some sources of a batch, in its order, stand among all that were read. */
  ordersOf(index: number, sources: readonly Source[]): readonly number[] {
    const orders: number[] = [];
    for (const number of this.membersOf(index))
      if (this.all[number]?.name === sources[orders.length]?.name) orders.push(number);
    return orders;
  }

  private membersOf(index: number): Uint32Array {
    return this.members.subarray(this.starts[index], this.starts[index + 1]);
  }
}

/** What batches have in common. */
interface Ground {
  readonly request: AuditRequest;
  readonly gathered: Gathered;
  readonly division: Division;
  readonly secrets: KnownSecrets;
  readonly problemsOf: ReadonlyMap<string, readonly Problem[]>;
  /** The policy, given what else is missing. */
  readonly policyFor: (problems: readonly Pick<Problem, 'source' | 'incomplete'>[]) => Policy;
  readonly hasRunners: boolean;
}

/** What all batches come to. */
export interface BatchesResult {
  readonly outcomes: Outcomes;
  /** For what is told of no source that was read. */
  readonly maskOf: (source: string) => Mask;
  /** A digest of all texts, of an audit that several processes share. */
  readonly contents: string;
  /** Problems of gathering that are about no source that was read. */
  readonly problems: readonly Problem[];
}

/**
 * Judges batch after batch. A secret that is known from a later one is hidden in earlier ones, too: those that hold it are judged
 * again.
 */
export function judgeBatches(
  request: AuditRequest,
  gathered: Gathered,
  division: Division,
  policyFor: Ground['policyFor'],
  progress: Progress = silently,
): BatchesResult {
  const { deployments, batches } = division;
  const secrets = new KnownSecrets();
  const own = placelessSecrets(request.ownSecrets ?? []);
  secrets.add([...deployments.secrets, ...own]);
  const problemsOf = problemsBySource(gathered.problems, division.sources);
  const ground: Ground = {
    ...{ request, gathered, division, secrets, problemsOf, policyFor },
    hasRunners: deployments.installation.settings.some(isOfRunner),
  };
  const rules = new Map(request.rules.map((rule) => [rule.id, rule]));
  const { linesOf, tellsWays } = request;
  const store = (request.store ?? memoryStore)();
  const outcomes = new Outcomes(request.rules, request.familyOf, store, linesOf);
  const { shard } = request;
  const shares = shard && sharesOf(batches, shard.of);
  const isOurs = (batch: number): boolean => shares === undefined || shares[batch] === shard?.index;
  const contents = new Contents();
  const put = (index: number, batch: Batch, { text }: Pick<KeptRecord, 'text'>): void => {
    outcomes.put({ batch: index, orders: batches.ordersOf(index, batch.sources), text });
    unwrittenAt.set(index, text.unwritten === '' ? nowhere : store.append(text.unwritten));
  };
  const knownBefore = new NumberList();
  const searchedWith: (Searched | undefined)[] = [];
  const unwrittenAt = new TextPlaces();
  const judged = (batch: Batch, around: Ground['gathered']['repositoryAt'] = gathered.repositoryAt) => {
    const unwritten = new Unwritten(batch.sources);
    const { outcome, applied, hidden } = judgeBatch(batch, ground, around, unwritten);
    const text = textOfRecord(recordOf(outcome, rules, tellsWays), linesOf && linesIn(outcome, linesOf));
    return {
      text: { ...text, unwritten: unwritten.text() },
      ...{ outcome, identities: applied.identities },
      hidden: unwritten.isHidden ? undefined : hidden,
    };
  };
  const unwrittenOf = (index: number): string => store.read(unwrittenAt.of(index));
  const cached = cachedRecords(ground);
  const keys = new Map<number, string>();
  /** Of what was kept by an earlier run, where secrets stood in its files. */
  const stamps: (string | undefined)[] = [];
  /** Of how many secrets that was seen to be so. */
  const rightOf: number[] = [];
  /** What is kept when all secrets are known. */
  const judgedNow = new Map<number, { readonly key: string; readonly hidden: readonly HiddenPlace[] }>();
  // What an interrupted run leaves is written before its end, and must not wait for a secret that comes later either.
  const isEarly = request.cache?.isEarly === true;
  if (isEarly) for (const each of batches) learn(withTexts(each, ground));
  const templates = new Templates();
  for (const [index, each] of batches.entries()) {
    if (!isOurs(index)) {
      const batch = withTexts(each, ground);
      contents.add(batch);
      learn(batch);
      continue;
    }
    if (index % batchesAStep === 0) progress('judging', { done: index, of: batches.length, what: 'installations' });
    const batch = withTexts(each, ground);
    if (shard) contents.add(batch);
    const key = cached?.keyOf(batch);
    if (key !== undefined) keys.set(index, key);
    const kept = key === undefined ? undefined : cached?.get(key, store);
    if (kept) {
      secrets.add(kept.hidden.flatMap((place) => secretAt(batch, place)));
      outcomes.place(index, batches.ordersOf(index, batch.sources), kept.places);
      unwrittenAt.set(index, kept.unwritten);
      stamps[index] = kept.stamp;
      // What has to be read again for it is searched now: that may do.
      const isRead = batch.sources.some((source, number) => source !== each.sources[number]);
      if (isRead && cached?.stampOf(batch) === kept.stamp) rightOf[index] = secrets.size;
      continue;
    }
    const made = textOf(batch);
    put(index, batch, made);
    if (key !== undefined && made.hidden) {
      if (isEarly) cached?.put(key, batch, { text: made.text, hidden: made.hidden });
      else judgedNow.set(index, { key, hidden: made.hidden });
    }
    knownBefore.set(index, made.known);
    searchedWith[index] = made.searched;
  }
  for (const [index, each] of batches.entries()) {
    const known = knownBefore.at(index);
    const stamp = stamps[index];
    if (!isOurs(index) || (known >= secrets.size && stamp === undefined)) continue;
    // Of equal texts, one is read and searched.
    const searched = searchedWith[index];
    const isClean = searched?.cleanOf === secrets.size;
    if (isClean && !each.sources.some(({ name }) => secrets.holdsLater(name, known))) continue;
    const isRight = rightOf[index] === secrets.size;
    const batch = secrets.size > 0 && !isRight ? withTexts(each, ground) : each;
    const isStale =
      stamp === undefined ? holdsLater(batch, known, secrets) : !isRight && cached?.stampOf(batch) !== stamp;
    if (!isStale && !secrets.holdsLater(unwrittenOf(index), known)) {
      if (searched) searched.cleanOf = secrets.size;
      continue;
    }
    const made = judged(withTexts(each, ground));
    put(index, batch, made);
    const key = keys.get(index);
    if (key === undefined) continue;
    // What was kept was masked without knowing all, or more than is known now.
    cached?.drop(key);
    judgedNow.delete(index);
    if (made.hidden) judgedNow.set(index, { key, hidden: made.hidden });
  }
  for (const [index, { key, hidden }] of judgedNow) {
    const batch = withTexts(batches.at(index), ground);
    // Nothing is kept under the key of what the file was before.
    if (cached?.keyOf(batch) === key)
      cached.put(key, batch, { text: { ...outcomes.textOf(index), unwritten: unwrittenOf(index) }, hidden });
  }
  if (secrets.size > 0) cached?.sweep();
  const everything = maskFor(own, secrets.index);
  return { outcomes, maskOf: () => everything, problems: problemsOf.get('') ?? [], contents: contents.digest() };

  /** Of what others judge, the secrets have to be known: they may stand in what is judged here. */
  function learn(batch: Batch): void {
    const pipelines = batch.sources.filter(({ form }) => form === 'drone');
    for (const source of pipelines) {
      if (!contents.isNew(source)) continue;
      for (const { reading } of readGroups([source], gathered.lookup)) secrets.add(reading.secrets);
    }
  }

  /** The record of a batch, judged now or with one of equal texts. */
  function textOf(
    batch: Batch,
  ): Omit<KnownTemplate, 'record' | 'searched'> & { readonly text: MadeText; readonly searched?: Searched } {
    const alike = namesMatter(batch, ground)
      ? undefined
      : anonymous(batch.sources, gathered.repositoryAt, (name) => secrets.isShown(name));
    if (!alike) {
      const { text, hidden } = judged(batch);
      return { text, hidden, known: secrets.size };
    }
    const known = templates.of(alike.key);
    const { record, ...rest } = known ?? judgedAlike(alike);
    if (!known) templates.add(alike.key, { record, ...rest });
    return { text: filledTemplate(record, alike.names), ...rest };
  }

  function judgedAlike({ renamed }: Anonymous): KnownTemplate {
    const { sources, standIns, repositoryAt } = renamed(secrets.digest);
    const { text, outcome, identities, hidden } = judged({ sources, groups: [], lost: [] }, repositoryAt);
    const hashed = new Map(identities);
    if (linesOf) for (const { group, toldWith } of outcome.findings) hashed.set(group, toldWith);
    return { record: templateOf(text, standIns, hashed), known: secrets.size, hidden, searched: {} };
  }
}

/** Problems by the source that they are about; those about none that was read by an empty name. */
function problemsBySource(
  problems: readonly Problem[],
  sources: readonly Source[],
): ReadonlyMap<string, readonly Problem[]> {
  const told = new Set(problems.map(({ source }) => source));
  const read = new Set(sources.flatMap(({ name }) => (told.has(name) ? [name] : [])));
  return groupedBy(problems, ({ source }) => (read.has(source) ? source : ''));
}

/** What the texts of batches are, in their order. */
class Contents {
  private readonly hash = createHash('sha256');
  private readonly known = new Set<string>();

  add({ sources, lost }: Batch): void {
    for (const { name, text } of sources) this.hash.update(JSON.stringify([name, text.length])).update(text);
    for (const { source } of lost) this.hash.update(JSON.stringify([source]));
  }

  /** Whether a text was not asked for before. */
  isNew({ text }: Source): boolean {
    const digest = createHash('sha256').update(text).digest('base64');
    if (this.known.has(digest)) return false;
    this.known.add(digest);
    return true;
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

interface KnownTemplate {
  readonly record: RecordTemplate;
  /** How many secrets were known when it was made. */
  readonly known: number;
  readonly hidden: Judged['hidden'];
  readonly searched: Searched;
}

/** What is known of texts that several batches have: of how many secrets they hold none that became known later. */
interface Searched {
  cleanOf?: number;
}

/** Where a secret stands: in which source of a batch, and from where to where in that. */
type HiddenPlace = readonly [source: number, start: number, end: number];

function secretAt({ sources }: Batch, [index, start, end]: HiddenPlace): readonly SecretPlace[] {
  const source = sources[index];
  return source ? [{ source, path: '', span: { start, end } }] : [];
}

/** What is kept before a record: where secrets stood in its files, and where those stand that it makes known. */
type KeptHead = readonly [stamp: string, hidden: readonly HiddenPlace[]];

const nowhere: TextPlace = [0, 0];

/** A record as it is kept: of the secrets that its batch makes known, no more than where they stand. */
interface KeptRecord {
  readonly text: MadeText;
  readonly hidden: readonly HiddenPlace[];
}

/** The same in a store, with where secrets stood in its files. */
interface StoredRecord extends Pick<KeptRecord, 'hidden'> {
  readonly stamp: string;
  /** Of its parts, in their order. */
  readonly places: readonly TextPlace[];
  readonly unwritten: TextPlace;
}

/** The records that earlier runs left of pipelines; of deployments none, because they have to be read in any case. */
function cachedRecords({ request: { cache }, gathered, problemsOf, secrets, hasRunners }: Ground) {
  if (!cache) return undefined;
  const missing = gathered.problems.filter(({ incomplete }) => incomplete).map(({ source }) => source);
  const terms = JSON.stringify([cache.terms, hasRunners, missing.sort()]);
  const common = createHash('sha256').update(terms).digest('hex');
  /** Where secrets stand in files, and whether their names are shown: what is said of them is masked by that. */
  const stampOf = ({ sources }: Batch): string =>
    JSON.stringify(
      sources.map(({ name, text }) => [secrets.spansIn(text), secrets.spansIn(name), secrets.isShown(name)]),
    );
  // Most have none: one text for all of them.
  const stampsSeen = memoize((stamp) => stamp);
  return {
    keyOf: (batch: Batch): string | undefined => {
      if (!isPipelinesAlone(batch, problemsOf)) return undefined;
      const hash = createHash('sha256').update(common);
      for (const { text, repository, ...rest } of batch.sources) {
        const from = repository === undefined ? null : gathered.repositoryAt(repository);
        hash.update(JSON.stringify([rest, from, text.length]));
        hash.update(text);
      }
      return hash.digest('hex');
    },
    get: (key: string, store: TextStore): StoredRecord | undefined => {
      const kept = cache.records.get(key);
      if (!kept) return undefined;
      const {
        bytes,
        lengths: [length = 0, ...lengths],
      } = kept;
      const [stamp, hidden]: KeptHead = JSON.parse(bytes.toString('utf8', 0, length));
      const places = store.appendAll({ bytes: bytes.subarray(length), lengths });
      return {
        ...{ stamp: stampsSeen(stamp), hidden, unwritten: places[recordParts.length] ?? nowhere },
        places,
      };
    },
    put: (key: string, batch: Batch, { text, hidden }: KeptRecord): void => {
      const of = createHash('sha256')
        .update(JSON.stringify([common, batch.sources.map(({ name }) => name)]))
        .digest('hex');
      const head: KeptHead = [stampOf(batch), hidden];
      cache.records.put(key, of, [JSON.stringify(head), ...recordParts.map((part) => text[part]), text.unwritten]);
    },
    stampOf,
    /** Drops what earlier runs kept of other files, or with other options, without knowing a secret in it. */
    sweep: (): void => cache.records.sweep((text) => secrets.holdsLater(text, 0)),
    drop: (key: string): void => cache.records.drop(key),
  };
}

/** How much of templates is kept (UTF-16 units). */
const maxTemplates = 8_000_000;

/** The templates that were used last. */
class Templates {
  private readonly byKey = new Map<string, KnownTemplate>();
  private size = 0;

  of(key: string): KnownTemplate | undefined {
    const found = this.byKey.get(key);
    if (found) {
      this.byKey.delete(key);
      this.byKey.set(key, found);
    }
    return found;
  }

  add(key: string, template: KnownTemplate): void {
    this.byKey.set(key, template);
    this.size += template.record.size;
    for (const [oldest, { record }] of this.byKey) {
      if (this.size <= maxTemplates) break;
      this.byKey.delete(oldest);
      this.size -= record.size;
    }
  }
}

/** Whether what is said of a batch depends on the names of its files, or on more than their texts. */
function namesMatter(batch: Batch, { request, problemsOf }: Ground): boolean {
  const { ignores, severities, acceptances } = request.policy;
  const entries = ignores.length + severities.length + acceptances.length + (request.joined ?? []).length;
  return entries > 0 || !isPipelinesAlone(batch, problemsOf);
}

/** Whether a batch is pipelines and nothing else, and nothing else is to be said of them. */
function isPipelinesAlone({ sources, groups, lost }: Batch, problemsOf: Ground['problemsOf']): boolean {
  return (
    groups.length + lost.length === 0 && sources.every(({ name, form }) => form === 'drone' && !problemsOf.has(name))
  );
}

/** A batch with the texts of all its pipelines. */
function withTexts({ sources, groups }: Batch, { gathered }: Ground): Batch {
  return { groups, ...readLater(sources, gathered) };
}

/** Sources with the texts that were not kept, and what is to be said of those that are there no more. */
export function readLater(
  sources: readonly Source[],
  { later, reread }: Pick<Gathered, 'later' | 'reread'>,
): Pick<Batch, 'sources' | 'lost'> {
  const lost: Problem[] = [];
  const read = sources.flatMap((source): Source[] => {
    const again = later.has(source) ? reread(source) : source;
    if ('text' in again) return [again];
    lost.push(again);
    return [];
  });
  return { sources: read, lost };
}

/** How many batches are judged between two words about it. */
const batchesAStep = 32;

interface Judged {
  readonly outcome: Outcome;
  readonly applied: PolicyResult;
  /** Where the secrets stand that are hidden elsewhere, too; undefined where that cannot be told of the sources. */
  readonly hidden: readonly HiddenPlace[] | undefined;
}

function judgeBatch(
  { sources, groups, lost }: Batch,
  ground: Ground,
  repositoryAt: Gathered['repositoryAt'],
  unwritten: Unwritten,
): Judged {
  const { request, gathered, division, secrets, problemsOf, policyFor, hasRunners } = ground;
  const pipelines = sources.filter(({ form }) => form === 'drone');
  const all = [...groups, ...readGroups(pipelines, gathered.lookup)].sort((a, b) => a.rank - b.rank);
  const understood = joinGroups(sources, all);
  const hidden = secrets.add(understood.secrets) ? placesIn(sources, understood.secrets) : [];
  // Of pipelines alone nothing else decides; where there are deployments, all of them may.
  const parts = installationsOf(understood, request.joined, groups.length > 0 ? division.bonds : undefined);
  const index = secrets.watched((text, isHidden) => unwritten.add(text, isHidden));
  const maskOf = masksOf(parts, understood.secrets, index);
  const { rules, every = rules, familyOf, site } = request;
  const policy = policyFor(understood.problems);
  const terms: Terms = { rules, every, familyOf, site, hasRunners, maskOf, policy };
  const judged = judgeParts(parts, understood, terms);
  const problems = [...sources.flatMap(({ name }) => problemsOf.get(name) ?? []), ...lost];
  const { applied } = judged;
  return { outcome: outcomeOf(parts, understood, judged, terms, { problems, repositoryAt }), applied, hidden };
}

function placesIn(sources: readonly Source[], secrets: readonly SecretPlace[]): Judged['hidden'] {
  const places: HiddenPlace[] = [];
  for (const { source, span, onlyHere } of secrets) {
    if (onlyHere) continue;
    const index = sources.findIndex(({ name, text }) => name === source.name && text === source.text);
    if (index < 0) return undefined;
    places.push([index, span.start, span.end]);
  }
  return places;
}

/** Whether a batch holds a secret that became known when so many were. */
function holdsLater({ sources }: Batch, known: number, secrets: KnownSecrets): boolean {
  return sources.some(({ name, text }) => secrets.holdsLater(text, known) || secrets.holdsLater(name, known));
}

/** Secrets that are known and stand nowhere. */
export function placelessSecrets(values: readonly string[]): readonly SecretPlace[] {
  return values.map((text) => ({
    source: { name: '', form: 'env' as const, text },
    path: '',
    span: { start: 0, end: text.length },
  }));
}
