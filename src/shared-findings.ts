import { servicesOfRunning } from './drone/running.ts';
import type { Verdict } from './judge.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { memoizePer } from './model/memoize.ts';
import type { Remark } from './model/remark.ts';
import { type Severity, worstFirst } from './model/severity.ts';
import type { Location } from './model/source.ts';
import { joinIds } from './model/standard-ids.ts';
import { say, type Text, textKey } from './model/text.ts';

/** What is compared of a finding that is being made. */
interface Shareable {
  readonly verdict: Verdict;
  readonly at: Location;
  readonly severity: Severity;
  readonly message: Text;
  readonly label: Text;
  readonly related: readonly Remark[];
  readonly owner: string;
  readonly subject: string | undefined;
  readonly cisDocker: readonly string[] | undefined;
}

/**
 * What a service of a compose file and the container that was made from it share is one finding: at the file, where it is
 * mended, with the place in the container beside it, and as severe as the worse of both.
 */
export function sharedFindings<Finding extends Shareable>(findings: readonly Finding[]): readonly Finding[] {
  const declaredBy = new Map<string, Finding[]>();
  const running = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { installation } = finding.verdict.context;
    if (ownersOf(installation).has(finding.owner)) addTo(running, keyOf(finding, finding.owner), finding);
    else addTo(declaredBy, keyOf(finding, finding.owner), finding);
  }
  const folded = new Map<Finding, readonly Finding[]>();
  for (const live of [...running.values()].flat()) {
    const service = ownersOf(live.verdict.context.installation).get(live.owner);
    const candidates = declaredBy.get(keyOf(live, service ?? '')) ?? [];
    const declared =
      candidates.find((each) => isOne(each, live)) ?? onlyOne(candidates, running.get(keyOf(live, live.owner)));
    if (!declared) continue;
    const [before = declared] = folded.get(declared) ?? [];
    const [worse] = [before, live].sort(worstFirst);
    const also: Remark = { at: live.at, message: say`the same in ${live.label}` };
    const told = {
      ...before,
      severity: worse?.severity ?? before.severity,
      related: [...before.related, also],
      cisDocker: joinIds(before.cisDocker, live.cisDocker),
    };
    folded.set(declared, [told]);
    folded.set(live, []);
  }
  return folded.size === 0 ? findings : findings.flatMap((finding) => folded.get(finding) ?? [finding]);
}

/** The owner of the declared service by that of its running container. */
const ownersOf = memoizePer(({ containers }: Installation): ReadonlyMap<string, string> => {
  const pairs = [...servicesOfRunning(containers)];
  return new Map(pairs.map(([running, declared]) => [running.owner, declared.owner]));
});

function keyOf({ verdict }: Shareable, owner: string): string {
  return `${verdict.rule.id}\n${owner}`;
}

/** Whether two findings of one rule are about one thing of the same component. */
function isOne(one: Shareable, other: Shareable): boolean {
  if (one.subject !== undefined || other.subject !== undefined) return one.subject === other.subject;
  return wordsOf(one) === wordsOf(other);
}

/** The message without what the component is called. */
function wordsOf({ message, label }: Shareable): string {
  return textKey(message).replaceAll(textKey(label), '');
}

/** The only finding of a rule on either side is about the same, whatever its words. */
function onlyOne<Finding extends Shareable>(
  candidates: readonly Finding[],
  running: readonly Finding[] = [],
): Finding | undefined {
  const [only, ...others] = candidates;
  return others.length === 0 && only?.subject === undefined && running.length === 1 ? only : undefined;
}
