import type { Part } from '../model/fix-markdown.ts';
import type { DroneEvent, Reach } from '../model/pipeline.ts';
import { listed } from '../model/prose.ts';

/** Events that a fix names in words where its block leaves them out. */
const inWords: readonly (readonly [DroneEvent, string])[] = [
  ['cron', 'cron jobs'],
  ['promote', 'promotions'],
  ['custom', 'custom builds'],
];

const leftOutSentence = /\bCron jobs, promotions and custom builds ([^.]*\.)(?: |$)/g;

/** For the page of a rule: the block of a finding has seen to it. */
const ofTags = /A tag has no branch: beside `branch`, write `event: push`\.(?: |$)/g;

/**
 * The parts of a fix, with prose that says what is so of the blocks of conditions before it: of the events that they end, it
 * names those alone that got there, and to advise what a block does already it has no need.
 */
export function suitedProse(parts: readonly Part[], of: { readonly reach: Reach } | undefined): readonly Part[] {
  const lists = parts.flatMap((part) => {
    if (part.kind !== 'block' || part.use !== 'conditions') return [];
    return [...part.text.matchAll(/^ *event: \[([a-z_, ]*)\]$/gm)].map(([, list = '']) => list.split(', '));
  });
  if (!of || lists.length === 0) return parts;
  const isLeftOut = (event: DroneEvent): boolean =>
    of.reach.events.has(event) && lists.some((list) => !list.includes(event));
  const ended = inWords.filter(([event]) => isLeftOut(event)).map(([, words]) => words);
  const sentence = listed(ended).replace(/^./, (letter) => letter.toUpperCase());
  return parts.flatMap((part): readonly Part[] => {
    if (part.kind === 'block') return [part];
    const text = part.text
      .replace(leftOutSentence, (_, rest: string) => (ended.length > 0 ? `${sentence} ${rest} ` : ''))
      .replace(ofTags, '')
      .trimEnd();
    return text === '' ? [] : [{ ...part, text }];
  });
}
