import { type MaskedText, Text, textKey } from '../../src/model/text.ts';

type Plain<T> = T extends Text
  ? string
  : T extends ReadonlyMap<unknown, unknown>
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: Plain<T[Key]> }
        : T;

/** A text as it was read, with nothing masked: what tests compare. A list, a problem or a container with all its texts so. */
export function plain<T>(value: T): Plain<T> {
  return inPlain(value) as Plain<T>;
}

function inPlain(value: unknown): unknown {
  if (value instanceof Text) return textKey(value);
  if (Array.isArray(value)) return value.map(inPlain);
  if (typeof value !== 'object' || value === null || value instanceof Map) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inPlain(each)]));
}

/** A text that is taken for masked, for sample reports. Nothing is done to it, so that it can be hostile. */
export function masked(text: string): MaskedText {
  return text as MaskedText;
}

/** What a reporter writes, as one text. */
export function whole(parts: Iterable<string>): string {
  return [...parts].join('');
}
