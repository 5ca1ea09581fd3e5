import { judge } from './judge.ts';
import { memoize } from './model/memoize.ts';
import type { AnyRule, Context } from './model/rule.ts';
import { edges } from './ways/edges/index.ts';
import type { RuleHit } from './ways/view.ts';
import { type Chosen, type Ways, waysOf } from './ways/ways.ts';

/** The ways through an installation. The rules that edges ask are run whether or not the audit is to tell what they find. */
export function waysIn(context: Context, rules: readonly AnyRule[], chosen: Chosen = {}): Ways {
  const asked = new Set(edges.flatMap((edge) => edge.rules));
  const { verdicts } = judge(
    context.installation,
    rules.filter(({ id }) => asked.has(id)),
    context.site,
  );
  const hitsOf = memoize((rule): readonly RuleHit[] =>
    verdicts.flatMap(({ rule: { id }, artifact, hit: { at, message, of, subject } }) =>
      id === rule ? [{ rule, at, message, owner: of?.owner ?? artifact.owner, ...(subject ? { subject } : {}) }] : [],
    ),
  );
  return waysOf(context, hitsOf, chosen);
}
