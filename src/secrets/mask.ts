import { createHash } from 'node:crypto';
import { defaultWords } from '../facts/documented-secrets.ts';
import { addTo } from '../model/groups.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import type { MaskedSource, Problem, ReportedProblem } from '../model/report.ts';
import { lineStarts, type SecretPlace, type Source, type Span } from '../model/source.ts';
import { type Masked, type MaskedText, Text } from '../model/text.ts';
import { visible } from '../model/visible.ts';
import { besideSecrets } from './beside-secrets.ts';
import { respelt } from './respelt.ts';
import { apart, credentialSpans, credentialSpansOfEvidence, spansWithin } from './spans.ts';
import { maskedForms, parseMasked } from './traits.ts';
import { isWordLike, isWords } from './variety.ts';

/**
 * The one place where secrets are taken out of what leaves the process, and the only one that makes `MaskedText`. A
 * masked source is as long as the original: every character of a secret becomes a bullet, so that places in it stay
 * where they are. Saved evidence hides the same spans in another form (secrets/evidence.ts).
 */
export interface Mask {
  /** The source with its secrets masked; the same object for the same source. */
  source(source: Source): MaskedSource;
  /** The parts of a source that are secret: known places, what looks like a credential, and known values elsewhere. */
  spansOf(source: Source): readonly Span[];
  /**
   * A text with its evidence masked and made harmless; the tool's own words stay as they are. It is a sentence, so that what
   * is too long for one is cut: the name of a step must not be able to fill a report.
   */
  text(text: Text): MaskedText;
  /**
   * All of it was read: a path, a name, a reason that somebody wrote. `places` are known to be secret: where they are
   * bullets already, what stands beside them would no more be seen for what it is.
   */
  evidence(read: string, places?: readonly Span[]): MaskedText;
  /** What stands in the secret parts of a text, or of a part of a source, and is no secret: for comparing, never to be shown. */
  beside(of: string | { readonly source: Source; readonly span: Span }): string;
  /** A value with all its texts masked; they are not cut. */
  all<T>(value: T): Masked<T>;
  problem(problem: Problem): ReportedProblem;
}

const nothingKnown: ValueIndex = { byStart: new Map(), places: new Uint8Array(0), hasBlank: false };

/** Shorter values are masked where they stand, but not searched for elsewhere: they are parts of words (UTF-16 units). */
const minSearchedLength = 6;

/** A mask of some secrets. `elsewhere`: the unmistakable ones of all installations, these among them. */
export function maskFor(secrets: readonly SecretPlace[], elsewhere: ValueIndex = nothingKnown): Mask {
  // By name: a file that several others name is read as several sources.
  const places = new Map<string, Span[]>();
  for (const { source, span } of secrets) addTo(places, source.name, span);
  const values = [...searchedValues(secrets)];
  const own = indexOf(elsewhere === nothingKnown ? values : values.filter(isWordLike));
  const known = (text: string, words?: boolean): readonly Span[] => {
    const [here, there] = [valueSpans(text, own, words), valueSpans(text, elsewhere, words)];
    return here.length === 0 ? there : [...here, ...there];
  };
  const spansOf = memoizePer((source: Source) => {
    const { text } = source;
    const saved = text.includes('drone-audit-masked+')
      ? [...text.matchAll(maskedForms)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }))
      : [];
    const spans = apart([...(places.get(source.name) ?? []), ...credentialSpans(text), ...known(text), ...saved]);
    elsewhere.onSearch?.(text, spans.length > 0);
    return spans;
  });
  // A word is a name there; only where it stands as a value could it be the secret.
  const spansIn = (read: string, places: readonly Span[]): readonly Span[] => {
    const spans = apart([...places, ...credentialSpansOfEvidence(read), ...known(read, false)]);
    elsewhere.onSearch?.(read, spans.length > 0);
    return spans;
  };
  const evidenceWith = (read: string, places: readonly Span[]): MaskedText => {
    const spans = spansIn(read, places);
    const shown = spans.length > 0 ? bulleted(read, spans) : read;
    // Saved evidence reads as what it was saved from.
    return masked(
      visible(shown.replace(maskedForms, (form) => '•'.repeat(Math.min(parseMasked(form)?.length ?? 1, 500)))),
    );
  };
  const text = (said: Text): MaskedText => masked(cut(textOf(said, mostOfPiece), mostOfText));
  const evidenceAlone = memoize((read) => evidenceWith(read, []));
  const evidence = (read: string, places: readonly Span[] = []): MaskedText =>
    places.length === 0 ? evidenceAlone(read) : evidenceWith(read, places);
  const textOf = ({ pieces }: Text, most: number): string =>
    pieces.map((piece, index) => (index % 2 === 0 ? piece : cut(evidence(piece), most))).join('');
  const all = (value: unknown): unknown => {
    if (value instanceof Text) return masked(textOf(value, Number.POSITIVE_INFINITY));
    if (Array.isArray(value)) return value.map(all);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, all(each)]));
  };
  return {
    source: memoizePer((source: Source) => lazily(source, () => bulleted(source.text, spansOf(source)))),
    spansOf,
    text,
    evidence,
    beside: (of) =>
      typeof of === 'string'
        ? besideSecrets(of, spansIn(of, []))
        : besideSecrets(of.source.text.slice(of.span.start, of.span.end), spansWithin(spansOf(of.source), of.span)),
    all: <T>(value: T) => all(value) as Masked<T>,
    problem: (problem) => ({ ...problem, source: shownPath(problem.source), message: text(problem.message) }),
  };
}

/** How much of each thing that was read a sentence quotes, and how long it is in all (UTF-16 units). */
const mostOfPiece = 300;
const mostOfText = 2000;

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/**
 * Secrets that are hidden in texts of other installations, too: what is no word is hardly there by chance. A word may be
 * one there.
 */
export function unmistakable(secrets: readonly SecretPlace[]): ValueIndex {
  return indexOf([...searchedValues(secrets)].filter((value) => !isWordLike(value)));
}

/**
 * The same where secrets become known little by little. What was masked before some of them were known has to be masked again if
 * one of these is in it.
 */
export class KnownSecrets {
  /** For `maskFor`; it grows. */
  readonly index: MutableValueIndex = { byStart: new Map(), places: new Uint8Array(256), hasBlank: false };
  /** When each became known. */
  private readonly numbers = new Map<string, number>();

  private lastDigest = '';

  /** A digest of all that are known, which none of them can hold. */
  get digest(): string {
    return this.lastDigest;
  }

  /** How many are known. */
  get size(): number {
    return this.numbers.size;
  }

  /** Makes secrets known; whether any of them is hidden elsewhere, too. */
  add(secrets: readonly SecretPlace[]): boolean {
    const values = [...searchedValues(secrets)].filter((value) => !isWordLike(value));
    for (const value of values) {
      if (this.numbers.has(value)) continue;
      this.numbers.set(value, this.numbers.size);
      addValue(this.index, value);
      this.lastDigest = createHash('sha256').update(this.lastDigest).update(value).digest('hex');
    }
    return values.length > 0;
  }

  /** For a mask of which somebody has to know what it looked through. */
  watched(onSearch: Required<ValueIndex>['onSearch']): ValueIndex {
    return { ...this.index, onSearch };
  }

  /** Where they stand in a text: all of them, also where a longer one begins at the same place. */
  spansIn(text: string): readonly Span[] {
    const found: Span[] = [];
    const begun = valueSpans(text, this.index, true, (value, start) => {
      found.push({ start, end: start + value.length });
      return false;
    });
    return [...found, ...begun];
  }

  /** Whether a name is shown as it is. */
  isShown(name: string): boolean {
    return (
      visible(name) === name &&
      credentialSpansOfEvidence(name).length === 0 &&
      valueSpans(name, this.index, false).length === 0
    );
  }

  /** Whether a text holds one that became known when there were already so many. */
  holdsLater(text: string, than: number): boolean {
    const isLater = (value: string): boolean => (this.numbers.get(value) ?? 0) >= than;
    return than < this.size && valueSpans(text, this.index, true, isLater).length > 0;
  }
}

/** A path that was given may be an address with a password. */
function shownPath(path: string): string {
  return bulleted(path, credentialSpansOfEvidence(path));
}

/** The values of secrets that are looked for wherever they are. */
function searchedValues(secrets: readonly SecretPlace[]): ReadonlySet<string> {
  const values = new Set<string>();
  for (const { source, span, onlyHere } of secrets) {
    if (onlyHere) continue;
    const written = source.text.slice(span.start, span.end);
    for (const value of readings(written)) {
      // What is words alone, and in names everywhere, tells more where it is hidden than where it is not.
      if (value.length < minSearchedLength || defaultWords.has(value.toLowerCase()) || isWords(value)) continue;
      values.add(value);
      // As addresses and forms hold it.
      if (value.length <= maxEncodedLength && !/\p{Surrogate}/u.test(value)) values.add(encodeURIComponent(value));
    }
  }
  return values;
}

/** What a value that is written may be as it is read: without quotes or the header of a block, its escapes undone, its lines joined. */
function readings(written: string): ReadonlySet<string> {
  const found = new Set([written]);
  if (written.length > maxEncodedLength) return found;
  const quoted = /^(["'])([\s\S]*)\1$/.exec(written)?.[2];
  const block = /^[|>][-+\d]{0,3}[ \t]{0,80}(?:#[^\n]{0,200})?\r?\n([\s\S]*)$/.exec(written)?.[1];
  for (const text of [quoted, block, written]) {
    if (text === undefined) continue;
    found.add(text.trim());
    if (text.includes('$$')) found.add(text.replaceAll('$$', '$').trim());
    for (const folds of [false, true]) {
      const read = respelt(text, folds);
      if (read) found.add(read.text.trim());
    }
    const lines = text.split('\n');
    if (lines.length > 1)
      found.add(
        lines
          .map((line) => line.trim())
          .join('\n')
          .trim(),
      );
  }
  return found;
}

/** Longer secrets are keys and files, which no address holds (UTF-16 units). */
const maxEncodedLength = 500;

/** Says that nothing of a text is secret any more. Only what masks may call it: this file and secrets/evidence.ts. */
export function masked(text: string): MaskedText {
  return text as MaskedText;
}

/** Not every report quotes: the text is made when it is asked for. */
function lazily(source: Source, maskedText: () => string): MaskedSource {
  let text: MaskedText | undefined;
  return {
    ...source,
    lineStarts: lineStarts(source),
    get text() {
      text ??= masked(maskedText());
      return text;
    },
  };
}

/** Replaces every character within the spans, but line ends, by a bullet. */
export function bulleted(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(done, start), text.slice(start, end).replace(/[^\r\n]/g, '•'));
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

/** Values by their first characters, then by their length, the longest first: finds all of them in one pass. */
export interface ValueIndex {
  readonly byStart: ReadonlyMap<string, readonly (readonly [length: number, values: ReadonlySet<string>])[]>;
  /** By the low byte of a code unit: in which of the first three places of a value it may occur, a bit each. */
  readonly places: Uint8Array;
  /** Whether any has a blank in it, so that it may be written over several lines. */
  readonly hasBlank: boolean;
  /** Told of each text in which a mask looks for them, and whether anything of it is hidden. */
  readonly onSearch?: (text: string, isHidden: boolean) => void;
}

interface MutableValueIndex extends ValueIndex {
  hasBlank: boolean;
  readonly byStart: Map<string, (readonly [length: number, values: Set<string>])[]>;
}

function indexOf(values: Iterable<string>): ValueIndex {
  const index: MutableValueIndex = { byStart: new Map(), places: new Uint8Array(256), hasBlank: false };
  for (const value of values) addValue(index, value);
  return index;
}

function addValue(index: MutableValueIndex, value: string): void {
  const { byStart, places } = index;
  index.hasBlank ||= value.includes(' ');
  const start = value.slice(0, minSearchedLength);
  const alike = byStart.get(start);
  if (!alike) {
    byStart.set(start, [[value.length, new Set([value])]]);
    for (const place of [0, 1, 2]) {
      const unit = start.charCodeAt(place) & 0xff;
      places[unit] = (places[unit] ?? 0) | (1 << place);
    }
    return;
  }
  const sameLength = alike.find(([length]) => length === value.length);
  if (sameLength) sameLength[1].add(value);
  else {
    const shorter = alike.findIndex(([length]) => length < value.length);
    alike.splice(shorter < 0 ? alike.length : shorter, 0, [value.length, new Set([value])]);
  }
}

/** Characters of one text that are compared; where that does not suffice, what begins like a value is masked. */
const maxCompared = 20_000_000;
/** What may stand before and behind a word that is a secret. Behind a key, within a path or a name it is that word. */
const beforeWord = /[\s"'`=:,;()[\]{}<>|&@]/;
const behindWord = /[\s"'`,;()[\]{}<>|&@]/;

/** Every occurrence of a value, as it is and as whoever reads the text would read it: escaped, quoted, over several lines. */
function valueSpans(text: string, index: ValueIndex, words = true, isWanted = always): readonly Span[] {
  if (index.byStart.size === 0) return [];
  const found = spansAsWritten(text, index, words, isWanted);
  const read = respelt(text, index.hasBlank);
  if (!read) return found;
  const once = spansAsWritten(read.text, index, words, isWanted, read.spanOf);
  // JSON, say, within a text of YAML.
  const again = respelt(read.text, index.hasBlank);
  const twice = again
    ? spansAsWritten(again.text, index, words, isWanted, (span) => read.spanOf(again.spanOf(span)))
    : [];
  return [...found, ...once, ...twice];
}

const always = (_value: string, _start: number): boolean => true;

/**
 * Every occurrence of a value, also where they overlap; of a value that is a word only where it stands by itself. Of those that
 * begin at one place, the longest that is wanted.
 */
function spansAsWritten(
  text: string,
  { byStart, places }: ValueIndex,
  words: boolean,
  isWanted: (value: string, start: number) => boolean,
  spanOf: (span: Span) => Span = (span) => span,
): readonly Span[] {
  const found: Span[] = [];
  const last = text.length - minSearchedLength;
  let compared = 0;
  for (let start = 0; start <= last; start++) {
    // A bit for each place: most characters begin no value, and no function is called for them.
    if (((places[text.charCodeAt(start) & 0xff] ?? 0) & 1) === 0) continue;
    if (((places[text.charCodeAt(start + 1) & 0xff] ?? 0) & 2) === 0) continue;
    if (((places[text.charCodeAt(start + 2) & 0xff] ?? 0) & 4) === 0) continue;
    const alike = byStart.get(text.slice(start, start + minSearchedLength));
    const match = alike?.find(([length, values]) => {
      if (start + length > text.length) return false;
      compared += length;
      if (compared > maxCompared) return true;
      const value = text.slice(start, start + length);
      if (!values.has(value) || !isWanted(value, start)) return false;
      return !isWordLike(value) || (words && standsAlone(text, start, start + length));
    });
    if (match) found.push(spanOf({ start, end: start + match[0] }));
  }
  return found;
}

/** Keys behind which a word is a name; messages show it, and `type: ••••••` would tell it. */
const behindNamingKey = /(?:from_secret|\b(?:name|type|kind|image))["']?[ \t]{0,8}:[ \t]{0,8}["']?$/;

/** Before the tag of an image; messages show it, and a frame that hid it would tell the password by that. */
const behindImage =
  /(?:\bimage["']?[ \t]{0,8}:[ \t]{0,8}["']?|(?<![\w./:-])[\w.-]{1,60}(?::\d{1,5})?\/)[\w./-]{1,100}:$/;

function standsAlone(text: string, start: number, end: number): boolean {
  if (behindNamingKey.test(text.slice(Math.max(0, start - 40), start))) return false;
  if (text[start - 1] === ':' && text[end] !== '@' && behindImage.test(text.slice(Math.max(0, start - 200), start)))
    return false;
  return (
    (start === 0 || beforeWord.test(text[start - 1] ?? '')) && (end === text.length || behindWord.test(text[end] ?? ''))
  );
}
