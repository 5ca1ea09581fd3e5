import { rulesJson, rulesMarkdown, rulesText } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';
import type { Io } from './io.ts';

const renderers = { text: rulesText, json: rulesJson, markdown: rulesMarkdown };

export type RulesFormat = keyof typeof renderers;

export function rules(format: RulesFormat, io: Io): number {
  io.out(renderers[format](allRules, familyOf));
  return 0;
}
