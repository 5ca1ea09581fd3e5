import { createHash } from 'node:crypto';
import { compare } from './model/compare.ts';
import { addTo, groupedBy } from './model/groups.ts';
import { atLeast, bySeverity, type Severity, severities } from './model/severity.ts';

/** What is compared of a finding. Nothing in it is secret. */
export interface KnownFinding {
  readonly file: string;
  readonly rule: string;
  /** The path of keys, as reports show it. */
  readonly at: string;
  readonly severity: Severity;
  /** Of everything that makes it this finding and no other, but its file, its place in lists, and its severity. */
  readonly id: string;
  /** Its further places, sorted: an id each, with the severity of the place where it is less severe; absent where it has none. */
  readonly places?: readonly string[];
}

/** A finding that was there before. */
export interface BaselineEntry extends KnownFinding {
  /** Why somebody accepted it, and until which day; absent where it is merely old. */
  readonly accepted?: { readonly reason: string; readonly until?: string };
  /** What people wrote about it, above and beside it, with its `#`. */
  readonly comments?: readonly string[];
  /** A config accepted it, or part of it, where it was: it is known in its own file alone. */
  readonly bound?: boolean;
  /** Not shown before: known all the same, but nobody is told that it is fixed. */
  readonly hidden?: boolean;
  /** Line in the baseline, from 1. */
  readonly line: number;
}

/** What findings are compared with: a file that people keep, or what was so in another commit. */
export interface Baseline {
  readonly kind: 'file' | 'commit';
  /** As reports show it. */
  readonly name: string;
  readonly entries: readonly BaselineEntry[];
  /** Whether it lies in what is audited: then a policy decides what it may know. */
  readonly isAudited?: boolean;
  /**
   * What is known of a file today: `unknown` if it was not looked at, or not understood; `unseen` if it is gone, and what was
   * in it may be where nothing was read.
   */
  readonly stateOf: (file: string) => 'read' | 'gone' | 'unseen' | 'unknown';
  /** Whether a file was there then; absent where nobody knows. */
  readonly wasThere?: (file: string) => boolean;
  /** Whether a file is a pipeline that Drone runs by itself: what was elsewhere does more there. */
  readonly isDefaultPipeline?: (file: string) => boolean;
  /** Whether nobody can tell of a finding that is gone: what its rule found there before may be there still. */
  readonly isUndecided?: (entry: KnownFinding) => boolean;
  /** Rules that ran: of the others, nothing is known. */
  readonly ran: ReadonlySet<string>;
}

/** A finding of today; of equal ones, those that are `open` are told before others. */
export interface ComparedFinding extends KnownFinding {
  readonly open: boolean;
  readonly bound?: boolean;
  /** What of it is open, where that is not all: only this is written. */
  readonly left?: Pick<KnownFinding, 'at' | 'severity' | 'id' | 'places'>;
}

export interface Comparison {
  /** By the place of a finding in the list: the entry that knows it. */
  readonly known: ReadonlyMap<number, BaselineEntry>;
  /** By the place of a finding that is worse now, or has further places, and counts as new: the entry that it had. */
  readonly worse: ReadonlyMap<number, BaselineEntry>;
  /** Entries of which nothing is left. */
  readonly fixed: readonly BaselineEntry[];
  /** Accepted ones whose day has passed, so that they know nothing. */
  readonly ended: readonly BaselineEntry[];
  /** Entries of which this audit tells nothing: of other files, or of rules that did not run. */
  readonly untold: readonly BaselineEntry[];
  /** Whether a finding may be as bad as it was, though less is known of it now. */
  readonly isPartlyKnown?: (file: string) => boolean;
}

/** Not the names of pipelines, steps and services, which may be numbers. */
const placeInList = /(?<!\b(?:pipeline|steps|services))\[\d+\]/g;

/** What the parts of a finding come to: its rule, path of keys, subject and text, with secrets masked. */
export function findingId(rule: string, path: string, subject: string | undefined, text: string): string {
  // How long a secret is does not matter, nor where in a list something stands, nor whether one item is in a list at all.
  const place = path.replace(placeInList, '[]').replace(/\[\]$/, '');
  const parts = [rule, place, subject ?? '', text].map((part) =>
    part
      .replace(/\u2022+/g, '•')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return shortHash(parts.join('\n'));
}

/** A short identity of a text, as findings and their groups have it. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The ids of the places of a finding, in order; of equal ones, each is another. */
export function distinctIds(ids: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : shortHash(`${id}\n${count}`);
  });
}

/** A place of a finding, as a baseline knows it. */
export interface KnownPlace {
  readonly id: string;
  readonly severity: Severity;
}

/**
 * What a finding with these places, the first of which is its own, is known by. They may stand for each other: once the first
 * place is mended, the next one is the first.
 */
export function knownBy([first, ...others]: readonly KnownPlace[]): Pick<KnownFinding, 'id' | 'places'> {
  const { id = '', severity: own } = first ?? {};
  const places = others.map(({ id, severity }) => (severity === own ? id : `${id} ${severity}`));
  return { id, ...(places.length > 0 ? { places: places.sort() } : {}) };
}

/** Whether a finding has all places of another, each as severe. */
export function hasAllOf(finding: KnownFinding, other: KnownFinding): boolean {
  const known = severitiesById(finding);
  return placesIn(other).every(({ id, severity }) => covers(known.get(id), severity));
}

/** Whether what is known of a place is as bad as it is. */
export function covers(known: Severity | undefined, severity: Severity): boolean {
  return known !== undefined && atLeast(known, severity);
}

/** All places of a finding, its own first. */
function placesIn({ id, severity, places = [] }: KnownFinding): readonly KnownPlace[] {
  return [
    { id, severity },
    ...places.map((place) => {
      const [id = '', own] = place.split(' ');
      return { id, severity: severities.find((each) => each === own) ?? severity };
    }),
  ];
}

/** How severe each place of a finding is, by its id. */
export function severitiesById(finding: KnownFinding): ReadonlyMap<string, Severity> {
  return new Map(placesIn(finding).map(({ id, severity }) => [id, severity]));
}

function idsIn(finding: KnownFinding): readonly string[] {
  return placesIn(finding).map(({ id }) => id);
}

/**
 * Compares findings with a baseline. Each entry knows one finding: the same in the same file, else, unless people accepted
 * it there, the same in another file if its own is gone, or if the other had none before (docs/decisions/0015). What is worse than it was is new. `today`:
 * `2026-11-21`.
 */
export function compareWith(
  { entries, stateOf, isDefaultPipeline = () => false, isUndecided = () => false, ran }: Baseline,
  findings: readonly ComparedFinding[],
  today: string,
): Comparison {
  const known = new Map<number, BaselineEntry>();
  const worse = new Map<number, BaselineEntry>();
  const used = new Set<BaselineEntry>();
  const hasEnded = ({ accepted }: BaselineEntry): boolean => accepted?.until !== undefined && accepted.until < today;
  const valid = entries.filter((entry) => !hasEnded(entry));
  const filesBefore = new Set(entries.map(({ file }) => file));
  const isNewFile = (index: number): boolean => !filesBefore.has(findings[index]?.file ?? '');
  match((entry) => [allOf(entry)]);
  match(({ id }) => [id]);
  // The first place was mended, or another one is the first now.
  match(idsIn);
  matchPlaces();
  const left = valid.filter((entry) => !used.has(entry));
  const isTold = (entry: BaselineEntry): boolean =>
    ran.has(entry.rule) && /^(?:read|gone)$/.test(stateOf(entry.file)) && !isUndecided(entry);
  return {
    known,
    worse,
    fixed: left.filter((entry) => isTold(entry) && !entry.hidden),
    ended: entries.filter(hasEnded),
    untold: left.filter((entry) => !isTold(entry)),
  };

  /** Pairs what has a key in common. */
  function match(keysOf: (finding: KnownFinding) => readonly string[]): void {
    const entriesOf = new Map<string, BaselineEntry[]>();
    for (const entry of valid)
      if (!used.has(entry)) for (const key of keysOf(entry)) addTo(entriesOf, `${entry.rule}\n${key}`, entry);
    const indexesOf = new Map<string, number[]>();
    for (const [index, finding] of findings.entries())
      if (!known.has(index)) for (const key of keysOf(finding)) addTo(indexesOf, `${finding.rule}\n${key}`, index);
    for (const [key, same] of entriesOf) {
      const indexes = indexesOf.get(key) ?? [];
      const inFile = groupedBy(indexes, (index) => findings[index]?.file);
      for (const [file, its] of groupedBy(same, (entry) => entry.file)) pair(its, inFile.get(file) ?? []);
      // What people accepted, they accepted there.
      const old = same.filter(({ accepted, bound }) => accepted === undefined && !bound);
      // A file that was renamed is more likely one that had nothing before.
      const gone = old.filter(({ file }) => /^(?:gone|unseen)$/.test(stateOf(file)));
      pairMoved(gone, indexes.filter(isNewFile));
      pairMoved(gone, indexes);
      const moved = old.filter(({ file }) => stateOf(file) === 'read');
      pairMoved(moved, indexes.filter(isNewFile));
    }
  }

  function pairMoved(same: readonly BaselineEntry[], indexes: readonly number[]): void {
    pair(
      same.filter(({ file }) => isDefaultPipeline(file)),
      indexes,
    );
    pair(
      same.filter(({ file }) => !isDefaultPipeline(file)),
      indexes.filter((index) => !isDefaultPipeline(findings[index]?.file ?? '')),
    );
  }

  /** Knows what all places of were in several entries, or in part of one: an alias joins findings, or takes them apart. */
  function matchPlaces(): void {
    const left = new Map<string, { readonly entry: BaselineEntry; readonly severity: Severity }>();
    const keyOf = ({ file, rule }: KnownFinding, id: string): string => `${file}\n${rule}\n${id}`;
    for (const entry of valid)
      for (const { id, severity } of placesIn(entry)) left.set(keyOf(entry, id), { entry, severity });
    for (const [index, finding] of findings.entries())
      if (known.has(index)) for (const id of idsIn(finding)) left.delete(keyOf(finding, id));
    for (const [index, finding] of findings.entries()) {
      if (known.has(index)) continue;
      const found = placesIn(finding).map(({ id, severity }) => {
        const place = left.get(keyOf(finding, id));
        return place && covers(place.severity, severity) ? place.entry : undefined;
      });
      const [entry] = found;
      if (!entry || found.includes(undefined)) continue;
      known.set(index, entry);
      worse.delete(index);
      for (const each of found) if (each) used.add(each);
      for (const id of idsIn(finding)) left.delete(keyOf(finding, id));
    }
  }

  /** Gives each entry a finding that is no worse than it was, and in no further place: the worst first, so that most are known. */
  function pair(same: readonly BaselineEntry[], indexes: readonly number[]): void {
    const free = same.filter((entry) => !used.has(entry)).sort(inOrder);
    const open = indexes
      .filter((index) => !known.has(index))
      .flatMap((index) => {
        const finding = findings[index];
        return finding ? [{ index, finding }] : [];
      })
      .sort((a, b) => inOrder(a.finding, b.finding) || Number(b.finding.open) - Number(a.finding.open));
    let next = 0;
    const left = open.filter(({ index, finding }) => {
      const entry = free[next];
      if (!entry || !hasAllOf(entry, finding)) return true;
      known.set(index, entry);
      worse.delete(index);
      used.add(entry);
      next++;
      return false;
    });
    for (const [place, entry] of free.slice(next).entries()) {
      const index = left[place]?.index;
      if (index === undefined) break;
      if (worse.has(index)) continue;
      worse.set(index, entry);
      used.add(entry);
    }
  }
}

/** Of findings, what those that they were compared with had too: no worse than in either, and in no further place. */
export function inBoth({ known, worse }: Comparison, findings: readonly ComparedFinding[]): readonly ComparedFinding[] {
  return findings.flatMap((finding, index) => {
    if (known.has(index)) return [finding];
    const before = worse.get(index);
    if (!before) return [];
    const places = severitiesById(before);
    const common = placesIn(finding).flatMap(({ id, severity }) => {
      const was = places.get(id);
      return was === undefined ? [] : [{ id, severity: atLeast(severity, was) ? was : severity }];
    });
    const [first] = common;
    if (!first) return [];
    // An entry is as severe as its own place.
    const worst = common.map(({ severity }) => severity).sort(bySeverity)[0] ?? first.severity;
    return [
      {
        ...finding,
        places: undefined,
        severity: worst,
        ...knownBy([{ ...first, severity: worst }, ...common.slice(1)]),
      },
    ];
  });
}

function allOf(finding: KnownFinding): string {
  return idsIn(finding).join(' ');
}

/** The most severe first; those that are accepted before those that are merely old. */
function inOrder(
  one: KnownFinding & { readonly accepted?: unknown },
  other: KnownFinding & { readonly accepted?: unknown },
): number {
  return (
    bySeverity(one.severity, other.severity) ||
    Number(other.accepted !== undefined) - Number(one.accepted !== undefined)
  );
}

/** By file, rule and path of keys, so that a change of one finding changes one line. */
export function byFileAndRule(one: KnownFinding, other: KnownFinding): number {
  return (
    compare(one.file, other.file) ||
    compare(one.rule, other.rule) ||
    compare(one.at, other.at) ||
    compare(allOf(one), allOf(other)) ||
    bySeverity(one.severity, other.severity)
  );
}

/**
 * The entries that a baseline has once today's findings are written into it. What people accepted stays as they wrote it,
 * and is theirs to renew where its day has passed or it became worse; what is untold stays, too. `open` are findings that
 * neither a comment nor a config suppresses.
 */
export function updatedEntries(
  { known, worse, ended, untold, isPartlyKnown = () => false }: Omit<Comparison, 'fixed'>,
  findings: readonly ComparedFinding[],
): readonly BaselineEntry[] {
  const kept: BaselineEntry[] = [...ended, ...untold];
  const written: BaselineEntry[] = [];
  const renewable = new Map([...groupedBy(ended, placeOf)].map(([place, { length }]) => [place, length]));
  for (const [index, finding] of findings.entries()) {
    const { file, rule, at, severity, id, places, open, left } = finding;
    const entry = known.get(index);
    const before = entry ?? worse.get(index);
    if (before?.accepted) {
      kept.push(entry ? { ...entry, file, at, id, places } : before);
      continue;
    }
    if (!open) continue;
    const renewals = renewable.get(placeOf(finding)) ?? 0;
    if (renewals > 0) renewable.set(placeOf(finding), renewals - 1);
    else {
      const now = left ?? { at, severity, id, places };
      const was = entry && isPartlyKnown(file) && atLeast(entry.severity, now.severity) ? entry.severity : now.severity;
      written.push({ file, rule, ...now, severity: was, line: 0, comments: before?.comments });
    }
  }
  return [...kept, ...written].sort(byFileAndRule);
}

function placeOf({ file, rule, id }: KnownFinding): string {
  return `${file}\n${rule}\n${id}`;
}
