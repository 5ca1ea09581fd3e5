/*
 * What the operators of `${…}` do to a value (drone/envsubst funcs.go, path/match.go). They count bytes of UTF-8, so
 * here every unit of a value is one byte.
 */

/**
 * The two releases of drone/envsubst that runners are built with: 1.0.3 in those of type docker (since 1.7.0) and
 * kubernetes, 1.0.2 in the others. 1.0.3 also accepts defaults that are empty (`${V:-}`) or mixed (`${V:-a${W}b}`), and
 * does not crash on cuts out of bounds.
 */
export type SubstitutionRelease = '1.0.2' | '1.0.3';

/** Longer values and patterns are not matched, because the time grows with the cube of their length. */
const maxMatchedLength = 2000;

/** The value after the operator; undefined if release 1.0.2 (and 1.0.3 for negative lengths) crashes. */
export function applyOperator(
  value: string,
  operator: string,
  written: readonly string[],
  release: SubstitutionRelease,
): string | undefined {
  const [first = '', second = ''] = written;
  switch (operator) {
    case ',':
      return inCase(value, 'toLowerCase', true);
    case ',,':
      return inCase(value, 'toLowerCase', false);
    case '^':
      return inCase(value, 'toUpperCase', true);
    case '^^':
      return inCase(value, 'toUpperCase', false);
    case '#':
      return written.length === 0 ? String(toBytes(value).length) : trimmed(value, first, false, false);
    case '##':
      return trimmed(value, first, true, false);
    case '%':
      return trimmed(value, first, false, true);
    case '%%':
      return trimmed(value, first, true, true);
    case ':':
      return cut(value, written, release);
    case '/':
      return value.replace(first, () => second);
    case '//':
      return replaceEvery(value, first, second);
    case '/#':
      return written.length === 2 && value.startsWith(first) ? value.replace(first, () => second) : value;
    case '/%':
      return written.length === 2 && value.endsWith(first)
        ? value.slice(0, value.length - first.length) + second
        : value;
    default:
      return value === '' ? written.join('') : value;
  }
}

/** Go maps each character on its own; one that would become several stays as it is. */
function inCase(value: string, change: 'toLowerCase' | 'toUpperCase', firstOnly: boolean): string {
  const characters = [...value];
  const count = firstOnly ? 1 : characters.length;
  return characters
    .map((character, index) => {
      const changed = index < count ? character[change]() : character;
      return [...changed].length === 1 ? changed : character;
    })
    .join('');
}

function replaceEvery(value: string, pattern: string, replacement: string): string {
  if (pattern !== '') return value.replaceAll(pattern, () => replacement);
  return replacement + [...value].map((character) => character + replacement).join('');
}

function cut(value: string, written: readonly string[], release: SubstitutionRelease): string | undefined {
  const bytes = toBytes(value);
  const from = wholeNumber(written[0] ?? '');
  if (from === undefined) return value;
  let start = from;
  if (start < 0) {
    if (release === '1.0.2') return undefined;
    start = Math.max(0, bytes.length + start);
  }
  if (written.length < 2) return start < bytes.length ? fromBytes(bytes.slice(start)) : '';
  const length = wholeNumber(written[1] ?? '');
  if (length === undefined) return value;
  if (start + length < bytes.length) return length < 0 ? undefined : fromBytes(bytes.slice(start, start + length));
  if (start <= bytes.length) return fromBytes(bytes.slice(start));
  return release === '1.0.2' ? undefined : '';
}

/** A number as Go's strconv.Atoi parses it. */
function wholeNumber(text: string): number | undefined {
  if (!/^[+-]?[0-9]{1,19}$/.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) < 2 ** 63 ? value : undefined;
}

/** The value without the shortest or longest prefix or suffix that matches; suffixes are matched in reverse. */
function trimmed(value: string, pattern: string, longest: boolean, atEnd: boolean): string {
  if (value.length > maxMatchedLength || pattern.length > maxMatchedLength) return value;
  const turn = (text: string): string => (atEnd ? [...text].reverse().join('') : text);
  const bytes = toBytes(turn(value));
  const glob = toBytes(turn(pattern));
  let kept = 0;
  for (let length = bytes.length; length > 0; length--) {
    const verdict = matches(glob, bytes.slice(0, length));
    if (verdict === undefined) break;
    if (!verdict) continue;
    kept = length;
    if (longest) break;
  }
  return turn(fromBytes(bytes.slice(kept)));
}

/** Whether a pattern matches the whole name; undefined if it is malformed. A `*` at the end matches all the rest. */
function matches(pattern: string, name: string): boolean | undefined {
  let rest = pattern;
  let left = name;
  next: while (rest !== '') {
    const stars = /^\**/.exec(rest)?.[0].length ?? 0;
    const chunk = firstChunk(rest.slice(stars));
    rest = rest.slice(stars + chunk.length);
    if (stars > 0 && chunk === '') return true;
    const found = matchChunk(chunk, left);
    if (found === undefined) return undefined;
    if (found !== false && (found === '' || rest !== '')) {
      left = found;
      continue;
    }
    if (stars > 0)
      for (let i = 0; i < left.length; i++) {
        const later = matchChunk(chunk, left.slice(i + 1));
        if (later === undefined) return undefined;
        if (later === false || (rest === '' && later !== '')) continue;
        left = later;
        continue next;
      }
    return false;
  }
  return left === '';
}

/** The pattern up to its next star. */
function firstChunk(pattern: string): string {
  let inRange = false;
  let i = 0;
  for (; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') {
      if (i + 1 < pattern.length) i++;
    } else if (character === '[') inRange = true;
    else if (character === ']') inRange = false;
    else if (character === '*' && !inRange) break;
  }
  return pattern.slice(0, i);
}

/** What is left of `text` after a chunk without stars; false if it does not match, undefined if it is malformed. */
function matchChunk(chunk: string, text: string): string | false | undefined {
  let at = 0;
  let left = text;
  while (at < chunk.length) {
    if (left === '') return false;
    const character = chunk[at];
    if (character === '[') {
      const set = matchSet(chunk, at + 1, firstCharacter(left));
      if (set === undefined) return undefined;
      if (!set.matched) return false;
      at = set.end;
      left = left.slice(firstCharacter(left).length);
      continue;
    }
    if (character === '?') {
      at++;
      left = left.slice(firstCharacter(left).length);
      continue;
    }
    if (character === '\\' && ++at >= chunk.length) return undefined;
    if (chunk[at] !== left[0]) return false;
    at++;
    left = left.slice(1);
  }
  return left;
}

function matchSet(chunk: string, start: number, character: string): { matched: boolean; end: number } | undefined {
  const wanted = codeOf(character);
  let at = start;
  const negated = chunk[at] === '^';
  if (negated) at++;
  let matched = false;
  for (let ranges = 0; ; ranges++) {
    if (chunk[at] === ']' && ranges > 0) break;
    const low = setCharacter(chunk, at);
    if (!low) return undefined;
    at = low.end;
    let high = low;
    if (chunk[at] === '-') {
      const upper = setCharacter(chunk, at + 1);
      if (!upper) return undefined;
      high = upper;
      at = upper.end;
    }
    if (low.code <= wanted && wanted <= high.code) matched = true;
  }
  return { matched: matched !== negated, end: at + 1 };
}

/** A character of a set, which may be escaped; something must follow it. */
function setCharacter(chunk: string, start: number): { code: number; end: number } | undefined {
  let at = start;
  if (at >= chunk.length || chunk[at] === '-' || chunk[at] === ']') return undefined;
  if (chunk[at] === '\\' && ++at >= chunk.length) return undefined;
  const character = firstCharacter(chunk.slice(at, at + 4));
  const end = at + character.length;
  return end >= chunk.length ? undefined : { code: codeOf(character), end };
}

function toBytes(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

function fromBytes(bytes: string): string {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** The bytes of the first character. */
function firstCharacter(bytes: string): string {
  const first = bytes.charCodeAt(0);
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return bytes.slice(0, length);
}

function codeOf(character: string): number {
  return fromBytes(character).codePointAt(0) ?? 0;
}
