import type { SeverityChange } from './config-entries.ts';
import type { Verdict } from './judge.ts';
import { addTo, groupedBy } from './model/groups.ts';
import type { Remark } from './model/remark.ts';
import { type AnyRule, alsoAt, type Hit, hitAt } from './model/rule.ts';
import { atLeast, type Confidence, type Severity, worstFirst } from './model/severity.ts';
import type { Location } from './model/source.ts';
import { joinIds } from './model/standard-ids.ts';
import { distinct, joinTexts, say, type Text, textKey } from './model/text.ts';

/** A hit that is becoming a finding: nothing in it is masked yet. */
export interface PendingFinding {
  readonly verdict: Verdict;
  readonly rule: AnyRule;
  readonly at: Location;
  readonly severity: Severity;
  /** Without what the audited repository itself says of it. */
  readonly locked: Severity;
  /** What gave it another severity than `stated`. */
  readonly change?: SeverityChange;
  readonly stated: Severity;
  readonly confidence: Confidence;
  readonly message: Text;
  readonly label: Text;
  readonly related: readonly Remark[];
  readonly reach: Hit['reach'];
  readonly owner: string;
  readonly subject: string | undefined;
  readonly pedantic: boolean;
  readonly cisDocker: Hit['cisDocker'];
  /** What it is told instead of: whoever accepts it accepts that, too. */
  readonly instead?: readonly PendingFinding[];
}

/**
 * Of the hits, what can become a finding: one for each fault and place. `superseded` has those that another rule tells, with
 * what tells them, which may be superseded itself.
 */
export function pendingFindings(
  verdicts: readonly Verdict[],
  isShown: (finding: PendingFinding) => boolean,
): {
  readonly taking: readonly PendingFinding[];
  readonly superseded: ReadonlyMap<PendingFinding, PendingFinding>;
} {
  const every = merge(verdicts.map(draft));
  const superseded = supersededAmong(every, isShown);
  const instead = new Map<PendingFinding, PendingFinding[]>();
  for (const [each, by] of superseded) addTo(instead, lastOf(by, superseded), each);
  const taking = every
    .filter((each) => !superseded.has(each))
    .map((each) => (instead.has(each) ? { ...each, instead: instead.get(each) } : each));
  return { taking, superseded };
}

/** What supersedes in the end, if one superseded finding supersedes another. */
export function lastOf(first: PendingFinding, superseded: ReadonlyMap<PendingFinding, PendingFinding>): PendingFinding {
  const passed = new Set<PendingFinding>();
  let last = first;
  for (let by = superseded.get(last); by && !passed.has(by); by = superseded.get(last)) {
    passed.add(by);
    last = by;
  }
  return last;
}

/** What a hit says itself, without what the rule's artefact adds. */
export function said(
  rule: AnyRule,
  hit: Hit,
): Pick<PendingFinding, 'severity' | 'locked' | 'stated' | 'message' | 'related' | 'reach'> {
  const severity = hit.severity ?? rule.severity;
  return {
    severity,
    locked: severity,
    stated: severity,
    message: hit.message,
    related: hit.related ?? [],
    reach: hit.reach,
  };
}

function draft(verdict: Verdict): PendingFinding {
  const { rule, artifact, hit } = verdict;
  return {
    verdict,
    rule,
    at: hit.at,
    ...said(rule, hit),
    confidence: hit.confidence ?? rule.confidence,
    label: hit.of?.label ?? artifact.label,
    owner: hit.of?.owner ?? artifact.owner,
    subject: hit.subject,
    pedantic: rule.pedantic === true || hit.pedantic === true,
    cisDocker: hit.cisDocker,
  };
}

/** How many more components with the same fault are named beside the first. */
const maxLabels = 9;

function relatedKey({ at, message }: PendingFinding['related'][number]): string {
  return `${at.source.name}\n${at.span.start}\n${textKey(message)}`;
}

/** One fault found through two components (a shared env file) is one finding that names both. */
function merge(drafts: readonly PendingFinding[]): readonly PendingFinding[] {
  const byPlaceAndRule = new Map<string, PendingFinding[]>();
  for (const each of drafts) {
    const { rule, at, subject } = each;
    addTo(byPlaceAndRule, `${rule.id}\n${at.source.name}\n${at.span.start}\n${at.span.end}\n${subject ?? ''}`, each);
  }
  return [...byPlaceAndRule.values()].map((same) => {
    const [worst, ...others] = same.length > 1 ? same.sort(worstFirst) : same;
    if (!worst) throw new Error('a group of findings is never empty');
    if (others.length === 0) return worst;
    const [, ...labels] = distinct([worst.label, ...others.map(({ label }) => label)]);
    const related = [...worst.related, ...others.filter(({ owner }) => owner !== worst.owner).map(throughOwner)];
    const known = new Set(related.map(relatedKey));
    for (const other of others)
      for (const place of other.related) {
        const key = relatedKey(place);
        if (!known.has(key)) related.push(place);
        known.add(key);
      }
    const named = [worst.label, ...labels.slice(0, maxLabels)];
    const unnamed = labels.length > maxLabels ? [say`and ${labels.length - maxLabels} more`] : [];
    return {
      ...worst,
      label: joinTexts([...named, ...unnamed], ', '),
      related,
      cisDocker: idsOf(same.map((draft) => ({ draft }))),
    };
  });
}

/** The place of a fault for another component that has it: by the path in that, where what they share is in the same file. */
function throughOwner(draft: PendingFinding): Remark {
  const { at, message, severity, label, reach } = draft;
  const more = { message, severity, label, reach, about: aboutOf(draft) };
  return alsoAt({ ...at, path: pathInOwner(draft) }, say`in ${label}`, more);
}

/** The path of a fault in the component that has it, where what is shared stands in the same file. */
export function pathInOwner({ verdict: { artifact }, at }: PendingFinding): string {
  const own = 'at' in artifact && artifact.at.source === at.source ? artifact.at.path : '';
  return own === '' || at.path.startsWith(`${own}.`)
    ? at.path
    : `${own}.${at.path.slice(at.path.lastIndexOf('.') + 1)}`;
}

/** What the first place of a finding is about, and whose it is where it stands in another file. */
export function aboutOf({ verdict: { artifact, hit }, at }: PendingFinding): string | undefined {
  const owner = 'at' in artifact && artifact.at.source !== at.source ? artifact.at.path : '';
  return owner === '' ? hit.about : [owner, hit.about ?? ''].join('\n');
}

/** The recommendations that findings of one rule go against, together. */
export function idsOf(same: readonly { readonly draft: PendingFinding }[]): Hit['cisDocker'] {
  return same.map(({ draft }) => draft.cisDocker).reduce(joinIds);
}

/** Findings that another rule supersedes for the same owner and subject, each with the finding that does: one that is shown. */
function supersededAmong(
  drafts: readonly PendingFinding[],
  isShown: (finding: PendingFinding) => boolean,
): ReadonlyMap<PendingFinding, PendingFinding> {
  // By rule and owner: the findings that take precedence, by subject; `undefined` means all subjects.
  const preceding = new Map<string, Map<string, Map<string | undefined, PendingFinding>>>();
  for (const draft of drafts)
    for (const id of isShown(draft) ? (draft.rule.supersedes ?? []) : []) {
      const owners = preceding.get(id) ?? new Map<string, Map<string | undefined, PendingFinding>>();
      preceding.set(id, owners);
      const subjects = owners.get(draft.owner) ?? new Map<string | undefined, PendingFinding>();
      owners.set(draft.owner, subjects);
      if (!subjects.has(draft.subject)) subjects.set(draft.subject, draft);
    }
  const found = new Map<PendingFinding, PendingFinding>();
  for (const draft of drafts) {
    const subjects = preceding.get(draft.rule.id)?.get(draft.owner);
    const own = subjects?.get(draft.subject) ?? subjects?.get(undefined);
    const [any] = draft.subject === undefined ? (subjects?.values() ?? []) : [];
    const by = own ?? any;
    if (by) found.set(draft, by);
  }
  return found;
}

/** A place of a fault: the first, or a further one. */
export type Place = Pick<Remark, 'at' | 'again'>;

/** The places of a fault, each of which is suppressed by itself. */
export function placesOf({ at, related }: PendingFinding): readonly [Place, ...Place[]] {
  return [{ at }, ...related.filter((place) => place.again)];
}

/** How severe it is at each of its places, before any config: nowhere more than at the first. */
export function severitiesOf({ stated, related }: PendingFinding): readonly Severity[] {
  return [stated, ...related.flatMap(({ again }) => (again ? [lesser(again.severity ?? stated, stated)] : []))];
}

function lesser(one: Severity, other: Severity): Severity {
  return atLeast(one, other) ? other : one;
}

/** Some of the places of a finding, as a finding. */
export interface Part<Key> {
  readonly key: Key;
  readonly draft: PendingFinding;
  /** Whether its place only uses what is at fault at the first. */
  readonly follows: boolean;
}

/** Takes a finding apart by what is so of its places, given by their numbers: most have the same of all, and stay as they are. */
export function partsOf<Key>(
  draft: PendingFinding,
  keyOf: (place: number) => Key,
): readonly [Part<Key>, ...Part<Key>[]] {
  const places = placesOf(draft);
  const [first, ...others] = groupedBy(places.keys(), keyOf);
  if (!first) throw new Error('a finding has a place');
  if (others.length === 0) return [{ key: first[0], draft, follows: false }];
  const relatedOf = relatedByLead(
    draft,
    [first, ...others].map(([, numbers]) => numbers),
  );
  const partAt = ([key, [lead = 0]]: typeof first): Part<Key> => {
    const related = relatedOf.get(lead) ?? [];
    const { at, again } = places[lead] ?? places[0];
    return {
      key,
      draft: again ? partOf(draft, { at, again }, related) : { ...draft, related },
      follows: again?.follows === true,
    };
  };
  return [partAt(first), ...others.map(partAt)];
}

/** What is beside the first of each group of places: the others of the group, and what only explains. */
function relatedByLead(
  draft: PendingFinding,
  groups: readonly (readonly number[])[],
): ReadonlyMap<number, readonly Remark[]> {
  const leadOf = new Map(groups.flatMap((numbers) => numbers.map((number) => [number, numbers[0] ?? 0] as const)));
  const found = new Map(groups.map(([lead = 0]): [number, Remark[]] => [lead, []]));
  let number = 0;
  for (const place of draft.related) {
    if (!place.again) for (const related of found.values()) related.push(place);
    else {
      const lead = leadOf.get(++number);
      if (lead !== undefined && lead !== number) found.get(lead)?.push(place);
    }
  }
  return found;
}

/** A finding at a further place of its own, no worse than the whole. */
function partOf(draft: PendingFinding, { at, again }: Required<Place>, related: readonly Remark[]): PendingFinding {
  const hit = hitAt(draft.verdict.hit, { at, again });
  const severity = lesser(again.severity ?? draft.stated, draft.stated);
  return {
    ...draft,
    verdict: { ...draft.verdict, hit },
    at,
    message: again.message ?? draft.message,
    label: again.label ?? draft.label,
    reach: again.reach ?? draft.reach,
    severity,
    stated: severity,
    related,
  };
}

/** What identifies findings: rule, source, path and subject, not the line. Equal ones are numbered in order. */
export function identitiesOf(drafts: readonly PendingFinding[]): readonly string[] {
  const seen = new Map<string, number>();
  return drafts.map(({ rule, at, subject }) => {
    const identity = `${rule.id}\n${at.source.name}\n${at.path}\n${subject ?? ''}`;
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return `${identity}\n${count}`;
  });
}
