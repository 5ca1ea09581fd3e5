import { type MaskedText, type Text, textKey } from '../../src/model/text.ts';

/** A text as it was read, with nothing masked: what tests compare. */
export function plain(text: Text): string {
  return textKey(text);
}

/** A text that is taken for masked, for sample reports. Nothing is done to it, so that it can be hostile. */
export function masked(text: string): MaskedText {
  return text as MaskedText;
}
