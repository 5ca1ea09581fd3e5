import { ruleText } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { retired } from '../rules/retired.ts';
import { type Io, wantsColor } from './io.ts';
import { unknownRule } from './unknown-word.ts';

export function explain(id: string, io: Io): number {
  const wanted = retired.get(id) ?? id;
  const rule = allRules.find((each) => each.id === wanted);
  if (!rule) throw unknownRule(id);
  const family = familyOf.get(rule.id) ?? '';
  io.out(ruleText(rule, family, io.width, wantsColor('auto', io), io.readPage(`rules/${family}/${rule.id}.md`)));
  return 0;
}
