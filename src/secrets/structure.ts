import type { Form, Span } from '../model/source.ts';
import { isSecretWithDollar } from './placeholders.ts';
import { isTokenUser, loginsOf } from './url.ts';

/*
 * What of a secret span belongs to its file and not to the secret: quotes whose partners stand elsewhere, and references
 * to what is written elsewhere. Saved evidence keeps both, so that it reads as what it was saved from.
 */

/** Quotes, as deep within others as their backslashes or their number say. */
const quotes = /\\{0,8}(?:'{1,4}|"{1,4})/g;

/** Signs that stand between words, and hold nothing secret by themselves. */
const onlySigns = /^[\s,;:=()[\]{}|&<>\\+"'`$-]*$/;

/** References that no secret looks like; what a fallback says is one. */
const references =
  /\$\{\w{1,200}\}|\$\(\w{1,200}\)|\$\(cat [\w./-]{1,200}\)|`cat [\w./-]{1,200}`|\{\{[^{}"']{0,200}\}\}/g;

/** Forms in whose values `$NAME` refers to a variable; elsewhere it may be a secret that begins so. */
const formsWithReferences: ReadonlySet<Form> = new Set<Form>(['compose', 'env', 'docker-run', 'drone']);

const plainReference = /^\$[A-Za-z_]\w{0,200}$/;

/** The text of `${NAME:-text}` that is all of a span. */
const fallback = /^(?:\$\{\w{1,100}:?[-=]){1,9}(?=[^}])/;

/** Whether a part of a text is a reference to a variable; within single quotes a shell knows none. */
export function isPlainReference(text: string, { start, end }: Span, form: Form): boolean {
  const part = text.slice(start, end);
  if (!formsWithReferences.has(form) || !plainReference.test(part) || isSecretWithDollar(part)) return false;
  return form === 'compose' || !isInSingleQuotes(text, start);
}

/** Beside other text only names as variables of shells have them: a secret may have a dollar in it. */
const nameBesideText = /(?<![\\$])\$[A-Z_]{1,60}(?![\w$])/g;

function namesIn(written: string, form: Form): readonly RegExpExecArray[] {
  return form === 'compose' || form === 'docker-run' ? [...written.matchAll(nameBesideText)] : [];
}

/** So far before it, a quote is looked for in which a reference stands (UTF-16 units). */
const maxBefore = 500;

function isInSingleQuotes(text: string, at: number): boolean {
  let open = '';
  const from = Math.max(text.lastIndexOf('\n', at - 1) + 1, at - maxBefore);
  for (let index = from; index < at; index++) {
    const sign = text.charAt(index);
    if (sign === '\\') index++;
    else if (sign === open) open = '';
    else if (open === '' && /["']/.test(sign)) open = sign;
  }
  return open === "'";
}

/** The parts of a span that are secret, around the quotes and references in it, and of an address those in it. */
export function withoutStructure(text: string, whole: Span, form: Form): readonly Span[] {
  const span = withWholeQuotes(text, whole);
  const written = text.slice(span.start, span.end);
  if (isPlainReference(text, span, form)) return [];
  const before = fallback.exec(written)?.[0].length ?? 0;
  const braces = before > 0 ? (/\}{1,9}$/.exec(written)?.[0].length ?? 0) : 0;
  if (braces > 0) return withoutStructure(text, { start: span.start + before, end: span.end - braces }, form);
  const parts = aroundQuotes(written)
    .flatMap(({ start, end }) => partsOfAddress(written, start, end))
    .flatMap(({ start, end }) => pieces(start, end, [...written.slice(start, end).matchAll(references)]))
    .flatMap(({ start, end }) => {
      const names = namesIn(written.slice(start, end), form);
      return pieces(start, end, names.length > 0 && isInSingleQuotes(text, span.start + start) ? [] : names);
    });
  if (parts.length === 1 && parts[0]?.start === 0 && parts[0].end === written.length) return [span];
  return parts.flatMap(({ start, end }) => {
    const part = written.slice(start, end);
    if (onlySigns.test(part) || (/^\$\w{1,200}$/.test(part) && !isSecretWithDollar(part))) return [];
    const blank = part.length - part.trimStart().length;
    return [{ start: span.start + start + blank, end: span.start + start + part.trimEnd().length }];
  });
}

/** A span without the backslash of a quote behind it, and without a quote whose backslash is before it. */
function withWholeQuotes(text: string, { start, end }: Span): Span {
  let from = start;
  if (text[start - 1] === '\\') while (from < end && /["']/.test(text[from] ?? '')) from++;
  let to = end;
  if (/["']/.test(text[end] ?? '')) while (to > from && text[to - 1] === '\\') to--;
  return { start: from, end: to };
}

const address = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'?#]{1,2000}$/i;

/** Of an address with a login its password, and its user if that is a token; else all of it. */
function partsOfAddress(written: string, start: number, end: number): readonly Span[] {
  const text = written.slice(start, end);
  const [login, another] = address.test(text) ? loginsOf(text) : [];
  if (!login || another) return [{ start, end }];
  const secrets = [...(isTokenUser(text, login) ? [login.user] : []), ...(login.password ? [login.password] : [])];
  const found = secrets.filter((each) => each.start < each.end);
  return found.length === 0
    ? [{ start, end }]
    : found.map((each) => ({ start: each.start + start, end: each.end + start }));
}

/** The parts of a text around the quotes of which some partner is not in it, or that are more than one pair. */
function aroundQuotes(written: string): readonly Span[] {
  const counts = new Map<string, RegExpExecArray[]>();
  for (const match of written.matchAll(quotes)) counts.set(match[0], [...(counts.get(match[0]) ?? []), match]);
  const open = [...counts.values()].filter((found) => {
    const [first, second] = found;
    if (found.length !== 2 || !first || !second) return true;
    // Around all of it they are no part of the secret.
    return first.index === 0 && second.index + second[0].length === written.length;
  });
  if (open.length === 0) return [{ start: 0, end: written.length }];
  const signs = open.flat().sort((a, b) => a.index - b.index);
  return pieces(0, written.length, signs).flatMap(({ start, end }) =>
    aroundQuotes(written.slice(start, end)).map((part) => ({ start: part.start + start, end: part.end + start })),
  );
}

/** What lies between matches, from one offset to another; the matches count from the first. */
function pieces(from: number, to: number, matches: readonly RegExpExecArray[]): readonly Span[] {
  const found: Span[] = [];
  let start = from;
  for (const { index, 0: sign } of matches) {
    if (from + index > start) found.push({ start, end: from + index });
    start = from + index + sign.length;
  }
  if (start < to) found.push({ start, end: to });
  return found;
}

/** What remains of a span around places in it or across its borders, which are sorted and apart. */
export function outside({ start, end }: Span, places: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  let from = start;
  for (const place of places) {
    if (place.start > from) found.push({ start: from, end: place.start });
    from = Math.max(from, place.end);
  }
  if (from < end) found.push({ start: from, end });
  return found;
}
