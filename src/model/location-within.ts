import type { Variable } from './environment.ts';
import type { Location } from './source.ts';

/**
 * The place of a part of a variable's value. If the text is not written as it reads (escapes, folded text), parts have
 * no place of their own, and the place is that of the whole value.
 */
export function locationWithin(variable: Variable, start: number, end: number): Location {
  const { at, value = variable.partly } = variable;
  const exact = value !== undefined && at.span.end - at.span.start === value.length;
  return exact ? { ...at, span: { start: at.span.start + start, end: at.span.start + end } } : at;
}

/** The items of a list or map with their places, split at commas and not trimmed, as Go's envconfig does it. */
export function itemsOf(variable: Variable): readonly { readonly text: string; readonly at: Location }[] {
  if (variable.value === undefined || variable.value === '') return [];
  let start = 0;
  return variable.value.split(',').map((text) => {
    const at = locationWithin(variable, start, start + text.length);
    start += text.length + 1;
    return { text, at };
  });
}
