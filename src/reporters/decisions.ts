import { compare } from '../model/compare.ts';
import { addTo, groupedBy } from '../model/groups.ts';
import { count } from '../model/prose.ts';
import type { Finding } from '../model/report.ts';

/** One thing to do, wherever it is to be done. */
export interface Decision {
  /** Where to begin: the finding with the highest rank. */
  readonly first: Finding;
  readonly findings: readonly Finding[];
  readonly places: number;
  /** In how many files. */
  readonly files: number;
  /** How many findings are gone when it is done, those that follow from it included. */
  readonly removed: number;
  /** How many of these are not findings of their own, but follow. */
  readonly following: number;
  /** How many that follow are left, less severe. */
  readonly lessened: number;
}

/**
 * What is to be decided, in the order in which to do it. Findings of a rule whose fixes differ are decisions of their own,
 * unless these begin with the same words: then what a decision is called by holds for all of them.
 */
export function decisionsOf(findings: readonly Finding[]): readonly Decision[] {
  const byTask = new Map<string, Finding[]>();
  for (const of of groupedBy(findings, ({ rule, advice }) => `${rule}\n${advice}`).values()) {
    const { rule, task } = worstOf(of);
    for (const finding of of) addTo(byTask, `${rule}\n${task}`, finding);
  }
  return variedAmongEqual([...byTask.values()].map(decisionOf).sort(firstToDo));
}

function worstOf(findings: readonly Finding[]): Finding {
  return findings.reduce((worst, finding) => (finding.rank > worst.rank ? finding : worst));
}

/** Of what is equally urgent, first what goes against other entries of standards than all before: one fault has many faces. */
function variedAmongEqual(sorted: readonly Decision[]): readonly Decision[] {
  const told = new Set<string>();
  return [...groupedBy(sorted, ({ first, removed }) => `${first.rank} ${removed}`).values()].flatMap((equal) => {
    const others: Decision[] = [];
    const again: Decision[] = [];
    for (const each of equal) {
      const { owasp = [], cwe = [] } = each.first.standards;
      const concern = [...owasp, ...cwe].join(' ');
      (told.has(concern) ? again : others).push(each);
      told.add(concern);
    }
    return [...others, ...again];
  });
}

function decisionOf(findings: readonly Finding[]): Decision {
  const first = worstOf(findings);
  const consequences = findings.flatMap((finding) => finding.consequences);
  const lessened = consequences.filter(({ remains }) => remains !== undefined).length;
  return {
    first,
    findings,
    places: findings.length,
    files: new Set(findings.map(({ at }) => at.source.name)).size,
    removed: findings.length + consequences.length - lessened,
    following: consequences.length - lessened,
    lessened,
  };
}

/** `removes 2 findings and 1 that follows, makes 3 less severe`. */
export function effectOf({ removed, following, lessened }: Decision): string {
  const follow = following === 0 ? '' : ` and ${following} that ${following === 1 ? 'follows' : 'follow'}`;
  const less = lessened === 0 ? '' : `, makes ${lessened} less severe`;
  return `removes ${count(removed - following, 'finding')}${follow}${less}`;
}

function firstToDo(a: Decision, b: Decision): number {
  return (
    b.first.rank - a.first.rank ||
    b.removed - a.removed ||
    compare(a.first.rule, b.first.rule) ||
    compare(a.first.task, b.first.task)
  );
}
