import { partsOf } from '../model/fix-markdown.ts';
import { memoize } from '../model/memoize.ts';
import { firstSentence, unmarked } from '../model/prose.ts';

/**
 * What a fix says to do first, in a sentence. Where the sentence only leads up to a command or a setting, that is part of
 * it; larger blocks are not.
 */
export const taskOf = memoize((fix: string): string => {
  const [before, block] = partsOf(fix);
  if (before?.kind !== 'prose') return '';
  const [first = '', ...further] = before.text.split('\n');
  const next = further.findIndex((line) => /^[ \t]*[-*|] /.test(line));
  const paragraph = [first.replace(/^(?:[-*]|\d+\.) /, ''), ...further.slice(0, next < 0 ? undefined : next)].join(' ');
  const text = unmarked(paragraph).replace(/\s+/g, ' ');
  const sentence = firstSentence(text);
  const lines = block?.kind === 'block' ? block.text.trim().split('\n') : [];
  const leadsUp = sentence === text && !/[.!?]$/.test(text);
  if (leadsUp && lines.length > 0 && (lines.length === 1 || /^On /.test(text)))
    return `${sentence} \`${lines[0]?.trim()}\`${lines.length > 1 ? ' …' : ''}`;
  return sentence.replace(/(?:, for example)?[.:]$/, '');
});
