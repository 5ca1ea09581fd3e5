import type { Report } from '../model/report.ts';
import type { Masked } from '../model/text.ts';
import type { ToldChange } from '../model/ways.ts';
import { wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { Headline } from './headline.ts';
import { besidePlace, listed, namedPlace, type View } from './places.ts';
import { cut, hanging } from './prose.ts';
import { type CutEffect, effectInWords, isKnown, noEffect, waysOfOutsiders, withCut } from './ways.ts';

/** Names may be as long as somebody wants them to be (UTF-16 units). */
const mostOfLine = 400;

/** What outsiders get in all installations of a report, and what would keep them out. */
export interface WaysInShort {
  /** A line for each position. */
  readonly lines: readonly string[];
  /** How many ways there are. */
  readonly amount: number;
  /** Whether there may be others, of which it is not known. */
  readonly isOpenEnded: boolean;
  readonly effect: CutEffect;
  /** The first changes of the cuts. */
  readonly changes: readonly Masked<ToldChange>[];
}

/** Undefined where no way of an outsider is open. */
export function waysInShort({ ways: all, problems }: Report): WaysInShort | undefined {
  const headline = new Headline();
  const changes: Masked<ToldChange>[] = [];
  let effect = noEffect;
  let amount = 0;
  let isOpenEnded = problems.some(({ incomplete }) => incomplete);
  for (const ways of all ?? []) {
    isOpenEnded ||= !isKnown(ways);
    const groups = waysOfOutsiders(ways).length;
    if (groups === 0) continue;
    amount += groups;
    headline.add(ways);
    for (const change of ways.cut.changes) if (changes.length < listed) changes.push(change);
    effect = withCut(effect, ways);
  }
  return amount === 0 ? undefined : { lines: headline.lines, amount, isOpenEnded, effect, changes };
}

/** Above what to do first: who gets in. */
export function* waysInLines({ lines, amount, isOpenEnded }: WaysInShort, { style, width }: View): Generator<string> {
  yield style.strong('ways in');
  yield '';
  for (const line of lines) yield* hanging('- ', cut(visible(line), mostOfLine), width);
  if (amount > lines.length) yield style.faint(`${amount} ways in all (drone-audit paths lists them)`);
  if (isOpenEnded) yield* wrap('there may be others: not all is known (drone-audit paths tells what)', width);
  yield '';
}

/** By which changes nobody gets in any more; nothing where none is known. */
export function* cutLines({ effect, changes }: WaysInShort, view: View): Generator<string> {
  const words = effectInWords(effect);
  if (words === '') return;
  yield view.style.strong(words);
  yield '';
  for (const { what, place } of changes) {
    const text = cut(visible(what), mostOfLine);
    if (place)
      yield* besidePlace(namedPlace(visible(`${place.file}:${place.line}`), place.file, place.line, view), text, view);
    else yield* hanging('- ', text, view.width);
  }
  const left = effect.changes - changes.length;
  if (left > 0) yield view.style.faint(`and ${left} more (drone-audit paths lists them)`);
  yield '';
}
