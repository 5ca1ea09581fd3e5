import { count } from '../model/prose.ts';
import { type Location, positionOf } from '../model/source.ts';
import { displayWidth, wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { linked, type Styles, type TextOptions } from './styles.ts';

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

/** A place for people: `text` is what takes columns, `shown` is the same as a link where the terminal has them. */
export interface Place {
  readonly text: string;
  readonly shown: string;
}

/** Where a location is. */
export function placeIn(at: Location, view: View): Place {
  const { line } = positionOf(at.source, at.span.start);
  return namedPlace(placeOf(at), at.source.name, line, view);
}

/** A place by the name of its source. */
export function namedPlace(text: string, name: string, line: number | undefined, { linkTo }: View): Place {
  return { text, shown: linked(text, linkTo?.(name, line)) };
}

/** A text beside the place it is about, or below where it leaves no room. The place itself is never broken. */
export function besidePlace(place: Place, text: string, { width }: View): string[] {
  const room = width - displayWidth(place.text) - 2;
  const words = text.trim().replace(/\s+/g, ' ');
  const beside = room >= Math.min(leastRoom, displayWidth(words)) ? (wrap(words, room)[0] ?? '') : '';
  const below = words.slice(beside.length).trimStart();
  const lines = below === '' ? [] : wrap(below, width - 4).map((line) => `    ${line}`);
  return [beside === '' ? place.shown : `${place.shown}  ${beside}`, ...lines];
}

/** `and 14 more (-v lists them)`; `files` says in how many files they are, where that tells more. */
export function andMore(amount: number, files = 1): string {
  return `and ${amount} more${files > 1 ? ` in ${count(files, 'file')}` : ''} (-v lists them)`;
}
