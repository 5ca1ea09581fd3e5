import { nearest } from '../model/nearest.ts';
import { UserError } from '../model/user-error.ts';
import { ruleText } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { retired } from '../rules/retired.ts';
import { type Io, wantsColor } from './io.ts';

export function explain(id: string, io: Io): number {
  const wanted = retired.get(id) ?? id;
  const rule = allRules.find((each) => each.id === wanted);
  if (!rule) {
    const meant = nearest(id, familyOf.keys());
    throw new UserError(
      `there is no rule "${id}"`,
      meant ? `did you mean "${meant}"?` : 'drone-audit rules lists them',
    );
  }
  const family = familyOf.get(rule.id) ?? '';
  io.out(ruleText(rule, family, io.width, wantsColor('auto', io), io.readPage(`rules/${family}/${rule.id}.md`)));
  return 0;
}
