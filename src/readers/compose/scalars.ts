import type { Piece } from '../env/findings.ts';

/*
 * How Compose reads the text of a scalar: the types of yaml.v3 and how Go prints them, the casts of compose-go
 * loader/interpolate.go, sizes of docker/go-units, words of mattn/go-shellwords.
 */

/** What YAML takes an unquoted scalar for. `infinite`: a number that no schema accepts. */
export type ScalarType = 'text' | 'number' | 'boolean' | 'infinite';

/** How Compose prints an unquoted scalar as the value of a variable: `True` is `true`, `0777` is `511`, `1e3` is `1000`. */
export function printed(text: string): string {
  return typed(text).text;
}

/** The type of an unquoted scalar that is not null. */
export function scalarType(text: string): ScalarType {
  return typed(text).type;
}

function typed(text: string): { readonly type: ScalarType; readonly text: string } {
  if (/^(?:true|True|TRUE)$/.test(text)) return { type: 'boolean', text: 'true' };
  if (/^(?:false|False|FALSE)$/.test(text)) return { type: 'boolean', text: 'false' };
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return { type: 'infinite', text: text.startsWith('-') ? '-Inf' : '+Inf' };
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return { type: 'infinite', text: 'NaN' };
  if (text.length > 400 || !/^[-+.]?[0-9]/.test(text)) return { type: 'text', text };
  const time = goTime(text);
  if (time !== undefined) return { type: 'text', text: time };
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return { type: 'number', text: integer.toString() };
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return { type: 'text', text };
  const float = Number(plain);
  return Number.isFinite(float) ? { type: 'number', text: goFloat(float) } : { type: 'text', text };
}

/** `fmt.Sprint` of the time that YAML sees in a text: `2020-1-2` is `2020-01-02 00:00:00 +0000 UTC` (yaml.v3 resolve.go). */
function goTime(text: string): string | undefined {
  const parts =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)?)?$/.exec(
      text,
    );
  if (!parts) return undefined;
  const [, year = '', month = '', day = '', blank, hour = '', minute = '', second = '', fraction = '', zone] = parts;
  // With a T there is a zone, with a blank there is none.
  if (blank !== undefined && (blank === ' ') !== (zone === undefined)) return undefined;
  const two = (number: string): string => number.padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  if (new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const rest = fraction.replace(/(?<!0)0+$/, '');
  const offset = zone === undefined || zone === 'Z' ? '' : zone.replace(':', '');
  const where = offset === '' || offset === '+0000' ? '+0000 UTC' : `${offset} ${offset}`;
  return `${date} ${two(hour)}:${two(minute)}:${two(second)}${rest && `.${rest}`} ${where}`;
}

/** An integer of at most 64 bits, in the notations of Go's ParseInt with base 0 (yaml.v3 resolve.go). */
function integerOf(plain: string): bigint | undefined {
  const parts = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(plain);
  if (!parts) return undefined;
  const [, sign, hexadecimal, binary, octal, decimal] = parts;
  const size =
    hexadecimal !== undefined
      ? BigInt(`0x${hexadecimal}`)
      : binary !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal ?? '0');
  if (sign === '-' && size === 0n) return undefined;
  const value = sign === '-' ? -size : size;
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : undefined;
}

/** `fmt.Sprint` of a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on (strconv ftoa.go, %g). */
export function goFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return value.toString();
  const size = Math.abs(power);
  return `${digits}e${power < 0 ? '-' : '+'}${size < 10 ? `0${size}` : size}`;
}

/** A boolean as Compose casts it (loader/interpolate.go toBoolean); undefined for any other text. */
export function castBoolean(text: string): boolean | undefined {
  if (/^(?:true|y|yes|on)$/i.test(text)) return true;
  return /^(?:false|n|no|off)$/i.test(text) ? false : undefined;
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes of a size like `512m`, `1.5gb` or a bare number, in powers of 1024 (go-units RAMInBytes). */
export function sizeInBytes(text: string): number | undefined {
  const parts = /^(\d{1,20}(?:\.\d{1,20})?) ?([kmgtp]?)i?b?$/i.exec(text.trim());
  if (!parts) return undefined;
  const power = powers[(parts[2] ?? '').toLowerCase()];
  return power === undefined ? undefined : Math.trunc(Number(parts[1]) * 1024 ** power);
}

/** A decimal number; undefined for any other text. */
export function decimalNumber(text: string): number | undefined {
  return /^[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})$/.test(text) ? Number(text) : undefined;
}

/**
 * Splits a command that is written as one text into words. Quotes, backticks and `$()` group; a backslash takes the
 * next character literally; an unquoted `;`, `&`, `|`, `<` or `>` ends the command, and the rest is dropped, because no
 * shell runs it.
 */
export function shellWords(text: string): readonly Piece[] {
  const words: Piece[] = [];
  let word = '';
  let start = -1;
  let closer = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charAt(i);
    const plain = closer === '';
    if (plain && /[ \t\r\n]/.test(unit)) {
      if (start >= 0) words.push({ text: word, start, end: i });
      word = '';
      start = -1;
      continue;
    }
    if (plain && /[;&|<>]/.test(unit)) {
      // The digit of `2>file` belongs to what is dropped.
      if (start >= 0 && !(unit === '>' && /^\d/.test(word))) words.push({ text: word, start, end: i });
      return words;
    }
    if (start < 0) start = i;
    if (unit === '\\' && closer !== "'" && i + 1 < text.length) {
      i++;
      word += text.charAt(i);
    } else if (plain && (unit === '"' || unit === "'")) {
      closer = unit;
    } else if (unit === closer) {
      if (unit === ')' || unit === '`') word += unit;
      closer = '';
    } else {
      if (plain && unit === '`') closer = '`';
      if (plain && unit === '(' && word.endsWith('$')) closer = ')';
      word += unit;
    }
  }
  if (start >= 0) words.push({ text: word, start, end: text.length });
  return words;
}
