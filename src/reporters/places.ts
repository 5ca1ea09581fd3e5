import { count } from '../model/prose.ts';
import { type Location, positionOf } from '../model/source.ts';
import { displayWidth, wrap } from './display-width.ts';
import { visible } from './escape.ts';
import type { Styles, TextOptions } from './styles.ts';

/** What every part of the report for people goes by. */
export interface View extends TextOptions {
  readonly style: Styles;
}

/** How many entries of one kind are listed without --verbose. */
export const listed = 5;

/** Fewer columns than these beside a place are no room for a sentence. */
const leastRoom = 28;

/** `web/.drone.yml:17:21`: terminals open it, and grep finds it. */
export function placeOf({ source, span }: Location): string {
  const { line, column } = positionOf(source, span.start);
  return `${visible(source.name)}:${line}:${column}`;
}

/** A text beside the place it is about, or below where it leaves no room. The place itself is never broken. */
export function besidePlace(place: string, text: string, width: number): string[] {
  const room = width - displayWidth(place) - 2;
  const words = text.trim().replace(/\s+/g, ' ');
  const beside = room >= Math.min(leastRoom, displayWidth(words)) ? (wrap(words, room)[0] ?? '') : '';
  const below = words.slice(beside.length).trimStart();
  const lines = below === '' ? [] : wrap(below, width - 4).map((line) => `    ${line}`);
  return [beside === '' ? place : `${place}  ${beside}`, ...lines];
}

/** One line: the place, a word, and of the text as much as there is room for, if that is enough to tell anything. */
export function inOneLine(place: string, word: string, text: string, width: number): string {
  const start = word === '' ? place : `${place}  ${word}`;
  const room = width - displayWidth(start) - 2;
  if (room >= Math.min(leastRoom, displayWidth(text))) return `${start}  ${clipped(text, room, 1)[0] ?? ''}`;
  return displayWidth(start) <= width ? start : place;
}

/** A text in at most `most` lines, the last of which ends with `…` if something is left out. */
export function clipped(text: string, width: number, most: number): string[] {
  const lines = wrap(text, width);
  if (lines.length <= most) return lines;
  const characters = [...(lines[most - 1] ?? '')];
  while (displayWidth(characters.join('')) >= width) characters.pop();
  return [...lines.slice(0, most - 1), `${characters.join('').trimEnd()}…`];
}

/** `and 14 more (-v lists them)`; `files` says in how many files they are, where that tells more. */
export function andMore(amount: number, files = 1): string {
  return `and ${amount} more${files > 1 ? ` in ${count(files, 'file')}` : ''} (-v lists them)`;
}
