import { createHash } from 'node:crypto';
import { once } from '../model/memoize.ts';
import type { RuleSet } from '../model/report.ts';
import { rulesJson } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';

const ofAllRules = once((): RuleSet => {
  const sha256 = createHash('sha256').update(rulesJson(allRules, familyOf)).digest('hex');
  return { count: allRules.length, sha256 };
});

/** All rules that there are. Whoever has the same tool can compute the digest again. */
export function ruleSet(): RuleSet {
  return ofAllRules();
}
