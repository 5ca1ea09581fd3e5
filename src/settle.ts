import { createHash } from 'node:crypto';
import type { Undecided, Verdict } from './judge.ts';
import type { Mask } from './mask.ts';
import { lineOf } from './model/position.ts';
import type { Finding, Problem, Suppression } from './model/report.ts';
import { atLeast, atLeastConfident, type Confidence, type Severity, severities } from './model/severity.ts';
import type { Location, Source } from './model/source.ts';
import type { Ignore } from './policy.ts';
import { type Comment, commentFinder, readComments } from './suppress.ts';

/** What decides whether a hit is shown, beside the rules themselves. */
export interface Policy {
  readonly pedantic: boolean;
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  readonly ignores: readonly Ignore[];
  /** Whether comments in audited files may suppress; not under an organisation's policy, nor with --no-ignore. */
  readonly comments: boolean;
  /** Today, `2026-11-21`, for entries that end. */
  readonly today: string;
}

export interface Settled {
  /** Sorted; suppressed ones marked, not dropped. */
  readonly findings: readonly Finding[];
  /** Unsuppressed findings that count for the exit status, also those below --min-severity. */
  readonly counted: readonly Omit<Finding, 'fingerprint'>[];
  readonly problems: readonly Problem[];
  readonly hiddenBySeverity: number;
  readonly hiddenPedantic: number;
  readonly inconclusive: readonly { rule: string; source: string; line: number; message: string }[];
}

/** A finding before it is known whether it is shown. */
type Untold = Omit<Finding, 'fingerprint'>;

interface Draft {
  readonly finding: Untold;
  readonly owner: string;
  readonly subject: string | undefined;
  readonly pedantic: boolean;
  readonly supersedes: readonly string[];
}

/** Applies policy to the rules' hits: the only place that does. */
export function settle(
  verdicts: readonly Verdict[],
  undecided: readonly Undecided[],
  sources: readonly Source[],
  familyOf: ReadonlyMap<string, string>,
  policy: Policy,
  mask: Mask,
): Settled {
  const drafts = withoutSuperseded(merge(verdicts.map((verdict) => draft(verdict, familyOf, mask))));
  const numbered = numberCollisions(drafts);
  const known = new Set(familyOf.keys());
  const read = sources.map((source) =>
    policy.comments ? readComments(source, known) : { comments: [], problems: [] },
  );
  const comments = new Map<string, readonly Comment[]>(
    read.flatMap(({ comments }) => (comments[0] ? [[comments[0].source.name, comments] as const] : [])),
  );
  const finders = new Map([...comments].map(([name, list]) => [name, commentFinder(list)]));
  const used = new Set<Comment | Ignore>();

  const judged = numbered.map(({ finding, pedantic, identity }) => ({
    finding: suppress(finding),
    pedantic,
    identity,
  }));
  const sure = judged.filter(({ finding }) => atLeastConfident(finding.confidence, policy.minConfidence));
  const wanted = sure.filter(({ pedantic }) => policy.pedantic || !pedantic);
  const open = wanted.flatMap(({ finding }) => (finding.suppressed ? [] : [finding]));
  return {
    findings: wanted
      .filter(({ finding }) => atLeast(finding.severity, policy.minSeverity))
      .map(({ finding, identity }) => ({ ...finding, fingerprint: fingerprintOf(identity) }))
      .sort(byPlace),
    counted: open,
    problems: [...read.flatMap(({ problems }) => problems), ...idle()],
    hiddenBySeverity: open.filter((finding) => !atLeast(finding.severity, policy.minSeverity)).length,
    hiddenPedantic: sure.length - wanted.length,
    inconclusive: undecided
      .filter(({ rule }) => policy.pedantic || !rule.pedantic)
      .map(({ rule, inconclusive }) => ({
        rule: rule.id,
        source: inconclusive.at.source.name,
        line: lineOf(inconclusive.at),
        message: mask.text(inconclusive.inconclusive),
      }))
      .sort((a, b) => compare(a.source, b.source) || a.line - b.line || compare(a.rule, b.rule)),
  };

  function suppress(finding: Untold): Untold {
    const suppressed = byComment(finding) ?? byConfig(finding);
    return suppressed ? { ...finding, suppressed } : finding;
  }

  function byComment(finding: Untold): Suppression | undefined {
    const comment = finders.get(finding.at.source.name)?.(finding.rule, lineOf(finding.at));
    if (!comment) return undefined;
    used.add(comment);
    return { by: 'comment', reason: mask.text(comment.reason), where: `${comment.source.name}:${comment.line}` };
  }

  function byConfig(finding: Untold): Suppression | undefined {
    for (const entry of policy.ignores) {
      if (entry.until !== undefined && entry.until < policy.today) continue;
      if (!entry.matches(finding)) continue;
      used.add(entry);
      return { by: entry.by, reason: mask.text(entry.reason), where: `${entry.where}:${entry.line}` };
    }
    return undefined;
  }

  function* idle(): Iterable<Problem> {
    for (const list of comments.values())
      for (const comment of list)
        if (!used.has(comment) && comment.rules.some((id) => known.has(id)))
          yield idleAt(comment.source.name, comment.line, comment.column, comment.rules.join(', '));
    for (const entry of policy.ignores) {
      if (entry.until !== undefined && entry.until < policy.today)
        yield {
          ...idleAt(entry.where, entry.line, 1, entry.rule),
          message: `suppression of "${entry.rule}" ended on ${entry.until}`,
        };
      else if (!used.has(entry)) yield idleAt(entry.where, entry.line, 1, entry.rule);
    }
  }
}

function idleAt(source: string, line: number, column: number, rules: string): Problem {
  return {
    kind: 'suppression',
    source,
    line,
    column,
    message: `suppression of "${rules}" has no effect: nothing to suppress here`,
    incomplete: false,
  };
}

function draft({ rule, artifact, hit }: Verdict, familyOf: ReadonlyMap<string, string>, mask: Mask): Draft {
  const masked = ({ source, path, span }: Location): Location => ({ source: mask.source(source), path, span });
  const finding: Untold = {
    rule: rule.id,
    family: familyOf.get(rule.id) ?? '',
    title: rule.title,
    why: rule.why,
    fix: rule.fix,
    standards: rule.standards,
    severity: hit.severity ?? rule.severity,
    confidence: rule.confidence,
    message: mask.text(hit.message),
    at: masked(hit.at),
    label: hit.of?.label ?? artifact.label,
    related: (hit.related ?? []).map(({ at, message }) => ({ at: masked(at), message: mask.text(message) })),
    ...(hit.reach === undefined ? {} : { reach: hit.reach }),
  };
  return {
    finding,
    owner: hit.of?.owner ?? artifact.owner,
    subject: hit.subject,
    pedantic: rule.pedantic === true || hit.pedantic === true,
    supersedes: rule.supersedes ?? [],
  };
}

/** Components that share a fault and are named beside the first. */
const mostLabels = 9;

function relatedKey({ at, message }: Finding['related'][number]): string {
  return `${at.source.name}\n${at.span.start}\n${message}`;
}

/** One fault found through two components (a shared env file) is one finding that names both. */
function merge(drafts: readonly Draft[]): readonly Draft[] {
  const byPlaceAndRule = new Map<string, Draft[]>();
  for (const each of drafts) {
    const { rule, at } = each.finding;
    const key = `${rule}\n${at.source.name}\n${at.span.start}\n${at.span.end}\n${each.subject ?? ''}`;
    const same = byPlaceAndRule.get(key);
    if (same) same.push(each);
    else byPlaceAndRule.set(key, [each]);
  }
  return [...byPlaceAndRule.values()].map((same) => {
    const [only, second] = same;
    if (only && !second) return only;
    const [worst, ...others] = same.sort(
      (a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity),
    );
    if (!worst) throw new Error('a group of findings is never empty');
    const labels = [...new Set(others.map((other) => other.finding.label))].filter(
      (label) => label !== worst.finding.label,
    );
    const related = [...worst.finding.related];
    const known = new Set(related.map(relatedKey));
    for (const other of others)
      for (const place of other.finding.related) {
        const key = relatedKey(place);
        if (!known.has(key)) related.push(place);
        known.add(key);
      }
    const named = [worst.finding.label, ...labels.slice(0, mostLabels)];
    const unnamed = labels.length > mostLabels ? [`and ${labels.length - mostLabels} more`] : [];
    const label = [...named, ...unnamed].join(', ');
    return { ...worst, finding: { ...worst.finding, label, related } };
  });
}

/** Of cause and effect only one is told: within one owner, about one thing. */
function withoutSuperseded(drafts: readonly Draft[]): readonly Draft[] {
  // What takes the place of a rule within an owner: the subjects it does so for, `undefined` for all.
  const superseding = new Map<string, Set<string | undefined>>();
  for (const { owner, subject, supersedes } of drafts)
    for (const rule of supersedes) {
      const key = `${owner}\n${rule}`;
      const subjects = superseding.get(key);
      if (subjects) subjects.add(subject);
      else superseding.set(key, new Set([subject]));
    }
  return drafts.filter(({ owner, subject, finding }) => {
    const subjects = superseding.get(`${owner}\n${finding.rule}`);
    return !subjects || (subject !== undefined && !subjects.has(undefined) && !subjects.has(subject));
  });
}

/** What a finding is known by: rule, source, path and subject, not the line; equal ones are told apart by their order. */
function numberCollisions(drafts: readonly Draft[]): readonly (Draft & { readonly identity: string })[] {
  const seen = new Map<string, number>();
  return drafts.map((each) => {
    const { rule, at } = each.finding;
    const identity = [rule, at.source.name, at.path, each.subject ?? ''].join('\n');
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return { ...each, identity: `${identity}\n${count}` };
  });
}

function fingerprintOf(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

function byPlace(a: Finding, b: Finding): number {
  return (
    compare(a.at.source.name, b.at.source.name) ||
    a.at.span.start - b.at.span.start ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
