/*
 * How Drone's programs read the text of a variable (kelseyhightower/envconfig envconfig.go processField): Go's strconv
 * and time packages for single values, commas and colons for lists and maps. Nothing is trimmed.
 */

const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const untruths: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Go's strconv.ParseBool; undefined for any other text, including the empty one, at which the process refuses to start. */
export function parseGoBool(text: string): boolean | undefined {
  if (truths.has(text)) return true;
  return untruths.has(text) ? false : undefined;
}

/** Go's strconv.ParseInt with base 0 (`0x1f`, `0o17`, `1_000`) within 64 bits; undefined where Go reports an error. */
export function parseGoInt(text: string): bigint | undefined {
  if (text.length > 128) return undefined;
  const match =
    /^([+-]?)(?:(0[xX](?:_?[0-9a-fA-F])+)|(0[bB](?:_?[01])+)|0[oO]?((?:_?[0-7])+)|(0|[1-9](?:_?[0-9])*))$/.exec(text);
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = hex ?? binary ?? (octal === undefined ? decimal : `0o${octal}`) ?? '';
  const size = BigInt(digits.replaceAll('_', ''));
  const value = sign === '-' ? -size : size;
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's time.ParseDuration (`30m`, `1h30m`, `0`) in milliseconds; undefined where Go reports an error, as for `30`. */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const size = text.replace(/^[+-]/, '');
  if (size === '0') return 0;
  if (size === '' || size.length > 256) return undefined;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;
  let milliseconds = 0;
  while (part.lastIndex < size.length) {
    const match = part.exec(size);
    if (!match) return undefined;
    milliseconds += Number(match[1]) * (unitMilliseconds[match[2] ?? ''] ?? 0);
  }
  // A duration is a count of nanoseconds in 63 bits.
  return milliseconds * 1e6 < 2 ** 63 ? sign * milliseconds : undefined;
}

/** The items of a list: split on commas and not trimmed; what a blank text is depends on the program. */
export function splitList(text: string, keepsBlankItem: boolean): string[] {
  return text.trim() === '' && !keepsBlankItem ? [] : text.split(',');
}

/**
 * The pairs of a map: split on commas, then on one colon. Any item in `invalid` stops the process, and so a blank item
 * where it is kept.
 */
export function parseMap(text: string, keepsBlankItem: boolean): { pairs: [string, string][]; invalid: string[] } {
  const pairs: [string, string][] = [];
  const invalid: string[] = [];
  for (const item of splitList(text, keepsBlankItem)) {
    const [key, value, ...more] = item.split(':');
    if (key === undefined || value === undefined || more.length > 0) invalid.push(item);
    else pairs.push([key, value]);
  }
  return { pairs, invalid };
}
