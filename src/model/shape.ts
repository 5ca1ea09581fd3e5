import { acting } from './visible.ts';

/** Whether a value that came as JSON is of a shape. */
export type Shape = (value: unknown) => boolean;

/** Any text: names of files are shown by whoever prints them. */
export const anyText: Shape = (value) => typeof value === 'string';

const actingButLines = new RegExp(`(?![\\n\\t])${acting.source}`, 'u');

/** A text that is printed as it is, so that nothing in it may act on a terminal. */
export const shownText: Shape = (value) => typeof value === 'string' && !actingButLines.test(value);

export const truth: Shape = (value) => typeof value === 'boolean';

/** A whole number from 0. */
export const amount: Shape = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export const finite: Shape = (value) => Number.isFinite(value);

export function textLike(pattern: RegExp): Shape {
  return (value) => typeof value === 'string' && pattern.test(value);
}

export function oneOf(values: Iterable<unknown>): Shape {
  const known = new Set(values);
  return (value) => known.has(value);
}

/** A shape, or nothing. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** A list of a few things, each of them once. */
export function fewOf(shape: Shape, most: number): Shape {
  return (value) =>
    Array.isArray(value) && value.length <= most && new Set(value).size === value.length && value.every(shape);
}

export function tuple(...shapes: readonly Shape[]): Shape {
  return (value) =>
    Array.isArray(value) && value.length === shapes.length && shapes.every((shape, index) => shape(value[index]));
}

/** An object that has these keys, and no others. */
export function fields<T extends object>(shapes: { readonly [Key in keyof T]-?: Shape }): Shape {
  const all = Object.entries<Shape>(shapes);
  const known = new Set(Object.keys(shapes));
  return (value) =>
    isObject(value) &&
    Object.keys(value).every((key) => known.has(key)) &&
    all.every(([key, shape]) => shape(Object.hasOwn(value, key) ? value[key] : undefined));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
