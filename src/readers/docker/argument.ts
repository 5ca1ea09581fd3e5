import type { Origin } from '../../model/environment.ts';
import type { Located, Location, Source, Span } from '../../model/source.ts';

/*
 * Arguments of commands, whoever splits them (a shell, systemd): text with its place, and parts that are known only
 * when the command runs.
 */

/** A place that has no path yet. */
export interface Place {
  readonly source: Source;
  readonly span: Span;
}

export interface Part {
  /** Absent if it is known only when the command runs. */
  readonly text?: string;
  /** Where the text is written: in the argument, or where the variable that holds it was set. */
  readonly at: Place;
  /** Its place in the argument. */
  readonly here: Place;
  readonly origin: Origin;
}

export interface Argument {
  readonly parts: readonly Part[];
  /** The whole argument, including quotes. */
  readonly here: Place;
  /** Whether it may become several arguments, or none (`$OPTIONS` without quotes). */
  readonly splits: boolean;
}

/** A known word as an argument. */
export function argumentOf({ value, at }: Located<string>): Argument {
  return { parts: [{ text: value, at, here: at, origin: 'literal' }], here: at, splits: false };
}

/** The whole text; undefined if a part of it is unknown. */
export function textOf(parts: readonly Part[]): string | undefined {
  let text = '';
  for (const part of parts) {
    if (part.text === undefined) return undefined;
    text += part.text;
  }
  return text;
}

/** The whole text of one of several arguments; empty where it is unknown or there is none. */
export function wordAt(args: readonly Argument[], index: number): string {
  return textOf(args[index]?.parts ?? []) ?? '';
}

/** The text before the first unknown part. */
export function literalPrefix(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) {
    if (part.text === undefined) return text;
    text += part.text;
  }
  return text;
}

/** The text, with unknown parts as written (`$(pwd)/data`). */
export function shownOf(parts: readonly Part[]): string {
  return parts.map(({ text, here }) => text ?? here.source.text.slice(here.span.start, here.span.end)).join('');
}

/** The parts after this many characters; these characters must be known. */
export function after(parts: readonly Part[], count: number): readonly Part[] {
  let left = count;
  for (const [index, part] of parts.entries()) {
    const length = part.text?.length ?? 0;
    if (left < length) return [cut(part, left, length), ...parts.slice(index + 1)];
    left -= length;
    if (left <= 0) {
      const rest = parts.slice(index + 1);
      return rest.length > 0 ? rest : [cut(part, length, length)];
    }
  }
  return [];
}

/** Splits at a separator of one character, into at most this many pieces; unknown parts contain none. */
export function split(
  parts: readonly Part[],
  separator: string,
  most = Number.POSITIVE_INFINITY,
): readonly (readonly Part[])[] {
  const found: Part[][] = [[]];
  for (const part of parts) {
    const text = part.text;
    if (text === undefined) {
      found.at(-1)?.push(part);
      continue;
    }
    let from = 0;
    for (let at = text.indexOf(separator); at >= 0 && found.length < most; at = text.indexOf(separator, from)) {
      found.at(-1)?.push(cut(part, from, at));
      found.push([]);
      from = at + 1;
    }
    found.at(-1)?.push(cut(part, from, text.length));
  }
  return found;
}

/** The arguments that a text without quotes becomes, one for each of its words. */
export function splitIntoWords(parts: readonly Part[], here: Place): Argument[] {
  const blank = parts.map((part) => ({ ...part, text: part.text?.replace(/\s/g, ' ') }));
  return split(blank, ' ')
    .filter((word) => textOf(word) !== '')
    .map((word) => ({ parts: word, here, splits: false }));
}

function cut(part: Part, start: number, end: number): Part {
  if (part.text === undefined || (start === 0 && end === part.text.length)) return part;
  const within = (place: Place): Place =>
    place.span.end - place.span.start === part.text?.length
      ? { source: place.source, span: { start: place.span.start + start, end: place.span.start + end } }
      : place;
  return { ...part, text: part.text.slice(start, end), at: within(part.at), here: within(part.here) };
}

/** The place of the parts in the argument. */
export function placeOf(parts: readonly Part[], otherwise: Place): Place {
  const filled = parts.filter(({ text }) => text !== '');
  const first = (filled[0] ?? parts[0])?.here;
  const last = (filled.at(-1) ?? parts.at(-1))?.here;
  if (!first || !last) return otherwise;
  return { source: first.source, span: { start: first.span.start, end: last.span.end } };
}

/** A place with its path. */
export function locate(place: Place, path: string): Location {
  return { source: place.source, path, span: place.span };
}

/** What an argument says about a variable. */
export interface ResolvedText {
  readonly value?: Located<string>;
  readonly fallback?: Located<string>;
  readonly usedAt?: Location;
  readonly origin: Origin;
}

/**
 * The value that parts make up: its text, its place (where the variable was set, if it is that variable and nothing
 * else) and how it is known. Without text, there is only an origin.
 */
export function resolve(parts: readonly Part[], path: string, otherwise: Place): ResolvedText {
  const filled = parts.filter(({ text }) => text !== '');
  const here = placeOf(parts, otherwise);
  const text = textOf(parts);
  if (text === undefined) return { origin: 'unresolved' };
  const only = filled.length === 1 ? filled[0] : undefined;
  const at = only ? only.at : here;
  const value = { value: text, at: locate(at, path) };
  const usedAt = only && only.origin !== 'literal' ? { usedAt: locate(here, path) } : {};
  if (filled.some(({ origin }) => origin === 'fallback')) {
    return { value, fallback: value, origin: 'fallback', ...usedAt };
  }
  const interpolated = filled.some(({ origin }) => origin === 'interpolated');
  return { value, origin: interpolated ? 'interpolated' : 'literal', ...usedAt };
}
