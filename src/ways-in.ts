import { judge, type Verdict } from './judge.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { once } from './model/memoize.ts';
import { isRunner } from './model/role.ts';
import type { AnyRule, Context } from './model/rule.ts';
import { edges } from './ways/edges/index.ts';
import type { RuleHit } from './ways/view.ts';
import { type Chosen, type Ways, waysOf } from './ways/ways.ts';

const asked = once((): ReadonlySet<string> => new Set(edges.flatMap((edge) => edge.rules)));

/** What was judged already, and by which rules. */
export interface JudgedAlready {
  readonly rules: readonly AnyRule[];
  readonly verdicts: readonly Verdict[];
}

/** Whether a way could lead through an installation: pipelines alone have none that anybody knows the end of. */
export function hasParts({ settings, repositories }: Installation): boolean {
  return repositories.length > 0 || settings.some(({ role }) => role === 'server' || isRunner(role));
}

/** What edges ask of all that rules found. */
export function askedByEdges(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter(({ rule }) => asked().has(rule.id));
}

/** The ways through an installation. The rules that edges ask are run whether or not the audit is to tell what they find. */
export function waysIn(
  context: Context,
  every: readonly AnyRule[],
  chosen: Chosen = {},
  already: JudgedAlready = { rules: [], verdicts: [] },
): Ways {
  const ran = new Set(already.rules.map(({ id }) => id));
  const others = every.filter(({ id }) => asked().has(id) && !ran.has(id));
  const { verdicts } = judge(context.installation, others, context.site);
  const hits = new Map<string, RuleHit[]>();
  for (const { rule, artifact, hit } of [...already.verdicts, ...verdicts]) {
    const { at, message, of, subject } = hit;
    addTo(hits, rule.id, {
      rule: rule.id,
      at,
      message,
      owner: of?.owner ?? artifact.owner,
      ...(subject ? { subject } : {}),
    });
  }
  return waysOf(context, (rule) => hits.get(rule) ?? [], chosen);
}
