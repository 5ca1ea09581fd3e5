import { maskedStart } from './masked-start.ts';

/** How varied a text is: the different characters in it, and its Shannon entropy in bits per character (UTF-16 units). */
export function varietyOf(text: string): { readonly distinct: number; readonly bits: number } {
  const counts = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return { distinct: counts.size, bits };
}

/** A value with fewer characters is not a key that a machine made. */
const minLength = 16;
/** Bits of entropy per character from which on a value looks made by chance. */
const minBits = 3.5;
/** A part of a name or sentence. What a machine makes has digits among its letters, or capitals within words. */
const wordPart = /^(?:(?:[a-z]{1,24}|[A-Z]{1,24}|[A-Z][a-z]{1,24})[0-9]{0,4}|[0-9]{0,8})$/;
/** Values that name a secret without being one: a path in a store, the fingerprint or id of an OpenPGP key. */
const onlyNames = /^(?:[a-z0-9._-]{1,100}(?:\/[a-z0-9._-]{1,100})+|(?:0x)?[0-9A-F]{16}(?:[0-9A-F]{24})?)$/;

/** Whether a value is long and varied enough to be made by a machine, and not made of words. */
export function looksGenerated(value: string): boolean {
  if (value.startsWith(maskedStart)) return /\+look=i?o?gs?j?\+/.test(value);
  if (value.length < minLength || /\s/.test(value.trim()) || varietyOf(value).bits < minBits) return false;
  return !onlyNames.test(value) && !value.split(/[-_./:,@=]/).every((part) => wordPart.test(part));
}

/** One to four words, and at most two digits behind them: `service`, `drone-runner`, `hunter2`. */
const words = /^[a-z]{2,16}(?:[-_. ][a-z]{2,16}){0,3}\d{0,2}$/i;

/** Whether a value is nothing but words: `service`, `drone-runner`. */
export function isWords(value: string): boolean {
  return words.test(value) && !/\d/.test(value);
}

/** Whether a value could be a word of any text: what it says elsewhere need not be the secret. */
export function isWordLike(value: string): boolean {
  return words.test(value);
}

/** Versions, sizes, ports, and paths and addresses of words. */
const ordinary =
  /^(?:v?\d{1,6}(?:[.:]\d{1,6}){0,3}(?:[-+][a-z0-9.]{1,12})?|(?:https?:\/\/)?(?:\.{0,2}\/)?[a-z]{1,24}\d{0,3}(?:[-_./:][a-z]{0,24}\d{0,4}){0,16})$/i;

/** Whether a value is of the kind that ordinary variables hold: words, a version, a path, an address. */
export function isOrdinary(value: string): boolean {
  if (value.startsWith(maskedStart)) return /\+look=i?og?s?j?\+/.test(value);
  return words.test(value) || ordinary.test(value);
}

/** Letters in which capitals stand as they do in no name; shorter ones are too few to tell (UTF-16 units). */
const minMixedLength = 8;
const humps = /[A-Z]{2,30}(?![a-z])|[A-Z]?[a-z]{1,100}|[A-Z]/g;

/** Whether letters are a word or several, `driver`, `DRIVER`, `cacheDriver`, and not mixed by chance. */
function isSpelt(letters: string): boolean {
  if (letters.length < minMixedLength || /^(?:[A-Z]?[a-z]+|[A-Z]+)$/.test(letters)) return true;
  const parts = letters.match(humps) ?? [];
  return letters.length >= 3 * parts.length && parts.filter((part) => part.length < 3).length <= 1;
}

/** Whether masking may leave a value: ordinary ones whose letters are spelt as words. Rules ask `isOrdinary`. */
export function isPlain(value: string): boolean {
  if (!isOrdinary(value)) return false;
  return value.startsWith(maskedStart) || value.split(/[^A-Za-z]+/).every(isSpelt);
}

/** The bytes of a text in base64, blanks left out; undefined if it is not base64. */
export function bytesOfBase64(value: string): number | undefined {
  if (value.startsWith(maskedStart)) {
    const bytes = /\+decoded=(\d{1,9})\+/.exec(value)?.[1];
    return bytes === undefined ? undefined : Number(bytes);
  }
  const text = value.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 === 1) return undefined;
  return Math.floor((text.replace(/={1,2}$/, '').length * 3) / 4);
}
