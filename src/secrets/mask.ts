import { defaultWords } from '../facts/documented-secrets.ts';
import { addTo } from '../model/groups.ts';
import { memoize } from '../model/memoize.ts';
import { lineStarts } from '../model/position.ts';
import type { Location, Source, Span } from '../model/source.ts';
import { writtenSecrets } from './forms.ts';
import { givesSecret } from './in-pipelines.ts';

/**
 * The one place where secrets are taken out of what leaves the process. A masked text is as long as the original: every
 * character of a secret becomes a bullet, so that places in it stay where they are.
 */
export interface Mask {
  /** The source with its secrets masked; the same object for the same source. */
  source(source: Source): Source;
  /** A message with every known secret value masked. */
  text(text: string): string;
}

/** Values shorter than this are masked where they stand, but not searched for elsewhere: they are parts of words. */
const shortestSearched = 6;

/** Lines longer than this are searched for the patterns below in parts of this length. */
const maxLineLength = 20_000;
const lineParts = new RegExp(`.{1,${maxLineLength}}`, 'gs');

/**
 * Text that is a credential by its own form, wherever it stands, and what it has in it at least. Shorter ones than the
 * rules speak of are masked, too: the group `secret`, else the whole.
 */
const credentialForms: readonly (readonly [mark: RegExp, form: RegExp])[] = [
  [/gh[pousr]_/, /\bgh[pousr]_[A-Za-z0-9]{20,}/g],
  [/github_pat_/, /\bgithub_pat_[A-Za-z0-9_]{20,}/g],
  [/glpat-/, /\bglpat-[A-Za-z0-9_-]{16,}/g],
  [/xox/, /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g],
  [/AKIA|ASIA/, /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  [/AIza/, /\bAIza[A-Za-z0-9_-]{30,}/g],
  [/k_live_/, /\b[sr]k_live_[A-Za-z0-9]{16,}/g],
  [/npm_/, /\bnpm_[A-Za-z0-9]{30,}/g],
  [/dckr_pat_/, /\bdckr_pat_[A-Za-z0-9_-]{20,}/g],
  [/hvs\./, /\bhvs\.[A-Za-z0-9_-]{20,}/g],
  [/eyJ/, /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g],
  [/hooks\.slack/, /\bhooks\.slack\.com\/services\/[A-Za-z0-9/]{10,}/g],
  [/discord/, /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]+\/[A-Za-z0-9_-]{10,}/g],
  // Messages cut long names short, and their tokens with them.
  [/sk-ant-/, /\bsk-ant-[\w-]{10,}/g],
  [/AccountKey/, /\bAccountKey=(?<secret>[A-Za-z0-9+/]{10,})/g],
  [/atlasv1/, /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{10,}/g],
  // The same of a Docker login, in JSON within a quoted text.
  [/"auth\\"/, /\\"auth\\"\s{0,8}:\s{0,8}\\"(?<secret>[A-Za-z0-9+/=]{8,})/g],
  ...writtenSecrets.forms.map(({ mark, pattern }) => [new RegExp(mark), pattern] as const),
];
/** The password in `scheme://user:password@host`. */
const urlPassword = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@'"]{0,200}:)([^\s/@'"]{1,500})@/gi;
/** A user name of this length in `https://token@host` is a token. */
const urlToken = /(:\/\/)([^\s:/@'"<>${}]{20,500})@/g;
/** The password in `user:password@tcp(host)/name`. */
const mysqlPassword = /([\w.-]{1,100}:)([^\s@'"]{1,500})@(?=(?:tcp|unix)\()/g;
/** Whether any of these forms may be there: most texts have none. */
const credentialMark = new RegExp(credentialForms.map(([mark]) => mark.source).join('|'));
/** A value up to its closing quote; without quotes up to a space, or to a sign that no word follows. */
const value = String.raw`(?:\\?"(?!\s)((?:[^"\\]|\\.)+)|\\?'(?!\s)((?:[^']|'')+)|((?:[^\s"',;#]|["',;#](?=\w))+))`;
/** `PASSWORD=…`, `token: …`, `--api-key …`, also in comments; references and booleans are left readable. */
const namedValue = new RegExp(
  String.raw`((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|client[_-]?id|webhook)[a-z0-9_-]{0,40}\\?["']?[ \t]{0,4}(?:=|:=?|[ \t]--?data[ \t=]|[ \t](?=["']))[ \t]{0,4})${value}`,
  'gi',
);
const harmless =
  /^(?:\$.*|\{\{[^}]*(?:\}\}\W*)?|<.*|true|false|yes|no|null|~|from_secret:?|\{|\[|\||>|[|>][+-]?|always|never|[0-9]{1,5}|:\?.*|\(.*|@.*)$/i;
/** Before the text of `${NAME:-text}`, which is as secret as what it stands for. */
const fallback = /^\$\{\w{1,100}:?[-=](?=[^}$])/;
/** `--password VALUE`, `--registry-token=VALUE` on command lines. */
const optionValue = new RegExp(
  String.raw`(--[a-z-]{0,40}(?:password|passwd|passphrase|token|secret|api-?key|access-?key)[a-z-]{0,20}[ \t=]{1,3})${value}`,
  'gi',
);
/** `Authorization: Bearer VALUE`. */
const authorization = new RegExp(
  String.raw`(authorization["']?[ \t]{0,4}[:=][ \t]{0,4}(?:["']?(?:bearer|basic|token)[ \t]{1,4})?|\bbearer[ \t]{1,4})${value}`,
  'gi',
);
/** `echo VALUE | docker login --password-stdin`. */
const pipedValue = new RegExp(
  String.raw`(\becho[ \t]{1,4}(?:-n[ \t]{1,4})?)${value}(?=["']?[ \t]{0,4}\|[^|\n]{0,200}--password-stdin)`,
  'g',
);
/** `basicauth.users=name:hash` in labels of reverse proxies. */
const basicUsers = /(basicauth[a-z0-9_.-]{0,60}["']?[ \t]{0,4}[=:][ \t]{0,4}["']?[^\s:"']{1,200}:)([^\s"']{1,2000})/gi;
const keyBlock = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/;

export function maskFor(secrets: readonly Location[]): Mask {
  const spans = new Map<Source, Span[]>();
  const values = new Set<string>();
  for (const at of secrets) {
    addTo(spans, at.source, at.span);
    const value = at.source.text.slice(at.span.start, at.span.end);
    if (value.length >= shortestSearched && !defaultWords.has(value.toLowerCase())) values.add(value);
  }
  const searched = indexOf(values);
  const masked = new Map<Source, Source>();
  const text = memoize((message) => maskValues(maskCredentials(message), searched));
  return {
    source(source) {
      const known = masked.get(source);
      if (known) return known;
      const maskedText = (): string => maskValues(maskForms(blank(source.text, spans.get(source) ?? [])), searched);
      const result = lazily({ ...source, lineStarts: lineStarts(source) }, maskedText);
      masked.set(source, result);
      return result;
    },
    text,
  };
}

/** Not every report quotes: the text is made when it is asked for. */
function lazily(source: Source, maskedText: () => string): Source {
  let text: string | undefined;
  return Object.defineProperty(source, 'text', {
    enumerable: true,
    get: () => {
      text ??= maskedText();
      return text;
    },
  });
}

/** Replaces every character within the spans, but line ends, by a bullet. */
function blank(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const start = Math.max(span.start, done);
    if (span.end <= start) continue;
    parts.push(text.slice(done, start), bullets(text.slice(start, span.end)));
    done = span.end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

function bullets(text: string): string {
  return text.replace(/[^\r\n]/g, '•');
}

/** Values by their first characters, then by their length, the longest first: finds all of them in one pass. */
interface ValueIndex {
  readonly byStart: ReadonlyMap<string, readonly (readonly [length: number, values: ReadonlySet<string>])[]>;
  /** By code unit: in which of the first three places of a value it occurs, a bit each. Rules out nearly all places. */
  readonly places: Uint8Array;
}

function indexOf(values: ReadonlySet<string>): ValueIndex {
  const index = new Map<string, Map<number, Set<string>>>();
  for (const value of values) {
    const start = value.slice(0, shortestSearched);
    const alike = index.get(start) ?? new Map<number, Set<string>>();
    index.set(start, alike);
    const sameLength = alike.get(value.length);
    if (sameLength) sameLength.add(value);
    else alike.set(value.length, new Set([value]));
  }
  const places = new Uint8Array(index.size === 0 ? 0 : 0x10000);
  for (const start of index.keys())
    for (const place of [0, 1, 2]) {
      const unit = start.charCodeAt(place);
      places[unit] = (places[unit] ?? 0) | (1 << place);
    }
  const byStart = new Map([...index].map(([start, alike]) => [start, [...alike].sort(([a], [b]) => b - a)]));
  return { byStart, places };
}

/** Characters of one text that are compared; where that does not suffice, what begins like a value is masked. */
const maxCompared = 20_000_000;

/** Masks every occurrence of a value, also where they overlap. */
function maskValues(text: string, { byStart, places }: ValueIndex): string {
  if (byStart.size === 0) return text;
  const may = (offset: number, place: number): boolean =>
    ((places[text.charCodeAt(offset + place)] ?? 0) & (1 << place)) !== 0;
  const found: Span[] = [];
  let compared = 0;
  for (let start = 0; start + shortestSearched <= text.length; start++) {
    if (!may(start, 0) || !may(start, 1) || !may(start, 2)) continue;
    const alike = byStart.get(text.slice(start, start + shortestSearched));
    const match = alike?.find(([length, values]) => {
      if (start + length > text.length) return false;
      compared += length;
      return compared > maxCompared || values.has(text.slice(start, start + length));
    });
    if (match) found.push({ start, end: start + match[0] });
  }
  return blank(text, found);
}

function maskForms(text: string): string {
  let inKey = false;
  const lines = text.split('\n').map((line) => {
    if (inKey || keyBlock.test(line)) {
      const ends = line.includes('-----END');
      const masked = maskKeyLine(line, inKey);
      inKey = !ends && /^[\s#>"'A-Za-z0-9+/=:-]*$/.test(line);
      return masked;
    }
    return line.length > maxLineLength ? line.replace(lineParts, maskLine) : maskLine(line);
  });
  return lines.join('\n');
}

function maskKeyLine(line: string, inside: boolean): string {
  return inside
    ? line.replace(/[A-Za-z0-9+/=]{8,}/g, bullets)
    : line.replace(/(KEY[A-Z ]*-----)(.+)$/, (_, head: string, rest: string) => head + bullets(rest));
}

/** Masks what is a credential by its own form. */
function maskCredentials(text: string): string {
  let masked = text;
  if (credentialMark.test(text))
    for (const [mark, form] of credentialForms)
      if (mark.test(masked)) masked = blank(masked, [...masked.matchAll(form)].map(secretOf));
  if (!masked.includes('://')) return masked;
  return masked
    .replace(
      urlPassword,
      (_, head: string, password: string) => `${head}${/^[$<{]/.test(password) ? password : bullets(password)}@`,
    )
    .replace(urlToken, (_, head: string, token: string) => `${head}${bullets(token)}@`);
}

/** The group `secret` of a match, else the whole. */
function secretOf(match: RegExpExecArray): Span {
  const secret = match.groups?.secret ?? match[0];
  const start = match.index + match[0].lastIndexOf(secret);
  return { start, end: start + secret.length };
}

function maskLine(line: string): string {
  const hideAll = (_: string, head: string, secret: string): string => head + bullets(secret);
  let masked = maskCredentials(line).replace(basicUsers, hideAll);
  if (masked.includes('@'))
    masked = masked.replace(mysqlPassword, (whole, head, secret) => `${hideAll(whole, head, secret)}@`);
  const hide = (whole: string, _: string, ...values: readonly (string | undefined)[]): string => {
    const value = values.slice(0, 3).find((each) => each !== undefined) ?? '';
    if (harmless.test(value) && !fallback.test(value)) return whole;
    // What stands between is an opening quote.
    const before = fallback.exec(value)?.[0].length ?? 0;
    const start = whole.length - value.length + before;
    const end = before > 0 && value.endsWith('}') ? whole.length - 1 : whole.length;
    return whole.slice(0, start) + bullets(whole.slice(start, end)) + whole.slice(end);
  };
  for (const pattern of [optionValue, authorization, namedValue]) masked = masked.replace(pattern, hide);
  if (masked.includes('--password-stdin')) masked = masked.replace(pipedValue, hide);
  for (const { mark, pattern } of writtenSecrets.options)
    if (masked.includes(mark)) {
      const given = [...masked.matchAll(pattern)].filter((match) => givesSecret(match, writtenSecrets));
      masked = blank(masked, given.map(secretOf));
    }
  return masked;
}
