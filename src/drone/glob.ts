/*
 * Patterns of `trigger` and `when`, matched as Drone does it: bmatcuk/doublestar v1.1.1 `Match` (doublestar.go:97) on
 * the whole text, case-sensitive. Its quirks are kept: `**` works only as a whole path segment, the first closing
 * bracket or brace that is not escaped counts, and a trailing `/` is lost.
 */

/** `invalid` is a pattern that Drone cannot parse; it never matches, not even in `exclude`. */
export type GlobMatch = 'match' | 'no match' | 'invalid';

/** How many comparisons one match may take; in the original, patterns with many braces take exponentially many. */
const maxSteps = 1_000;
/** Longer patterns are compared as plain text. */
const maxPatternLength = 1_000;

/** Whether `pattern` matches the whole of `text`. A pattern that takes too long does not match. */
export function matchGlob(pattern: string, text: string): GlobMatch {
  if (pattern.length > maxPatternLength) return pattern === text && isLiteral(pattern) ? 'match' : 'no match';
  if (isLiteral(pattern) && !text.endsWith('/')) return pattern === text ? 'match' : 'no match';
  return new Matcher().segments(splitUnescaped(pattern, '/'), splitUnescaped(text, '/'), 0, 0);
}

/** Whether a pattern has no wildcards, so that it matches only its own text. */
export function isLiteral(pattern: string): boolean {
  return !/[*?[{\\]/.test(pattern) && !pattern.endsWith('/');
}

/** Whether every bracket and brace of a pattern is closed; an unclosed one makes the pattern invalid. */
export function isBalanced(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const sign = pattern[i];
    if (sign === '\\') i++;
    else if (sign === '[' || sign === '{') {
      const end = indexUnescaped(pattern.slice(i + 1), sign === '[' ? ']' : '}');
      if (end < 0) return false;
      i += end + 1;
    }
  }
  return true;
}

/**
 * A set of texts by their path segments: `*` stands for any one segment that is not empty, `**` for one or more of
 * them, anything else for itself. `['refs', 'heads', '**']` is every branch.
 */
export type Family = readonly string[];

/** Whether `pattern` may match some text of the family; true if undecidable. */
export function mayMatch(pattern: string, family: Family): boolean {
  if (pattern.length > maxPatternLength) return true;
  const parts = splitUnescaped(pattern, '/');
  const failed = new Set<number>();
  const from = (i: number, j: number): boolean => {
    if (i === parts.length || j === family.length) return i === parts.length && j === family.length;
    const state = i * (family.length + 1) + j;
    if (failed.has(state)) return false;
    const found = tryFrom(i, j);
    if (!found) failed.add(state);
    return found;
  };
  const tryFrom = (i: number, j: number): boolean => {
    const part = parts[i] ?? '';
    if (part === '**') {
      if (i === parts.length - 1) return true;
      for (let k = j; k < family.length; k++) if (from(i + 1, k)) return true;
      return false;
    }
    const segment = family[j] ?? '';
    if (segment === '*') return mayMatchSegment(part) && from(i + 1, j + 1);
    if (segment === '**') return mayMatchSegment(part) && (from(i + 1, j + 1) || from(i + 1, j));
    return matchGlob(part, segment) === 'match' && from(i + 1, j + 1);
  };
  return from(0, 0);
}

/** Whether `pattern` certainly matches every text of the family; false if undecidable. */
export function coversAll(pattern: string, family: Family): boolean {
  if (pattern.length > maxPatternLength) return false;
  const parts = splitUnescaped(pattern, '/');
  let i = 0;
  for (let j = 0; j < family.length; j++, i++) {
    const rest = parts.slice(i);
    const segment = family[j] ?? '';
    if (rest[0] === '**' && rest.length <= 2 && rest.every((part) => part === '**' || part === '*')) return true;
    if (segment === '**') return false;
    const part = rest[0];
    if (part === undefined || part === '**') return false;
    if (segment === '*' ? part !== '*' : matchGlob(part, segment) !== 'match') return false;
  }
  return i === parts.length;
}

/** Whether one segment of a pattern can match a segment that is not empty. */
function mayMatchSegment(part: string): boolean {
  if (part === '') return false;
  for (let i = 0; i < part.length; i++) {
    const sign = part[i];
    if (sign === '\\') {
      if (++i >= part.length) return false;
    } else if (sign === '[') {
      const end = indexUnescaped(part.slice(i + 1), ']');
      if (end <= 0 || part[i + 1] === '-') return false;
      i += end + 1;
    } else if (sign === '{') {
      const end = indexUnescaped(part.slice(i + 1), '}');
      if (end < 0) return false;
      i += end + 1;
    }
  }
  return true;
}

/** The first `sign` that does not directly follow a backslash. */
function indexUnescaped(text: string, sign: string): number {
  let start = 0;
  for (;;) {
    const found = text.indexOf(sign, start);
    if (found < 0) return -1;
    // The original searches the rest of the text anew, so its first character has nothing before it.
    if (found === start || text[found - 1] !== '\\') return found;
    start = found + 1;
  }
}

/** Parts between separators that are not escaped. An empty last part is lost, as in the original. */
function splitUnescaped(text: string, separator: string): string[] {
  if (!text.includes(separator)) return [text];
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const length = indexUnescaped(text.slice(start), separator);
    const end = length < 0 ? text.length : start + length;
    parts.push(text.slice(start, end));
    start = end + 1;
  }
  return parts;
}

class Matcher {
  private steps = 0;
  private readonly cache = new Map<string, GlobMatch>();

  segments(patterns: readonly string[], names: readonly string[], patternFrom: number, nameFrom: number): GlobMatch {
    if (this.exhausted()) return 'no match';
    let i = patternFrom;
    let j = nameFrom;
    if (i >= patterns.length || j >= names.length)
      return i >= patterns.length && j >= names.length ? 'match' : 'no match';
    for (; i < patterns.length && j < names.length; i++, j++) {
      const pattern = patterns[i] ?? '';
      if (pattern === '**') {
        if (i + 1 >= patterns.length) return 'match';
        for (; j < names.length; j++) if (this.segments(patterns, names, i + 1, j) === 'match') return 'match';
        return 'no match';
      }
      const result = this.segment(pattern, names[j] ?? '');
      if (result !== 'match') return result;
    }
    return i >= patterns.length && j >= names.length ? 'match' : 'no match';
  }

  private exhausted(): boolean {
    return ++this.steps > maxSteps;
  }

  /** Matches one path segment. Results are cached, so that many `*` do not multiply the work. */
  private segment(pattern: string, name: string): GlobMatch {
    if (this.exhausted()) return 'no match';
    const key = `${pattern}/${name}`;
    const cached = this.cache.get(key);
    if (cached) return cached;
    const result = this.runes(pattern, name);
    this.cache.set(key, result);
    return result;
  }

  private runes(pattern: string, name: string): GlobMatch {
    if (pattern === '' || name === '') return pattern === name || pattern === '*' ? 'match' : 'no match';
    let p = 0;
    let n = 0;
    while (p < pattern.length && n < name.length) {
      const sign = runeAt(pattern, p);
      const rune = runeAt(name, n);
      if (sign === '\\') {
        p += 1;
        const escaped = runeAt(pattern, p);
        if (escaped === '' || escaped === '\uFFFD') return 'invalid';
        if (escaped !== rune) return 'no match';
        p += escaped.length;
        n += rune.length;
      } else if (sign === '*') {
        p += 1;
        if (p >= pattern.length) return 'match';
        for (; n < name.length; n += runeAt(name, n).length)
          if (this.segment(pattern.slice(p), name.slice(n)) === 'match') return 'match';
        return 'no match';
      } else if (sign === '[') {
        const length = indexUnescaped(pattern.slice(p + 1), ']');
        if (length < 0) return 'invalid';
        const result = matchClass([...pattern.slice(p + 1, p + 1 + length)], rune);
        if (result !== 'match') return result;
        p += length + 2;
        n += rune.length;
      } else if (sign === '{') {
        const length = indexUnescaped(pattern.slice(p + 1), '}');
        if (length < 0) return 'invalid';
        const rest = pattern.slice(p + length + 2);
        for (const option of splitUnescaped(pattern.slice(p + 1, p + 1 + length), ',')) {
          const result = this.segment(option + rest, name.slice(n));
          if (result !== 'no match') return result;
        }
        return 'no match';
      } else if (sign === '?' || sign === rune) {
        p += sign.length;
        n += rune.length;
      } else return 'no match';
    }
    const rest = pattern.slice(p);
    if (n >= name.length && (rest === '' || rest === '*')) return 'match';
    return rest === '**' ? 'match' : 'no match';
  }
}

function runeAt(text: string, index: number): string {
  const point = text.codePointAt(index);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** Matches a character class, given without its brackets. */
function matchClass(runes: readonly string[], rune: string): GlobMatch {
  if (runes.length === 0) return 'invalid';
  const negated = runes[0] === '^';
  let i = negated ? 1 : 0;
  let found = false;
  /** The next character of the class; undefined if the class is malformed. */
  const next = (): string | undefined => {
    const sign = runes[i++];
    if (sign === undefined || sign === '-') return undefined;
    return sign === '\\' ? runes[i++] : sign;
  };
  while (i < runes.length) {
    const low = next();
    if (low === undefined) return 'invalid';
    let high: string | undefined = low;
    if (runes[i] === '-') {
      i++;
      high = next();
      if (high === undefined) return 'invalid';
    }
    const point = pointOf(rune);
    if (pointOf(low) <= point && point <= pointOf(high)) found = true;
  }
  return found === negated ? 'no match' : 'match';
}

function pointOf(rune: string): number {
  return rune.codePointAt(0) ?? 0;
}
