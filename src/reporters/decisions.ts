import { compare } from '../model/compare.ts';
import { groupedBy } from '../model/groups.ts';
import { count } from '../model/prose.ts';
import type { Finding, FindingHead } from '../model/report.ts';
import { countBySeverity, type Severity, severities, totalOf } from '../model/severity.ts';
import { FileCount, Kept, numbered } from './passes.ts';
import { Ranking } from './ranking.ts';

/** Of how many findings of a decision it is known where they stand: no format shows or asks more of them. */
export const mostOrdinals = 200;

/** How many findings of a decision are at hand where nothing else is said. */
const usualSample = 3;

/** One thing to do, as far as it is known when the findings went by once. */
export interface PlannedDecision {
  /** Its findings by their advice, the worst first. */
  readonly groups: readonly [AdviceGroup, ...AdviceGroup[]];
  /** Its findings by severity. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly places: number;
  /** How many findings are gone when it is done, those that follow from it included. */
  readonly removed: number;
  /** How many of these are not findings of their own, but follow. */
  readonly following: number;
  /** How many that follow are left, less severe. */
  readonly lessened: number;
}

/** One thing to do, wherever it is to be done. */
export interface Decision extends Omit<PlannedDecision, 'groups'> {
  /** Where to begin: the finding with the highest rank. */
  readonly first: Finding;
  /** A few of its findings, of each advice the worst first; the first of all is where to begin. */
  readonly findings: readonly Finding[];
  /** In how many files. */
  readonly files: number;
}

/** What is known of the findings of a rule with one advice when they went by. There are no more of these than rules have advice. */
export interface AdviceGroup {
  readonly rule: string;
  readonly worst: {
    readonly rank: number;
    readonly ordinal: number;
    readonly severity: Severity;
    readonly task: string;
    /** The entries of standards that it goes against. */
    readonly concern: string;
  };
  readonly counts: Readonly<Record<Severity, number>>;
  readonly following: number;
  readonly lessened: number;
  /** Ordinals of the worst, no more than `mostOrdinals`. */
  readonly ordinals: readonly number[];
}

/** Findings by their rule and advice, while they go by. */
export class AdviceGroups {
  private readonly byRule = new Map<string, Map<string, GrowingGroup>>();
  private readonly groups: GrowingGroup[] = [];

  see(finding: FindingHead, ordinal: number): void {
    const { rule, advice } = finding;
    const byAdvice = this.byRule.get(rule) ?? new Map<string, GrowingGroup>();
    this.byRule.set(rule, byAdvice);
    const group = byAdvice.get(advice) ?? new GrowingGroup(finding, ordinal);
    if (!byAdvice.has(advice)) this.groups.push(group);
    byAdvice.set(advice, group);
    group.add(finding, ordinal);
  }

  /** The group of a finding that was seen. */
  of({ rule, advice }: Pick<Finding, 'rule' | 'advice'>): AdviceGroup | undefined {
    return this.byRule.get(rule)?.get(advice);
  }

  /** In the order in which the first finding of each was seen. */
  get asSeen(): readonly AdviceGroup[] {
    return this.groups;
  }

  /** In the order of their worst findings. */
  get ranked(): readonly AdviceGroup[] {
    return this.groups.toSorted((a, b) => b.worst.rank - a.worst.rank || a.worst.ordinal - b.worst.ordinal);
  }
}

class GrowingGroup implements AdviceGroup {
  readonly rule: string;
  readonly counts = countBySeverity([]);
  worst: AdviceGroup['worst'];
  following = 0;
  lessened = 0;
  private readonly ranking = new Ranking(mostOrdinals);

  constructor(first: FindingHead, ordinal: number) {
    this.rule = first.rule;
    this.worst = worstAt(first, ordinal);
  }

  add(finding: FindingHead, ordinal: number): void {
    const { rank, severity, consequences } = finding;
    if (rank > this.worst.rank) this.worst = worstAt(finding, ordinal);
    this.counts[severity]++;
    for (const { remains } of consequences) {
      if (remains === undefined) this.following++;
      else this.lessened++;
    }
    this.ranking.add(rank, ordinal);
  }

  get ordinals(): readonly number[] {
    return this.ranking.ordinals;
  }
}

function worstAt(finding: FindingHead, ordinal: number): AdviceGroup['worst'] {
  const { rank, severity, task, standards } = finding;
  const { owasp = [], cwe = [] } = standards;
  return { rank, ordinal, severity, task, concern: [...owasp, ...cwe].join(' ') };
}

/**
 * What is to be decided, in the order in which to do it. Findings of a rule whose fixes differ are decisions of their own,
 * unless these begin with the same words: then what a decision is called by holds for all of them. Of groups that are
 * equally bad, the one that is given first is where to begin.
 */
export function planned(groups: readonly AdviceGroup[]): readonly PlannedDecision[] {
  const byTask = groupedBy(groups, ({ rule, worst: { task } }) => `${rule}\n${task}`);
  return variedAmongEqual([...byTask.values()].flatMap(planOf).sort(firstToDo));
}

function planOf(groups: readonly AdviceGroup[]): readonly PlannedDecision[] {
  const [worst, ...others] = groups.toSorted((a, b) => b.worst.rank - a.worst.rank);
  if (!worst) return [];
  const counts = countBySeverity([]);
  for (const group of groups) for (const severity of severities) counts[severity] += group.counts[severity];
  const places = totalOf(counts);
  const following = groups.reduce((sum, group) => sum + group.following, 0);
  const lessened = groups.reduce((sum, group) => sum + group.lessened, 0);
  return [{ groups: [worst, ...others], counts, places, removed: places + following, following, lessened }];
}

/** Of what is equally urgent, first what goes against other entries of standards than all before: one fault has many faces. */
function variedAmongEqual(sorted: readonly PlannedDecision[]): readonly PlannedDecision[] {
  const told = new Set<string>();
  const byUrgency = groupedBy(sorted, ({ groups: [{ worst }], removed }) => `${worst.rank} ${removed}`);
  return [...byUrgency.values()].flatMap((equal) => {
    const others: PlannedDecision[] = [];
    const again: PlannedDecision[] = [];
    for (const each of equal) {
      const [{ worst }] = each.groups;
      (told.has(worst.concern) ? again : others).push(each);
      told.add(worst.concern);
    }
    return [...others, ...again];
  });
}

function firstToDo(
  { groups: [a], removed }: PlannedDecision,
  { groups: [b], removed: other }: PlannedDecision,
): number {
  return (
    b.worst.rank - a.worst.rank || other - removed || compare(a.rule, b.rule) || compare(a.worst.task, b.worst.task)
  );
}

/** Takes what decisions are told by out of findings that go by once more. */
export class DecisionFindings {
  private readonly groups: AdviceGroups;
  private readonly plans: readonly {
    readonly plan: PlannedDecision;
    readonly ordinals: readonly number[];
    readonly files: FileCount;
  }[];
  private readonly filesOf: ReadonlyMap<AdviceGroup, FileCount>;
  private readonly kept: Kept<Finding>;

  /** `sample`: how many findings of the nth decision are wanted, no more than `mostOrdinals`. */
  constructor(groups: AdviceGroups, plans: readonly PlannedDecision[], sample: (index: number) => number) {
    this.groups = groups;
    this.plans = plans.map((plan, index) => ({
      plan,
      ordinals: plan.groups.flatMap(({ ordinals }) => ordinals).slice(0, sample(index)),
      files: new FileCount(),
    }));
    this.filesOf = new Map(
      this.plans.flatMap(({ plan, files }) => plan.groups.map((group): [AdviceGroup, FileCount] => [group, files])),
    );
    this.kept = new Kept(this.plans.flatMap(({ ordinals }) => ordinals));
  }

  see(finding: Finding, ordinal: number): void {
    const group = this.groups.of(finding);
    if (group) this.filesOf.get(group)?.see(finding.at.source.name);
    this.kept.see(finding, ordinal);
  }

  get decisions(): readonly Decision[] {
    return this.plans.flatMap(({ plan: { groups: _, ...plan }, ordinals, files }) => {
      const findings = this.kept.of(ordinals);
      const [first] = findings;
      return first ? [{ ...plan, first, findings, files: files.amount }] : [];
    });
  }
}

/**
 * What is to be decided, in the order in which to do it; the findings go by twice. `order`: whether decisions are made as if
 * findings had been given worst first, which tells only where to begin among equal ones.
 */
export function decisionsOf(
  findings: Iterable<Finding>,
  order: 'as given' | 'ranked' = 'as given',
): readonly Decision[] {
  const groups = new AdviceGroups();
  for (const [ordinal, finding] of numbered(findings)) groups.see(finding, ordinal);
  const plans = planned(order === 'ranked' ? groups.ranked : groups.asSeen);
  const taken = new DecisionFindings(groups, plans, () => usualSample);
  for (const [ordinal, finding] of numbered(findings)) taken.see(finding, ordinal);
  return taken.decisions;
}

/** `removes 2 findings and 1 that follows, makes 3 less severe`. */
export function effectOf({ removed, following, lessened }: Decision): string {
  const follow = following === 0 ? '' : ` and ${following} that ${following === 1 ? 'follows' : 'follow'}`;
  const less = lessened === 0 ? '' : `, makes ${lessened} less severe`;
  return `removes ${count(removed - following, 'finding')}${follow}${less}`;
}
