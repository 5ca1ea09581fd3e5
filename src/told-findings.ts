import type { Ignore } from './config-entries.ts';
import { consequencesAmong } from './consequences.ts';
import type { Verdict } from './judge.ts';
import { addTo } from './model/groups.ts';
import type { Finding, Suppression } from './model/report.ts';
import type { Hit } from './model/rule.ts';
import { atLeast, bySeverity, type Severity, worstFirst } from './model/severity.ts';
import type { Location } from './model/source.ts';
import { say } from './model/text.ts';
import { idsOf, type PendingFinding, said } from './pending-findings.ts';

/** A finding, but for masking, with what the policy says of it. */
export interface Pending {
  readonly draft: PendingFinding;
  readonly identity: string;
  /** `isFollowed`: for the sake of the first place. */
  readonly suppressed: (Suppression & { readonly entry?: Ignore; readonly isFollowed?: boolean }) | undefined;
  readonly baselineState?: Finding['baselineState'];
  /** What knew it when it was less severe, and how severe that was. */
  readonly before?: { readonly severity: Severity; readonly suppressed: Suppression };
  /** With the severity of what remains of each, if anything does. */
  readonly consequences: readonly (Pending & { readonly remains: Severity | undefined })[];
}

/**
 * Of the hits of one subject that is one fault in all of a file, the worst, with the places of the others. What a baseline
 * knows of them keeps the identity of the whole.
 */
export function oncePerFile(wanted: readonly Pending[]): readonly Pending[] {
  const groups = new Map<string, Pending[]>();
  const known = new Set<string>();
  for (const pending of wanted) {
    const { draft, suppressed, baselineState } = pending;
    if (!draft.verdict.hit.oncePerFile) continue;
    const key = `${draft.rule.id}\n${draft.at.source.name}\n${draft.subject ?? ''}`;
    if (suppressed?.by === 'baseline' && baselineState === 'unchanged') known.add(key);
    if (!suppressed) addTo(groups, key, pending);
  }
  const replaced = new Map<Pending, readonly Pending[]>();
  for (const [identity, group] of groups) {
    const [worst, ...others] = group.toSorted((a, b) => worstFirst(a.draft, b.draft));
    if (!worst) continue;
    const places = others.flatMap(({ draft }) => [{ at: draft.at, message: say`in ${draft.label}` }, ...draft.related]);
    const draft = { ...worst.draft, related: [...worst.draft.related, ...places], cisDocker: idsOf(group) };
    replaced.set(worst, [{ ...worst, draft, identity: known.has(identity) ? worst.identity : identity }]);
    for (const other of others) replaced.set(other, []);
  }
  return wanted.flatMap((pending) => replaced.get(pending) ?? [pending]);
}

/**
 * Tells what follows from an open cause in its finding, which is then as severe as the worst of it. What remains once
 * the cause is mended is a finding of its own, as severe as it will be.
 */
export function withConsequences(
  wanted: readonly Pending[],
  pedantic: boolean,
  reweigh: (draft: PendingFinding) => PendingFinding,
): readonly Pending[] {
  const open = wanted.filter(({ suppressed }) => !suppressed);
  const consequences = consequencesAmong(open.map(({ draft }) => draft.verdict));
  if (consequences.size === 0) return wanted;
  const byCause = new Map<Verdict, Pending['consequences'][number][]>();
  const left = (draft: PendingFinding, hit: Hit): PendingFinding =>
    reweigh({ ...draft, ...said(draft.rule, hit), verdict: { ...draft.verdict, hit } });
  for (const pending of open) {
    const found = consequences.get(pending.draft.verdict);
    if (!found) continue;
    const remains = found.remains && left(pending.draft, found.remains).severity;
    addTo(byCause, found.cause, { ...pending, remains });
  }
  return wanted.flatMap((pending): readonly Pending[] => {
    const { draft, suppressed } = pending;
    const found = suppressed ? undefined : consequences.get(draft.verdict);
    if (found) {
      if (!found.remains || (!pedantic && found.remains.pedantic === true)) return [];
      const remains = { ...pending, draft: left(draft, found.remains) };
      const { before } = pending;
      // What a new cause made worse is as it was, once that is mended.
      return before && atLeast(before.severity, remains.draft.stated)
        ? [{ ...remains, suppressed: before.suppressed, baselineState: 'unchanged' }]
        : [remains];
    }
    const own = suppressed ? undefined : byCause.get(draft.verdict);
    if (!own) return [pending];
    const [severity] = [draft, ...own.map((each) => each.draft)].map((each) => each.severity).sort(bySeverity);
    const worst = own.toSorted((a, b) => worstFirst(a.draft, b.draft));
    return [{ ...pending, draft: { ...draft, severity: severity ?? draft.severity }, consequences: worst }];
  });
}

/** What a report tells of a hit, and the finding that it does so in: itself, or what it follows from. */
interface Teller {
  readonly told: Pending;
  readonly finding: Pending;
}

/** Finds what tells of a hit, and what follows from a finding without being one of its own. */
export function tellersOf(findings: readonly Pending[]): {
  readonly of: (draft: PendingFinding) => Teller | undefined;
  readonly ofConsequences: readonly (readonly [Pending, Pending])[];
} {
  const open = new Set(findings.flatMap(({ suppressed, identity }) => (suppressed ? [] : [identity])));
  const ofConsequences = findings.flatMap((finding) =>
    finding.consequences.flatMap((each) => (open.has(each.identity) ? [] : [[each, finding] as const])),
  );
  const byVerdict = new Map<Verdict, Teller>();
  // One that is the same in a container as in its file, or in all of a file, is told at another place, which names this one.
  const byPlace = new Map<string, Teller>();
  const add = (told: Pending, finding: Pending): void => {
    const { draft } = told;
    byVerdict.set(draft.verdict, { told, finding });
    for (const { at } of [draft, ...draft.related])
      if (!byPlace.has(placeOf(draft.rule.id, at))) byPlace.set(placeOf(draft.rule.id, at), { told, finding });
  };
  for (const finding of findings) add(finding, finding);
  for (const [consequence, finding] of ofConsequences) add(consequence, finding);
  return { of: ({ verdict, rule, at }) => byVerdict.get(verdict) ?? byPlace.get(placeOf(rule.id, at)), ofConsequences };
}

function placeOf(rule: string, { source, span }: Location): string {
  return `${rule}\n${source.name}\n${span.start}\n${span.end}`;
}
