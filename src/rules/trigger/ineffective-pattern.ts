import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { blocksOf, type ConditionBlock, patternsOf } from '../../drone/conditions.ts';
import { isBalanced, isLiteral, matchGlob, mayMatch } from '../../drone/glob.ts';
import { conditionWords } from '../../facts/conditions.ts';
import type { Condition } from '../../model/pipeline.ts';
import { type Remark, rule, say } from '../../model/rule.ts';
import { placeFills } from './_fills.ts';

export default rule({
  id: 'ineffective-pattern',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pattern cannot match what it means',
  why: 'Drone matches patterns against the whole text, case-sensitively and path segment by path segment, and knows no negation. A malformed pattern never matches and is never reported; in `exclude` it lets everything through.',
  fix: 'Write patterns for the whole text: branches without `refs/heads/` and refs with it, `**` alone between slashes (`release-*` and `release-*/**`), and what is not wanted below `exclude`:\n\n```yaml\ntrigger:\n  branch:\n    include: [main, release/*]\n    exclude: [release/old]\n```\n\nFor tags use `ref` in place of `branch`, because a tag usually has no branch:\n\n```yaml\ntrigger:\n  ref: [refs/heads/main, refs/tags/**]\n```',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/',
    'bmatcuk/doublestar v1.1.1 doublestar.go:97',
    'drone/runner-go manifest/cond.go:42-53',
    'harness/drone service/hook/parser/parse.go:138',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  cause: 'where decisive',
  *judge(pipeline, context) {
    const isAtStake = stepAssets(pipeline, context).some(hasSecretsOrDeploys);
    for (const block of blocksOf(pipeline)) {
      const common = { fills: placeFills(block), reach: (block.step ?? pipeline).reach };
      for (const condition of block.conditions.conditions.values()) {
        const subject = `${condition.name} of ${block.subject}`;
        for (const pattern of patternsOf(condition)) {
          const why = faultOf(condition.name, pattern.value);
          if (why === undefined) continue;
          const severity = isAtStake && condition.exclude.includes(pattern) ? { severity: 'high' as const } : {};
          yield { ...common, at: pattern.at, subject, message: say`"${pattern.value}" ${why}`, ...severity };
        }
        const empty = emptiness(block, condition);
        if (empty) yield { ...common, subject, ...empty };
      }
    }
  },
});

/** Why a pattern of a condition does not match what its author means; undefined for one without a known fault. */
function faultOf(name: string, pattern: string): string | undefined {
  if (pattern.includes('${')) return undefined;
  if (pattern.startsWith('!')) return `is not a negation: it matches a text that begins with "!"`;
  if (!isBalanced(pattern)) return 'has a bracket or brace that is not closed: it never matches';
  if (name === 'branch' && pattern.startsWith('refs/'))
    return `never matches: a branch is compared without "refs/heads/"`;
  if (name === 'ref' && !mayMatch(pattern, ['refs', '**']))
    return `never matches: a ref begins with "refs/heads/", "refs/tags/" or "refs/pull/"`;
  if ((name === 'branch' || name === 'ref') && isExpression(pattern))
    return 'is a regular expression, which Drone takes as a plain pattern: it matches no real name';
  const word = isLiteral(pattern) ? pattern.toLowerCase() : pattern;
  if (word !== pattern && conditionWords[name]?.includes(word)) return `never matches: write "${word}"`;
  if (pattern.split('/').some((part) => part !== '**' && part.includes('**')))
    return 'has "**" beside other text, where it acts like "*" and stops at the next "/"';
  return undefined;
}

/**
 * Whether a pattern is written as a regular expression, so that no name that git allows or people give matches it: `^`
 * anywhere and `.` at the start of a part are refused by git (git-check-ref-format).
 */
function isExpression(pattern: string): boolean {
  const outside = pattern.slice(0, maxPatternLength).replace(/\[[^\]]{0,100}\]/g, '[]');
  return /\^|(?:^|\/)\.\*|\$$|\\[dwsb]|\[\][+]|\([^()|]{0,100}\|[^()]{0,100}\)/.test(outside);
}

const maxPatternLength = 300;

/** How many pairs of patterns are compared. */
const maxPairs = 10_000;

/** A condition that nothing passes, though each of its patterns is sound. */
function emptiness(block: ConditionBlock, condition: Condition): Remark | undefined {
  const { name, include, exclude, at } = condition;
  if (include.length === 0 || include.length * exclude.length > maxPairs) return undefined;
  const [first] = exclude;
  const isExcluded = (pattern: string): boolean =>
    exclude.some(
      ({ value }) =>
        value === pattern || value === '**' || (isLiteral(pattern) && matchGlob(value, pattern) === 'match'),
    );
  if (first && include.every(({ value }) => isExcluded(value)))
    return { at, message: say`"${name}" of ${block.label} excludes all that it includes: nothing passes` };
  if (name !== 'branch' || block.kind !== 'trigger' || !isForTagsOnly(block)) return undefined;
  if (include.some(({ value }) => matchGlob(value, '') === 'match')) return undefined;
  return { at, message: say`"branch" keeps tags out: a tag usually has no branch, so this pipeline never runs` };
}

/** Whether only tags pass the other conditions of a trigger. */
function isForTagsOnly({ conditions: { conditions } }: ConditionBlock): boolean {
  const all = (name: string, test: (pattern: string) => boolean): boolean => {
    const include = conditions.get(name)?.include ?? [];
    return include.length > 0 && include.every(({ value }) => test(value));
  };
  return all('event', (event) => event === 'tag') || all('ref', (ref) => ref.startsWith('refs/tags/'));
}
