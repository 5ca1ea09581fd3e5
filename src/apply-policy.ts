import {
  type Baseline,
  type BaselineEntry,
  type ComparedFinding,
  type Comparison,
  compareWith,
  covers,
  distinctIds,
  findingId,
  knownBy,
  severitiesById,
  shortHash,
} from './baseline.ts';
import type { Acceptance, Ignore, SeverityChange } from './config-entries.ts';
import { fixOf } from './fixes/fix.ts';
import type { Undecided, Verdict } from './judge.ts';
import { type Allows, everythingAllowed } from './locks.ts';
import { compare } from './model/compare.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { memoizePer, once } from './model/memoize.ts';
import { rankOf } from './model/rank.ts';
import { reachOf } from './model/reach.ts';
import {
  type Accepted,
  type Finding,
  fault,
  isOld,
  type MaskedLocation,
  type Problem,
  type Report,
  type Suppression,
  type Violations,
} from './model/report.ts';
import {
  atLeast,
  atLeastConfident,
  bySeverity,
  type Confidence,
  countBySeverity,
  type Severity,
  worstFirst,
} from './model/severity.ts';
import { type Form, formsOfPipelines, type Location, lineOf, type Source } from './model/source.ts';
import { byNumbers, standardsOf } from './model/standard-ids.ts';
import { joinTexts, ownWords, say, type Text } from './model/text.ts';
import {
  aboutOf,
  identitiesOf,
  lastOf,
  type PendingFinding,
  type Place,
  partsOf,
  pathInOwner,
  pendingFindings,
  placesOf,
  severitiesOf,
} from './pending-findings.ts';
import { writtenValue } from './readers/yaml/written-value.ts';
import type { Mask } from './secrets/mask.ts';
import { sharedFindings } from './shared-findings.ts';
import { type Comment, commentFinder, readComments } from './suppress.ts';
import { oncePerFile, type Pending, tellersOf, withConsequences } from './told-findings.ts';

/** A longer name makes no fix clearer (UTF-16 units). */
const maxShownName = 200;

/** What decides, besides the rules themselves, whether a hit is shown. */
export interface Policy {
  readonly pedantic: boolean;
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  readonly ignores: readonly Ignore[];
  readonly severities: readonly SeverityChange[];
  readonly acceptances: readonly Acceptance[];
  /** Whether comments in audited files are looked at; not with --no-ignore. */
  readonly comments: boolean;
  /** What may suppress: an organisation's policy leaves little to what is audited. */
  readonly allows: Allows;
  /** Today, `2026-11-21`, for suppressions that expire. */
  readonly today: string;
  /** What findings are compared with, so that only new ones count. */
  readonly baseline?: Baseline;
  /** What was looked at: a suppression of anything else is not idle. Absent: everything. */
  readonly looked?: Looked;
}

/** What an audit can tell something of. */
export interface Looked {
  /** Rules that ran. */
  readonly ran: ReadonlySet<string>;
  /** Whether everything that a pattern of a config means was asked for. */
  readonly covers: (pattern: string) => boolean;
  /** Whether something is missing of a file, or of one that an entry is for. */
  readonly isMissing?: (file: string, isFor?: (file: string) => boolean) => boolean;
}

/** What a scan shows without options. */
export function usualPolicy(today: string, config?: Pick<Policy, 'ignores' | 'severities' | 'acceptances'>): Policy {
  const { ignores = [], severities = [], acceptances = [] } = config ?? {};
  const shown = { pedantic: false, minSeverity: 'low', minConfidence: 'medium' } as const;
  return { ...shown, ignores, severities, acceptances, comments: true, allows: everythingAllowed, today };
}

export interface PolicyResult {
  /** Sorted; suppressed ones are marked, not dropped. */
  readonly findings: readonly Finding[];
  /** Severities of unsuppressed findings that count for the exit status, including those below --min-severity. */
  readonly counted: readonly Severity[];
  readonly problems: readonly Problem[];
  readonly hiddenBySeverity: number;
  readonly hiddenPedantic: number;
  readonly inconclusive: Report['coverage']['inconclusive'];
  /** How many findings each entry of a config suppressed or changed, by its number. */
  readonly uses: ReadonlyMap<number, number>;
  /** What its entries did besides. */
  readonly entries: EntryUse;
  /** Tells what was found of each rule, also what is not shown; only some reports ask. */
  readonly violations: () => readonly Violations[];
  /** What the fingerprints are hashes of that were asked for so far. */
  readonly identities: ReadonlyMap<string, string>;
  /** Every finding as a baseline knows it, shown or not. */
  readonly compared: () => readonly ComparedFinding[];
  /** What the baseline of the policy comes to. */
  readonly comparison?: Comparison;
}

/** By the numbers of entries of a config: which did something, shown or not, and which rules the policy refused to each. */
export interface EntryUse {
  readonly used: ReadonlySet<number>;
  readonly refused: ReadonlyMap<number, ReadonlySet<string>>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What becomes of a place of a finding, with what is said of a rise of its severity. */
interface Standing extends Pick<Pending, 'suppressed' | 'baselineState' | 'before'> {
  readonly rise?: Text;
}

/** Applies policy to the hits of the rules. Nothing else does. */
export function applyPolicy(
  verdicts: readonly Verdict[],
  undecided: readonly Undecided[],
  sources: readonly Source[],
  familyOf: ReadonlyMap<string, string>,
  policy: Policy,
  maskOf: (source: string) => Mask,
): PolicyResult {
  const { taking, superseded } = pendingFindings(
    verdicts,
    ({ confidence, pedantic }) => atLeastConfident(confidence, policy.minConfidence) && (policy.pedantic || !pedantic),
  );
  const identities = new Map<string, string>();
  const numbers = once(() => new Map(entriesOf(policy).map((entry, number) => [entry, number])));
  const ignoresOf = byRule(policy.ignores);
  const changesOf = byRule(policy.severities);
  const usedComments = new Set<Comment>();
  const refusedComments = new Map<Comment, Set<string>>();
  const used = new Set<Ignore | SeverityChange>();
  const refused = new Map<Ignore | SeverityChange, Set<string>>();
  const drafts = sharedFindings(taking).flatMap(weighed);
  const known = new Set(familyOf.keys());
  const read = sources.map((source): ReturnType<typeof readComments> => {
    try {
      return policy.comments ? readComments(source, known) : { comments: [], problems: [] };
    } catch {
      return { comments: [], problems: [fault(source.name, say`reading suppressions`)] };
    }
  });
  const comments = read.flatMap((each) => each.comments);
  const finders = new Map(
    read.flatMap((each) => (each.comments[0] ? [[each.comments[0].source.name, commentFinder(each.comments)]] : [])),
  );
  const suppressions = drafts.map((draft) => {
    const severities = severitiesOf(draft);
    const own = ({ at }: Place, place: number): Pending['suppressed'] => {
      const one = place === 0 ? draft : reweigh({ ...draft, at, severity: severities[place] ?? draft.stated });
      return byComment(one) ?? byConfig(one);
    };
    const [first, ...others] = placesOf(draft);
    const suppressed = own(first, 0);
    const following = suppressed && { ...suppressed, isFollowed: true };
    return [
      suppressed,
      ...others.map((place, index) => own(place, index + 1) ?? (place.again?.follows ? following : undefined)),
    ];
  });
  const compared = once(() => drafts.map((draft, index) => comparedOf(draft, suppressions[index] ?? [])));
  const undecidedAt = new Set(undecided.map(({ rule, inconclusive }) => `${rule.id}\n${inconclusive.at.source.name}`));
  const isUndecided: Baseline['isUndecided'] = (entry) =>
    undecidedAt.has(`${entry.rule}\n${entry.file}`) || policy.baseline?.isUndecided?.(entry) === true;
  const partly = new Set(undecided.map(({ inconclusive }) => inconclusive.at.source.name));
  const comparison: Comparison | undefined = policy.baseline && {
    ...compareWith({ ...policy.baseline, isUndecided }, compared(), policy.today),
    isPartlyKnown: (file) => partly.has(file),
  };
  const notYet = new Map<string, Problem>();
  const notKnown = new Set<string>();
  const parts = drafts.flatMap((draft, index) => {
    const standingOf = standingsOf(draft, index);
    const states = new Map<string, Standing>();
    const keyed = partsOf(draft, (place) => {
      const standing = standingOf(suppressions[index]?.[place], place);
      const key = `${standing.suppressed?.by} ${standing.suppressed?.where} ${standing.baselineState}`;
      if (!states.has(key)) states.set(key, standing);
      return key;
    });
    return keyed.map(({ key, draft: part, follows }) => {
      const { rise = say``, ...standing } = states.get(key) ?? { suppressed: undefined };
      if (part === draft) return { ...standing, draft: { ...draft, message: say`${draft.message}${rise}` } };
      const { message, related, ...rest } = reweigh(part);
      const first = states.get(keyed[0].key)?.suppressed;
      const also = follows ? [{ at: draft.at, message: firstPlace(draft, first) }] : [];
      return { ...standing, draft: { ...rest, message: say`${message}${rise}`, related: [...also, ...related] } };
    });
  });
  const numbered = identitiesOf(parts.map(({ draft }) => draft));
  const judged = parts.map((part, index): Pending => ({ ...part, identity: numbered[index] ?? '', consequences: [] }));
  const sure = judged.filter(({ draft }) => atLeastConfident(draft.confidence, policy.minConfidence));
  const wanted = sure.filter(({ draft }) => policy.pedantic || !draft.pedantic);
  const isShown = ({ draft }: Pick<Pending, 'draft'>): boolean => atLeast(draft.severity, policy.minSeverity);
  const open = wanted.filter(({ suppressed }) => !suppressed);
  const told = withConsequences(oncePerFile(wanted), policy.pedantic, reweigh);
  // Whatever somebody accepted is told, however little is shown; what is merely known is not.
  const accepted = sure.filter((each) => each.suppressed && !isOld(each) && each.draft.pedantic && !policy.pedantic);
  const uses = new Map<Ignore | SeverityChange, number>();
  for (const { suppressed, draft } of [...wanted, ...accepted])
    for (const entry of [suppressed?.entry, draft.change]) if (entry) uses.set(entry, (uses.get(entry) ?? 0) + 1);
  return {
    findings: [...told.filter((each) => each.suppressed || isShown(each)), ...accepted].map(finish).sort(byPlace),
    counted: open.map(({ draft }) => draft.severity),
    problems: [
      ...read.flatMap(({ problems }) => problems),
      ...refusals(),
      ...unusedComments(),
      ...notYet.values(),
      ...endedEntries(),
    ],
    uses: byNumber(uses),
    entries: { used: new Set([...used].map(numberOf)), refused: byNumber(refused) },
    violations,
    identities,
    compared,
    comparison,
    hiddenBySeverity: told.filter((each) => !each.suppressed && !isShown(each)).length,
    hiddenPedantic: sure.length - wanted.length - accepted.length,
    inconclusive: undecided
      .filter(({ rule }) => policy.pedantic || !rule.pedantic)
      .map(({ rule, inconclusive }) => ({
        rule: rule.id,
        source: inconclusive.at.source.name,
        line: lineOf(inconclusive.at),
        message: maskOf(inconclusive.at.source.name).text(inconclusive.inconclusive),
      }))
      .sort((a, b) => compare(a.source, b.source) || a.line - b.line || compare(a.rule, b.rule)),
  };

  /** A finding with the severity that the config gives it; where that is another at some of its places, a finding for each. */
  function weighed(draft: PendingFinding): readonly PendingFinding[] {
    const changes = changesOf.get(draft.rule.id);
    const places = placesOf(draft);
    if (!changes || places.length === 1) return [reweigh(draft)];
    const keyOf = (place: number): string => {
      const at = places[place]?.at ?? draft.at;
      return changes.map((each) => (each.matches({ rule: draft.rule.id, at }) ? '1' : '0')).join('');
    };
    return partsOf(draft, keyOf).map((part) => reweigh(part.draft));
  }

  /** The finding with the severity that the config gives it. What would make it less severe than the policy does has to be allowed. */
  function reweigh(draft: PendingFinding): PendingFinding {
    const { rule, at, severity: stated } = draft;
    const first = (by: Ignore['by']): SeverityChange | undefined =>
      changesOf.get(rule.id)?.find((each) => each.by === by && !hasEnded(each) && each.matches({ rule: rule.id, at }));
    const [own, theirs] = [first('config'), first('policy')];
    const locked = theirs?.to ?? stated;
    const isRefused = own && bySeverity(own.to, locked) > 0 && !allows('config', rule.id, locked);
    if (isRefused) addName(refused, own, rule.id);
    const change = isRefused ? theirs : (own ?? theirs);
    if (change) used.add(change);
    return { ...draft, severity: change?.to ?? stated, locked, stated, change };
  }

  function allows(by: 'config' | 'comment', rule: string, severity: Severity): boolean {
    return policy.allows[by] && policy.allows.finding(rule, severity);
  }

  /** The rule that the policy does not allow to be accepted with a finding: its own, or one that it is told instead of. */
  function refusedIn({ rule, locked, instead = [] }: PendingFinding): string | undefined {
    if (!policy.allows.finding(rule.id, locked)) return rule.id;
    return instead.find((each) => !policy.allows.finding(each.rule.id, reweigh(each).locked))?.rule.id;
  }

  function refusedBy(by: 'config' | 'comment', draft: PendingFinding): string | undefined {
    return policy.allows[by] ? refusedIn(draft) : draft.rule.id;
  }

  function hasEnded({ until }: Pick<Ignore, 'until'>): boolean {
    return until !== undefined && until < policy.today;
  }

  /** What a baseline makes of each place of a finding, given what else suppresses it. */
  function standingsOf(
    draft: PendingFinding,
    index: number,
  ): (suppressed: Pending['suppressed'], place: number) => Standing {
    const { baseline } = policy;
    if (!baseline || !comparison) return (suppressed) => ({ suppressed });
    const knownAs = (entry: BaselineEntry): Pending['suppressed'] =>
      mayKnow(draft) ? byBaseline(draft, entry, baseline) : undefined;
    const asNew = (suppressed: Pending['suppressed'], rest: Omit<Standing, 'suppressed'>): Standing => {
      // What a change brings in, it cannot suppress itself; and what begins to use an accepted thing is told.
      if (!suppressed) return { ...rest, suppressed };
      // A baseline holds nothing of what is accepted elsewhere, so that nobody knows since when it is there.
      if (baseline.kind === 'file') return { suppressed };
      if (suppressed.by !== 'comment' && !suppressed.isFollowed) return { ...rest, suppressed };
      if (suppressed.by !== 'comment') return { ...rest, suppressed: undefined };
      notYet.set(`${draft.rule.id}\n${suppressed.where}`, newSuppression(draft, suppressed));
      return { ...rest, suppressed: undefined };
    };
    const entry = comparison.known.get(index);
    if (entry) return (suppressed) => ({ suppressed: suppressed ?? knownAs(entry), baselineState: 'unchanged' });
    const before = comparison.worse.get(index);
    if (!before) return (suppressed) => asNew(suppressed, { baselineState: 'new' });
    const ids = placeIds(draft);
    const severities = severitiesOf(draft);
    const knows = severitiesById(before);
    const may = mayKnow(draft);
    const knownWith = (severity: Severity): Standing['before'] =>
      may ? { severity, suppressed: byBaseline(draft, before, baseline) } : undefined;
    const isKnown = ids.map((id) => knows.has(id));
    const isWorse = severities.map(
      (severity, place) => isKnown[place] && !covers(knows.get(ids[place] ?? ''), severity),
    );
    // What became worse is told with the places that it has now.
    const rose = isWorse.includes(true);
    return (suppressed, place) => {
      if (isWorse[place] || (rose && !isKnown[place])) {
        const was = knows.get(ids[place] ?? '') ?? before.severity;
        const rise = say` (${ownWords(was)} before)`;
        return asNew(suppressed, { rise, before: knownWith(was), baselineState: 'updated' });
      }
      if (!isKnown[place]) return asNew(suppressed, { baselineState: 'new' });
      return { suppressed: suppressed ?? knownWith(before.severity)?.suppressed, baselineState: 'unchanged' };
    };
  }

  function byComment(draft: PendingFinding): Pending['suppressed'] {
    const { rule, at } = draft;
    const comment = finders.get(at.source.name)?.(rule.id, lineOf(at));
    if (!comment) return undefined;
    const refused = refusedBy('comment', draft);
    if (refused !== undefined) {
      addName(refusedComments, comment, refused);
      return undefined;
    }
    usedComments.add(comment);
    return {
      by: 'comment',
      reason: maskOf(comment.source.name).evidence(comment.reason),
      where: `${comment.source.name}:${comment.line}`,
    };
  }

  function byConfig(draft: PendingFinding): Pending['suppressed'] {
    const { rule, at } = draft;
    for (const entry of ignoresOf.get(rule.id) ?? []) {
      if (hasEnded(entry) || !entry.matches({ rule: rule.id, at })) continue;
      const refusedRule = entry.by === 'config' ? refusedBy('config', draft) : undefined;
      if (refusedRule !== undefined) {
        addName(refused, entry, refusedRule);
        continue;
      }
      used.add(entry);
      return {
        by: entry.by,
        reason: maskOf(at.source.name).evidence(entry.reason),
        where: `${entry.where}:${entry.line}`,
        ...(entry.until === undefined ? {} : { until: entry.until }),
        entry,
      };
    }
    return undefined;
  }

  /** What is compared of a finding, and what of it nothing but a baseline hides. */
  function comparedOf(draft: PendingFinding, suppressed: readonly Pending['suppressed'][]): ComparedFinding {
    // A severity of a config says nothing of whether it became worse.
    const { rule, at, stated: severity, confidence, pedantic } = draft;
    const counts = atLeastConfident(confidence, policy.minConfidence) && (policy.pedantic || !pedantic);
    const ids = placeIds(draft);
    const bound = suppressed.some((each) => each?.by === 'config' || each?.by === 'policy') || undefined;
    const severities = severitiesOf(draft);
    const places = ids.map((id, place) => ({ id, severity: severities[place] ?? severity }));
    const whole = {
      file: at.source.name,
      rule: rule.id,
      at: masked(at).path,
      severity,
      ...knownBy(places),
      bound,
    };
    const isOpen = (place: number): boolean => suppressed[place] === undefined;
    const open = counts && ids.some((_, place) => isOpen(place));
    if (!open || ids.every((_, place) => isOpen(place))) return { ...whole, open };
    const part = partsOf(draft, (place) => isOpen(place)).find(({ key }) => key)?.draft ?? draft;
    const left = { at: masked(part.at).path, severity: part.stated };
    return { ...whole, open, left: { ...left, ...knownBy(places.filter((_, place) => isOpen(place))) } };
  }

  /** The ids of the places of a finding, each another. */
  function placeIds(draft: PendingFinding): readonly string[] {
    const { rule } = draft;
    const file = draft.at.source.name;
    const mask = maskOf(file);
    return distinctIds(
      placesOf(draft).map(({ at, again }, place) => {
        const { source, path } = masked(place === 0 ? { ...at, path: pathInOwner(draft) } : at);
        // What is said of a whole file stands at its start, whatever that is.
        const { span } = at;
        const text = path === '' && span.start === 0 ? '' : textIn(source, span);
        const about = again ? again.about : aboutOf(draft);
        // What a variable of a deployment stands for is in what is said of it.
        const isOpen = text.includes('$') && !formsOfPipelines.has(at.source.form);
        const also = about === undefined ? isOpen && mask.text(again?.message ?? draft.message) : mask.evidence(about);
        const subject = again?.subject ?? draft.subject;
        const own = subject === undefined ? undefined : withoutName(mask.evidence(subject), file);
        const beside = [addressBefore(source, span), mask.beside(at), about === undefined ? '' : mask.beside(about)];
        const whole = [text, also || '', ...beside].filter((part) => part !== '').join('\n');
        // What services share is written below an anchor, or for each.
        const short = withoutName(path, source.name).replace(/\.environment(?=[.[])/, '');
        return findingId(rule.id, short, own, whole);
      }),
    );
  }

  /** Whether a policy leaves it to a baseline of the audited repository to know a finding. */
  function mayKnow(draft: PendingFinding): boolean {
    const refused = policy.baseline?.isAudited ? refusedIn(draft) : undefined;
    if (refused !== undefined) notKnown.add(refused);
    return refused === undefined;
  }

  function byBaseline(
    { at }: PendingFinding,
    { accepted, line }: BaselineEntry,
    { kind, name }: Baseline,
  ): Suppression {
    const said = kind === 'file' ? 'known from the baseline' : `known from ${name}`;
    const reason = maskOf(at.source.name).evidence(accepted?.reason ?? said);
    return {
      by: 'baseline',
      reason,
      where: kind === 'file' ? `${name}:${line}` : name,
      accepted: accepted !== undefined,
      ...(accepted?.until === undefined ? {} : { until: accepted.until }),
    };
  }

  function* endedEntries(): Iterable<Problem> {
    for (const { rule, line, accepted } of comparison?.ended ?? [])
      yield {
        ...unusedSuppression(policy.baseline?.name ?? '', line, 1, rule),
        message: say`what the baseline accepts of "${rule}" ended on ${accepted?.until ?? ''}`,
      };
  }

  function numberOf(entry: Ignore | SeverityChange): number {
    return numbers().get(entry) ?? -1;
  }

  function byNumber<Value>(values: ReadonlyMap<Ignore | SeverityChange, Value>): ReadonlyMap<number, Value> {
    return new Map([...values].map(([entry, value]) => [numberOf(entry), value]));
  }

  function fingerprintOf(identity: string): string {
    const hash = shortHash(identity);
    identities.set(hash, identity);
    return hash;
  }

  /** The finding as it is shown, with its secrets masked. */
  function finish({ draft, identity, suppressed, consequences, baselineState }: Pending): Finding {
    const { rule, severity, confidence, label, reach, change, stated } = draft;
    const mask = maskOf(draft.at.source.name);
    const { name } = draft.at.source;
    const { hit, artifact, context } = draft.verdict;
    const { installation } = context;
    const fix = hit.fix ?? rule.fix;
    const toldWith = `${rule.id}\n${name}\n${severity}\n${fix}`;
    const isOfChange = policy.baseline?.kind === 'commit' && baselineState !== 'unchanged';
    const clean = (read: string): string | undefined =>
      read.length <= maxShownName && mask.evidence(read) === read ? read : undefined;
    return {
      rule: rule.id,
      family: familyOf.get(rule.id) ?? '',
      title: rule.title,
      why: rule.why,
      ...fixOf({ fix, hit, artifact, installation, clean, isOfChange }),
      afterwards: signedFiles(installation).has(name) ? signAgain : undefined,
      standards: standardsOf(rule.standards, draft.cisDocker),
      severity,
      override:
        change && change.to !== stated
          ? {
              from: stated,
              to: change.to,
              reason: mask.evidence(change.reason),
              where: `${change.where}:${change.line}`,
            }
          : undefined,
      confidence,
      message: mask.text(draft.message),
      at: masked(draft.at),
      label: mask.text(label),
      related: draft.related.map(({ at, message }) => ({ at: masked(at), message: mask.text(message) })),
      get fingerprint() {
        return fingerprintOf(identity);
      },
      consequences: consequences.map(({ draft: other, identity, remains }) => ({
        rule: other.rule.id,
        severity: other.severity,
        message: mask.text(other.message),
        at: masked(other.at),
        get fingerprint() {
          return fingerprintOf(identity);
        },
        remains,
      })),
      advice: `${rule.id}\n${fix}`,
      get group() {
        return shortHash(toldWith);
      },
      toldWith,
      rank: rankOf({ ...draft, openTo: hit.openTo }, consequences.length),
      reach: reach && mask.text(reachOf(reach)),
      suppressed: suppressed && reported(suppressed),
      baselineState,
    };
  }

  function masked({ source, path, span }: Location): MaskedLocation {
    // Names of steps and keys of maps may be secrets too.
    const mask = maskOf(source.name);
    return { source: mask.source(source), path: mask.evidence(path), span };
  }

  /**
   * By rule and recommendations, counted as the report tells of them: a finding with the severity that it is shown with; what
   * follows from another, and is told with that alone, with its own; what another rule tells, as the finding that does.
   */
  function violations(): readonly Violations[] {
    const found = new Map<string, Mutable<Violations> & { open: Record<Severity, number>; accepted: Accepted[] }>();
    const of = ({ rule, cisDocker }: PendingFinding, toldWith?: string, sameAs?: string) => {
      const ids = cisDocker?.toSorted(byNumbers);
      const key = [rule.id, ids?.join(' '), toldWith, sameAs].join('\n');
      const own = found.get(key) ?? {
        ...{ rule: rule.id, cisDocker: ids, accepted: [], notShown: 0, unsure: 0 },
        ...{ toldWith, sameAs, open: countBySeverity([]) },
      };
      found.set(key, own);
      return own;
    };
    const count = (own: ReturnType<typeof of>, { draft, suppressed, identity }: Pending, severity: Severity): void => {
      if (suppressed)
        own.accepted.push({
          ...{ ...reported(suppressed), rule: draft.rule.id, file: draft.at.source.name, line: lineOf(draft.at) },
          fingerprint: fingerprintOf(identity),
        });
      else {
        own.open[severity]++;
        if (!isShown({ draft }) || (draft.pedantic && !policy.pedantic)) own.notShown++;
      }
    };
    const shown = new Set(wanted);
    const findings = [...told, ...oncePerFile(sure.filter((each) => !shown.has(each)))];
    const tellers = tellersOf(findings);
    for (const finding of findings) count(of(finding.draft), finding, finding.draft.severity);
    for (const [consequence, finding] of tellers.ofConsequences)
      count(of(consequence.draft, finding.draft.rule.id), finding, consequence.draft.severity);
    const counted = new Map<ReturnType<typeof of>, Set<Pending>>();
    for (const [draft, by] of superseded) {
      const last = lastOf(by, superseded);
      const teller = tellers.of(last);
      const own = of(draft, teller?.finding.draft.rule.id, last.rule.id);
      const tellersOfOwn = counted.get(own) ?? new Set();
      counted.set(own, tellersOfOwn);
      if (!teller) own.unsure++;
      else if (!tellersOfOwn.has(teller.told)) count(own, teller.finding, teller.told.draft.severity);
      if (teller) tellersOfOwn.add(teller.told);
    }
    for (const { draft } of judged) if (!atLeastConfident(draft.confidence, policy.minConfidence)) of(draft).unsure++;
    return [...found.values()];
  }

  /** What comments and a baseline tried to suppress, and the policy does not leave to them. */
  function* refusals(): Iterable<Problem> {
    for (const [{ source, line, column }, rules] of refusedComments) {
      const message = say`the policy does not allow this comment to suppress ${refusedNames(refusalLimits(policy, 'comment', rules), rules)}`;
      yield { kind: 'suppression', source: source.name, line, column, message, incomplete: false };
    }
    if (notKnown.size > 0)
      yield {
        kind: 'suppression',
        source: policy.baseline?.name ?? '',
        message: say`the policy does not allow a baseline to accept ${refusedNames(refusalLimits(policy, 'baseline', notKnown), notKnown)}`,
        incomplete: false,
      };
  }

  function* unusedComments(): Iterable<Problem> {
    const { ran, isMissing = () => false } = policy.looked ?? { ran: known };
    for (const comment of comments) {
      if (usedComments.has(comment) || refusedComments.has(comment)) continue;
      const rules = comment.rules.filter((id) => known.has(id));
      const isIdle = rules.length > 0 && rules.every((id) => ran.has(id)) && !isMissing(comment.source.name);
      if (isIdle) yield unusedSuppression(comment.source.name, comment.line, comment.column, comment.rules.join(', '));
    }
  }
}

/** The entries of configs that are for rules; they go by their numbers, which are the same in every process with the same config. */
function entriesOf({ ignores, severities }: Policy): readonly (Ignore | SeverityChange)[] {
  return [...ignores, ...severities];
}

/** What may have to be said of an entry. */
export interface EntryNote extends Pick<Ignore, 'where' | 'line' | 'column' | 'rule' | 'until'> {
  /** The severity that it gives. */
  readonly to?: Severity;
  readonly hasEnded: boolean;
  /** Whether it is to be told where it has no effect: not if it is for what was not looked at. */
  readonly isToldIdle: boolean;
}

export function entryNotes(policy: Policy, familyOf: ReadonlyMap<string, string>): readonly EntryNote[] {
  const { ran, covers, isMissing = () => false } = policy.looked ?? { ran: familyOf, covers: () => true };
  return entriesOf(policy).map((entry) => {
    const { where, line, column, rule, until, pattern, isShared, isFor } = entry;
    return {
      ...{ where, line, column, rule, until },
      ...('to' in entry ? { to: entry.to } : {}),
      hasEnded: until !== undefined && until < policy.today,
      isToldIdle: !isShared && ran.has(rule) && covers(pattern) && !isMissing(pattern, isFor),
    };
  });
}

/** What is to be said of the entries of a config: what the policy refused them, and which of them had no effect. */
export function* entryProblems(
  notes: readonly EntryNote[],
  { used, refused }: EntryUse,
  limits: RefusalLimits,
): Iterable<Problem> {
  for (const [number, rules] of refused) {
    const note = notes[number];
    if (!note) continue;
    const { where: source, line, column, rule, to } = note;
    const name = rules.has(rule) ? refusedNames(limits, new Set([rule])) : say`"${rule}"`;
    const message =
      to !== undefined
        ? say`the policy does not allow ${refusedNames(limits, rules)} to be lowered to ${to}`
        : say`the policy does not allow ${name} to be ignored here`;
    yield { kind: 'suppression', source, line, column, message, incomplete: false };
  }
  for (const [number, { where, line, column, rule, until = '', to, hasEnded, isToldIdle }] of notes.entries()) {
    const idle = unusedSuppression(where, line, column, rule);
    const isChange = to !== undefined;
    if (hasEnded)
      yield {
        ...idle,
        message: isChange
          ? say`severity of "${rule}" ended on ${until}`
          : say`suppression of "${rule}" ended on ${until}`,
      };
    else if (isToldIdle && !used.has(number) && !refused.has(number))
      yield isChange ? { ...idle, message: say`severity of "${rule}" has no effect: no such finding` } : idle;
  }
}

/** Which rules a policy lets be accepted up to a severity. */
export interface RefusalLimits {
  readonly above: readonly string[];
  readonly upTo?: string;
}

/** Of some rules, those that may be accepted by some means up to a severity. */
export function refusalLimits(
  { allows }: Policy,
  by: 'config' | 'comment' | 'baseline',
  rules: Iterable<string>,
): RefusalLimits {
  return { above: allows[by] ? [...rules].filter((rule) => allows.finding(rule, 'info')) : [], upTo: allows.upTo };
}

/** Rules in quotation marks; of those that may be accepted up to a severity, that this is more. */
function refusedNames({ above, upTo = '' }: RefusalLimits, rules: ReadonlySet<string>): Text {
  const sorted = [...rules].sort();
  const [more, never] = [sorted.filter((rule) => above.includes(rule)), sorted.filter((rule) => !above.includes(rule))];
  const names = [
    ...(never.length > 0 ? [say`"${never.join(', ')}"`] : []),
    ...(more.length > 0 ? [say`"${more.join(', ')}" above ${upTo}`] : []),
  ];
  return joinTexts(names, ' and ');
}

function addName<Key>(names: Map<Key, Set<string>>, key: Key, name: string): void {
  names.set(key, (names.get(key) ?? new Set()).add(name));
}

/** The entries of a config for each rule, in order. */
function byRule<Entry extends { readonly rule: string }>(
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) addTo(found, entry.rule, entry);
  return found;
}

/** The signature covers the whole text (drone-yaml yaml/signer/signer.go:117-127; harness/drone trigger/trigger.go:266). */
const signAgain =
  'The file is signed: sign it again after any change, with `drone sign --save NAMESPACE/NAME`. Until then Drone blocks the builds of pushes, tags and pull requests if the repository is protected.';

const signedFiles = memoizePer(
  ({ streams }: Installation): ReadonlySet<string> =>
    new Set(streams.flatMap(({ source, signatures }) => (signatures.length > 0 ? [source.name] : []))),
);

/** What stands before a place in the same word, if that is an address: the place may be the secret in it alone. */
function addressBefore({ text }: Source, { start }: Location['span']): string {
  const word =
    text
      .slice(Math.max(0, start - mostBefore), start)
      .split(/[\s"'`]/)
      .at(-1) ?? '';
  return word.includes('://') ? word : '';
}

/** How much of it (UTF-16 units). */
const mostBefore = 300;

/** The text of a place, of YAML without regard to how it is spelled. */
function textIn(source: Source, span: Location['span']): string {
  return formsOfYaml.has(source.form) ? writtenValue(source, span) : source.text.slice(span.start, span.end);
}

const formsOfYaml: ReadonlySet<Form> = new Set<Form>(['drone', 'compose', 'kubernetes', 'helm-values']);

/** What is said of a whole file names it, and stays the same when it is renamed. */
function withoutName(text: string, file: string): string {
  return text.replaceAll(file, '');
}

function unusedSuppression(source: string, line: number, column: number, rules: string): Problem {
  return {
    kind: 'suppression',
    source,
    line,
    column,
    message: say`suppression of "${rules}" has no effect: nothing to suppress here`,
    incomplete: false,
  };
}

function newSuppression({ rule, at }: PendingFinding, { where }: Suppression): Problem {
  const { name } = at.source;
  const message = say`suppression of "${rule.id}" does not count for a finding that is new itself`;
  const line = Number(where.slice(name.length + 1));
  return { kind: 'suppression', source: name, line, column: 1, message, incomplete: false };
}

/** What is said of the first place of a fault beside a further one that is told alone. */
function firstPlace({ message }: PendingFinding, suppressed: Pending['suppressed']): Text {
  const state =
    suppressed === undefined ? '' : suppressed.by === 'baseline' ? ', which is known' : ', which is accepted';
  return say`the first place${ownWords(state)}: ${message}`;
}

/** A suppression without the entry that it comes from. */
function reported({ entry: _, isFollowed: __, ...suppression }: NonNullable<Pending['suppressed']>): Suppression {
  return suppression;
}

function byPlace(a: Finding, b: Finding): number {
  return (
    compare(a.at.source.name, b.at.source.name) ||
    a.at.span.start - b.at.span.start ||
    worstFirst(a, b) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}
