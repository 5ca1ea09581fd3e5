import { compare } from './compare.ts';

/**
 * A text on its way out: the tool's own words, and between them what was read. Only `say` makes one, so that nothing
 * gets out as a plain string; what becomes of it when it leaves is decided in one place (secrets/mask.ts).
 */
export class Text {
  /** The tool's own words at even places, evidence at odd ones. */
  readonly pieces: readonly string[];

  private constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }

  /** Only for the functions below. */
  static of(pieces: readonly string[]): Text {
    return new Text(pieces);
  }

  /** Where a text slips into a plain string, what was read stays out of it. */
  toString(): string {
    return this.pieces.map((piece, index) => (index % 2 === 0 ? piece : '…')).join('');
  }
}

/**
 * The tag of all messages. What is interpolated is evidence, which is masked and has its control characters escaped when
 * it leaves; numbers and other texts stay what they are.
 */
export function say(words: TemplateStringsArray, ...values: readonly (string | number | Text)[]): Text {
  const pieces: string[] = [];
  let own = words[0] ?? '';
  for (let index = 0; index < values.length; index++) {
    own = add(pieces, own, values[index] ?? '') + (words[index + 1] ?? '');
  }
  pieces.push(own);
  return Text.of(pieces);
}

/** The texts with the tool's own words between them. */
export function joinTexts(texts: readonly Text[], separator: string): Text {
  const pieces: string[] = [];
  let own = '';
  for (const [index, each] of texts.entries()) own = add(pieces, index === 0 ? own : own + separator, each);
  pieces.push(own);
  return Text.of(pieces);
}

/** How many names a sentence holds. */
const mostNames = 20;

/** Names in quotation marks, the first by the alphabet, and how many more there are: `amount` where not all are known. */
export function someNames(names: readonly string[], amount = names.length): Text {
  const shown = names.toSorted(compare).slice(0, mostNames);
  const quoted = joinTexts(
    shown.map((name) => say`"${name}"`),
    ', ',
  );
  return amount > shown.length ? say`${quoted} and ${amount - shown.length} more` : quoted;
}

/** Words of the tool that are not written where they are said. Only what the compiler knows to the letter is taken. */
export function ownWords<Own extends string>(own: string extends Own ? never : Own): Text {
  return Text.of([own]);
}

/** What tells two texts apart; it holds evidence as it was read and must not leave. */
export function textKey({ pieces }: Text): string {
  return pieces.join('');
}

/** Texts without those that say the same. */
export function distinct(texts: readonly Text[]): readonly Text[] {
  return [...new Map(texts.map((each) => [textKey(each), each])).values()];
}

/** Puts a value behind the words before it; returns the words that are still open. */
function add(pieces: string[], own: string, value: string | number | Text): string {
  if (value === '') return own;
  if (typeof value === 'number') return `${own}${value}`;
  if (typeof value === 'string') {
    pieces.push(own, value);
    return '';
  }
  const last = value.pieces.length - 1;
  for (const [index, piece] of value.pieces.entries()) if (index < last) pieces.push(index === 0 ? own + piece : piece);
  return last === 0 ? own + (value.pieces[0] ?? '') : (value.pieces[last] ?? '');
}

declare const masked: unique symbol;

/** What may be shown: made by secrets/mask.ts alone. Reporters take nothing else. */
export type MaskedText = string & { readonly [masked]: true };

/** A value with all texts in it as they may be shown. */
export type Masked<T> = T extends Text
  ? MaskedText
  : T extends readonly (infer Item)[]
    ? readonly Masked<Item>[]
    : T extends string
      ? T
      : T extends object
        ? { readonly [Key in keyof T]: Masked<T[Key]> }
        : T;
