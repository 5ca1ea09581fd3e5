import type { Origin } from '../../model/environment.ts';
import { type Location, lineEndOf, type Span } from '../../model/source.ts';

/*
 * `$NAME` and `${NAME:-text}` as Compose replaces them (compose-go template/template.go). One deliberate difference: a
 * variable that no file sets stays unknown where the environment in which Compose will run is not part of the evidence;
 * Compose itself would use an empty string.
 */

/** A variable that may be interpolated. `text` is absent if it is set to something unknown. */
export interface KnownVariable {
  readonly text?: string;
  /** It is set nowhere, the environment of Compose included. */
  readonly unset?: true;
  /** Where the text is written; absent for the process environment. */
  readonly at?: Location;
}

/** Finds a variable by name; undefined if nothing that was read sets it. */
export type FindVariable = (name: string) => KnownVariable | undefined;

/** Whether something that was read sets it. */
export function isSet(variable: KnownVariable | undefined): boolean {
  return variable !== undefined && !variable.unset;
}

/** The result for one text. Spans are offsets into the raw text. */
export interface Interpolated {
  /** Absent if it contains an unknown variable. */
  readonly text?: string;
  /** The text, with unknown references as written. */
  readonly shown: string;
  readonly origin: Origin;
  /** The place of the value in another file, if the text is one reference and nothing else. */
  readonly from?: Location;
  /** The part that holds the value, if that is not the whole text. */
  readonly part?: Span;
  /** The non-empty text of `${NAME:-text}`, if that is the whole text, whether it was used or not. */
  readonly fallback?: { readonly text: string; readonly part: Span };
  /** Offset of a `${` that Compose refuses. */
  readonly invalidAt?: number;
  /** The name in `${NAME?text}` that is certainly not set, so that Compose refuses the file. */
  readonly missing?: string;
}

interface Reference {
  readonly kind: 'reference';
  readonly name: string;
  readonly operator: string;
  /** The text after the operator. */
  readonly argument: Span;
  readonly end: number;
}

type Found = Reference | { readonly kind: 'escape' | 'text' | 'invalid' };

/** How deep fallbacks may be nested; deeper ones are not followed. */
const maxDepth = 30;

/** Replaces the references in a text. Takes time proportional to its length and nesting depth. */
export function interpolate(raw: string, find: FindVariable): Interpolated {
  return interpolateAt(raw, find, 0);
}

/** Offset of the first reference that Compose refuses, if any. */
export function invalidReference(raw: string): number | undefined {
  return raw.includes('${') ? interpolate(raw, () => undefined).invalidAt : undefined;
}

function interpolateAt(raw: string, find: FindVariable, depth: number): Interpolated {
  if (!raw.includes('$')) return { text: raw, shown: raw, origin: 'literal' };
  const scan = scanner(raw);
  let text = '';
  let shown = '';
  let known = true;
  let missing: string | undefined;
  let origin: Origin = 'literal';
  let position = 0;
  for (let dollar = raw.indexOf('$'); dollar >= 0; dollar = raw.indexOf('$', position)) {
    const before = raw.slice(position, dollar);
    text += before;
    shown += before;
    const found = scan(dollar);
    if (found.kind === 'invalid') return { shown: raw, origin: 'unresolved', invalidAt: dollar };
    if (found.kind !== 'reference') {
      text += '$';
      shown += '$';
      position = dollar + (found.kind === 'escape' ? 2 : 1);
      continue;
    }
    const value = evaluate(raw, found, find, depth);
    if (value.invalidAt !== undefined) return { shown: raw, origin: 'unresolved', invalidAt: dollar };
    if (dollar === 0 && found.end === raw.length) return value;
    missing ??= value.missing;
    if (value.text === undefined) {
      known = false;
      shown += raw.slice(dollar, found.end);
    } else {
      text += value.text;
      shown += value.text;
    }
    if (value.origin === 'fallback' || (value.origin === 'interpolated' && origin === 'literal')) origin = value.origin;
    position = found.end;
  }
  const rest = raw.slice(position);
  if (known) return { text: text + rest, shown: shown + rest, origin };
  return { shown: shown + rest, origin: 'unresolved', missing };
}

/** The value of one reference. Its spans are offsets into `raw`. */
function evaluate(raw: string, reference: Reference, find: FindVariable, depth: number): Interpolated {
  const found = find(reference.name);
  const isUnset = found?.unset === true;
  const variable = isUnset ? undefined : found;
  const { operator, argument } = reference;
  const unknown: Interpolated = { shown: raw, origin: 'unresolved' };
  const set: Interpolated =
    variable?.text === undefined
      ? unknown
      : { text: variable.text, shown: variable.text, origin: 'interpolated', from: variable.at };
  const empty: Interpolated = { text: '', shown: '', origin: 'interpolated' };
  if (operator === '') return isUnset ? empty : set;
  if (operator.endsWith('?')) {
    const isMissing = isUnset || (operator === ':?' && variable?.text === '');
    return isMissing ? { ...unknown, missing: reference.name } : set;
  }
  if (depth >= maxDepth) return unknown;
  if (operator.endsWith('+')) {
    if (isUnset) return empty;
    // Nothing is known about a variable that only the process environment may set.
    if (variable?.text === undefined) return unknown;
    if (operator === ':+' && variable.text === '') return empty;
    const { text, shown, invalidAt } = interpolateAt(raw.slice(argument.start, argument.end), find, depth + 1);
    if (invalidAt !== undefined) return { shown, origin: 'unresolved', invalidAt };
    return text === undefined ? unknown : { text, shown, origin: 'interpolated', part: argument };
  }
  const inner = interpolateAt(raw.slice(argument.start, argument.end), find, depth + 1);
  const fallback = fallbackOf(inner, argument);
  const used = variable === undefined || (operator === ':-' && variable.text === '');
  if (!used) return { ...set, ...fallback };
  if (inner.invalidAt !== undefined || inner.text === undefined)
    return { ...unknown, invalidAt: inner.invalidAt, missing: inner.missing, ...fallback };
  return {
    text: inner.text,
    shown: inner.shown,
    origin: inner.origin === 'interpolated' ? 'interpolated' : 'fallback',
    from: inner.from,
    part: shifted(inner.part, argument),
    ...fallback,
  };
}

function fallbackOf(inner: Interpolated, argument: Span): Pick<Interpolated, 'fallback'> {
  if (inner.fallback) {
    const part = shifted(inner.fallback.part, argument);
    return { fallback: { text: inner.fallback.text, part } };
  }
  // A text that another file provides is not a fallback for a forgotten variable.
  if (!inner.text || inner.origin === 'interpolated') return {};
  return { fallback: { text: inner.text, part: argument } };
}

function shifted(part: Span | undefined, argument: Span): Span {
  return part ? { start: argument.start + part.start, end: argument.start + part.end } : argument;
}

const name = /[_a-zA-Z][_a-zA-Z0-9]*/y;

/** Says what begins at a `$`, for increasing offsets. */
function scanner(raw: string): (dollar: number) => Found {
  let lineEnd = -1;
  let lastBrace = -1;
  return (dollar) => {
    const next = raw[dollar + 1];
    if (next === '$') return { kind: 'escape' };
    const braced = next === '{';
    name.lastIndex = dollar + (braced ? 2 : 1);
    const found = name.exec(raw)?.[0];
    if (found === undefined) return { kind: braced ? 'invalid' : 'text' };
    const afterName = name.lastIndex;
    if (!braced || raw[afterName] === '}') {
      const end = braced ? afterName + 1 : afterName;
      return { kind: 'reference', name: found, operator: '', argument: { start: 0, end: 0 }, end };
    }
    const operator = /^:?[-+?]/.exec(raw.slice(afterName, afterName + 2))?.[0];
    if (operator === undefined) return { kind: 'invalid' };
    const start = afterName + operator.length;
    if (start > lineEnd) {
      // The text of a reference ends on its line, because `.` in Compose's pattern does not match a line feed.
      lineEnd = lineEndOf(raw, start);
      lastBrace = raw.lastIndexOf('}', lineEnd);
    }
    if (lastBrace < start) return { kind: 'invalid' };
    const end = closingBrace(raw, dollar, lastBrace);
    return { kind: 'reference', name: found, operator, argument: { start, end }, end: end + 1 };
  };
}

/** The brace that closes the first one, or the last on the line; the character after an opening brace never counts. */
function closingBrace(raw: string, from: number, last: number): number {
  let open = 0;
  for (let i = from; i <= last; i++) {
    if (raw[i] === '}') {
      open--;
      if (open === 0) return i;
    } else if (raw[i] === '{') {
      open++;
      i++;
    }
  }
  return last;
}
