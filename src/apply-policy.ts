import { createHash } from 'node:crypto';
import type { Acceptance, Ignore } from './config.ts';
import type { Undecided, Verdict } from './judge.ts';
import { compare } from './model/compare.ts';
import { addTo } from './model/groups.ts';
import { reachOf } from './model/reach.ts';
import type { Remark } from './model/remark.ts';
import {
  type Finding,
  fault,
  type MaskedLocation,
  type Problem,
  type Report,
  type Suppression,
} from './model/report.ts';
import type { AnyRule, Hit } from './model/rule.ts';
import { atLeast, atLeastConfident, type Confidence, type Severity, worstFirst } from './model/severity.ts';
import { type Location, lineOf, type Source } from './model/source.ts';
import { distinct, joinTexts, say, type Text, textKey } from './model/text.ts';
import type { Mask } from './secrets/mask.ts';
import { type Comment, commentFinder, readComments } from './suppress.ts';

/** What decides, besides the rules themselves, whether a hit is shown. */
export interface Policy {
  readonly pedantic: boolean;
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  readonly ignores: readonly Ignore[];
  readonly acceptances: readonly Acceptance[];
  /** Whether comments in audited files may suppress; not under an organisation's policy, nor with --no-ignore. */
  readonly comments: boolean;
  /** Today, `2026-11-21`, for suppressions that expire. */
  readonly today: string;
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
}

/** A hit that is becoming a finding: nothing in it is masked yet. */
interface PendingFinding {
  readonly rule: AnyRule;
  readonly at: Location;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly message: Text;
  readonly label: Text;
  readonly related: readonly Remark[];
  readonly reach: Hit['reach'];
  readonly owner: string;
  readonly subject: string | undefined;
  readonly pedantic: boolean;
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
  const drafts = withoutSuperseded(merge(verdicts.map(draft)));
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
  const used = new Set<Comment | Ignore>();

  const identities = identitiesOf(drafts);
  const judged = drafts.map((draft, index) => ({
    draft,
    identity: identities[index] ?? '',
    suppressed: byComment(draft) ?? byConfig(draft),
  }));
  const sure = judged.filter(({ draft }) => atLeastConfident(draft.confidence, policy.minConfidence));
  const wanted = sure.filter(({ draft }) => policy.pedantic || !draft.pedantic);
  const isShown = ({ draft }: (typeof judged)[number]): boolean => atLeast(draft.severity, policy.minSeverity);
  const open = wanted.filter(({ suppressed }) => !suppressed);
  return {
    findings: wanted.filter(isShown).map(finish).sort(byPlace),
    counted: open.map(({ draft }) => draft.severity),
    problems: [...read.flatMap(({ problems }) => problems), ...unusedSuppressions()],
    hiddenBySeverity: open.filter((each) => !isShown(each)).length,
    hiddenPedantic: sure.length - wanted.length,
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

  function byComment({ rule, at }: PendingFinding): Suppression | undefined {
    const comment = finders.get(at.source.name)?.(rule.id, lineOf(at));
    if (!comment) return undefined;
    used.add(comment);
    return {
      by: 'comment',
      reason: maskOf(comment.source.name).evidence(comment.reason),
      where: `${comment.source.name}:${comment.line}`,
    };
  }

  function byConfig({ rule, at }: PendingFinding): Suppression | undefined {
    for (const entry of policy.ignores) {
      if (entry.until !== undefined && entry.until < policy.today) continue;
      if (!entry.matches({ rule: rule.id, at })) continue;
      used.add(entry);
      return {
        by: entry.by,
        reason: maskOf(at.source.name).evidence(entry.reason),
        where: `${entry.where}:${entry.line}`,
      };
    }
    return undefined;
  }

  /** The finding as it is shown, with its secrets masked. */
  function finish({ draft, identity, suppressed }: (typeof judged)[number]): Finding {
    const { rule, severity, confidence, label, reach } = draft;
    const mask = maskOf(draft.at.source.name);
    return {
      rule: rule.id,
      family: familyOf.get(rule.id) ?? '',
      title: rule.title,
      why: rule.why,
      fix: rule.fix,
      standards: rule.standards,
      severity,
      confidence,
      message: mask.text(draft.message),
      at: masked(draft.at),
      label: mask.text(label),
      related: draft.related.map(({ at, message }) => ({ at: masked(at), message: mask.text(message) })),
      fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 16),
      reach: reach && mask.text(reachOf(reach)),
      suppressed,
    };
  }

  function masked({ source, path, span }: Location): MaskedLocation {
    // Names of steps and keys of maps may be secrets too.
    const mask = maskOf(source.name);
    return { source: mask.source(source), path: mask.evidence(path), span };
  }

  function* unusedSuppressions(): Iterable<Problem> {
    for (const comment of comments)
      if (!used.has(comment) && comment.rules.some((id) => known.has(id)))
        yield unusedSuppression(comment.source.name, comment.line, comment.column, comment.rules.join(', '));
    for (const entry of policy.ignores) {
      if (entry.until !== undefined && entry.until < policy.today)
        yield {
          ...unusedSuppression(entry.where, entry.line, 1, entry.rule),
          message: say`suppression of "${entry.rule}" ended on ${entry.until}`,
        };
      else if (!used.has(entry)) yield unusedSuppression(entry.where, entry.line, 1, entry.rule);
    }
  }
}

/** Marks the problems that the policy accepts, and adds one for each acceptance that accepts nothing. */
export function acceptProblems(problems: readonly Problem[], { acceptances, today }: Policy): readonly Problem[] {
  const used = new Set<Acceptance>();
  const marked = problems.map((problem): Problem => {
    const entry = acceptances.find(({ until, matches }) => (until === undefined || until >= today) && matches(problem));
    if (!entry) return problem;
    used.add(entry);
    const message = say`${problem.message} (accepted: ${entry.reason})`;
    return { ...problem, message, incomplete: false, accepted: true };
  });
  const idle = acceptances
    .filter((entry) => !used.has(entry))
    .map(({ path, until, where, line }): Problem => {
      const hasEnded = until !== undefined && until < today;
      const message = hasEnded
        ? say`acceptance of "${path}" ended on ${until}`
        : say`acceptance of "${path}" has no effect: no such problem`;
      return { kind: 'suppression', source: where, line, column: 1, message, incomplete: false };
    });
  return [...marked, ...idle];
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

function draft({ rule, artifact, hit }: Verdict): PendingFinding {
  return {
    rule,
    at: hit.at,
    severity: hit.severity ?? rule.severity,
    confidence: hit.confidence ?? rule.confidence,
    message: hit.message,
    label: hit.of?.label ?? artifact.label,
    related: hit.related ?? [],
    reach: hit.reach,
    owner: hit.of?.owner ?? artifact.owner,
    subject: hit.subject,
    pedantic: rule.pedantic === true || hit.pedantic === true,
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
    const related = [...worst.related];
    const known = new Set(related.map(relatedKey));
    for (const other of others)
      for (const place of other.related) {
        const key = relatedKey(place);
        if (!known.has(key)) related.push(place);
        known.add(key);
      }
    const named = [worst.label, ...labels.slice(0, maxLabels)];
    const unnamed = labels.length > maxLabels ? [say`and ${labels.length - maxLabels} more`] : [];
    return { ...worst, label: joinTexts([...named, ...unnamed], ', '), related };
  });
}

/** Drops findings that another rule supersedes for the same owner and subject. */
function withoutSuperseded(drafts: readonly PendingFinding[]): readonly PendingFinding[] {
  // By rule and owner: the subjects for which another finding takes precedence; `undefined` means all.
  const superseded = new Map<string, Map<string, Set<string | undefined>>>();
  for (const { rule, owner, subject } of drafts)
    for (const id of rule.supersedes ?? []) {
      const owners = superseded.get(id) ?? new Map<string, Set<string | undefined>>();
      superseded.set(id, owners);
      const subjects = owners.get(owner);
      if (subjects) subjects.add(subject);
      else owners.set(owner, new Set([subject]));
    }
  return drafts.filter(({ rule, owner, subject }) => {
    const subjects = superseded.get(rule.id)?.get(owner);
    return !subjects || (subject !== undefined && !subjects.has(undefined) && !subjects.has(subject));
  });
}

/** What identifies findings: rule, source, path and subject, not the line. Equal ones are numbered in order. */
function identitiesOf(drafts: readonly PendingFinding[]): readonly string[] {
  const seen = new Map<string, number>();
  return drafts.map(({ rule, at, subject }) => {
    const identity = `${rule.id}\n${at.source.name}\n${at.path}\n${subject ?? ''}`;
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return `${identity}\n${count}`;
  });
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
