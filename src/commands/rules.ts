import { UserError } from '../model/user-error.ts';
import { rulesJson, rulesMarkdown, rulesText } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';
import type { Io } from './io.ts';

export function rules(format: string, io: Io): number {
  const renderers: Readonly<Record<string, typeof rulesJson>> = {
    text: rulesText,
    json: rulesJson,
    markdown: rulesMarkdown,
  };
  const renderer = renderers[format];
  if (!renderer) throw new UserError(`unknown format "${format}"`, 'known: text, json, markdown');
  io.out(renderer(allRules, familyOf));
  return 0;
}
