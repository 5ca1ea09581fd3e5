import { isSecretName, settingsNamed } from '../facts/settings.ts';
import { binarySearch } from '../model/binary-search.ts';
import type { SecretTraits } from '../model/environment.ts';
import { addTo } from '../model/groups.ts';
import type { Settings } from '../model/settings.ts';
import { type Form, type Location, lineEndOf, type Source, type Span } from '../model/source.ts';
import type { MaskedText } from '../model/text.ts';
import { type Mask, masked } from './mask.ts';
import { findSecretParts } from './parts.ts';
import { isReference } from './placeholders.ts';
import { apart, judgedForms } from './spans.ts';
import { isPlainReference, outside, withoutStructure } from './structure.ts';
import { lookOf, maskedForm, maskedForms, parseMasked, traitsOf, withNumber } from './traits.ts';

/**
 * What masks the sources of one save: each secret span of `maskOf` a source becomes the masked form of what stands
 * there, so that the text keeps its format and reads as the same traits. `places` say what a known secret is called.
 * Equal secrets get equal numbers in all texts masked by the one result.
 */
export function evidenceMask(
  maskOf: (source: string) => Mask,
  places: readonly Location[],
  values: readonly SecretValue[] = [],
): (source: Source) => MaskedText {
  const numbers: EqualityNumbers = new Map();
  const valuesOf = new Map<string, SecretValue[]>();
  for (const value of values) addTo(valuesOf, value.at.source.name, value);
  const bySource = new Map<string, Location[]>();
  for (const at of places) addTo(bySource, at.source.name, at);
  return (source) => {
    const { text } = source;
    const again = [...text.matchAll(maskedForms)].map(({ index, 0: { length } }) => ({
      source,
      path: '',
      span: { start: index, end: index + length },
    }));
    const known = [...(bySource.get(source.name) ?? []), ...again].sort(
      (a, b) => a.span.end - b.span.end || b.span.start - a.span.start,
    );
    const forms = new Map(judgedForms(text).map(({ start, form }) => [start, form.as]));
    const wholes = wholesIn(source, valuesOf.get(source.name) ?? []);
    const parts: string[] = [];
    let done = 0;
    const put = ({ start, end }: Span, instead: string): void => {
      parts.push(renumbered(text.slice(done, start), numbers), instead);
      done = end;
    };
    const spans = maskOf(source.name).spansOf(source);
    const inPlaces = /^\s*(?:\{|\[\s*[[{"])/.test(text)
      ? withinScalars(text, spans)
      : withinLines(text, spans, anchoredForms.has(source.form));
    for (const span of inPlaces.flatMap((whole) => secretParts(text, whole, known)))
      for (const { span: part, value } of byWholes(span, wholes, done)) {
        if (value?.traits) put(part, standInOf(value, value.traits, text.slice(part.start, part.end), numbers));
        else
          for (const piece of value ? partsOfValue(source, part, value) : withoutStructure(text, part, source.form)) {
            // The first known place that ends in the span or behind it names what is there, if it begins before its end.
            const at = known[binarySearch(known, (place) => place.span.end > piece.start)];
            const name = at && at.span.start < piece.end ? nameOf(text, piece, at.path) : '';
            const own = behindUser(text, piece, name);
            if (name === 'DRONE_USER_CREATE')
              for (const { span: item, instead } of accountOf(source, own, numbers)) put(item, instead);
            else put(own, standIn(text.slice(own.start, own.end), name, forms.get(own.start), numbers));
          }
      }
    parts.push(renumbered(text.slice(done), numbers));
    return masked(parts.join(''));
  };
}

/** A secret of a variable as its process sees it, and where it is written. */
export interface SecretValue {
  readonly name: string;
  readonly at: Location;
  /** Of all of it; absent where only so many parts of it are secret. */
  readonly traits?: SecretTraits;
  readonly parts?: number;
  /** It is made of references and text. */
  readonly joined?: boolean;
}

/**
 * The secrets of variables, which several places may write in different ways: with escapes, over lines, with references.
 * Those with secret parts are among them where it is not known where these are written.
 */
export function secretValuesOf(settings: readonly Pick<Settings, 'variables'>[]): readonly SecretValue[] {
  return settings.flatMap(({ variables }) =>
    [...variables.values()].flatMap(({ name, at, secret, parts, origin }): SecretValue[] => {
      if (origin === 'unresolved') return [];
      // A list of secrets stays one, with the traits of each.
      if (parts && /^DRONE_\w+_(?:SECRETS|ENVIRON)$/.test(name) && parts.every((part) => part.at.span !== at.span))
        return parts.map((part) => ({ name: part.name, at: part.at, traits: part.secret }));
      if (secret && !parts) return [{ name, at, traits: secret, joined: origin === 'interpolated' }];
      return parts && (secret || parts.some((part) => part.at.span === at.span))
        ? [{ name, at, parts: parts.length }]
        : [];
    }),
  );
}

/** A value where all of it stands on one line, without the quotes around it and the name before it. */
interface Whole {
  readonly span: Span;
  /** With both. */
  readonly outer: Span;
  readonly value: SecretValue;
}

/** The values of a source, sorted and apart: of those within one another the outer one. */
function wholesIn({ text }: Source, values: readonly SecretValue[]): readonly Whole[] {
  const found = values.flatMap((value): Whole[] => {
    const { span } = value.at;
    const [before = '', behind = ''] = [text[span.start - 1], text[span.end]];
    // A word of a shell that is written in several quotes is replaced with the first and the last of them.
    const wider = before !== behind && /["']/.test(before) && /["']/.test(behind) ? 1 : 0;
    // One that only ends in quotes, `text'text'`, with the last of them.
    const isOpen = !/["']/.test(before) && /["']/.test(behind) && opensQuote(text.slice(span.start, span.end), behind);
    const [start, end] = [span.start - wider, span.end + (isOpen ? 1 : wider)];
    const written = text.slice(start, end);
    if (written === '' || written.includes('\n')) return [];
    const quote = /^(["']).*\1$/.exec(written)?.[1];
    const isWithin = /["']/.test(text[start - 1] ?? '') && text[start - 1] === text[end];
    const isQuoted = quote !== undefined && written.length > 1 && !isWithin && written.length !== value.traits?.length;
    const own = isQuoted ? { start: start + 1, end: end - 1 } : { start, end };
    const lead = text.startsWith(`${value.name}=`, own.start) ? value.name.length + 1 : 0;
    return own.start + lead < own.end
      ? [{ value, outer: { start, end }, span: { start: own.start + lead, end: own.end } }]
      : [];
  });
  found.sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const outer: Whole[] = [];
  for (const whole of found) if (whole.span.start >= (outer.at(-1)?.span.end ?? 0)) outer.push(whole);
  return outer;
}

/** Whether a quote that was opened in a text is not closed in it; behind a backslash it opens nothing. */
function opensQuote(written: string, quote: string): boolean {
  return written.replace(/\\./g, '').split(quote).length % 2 === 0;
}

/** A span as the values that it touches, each whole, and what is beside them; nothing before `done`. */
function byWholes(
  span: Span,
  wholes: readonly Whole[],
  done: number,
): readonly { readonly span: Span; readonly value?: SecretValue }[] {
  const from = binarySearch(wholes, (whole) => whole.span.end > span.start);
  const touched = wholes.slice(
    from,
    binarySearch(wholes, (whole) => whole.span.start >= span.end),
  );
  const beside = outside(
    span,
    touched.map((whole) => whole.outer),
  );
  return [...beside.map((each) => ({ span: each })), ...touched]
    .filter((each) => each.span.start >= done)
    .sort((a, b) => a.span.start - b.span.start);
}

/** What is secret of a value that is put together of references: nothing of those, all text if its parts are elsewhere. */
function partsOfValue({ text, form }: Source, span: Span, { name, parts = 0 }: SecretValue): readonly Span[] {
  const found = findSecretParts(text.slice(span.start, span.end), name);
  if (found.length < parts) return withoutStructure(text, span, form);
  return found.flatMap(({ start, end }) =>
    withoutStructure(text, { start: span.start + start, end: span.start + end }, form),
  );
}

/** `name:text` without the name, where all of a value that only may hold a secret was taken for one. */
function behindUser(text: string, { start, end }: Span, name: string): Span {
  const user = isSecretName(name) === 'may-contain' ? /^[\w.@-]{1,16}:(?=[^\s:/]{4,500}$)/ : undefined;
  return { start: start + (user?.exec(text.slice(start, end))?.[0].length ?? 0), end };
}

function standInOf(value: SecretValue, traits: SecretTraits, written: string, numbers: EqualityNumbers): string {
  if (isReference(written) || nothingSecret.test(written)) return written;
  if (parseMasked(written)) return renumbered(written, numbers);
  return numbered(traits, numbers, written, value.joined === true || /\$\{\w/.test(written));
}

/**
 * What masks the variables that Compose files were filled in with: those of whose places in a file something is secret,
 * and what looks like a secret. `mask` is that of the sources, so that equal secrets get equal numbers.
 */
export function environmentMask(
  mask: (source: Source) => MaskedText,
  places: readonly Location[],
): (name: string, value: string) => string {
  const secret = new Set(
    places.flatMap(({ source, span }) =>
      [...source.text.slice(span.start, span.end).matchAll(/\$\{?([A-Za-z_]\w{0,200})/g)].map(([, name]) => name),
    ),
  );
  return (name, value) => {
    // What has a name of a secret is masked, whatever it looks like.
    const shown = secret.has(name) ? 'SECRET' : name;
    const text = `${shown}=${value}`;
    const isSecret = secret.has(name) || mask({ name: '', form: 'env', text }) !== text;
    // All of it: a value may have blanks, quotes and several lines.
    const one = value.replace(/[^A-Za-z0-9]/g, '-');
    return isSecret
      ? (/drone-audit-masked\+\S+/.exec(mask({ name: '', form: 'env', text: `SECRET=${one}` }))?.[0] ?? 'SECRET')
      : value;
  };
}

/** Numbers that equal secrets of one saved folder share, by the identity of their traits. Starts empty for each save. */
type EqualityNumbers = Map<string, number>;

/** The spans within the scalars of JSON, never ending within an escape: quotes and commas keep their places. */
function withinScalars(text: string, spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  let next = 0;
  for (const scalar of scalarsOf(text)) {
    while ((spans[next]?.end ?? Number.POSITIVE_INFINITY) <= scalar.start) next++;
    for (let at = next; (spans[at]?.start ?? Number.POSITIVE_INFINITY) < scalar.end; at++) {
      const { start, end } = spans[at] ?? scalar;
      found.push(wholeEscapes(text, { start: Math.max(start, scalar.start), end: Math.min(end, scalar.end) }));
    }
  }
  return apart(found);
}

/** Where what is masked of a line ends: before what closes a list or separates its items, which belongs to the file. */
function endOfSecret(text: string, from: number, to: number): number {
  let end = to;
  for (; end > from; end--) {
    const last = text.charAt(end - 1);
    const opener = openers[last];
    if (opener === undefined) break;
    const inside = text.slice(from, end);
    if (opener !== '' && inside.split(opener).length >= inside.split(last).length) break;
  }
  return end;
}

/** What separates is in no pair. */
const openers: Readonly<Record<string, string>> = { ']': '[', '}': '{', ')': '(', ',': '', ';': '', '\r': '' };

/** An anchor, an alias or a tag of YAML, and the key of a map in one line: `{username:`. */
const yamlName = /^(?:[&*][\w.-]{1,100}|!!?[\w:,./-]{0,100}|[[{][ \t]{0,8}["']?[\w.-]{1,100}["']?:)$/;

/** Whether a place is a key in quotes that is a word: `"apiVersion":`. Other keys may be secrets. */
function isKeyAt(text: string, start: number, end: number): boolean {
  return (
    /^[a-z]{2,30}(?:[A-Z][a-z]{1,20}){0,4}$/.test(text.slice(start, end)) &&
    /^["'][ \t]{0,8}:(?:[ \t\r\n]|$)/.test(text.slice(end, end + 12))
  );
}

/** In YAML, what begins with `&` is the name of the value behind it. */
const anchoredForms: ReadonlySet<Form> = new Set<Form>(['compose', 'kubernetes', 'helm-values', 'drone']);

/** The indicator of a block of YAML, before its first line. */
const blockHeader = /^[|>][-+0-9]{0,2}(?:\s+#.*)?$/;

/** The spans in each line that they go over, without its indentation: lines keep their places. */
function withinLines(text: string, spans: readonly Span[], isYaml: boolean): readonly Span[] {
  return spans.flatMap(({ start, end }) => {
    const lines: Span[] = [];
    for (let from = start; from < end; ) {
      const to = Math.min(lineEndOf(text, from), end);
      const blank = /^[ \t]*/.exec(from === start ? '' : text.slice(from, to))?.[0].length ?? 0;
      const stop = endOfSecret(text, from, to);
      // A comment behind an empty value stays one.
      const own = text.slice(from + blank, stop);
      const sign = /^#[ \t]*/.exec(own)?.[0].length ?? 0;
      const anchor = isYaml ? (/^(?:[&!][^\s,{}[\]]{0,100}[ \t]+(?=\S)){1,2}/.exec(own)?.[0].length ?? 0) : 0;
      const begin = from + blank + (/\s/.test(text[from + blank - 1] ?? '') ? sign || anchor : 0);
      const isHeader = from === start && to < end && blockHeader.test(text.slice(from, stop));
      const isName = isYaml && (yamlName.test(text.slice(begin, stop)) || isKeyAt(text, begin, stop));
      if (begin < stop && !isHeader && !isName) lines.push({ start: begin, end: stop });
      from = to + 1;
    }
    return lines;
  });
}

/** The strings of a text of JSON without their quotes, its numbers and its words. */
function* scalarsOf(text: string): Generator<Span> {
  for (let at = 0; at < text.length; at++) {
    const start = at;
    if (text[at] === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
      if (at > start + 1) yield { start: start + 1, end: Math.min(at, text.length) };
    } else {
      while (/[\w.+-]/.test(text[at] ?? '')) at++;
      if (at > start) yield { start, end: at-- };
    }
  }
}

/** Before a known secret its name in a list, and the hosts of a setting: messages show both, and rules judge by them. */
const nameOfNext = /,[A-Za-z_][\w.-]{0,80}[:=]$/;
const origins = /,https?:\/\/[\w.-]{1,200}(?::\d{1,5})?(?=[/?#,]|$)\/?/g;

/** A span without what merely stands near a known secret. */
function secretParts(text: string, span: Span, known: readonly Location[]): readonly Span[] {
  const parts: Span[] = [];
  let { start } = span;
  let done = start;
  const setting = /"([A-Z_]\w{1,80})=$/.exec(text.slice(Math.max(0, start - 90), start))?.[1] ?? '';
  const hasHosts = settingsNamed(setting).length > 0 && isSecretName(setting) !== 'yes';
  const show = (from: number, to: number): void => {
    if (from > start) parts.push({ start, end: from });
    start = to;
  };
  const look = (to: number, isKnown: boolean): void => {
    // What begins the span begins a list.
    const gap = `${done === span.start ? ',' : ''}${text.slice(done, to)}`;
    const at = to - gap.length;
    for (const { index, 0: origin } of hasHosts ? gap.matchAll(origins) : [])
      show(at + index + 1, at + index + origin.length);
    const name = isKnown ? nameOfNext.exec(gap.slice(-100))?.[0] : undefined;
    if (name !== undefined) show(Math.max(to - name.length, span.start), to);
  };
  for (let index = binarySearch(known, (place) => place.span.end > span.start); index < known.length; index++) {
    const place = known[index]?.span;
    if (!place || place.start >= span.end) break;
    if (place.start > done) look(place.start, true);
    done = Math.max(done, place.end);
  }
  if (done < span.end) look(span.end, false);
  return start < span.end ? [...parts, { start, end: span.end }] : parts;
}

/** Ends within an escape of JSON. */
const openEscape = /(?:^|[^\\])(?:\\\\)*(\\(?:u[0-9a-f]{0,3})?)$/i;
const escapeRest = /^(?:u[0-9a-f]{4}|.)/i;

function wholeEscapes(text: string, { start, end }: Span): Span {
  const before = openEscape.exec(text.slice(Math.max(0, start - 64), start))?.[1]?.length ?? 0;
  const opened = openEscape.exec(text.slice(Math.max(start - before, end - 64), end))?.[1];
  if (opened === undefined) return { start: start - before, end };
  const begins = end - opened.length;
  return {
    start: start - before,
    end: begins + 1 + (escapeRest.exec(text.slice(begins + 1, begins + 6))?.[0].length ?? 0),
  };
}

/** `Config.Env[DRONE_RPC_SECRET]` names its variable; in the map of the runner's secrets each has a name of its own. */
function nameOf(text: string, span: Span, path: string): string {
  const name = /\[([^[\]]*)\]$/.exec(path)?.[1] ?? path.slice(path.lastIndexOf('.') + 1);
  if (name !== 'DRONE_RUNNER_SECRETS') return name;
  return /([\w.-]{1,200})[:=]$/.exec(text.slice(Math.max(0, span.start - 201), span.start))?.[1] ?? name;
}

/** The items of DRONE_USER_CREATE, of which rules judge each; only what is no name and no switch is masked. */
function* accountOf(
  { text, form }: Source,
  { start, end }: Span,
  numbers: EqualityNumbers,
): Generator<{ readonly span: Span; readonly instead: string }> {
  const written = text.slice(start, end);
  if (unescaped(written) !== written) {
    yield { span: { start, end }, instead: standIn(written, 'DRONE_USER_CREATE', undefined, numbers) };
    return;
  }
  let from = start;
  for (const item of written.split(',')) {
    const to = from + item.length;
    const [key = '', ...values] = item.split(':');
    if (key !== 'token' || values.length === 0) {
      if (item !== '' && !/^(?:username|machine|admin):[\w.-]{0,100}$/.test(item))
        yield { span: { start: from, end: to }, instead: standIn(item, 'token', undefined, numbers) };
    } else {
      let begin = from + key.length + 1;
      for (const value of values) {
        const span = { start: begin, end: begin + value.length };
        if (value !== '' && !isPlainReference(text, span, form))
          yield { span, instead: standIn(value, 'token', undefined, numbers) };
        begin = span.end + 1;
      }
    }
    from = to + 1;
  }
}

/** Switches, and the first and last line of a key: rules judge by them, and they tell nothing. */
const nothingSecret = /^(?:[01]|true|false|yes|no|on|off|-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----)$/i;

function standIn(written: string, name: string, form: string | undefined, numbers: EqualityNumbers): string {
  const value = unescaped(written);
  if (isReference(value) || nothingSecret.test(value)) return written;
  if (parseMasked(value)) return renumbered(value, numbers);
  return numbered({ ...traitsOf(value, name), ...(form === undefined ? {} : { form }) }, numbers, value);
}

/** Evidence of an earlier save has its own numbers, which must not meet those of this one. All else of it stays. */
function renumbered(text: string, numbers: EqualityNumbers): string {
  return text.replace(maskedForms, (form) => {
    const traits = parseMasked(form);
    return traits ? withNumber(form, numberOf(traits, numbers)) : form;
  });
}

function numberOf({ identity }: SecretTraits, numbers: EqualityNumbers): number {
  const same = numbers.get(identity) ?? numbers.size + 1;
  numbers.set(identity, same);
  return same;
}

function numbered(traits: SecretTraits, numbers: EqualityNumbers, value: string, joined = false): string {
  return maskedForm(traits, numberOf(traits, numbers), { ...lookOf(value), joined });
}

/** The value behind the escapes of JSON, or the text as it is where it has none. */
function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    const value: unknown = JSON.parse(`"${written}"`);
    return typeof value === 'string' ? value : written;
  } catch {
    return written;
  }
}
