import type { Report } from '../model/report.ts';
import type { Masked } from '../model/text.ts';
import type { ToldChange } from '../model/ways.ts';
import { wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { besidePlace, listed, namedPlace, type View } from './places.ts';
import { cut, hanging } from './prose.ts';
import { type CutEffect, effectInWords, isKnown, wayInALine, waysOfOutsiders } from './ways.ts';

/** Names may be as long as somebody wants them to be (UTF-16 units). */
const mostOfLine = 300;

/** What outsiders get in all installations of a report, and what would keep them out. */
export interface WaysInShort {
  /** The first of them in a line each, with how many installations it leads through. */
  readonly lines: ReadonlyMap<string, number>;
  /** How many there are besides. */
  readonly more: number;
  /** Whether there may be others, of which it is not known. */
  readonly isOpenEnded: boolean;
  readonly effect: CutEffect;
  /** The first changes of the cuts. */
  readonly changes: readonly Masked<ToldChange>[];
}

/** Undefined where no way of an outsider is open. */
export function waysInShort({ ways: all, problems }: Report, mostLines: number): WaysInShort | undefined {
  const lines = new Map<string, number>();
  const changes: Masked<ToldChange>[] = [];
  const effect = { changes: 0, closes: 0, isSmallest: true, left: 0 };
  let more = 0;
  let isOpenEnded = problems.some(({ incomplete }) => incomplete);
  for (const ways of all ?? []) {
    isOpenEnded ||= !isKnown(ways);
    const groups = waysOfOutsiders(ways);
    if (groups.length === 0) continue;
    for (const group of groups) {
      const line = cut(visible(wayInALine(group)), mostOfLine);
      const known = lines.get(line);
      if (known !== undefined || lines.size < mostLines) lines.set(line, (known ?? 0) + 1);
      else more++;
    }
    for (const change of ways.cut.changes) if (changes.length < mostLines) changes.push(change);
    effect.changes += ways.cut.changes.length;
    effect.closes += ways.cut.closes;
    effect.left += ways.cut.left.length;
    effect.isSmallest &&= ways.cut.isSmallest;
  }
  return lines.size === 0 ? undefined : { lines, more, isOpenEnded, effect, changes };
}

/** Above what to do first: who gets in, and by which changes nobody does any more. */
export function* waysInLines(report: Report, view: View): Generator<string> {
  const { style, width } = view;
  const short = waysInShort(report, listed);
  if (!short) return;
  const { lines, more, isOpenEnded, effect, changes } = short;
  yield style.strong('ways in');
  yield '';
  for (const [line, times] of lines) yield* hanging('- ', times === 1 ? line : `${line} (${times} times)`, width);
  if (more > 0) yield style.faint(`and ${more} more (drone-audit paths lists them)`);
  if (isOpenEnded) yield* wrap('not all is known, and there may be others (drone-audit paths tells of what)', width);
  yield '';
  const words = effectInWords(effect);
  if (words === '') return;
  yield style.strong(words);
  yield '';
  for (const { what, place } of changes) {
    const text = cut(visible(what), mostOfLine);
    if (place)
      yield* besidePlace(namedPlace(visible(`${place.file}:${place.line}`), place.file, place.line, view), text, view);
    else yield* hanging('- ', text, width);
  }
  const left = effect.changes - changes.length;
  if (left > 0) yield style.faint(`and ${left} more (drone-audit paths lists them)`);
  yield '';
}
