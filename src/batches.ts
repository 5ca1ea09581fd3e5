import { createHash } from 'node:crypto';
import type { Policy, PolicyResult } from './apply-policy.ts';
import type { AuditRequest } from './audit-request.ts';
import { type Anonymous, anonymous, filledTemplate, type RecordTemplate, templateOf } from './equal-texts.ts';
import type { Gathered } from './gather.ts';
import { Bonds, bondsOf, installationsOf, masksOf } from './installations.ts';
import { addTo } from './model/groups.ts';
import { type Progress, silently } from './model/progress.ts';
import type { Problem } from './model/report.ts';
import { amount, listOf, tuple } from './model/shape.ts';
import type { SecretPlace, Source } from './model/source.ts';
import { memoryStore } from './model/text-store.ts';
import { isOfRunner, judgeParts, type Outcome, outcomeOf, type Terms } from './outcome.ts';
import { recordOf } from './outcome-record.ts';
import {
  isTextOfRecord,
  linesIn,
  type MadeText,
  Outcomes,
  type RecordText,
  recordParts,
  TextPlaces,
  textOfRecord,
} from './outcomes.ts';
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
  readonly batches: readonly Batch[];
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
  const groupsOf = new Map<string, RankedGroup[]>();
  for (const group of groups) {
    const [first] = group.own;
    if (first) addTo(groupsOf, batchOf.of(first), group);
  }
  const batches = new Map<string, Batch & { readonly sources: Source[] }>();
  for (const source of all) {
    const key = batchOf.of(source);
    const batch = batches.get(key);
    if (batch) batch.sources.push(source);
    else batches.set(key, { sources: [source], groups: groupsOf.get(key) ?? none, lost: none });
  }
  return { batches: [...batches.values()], deployments, sources: all, bonds };
}

/** Most batches have none of what others have: one list for all of them. */
const none: readonly never[] = [];

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
  const { deployments, batches, sources } = division;
  const secrets = new KnownSecrets();
  const own = placelessSecrets(request.ownSecrets ?? []);
  secrets.add([...deployments.secrets, ...own]);
  const problemsOf = new Map<string, Problem[]>();
  const read = new Set(sources.map(({ name }) => name));
  for (const problem of gathered.problems) addTo(problemsOf, read.has(problem.source) ? problem.source : '', problem);
  const ground: Ground = {
    ...{ request, gathered, division, secrets, problemsOf, policyFor },
    hasRunners: deployments.installation.settings.some(isOfRunner),
  };
  const orders = new Map(sources.map(({ name }, order) => [name, order]));
  const rules = new Map(request.rules.map((rule) => [rule.id, rule]));
  const { linesOf, tellsWays } = request;
  const store = (request.store ?? memoryStore)();
  const outcomes = new Outcomes(request.rules, request.familyOf, store, linesOf);
  const { shard } = request;
  const shares = shard && sharesOf(batches, shard.of);
  const isOurs = (batch: number): boolean => shares === undefined || shares[batch] === shard?.index;
  const contents = new Contents();
  const put = (index: number, { sources }: Batch, record: RecordText): void =>
    outcomes.put({ batch: index, orders: sources.map(({ name }) => orders.get(name) ?? 0), text: record });
  const knownBefore: number[] = [];
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
  const unwrittenOf = (index: number): string => (unwrittenAt.has(index) ? store.read(unwrittenAt.of(index)) : '');
  const cached = cachedRecords(ground);
  const keys = new Map<number, string>();
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
    const kept = key === undefined ? undefined : cached?.get(key, batch.sources.length);
    if (kept) secrets.add(kept.hidden.flatMap((place) => secretAt(batch, place)));
    const made = kept ? { text: kept.text, known: secrets.size } : textOf(batch);
    put(index, batch, made.text);
    if (key !== undefined) keys.set(index, key);
    if (key !== undefined && 'hidden' in made && made.hidden) {
      if (isEarly) cached?.put(key, batch, { text: made.text, hidden: made.hidden });
      else judgedNow.set(index, { key, hidden: made.hidden });
    }
    knownBefore[index] = made.known;
    if ('searched' in made) searchedWith[index] = made.searched;
    if (made.text.unwritten !== '') unwrittenAt.set(index, store.append(made.text.unwritten));
  }
  for (const [index, each] of batches.entries()) {
    const known = knownBefore[index] ?? 0;
    if (known >= secrets.size || !isOurs(index)) continue;
    // Of equal texts, one is read and searched.
    const searched = searchedWith[index];
    const isClean = searched?.cleanOf === secrets.size;
    if (isClean && !each.sources.some(({ name }) => secrets.holdsLater(name, known))) continue;
    const batch = withTexts(each, ground);
    if (!secrets.holdsLater(unwrittenOf(index), known) && !holdsLater(batch, known, secrets)) {
      if (searched) searched.cleanOf = secrets.size;
      continue;
    }
    put(index, batch, judged(batch).text);
    // What was kept was masked without knowing all.
    const key = keys.get(index);
    if (key !== undefined) cached?.drop(key);
    judgedNow.delete(index);
  }
  for (const [index, { key, hidden }] of judgedNow) {
    const batch = batches[index];
    if (batch) cached?.put(key, batch, { text: { ...outcomes.textOf(index), unwritten: unwrittenOf(index) }, hidden });
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

/** A record as it is kept: of the secrets that its batch makes known, no more than where they stand. */
interface KeptRecord {
  readonly text: MadeText;
  readonly hidden: readonly HiddenPlace[];
}

/** Stands before what no source has as it is: no line of JSON has it. */
const beforeUnwritten = '\x1d';

/** The records that earlier runs left of pipelines; of deployments none, because they have to be read in any case. */
function cachedRecords({ request: { cache }, gathered, problemsOf, secrets, hasRunners }: Ground) {
  if (!cache) return undefined;
  const missing = gathered.problems.filter(({ incomplete }) => incomplete).map(({ source }) => source);
  const terms = JSON.stringify([cache.terms, hasRunners, missing.sort()]);
  const common = createHash('sha256').update(terms).digest('hex');
  return {
    keyOf: (batch: Batch): string | undefined => {
      if (!isPipelinesAlone(batch, problemsOf)) return undefined;
      const hash = createHash('sha256').update(common);
      for (const { text, repository, ...rest } of batch.sources) {
        const from = repository === undefined ? null : gathered.repositoryAt(repository);
        hash.update(JSON.stringify([rest, from, text.length, secrets.spansIn(text), secrets.isShown(rest.name)]));
        hash.update(text);
      }
      return hash.digest('hex');
    },
    get: (key: string, sources: number): KeptRecord | undefined => {
      const kept = cache.records.get(key);
      try {
        const record = kept === undefined ? undefined : recordIn(kept, sources, cache.isRecord);
        if (record === undefined || !secrets.holdsLater(record.text.unwritten, 0)) return record;
        // What it says would be masked otherwise today.
        cache.records.drop(key);
        return undefined;
      } catch {
        // What is no JSON was not put there.
        return undefined;
      }
    },
    put: (key: string, { sources }: Batch, { text, hidden }: KeptRecord): void => {
      const of = createHash('sha256')
        .update(JSON.stringify([common, sources.map(({ name }) => name)]))
        .digest('hex');
      cache.records.put(
        key,
        of,
        `${[JSON.stringify(hidden), ...recordParts.map((part) => text[part])].join('\n')}${beforeUnwritten}${text.unwritten}`,
      );
    },
    /** Drops what earlier runs kept of other files, or with other options, without knowing a secret in it. */
    sweep: (): void => cache.records.sweep((text) => secrets.holdsLater(text, 0)),
    drop: (key: string): void => cache.records.drop(key),
  };
}

const isHidden = listOf(tuple(amount, amount, amount));

/** A record as it was kept; undefined for what is none, or does not agree with itself. Throws for what is no JSON. */
function recordIn(
  kept: string,
  sources: number,
  isRecord: NonNullable<AuditRequest['cache']>['isRecord'],
): KeptRecord | undefined {
  const [placed = '', summary = '', listing = '', found = '', texts = '', ways = '', ...rest] = kept.split('\n');
  const behind = rest.join('\n');
  const end = behind.indexOf(beforeUnwritten);
  if (end < 0) return undefined;
  const [lines, unwritten] = [behind.slice(0, end), behind.slice(end + beforeUnwritten.length)];
  const text: MadeText = { summary, listing, found, texts, ways, lines, unwritten };
  const hidden: unknown = JSON.parse(placed);
  const isWhole = isTextOfRecord(text, (summary, details) => isRecord(summary, details, sources));
  return isHidden(hidden) && isWhole ? { text, hidden: hidden as readonly HiddenPlace[] } : undefined;
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
