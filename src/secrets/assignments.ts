import { isSecretName } from '../facts/settings.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import type { Location, Source, Span } from '../model/source.ts';
import { findSecretParts } from './parts.ts';
import { parseMasked } from './traits.ts';

/*
 * Secret text anywhere in a file: in comments, in fragments that nothing uses, in commands, in a file whose YAML is
 * broken. It is only ever masked, so it is found by its appearance, and rather too often than too rarely.
 */

/** In longer lines, passwords in URLs and values that go on in the next line are not looked for. */
const maxLineLength = 4000;

/** How long a `${NAME:-text}` may be to be found. */
const maxReferenceLength = 4000;

/** `NAME=value`, `NAME: value`, `--name=value`; the name may be quoted. */
const assignment = /([A-Za-z_][\w.-]{1,100})["']?(?:[ \t]{0,20}=[ \t]{0,20}|[ \t]{0,20}:[ \t]{1,20})(?=\S)/g;

/** `NAME value`, with a blank in place of the sign; in a comment only one word, as more of them are prose. */
const withoutSign =
  /^(?:[ \t]*|[ \t#;]+(?=\w+[ \t]+\S+\s*$))(?:export[ \t]{1,20})?([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)[ \t]{1,20}(?=[^\s=:])/;

/** What a file gives to names of secrets, and the secret parts of all its lines. */
export function assignedSecrets(source: Source): readonly Location[] {
  const places: Location[] = [];
  const add = (name: string, span: Span): void => {
    if (span.start < span.end) places.push({ source, path: name, span });
  };
  for (const { start, text } of linesOf(source.text)) {
    const [lead = '', first = ''] = withoutSign.exec(text) ?? [];
    if (kindOfKey(first) === 'yes') add(first, { start: start + lead.length, end: start + text.trimEnd().length });
    assignment.lastIndex = 0;
    for (let match = assignment.exec(text); match; match = assignment.exec(text)) {
      const name = match[1] ?? '';
      const kind = kindOfKey(name);
      if (kind === 'no') continue;
      // A name leads its line if only marks precede it.
      const leads = match.index <= text.search(/[^\s#;\-"'?]|export\b/);
      const value = valueSpan(text, assignment.lastIndex, leads);
      const secret = kind === 'yes' ? secretSpan(text, value) : undefined;
      if (secret) add(name, { start: start + secret.start, end: start + secret.end });
      if (kind === 'may-contain' && !harmless.test(text.slice(value.start, value.end)))
        for (const part of findSecretParts(text.slice(value.start, value.end), name))
          add(part.name, { start: start + value.start + part.start, end: start + value.start + part.end });
      assignment.lastIndex = Math.max(assignment.lastIndex, value.end);
    }
    if (text.length > maxLineLength) continue;
    for (const part of findSecretParts(text, '')) add(part.name, { start: start + part.start, end: start + part.end });
  }
  return [...places, ...continuedSecrets(source)];
}

/** A line that sets a variable of its own, whatever the line before ends in. */
const ownVariable = /^\s*(?:- +)?(?:export +)?["']?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+["']?(?:\s*=|:\s)/;

const beforeName = /^[\s#;"'?-]*(?:export\s+)?/;

/**
 * The lines on which a value goes on behind the name of a secret, as it ends in a backslash. systemd and shells join
 * them; docker and Compose do not, but whoever wrote it meant a piece of the secret by it.
 */
export const continuedSecrets = memoizePer((source: Source): readonly Location[] => {
  const places: Location[] = [];
  if (!/\\[ \t\r]{0,20}\n/.test(source.text)) return places;
  let goesOn: 'no' | 'in any line' | 'in a word' = 'no';
  for (const { start, text } of linesOf(source.text)) {
    const line = text.trimEnd();
    const from = line.search(/[^\s#;]/);
    const isRest = goesOn === 'in any line' || (goesOn === 'in a word' && from === 0);
    if (isRest && from >= 0 && !ownVariable.test(line))
      places.push({ source, path: '', span: { start: start + from, end: start + line.length } });
    else goesOn = opensSecret(line);
    if (!line.endsWith('\\')) goesOn = 'no';
  }
  return places;
});

/** How a line goes on whose last value is that of a secret: one that does not lead its line goes on in the same word. */
function opensSecret(line: string): 'no' | 'in any line' | 'in a word' {
  if (!line.endsWith('\\') || line.length > maxLineLength) return 'no';
  if (kindOfKey(withoutSign.exec(line)?.[1] ?? '') === 'yes') return 'in any line';
  for (const match of line.matchAll(assignment)) {
    const from = match.index + match[0].length;
    const kind = kindOfKey(match[1] ?? '');
    // Of a text with secret parts, one in quotes is read to their end, and its parts are known.
    if (kind === 'no' || (kind === 'may-contain' && /["']/.test(line[from] ?? ''))) continue;
    const leads = match.index <= (beforeName.exec(line)?.[0].length ?? 0);
    if (valueSpan(line, from, leads).end === line.length) return leads ? 'in any line' : 'in a word';
  }
  return 'no';
}

const kindOfKey = memoize((name) => isSecretName(name.replace(/^.*[.-](?=[A-Z_]+$)/, '').replaceAll('-', '_')));

function* linesOf(text: string): Generator<{ start: number; text: string }> {
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield { start, text: text.slice(start, end) };
    start = end + 1;
  }
}

/** What is not a secret: switches, paths, aliases, block indicators, references without text of their own. */
const harmless =
  /^(?:true|false|null|~|[|>][-+0-9]*|[*&[{].*|\.{0,2}\/.*|\$\w+|\$\{\w+(?:(?::?[?+].*)|:?-)?\}|\{\{.*\}\})$/i;

/** A word of a shell that is written in several quotes: `'text'"$NAME"`. */
const shellWord = /^(?:'[^']{0,4000}'|"(?:[^"\\]|\\.){0,4000}"|[^\s"'|&;<>()]){1,100}(?=[\s|&;<>()]|$)/;

/** What ends a value in quotes, also where it stands within the others of an item: `["NAME='text'", 'NAME="text"']`. */
const closings = {
  alone: { '"': /"(?=[\s,;&}\])]|$)/, "'": /'(?=[\s,;&}\])]|$)/ },
  within: { '"': /"(?='?(?:[\s,;&}\])]|$))/, "'": /'(?="?(?:[\s,;&}\])]|$))/ },
};
/** A value in quotes that is longer goes on to the end of its line (UTF-16 units). */
const maxQuoted = 20_000;
/** Items that begin further before have no quotes of their own (UTF-16 units). */
const maxBeforeQuote = 500;

/** Whether the quote at an offset stands within another, which opens an item or a word. */
function isWithin(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - maxBeforeQuote), at);
  const open = before.lastIndexOf(text[at] === '"' ? "'" : '"');
  return open === 0 || (open > 0 && /[\s,[{(]/.test(before.charAt(open - 1)));
}

/**
 * The value that begins at an offset, without quotes and comment: the rest of the line if its name leads the line,
 * otherwise one word.
 */
export function valueSpan(text: string, from: number, leads: boolean): Span {
  const quote = text[from];
  let start = from;
  let end: number;
  if (quote === '"' || quote === "'") {
    start++;
    // One that a word follows is a character of the value.
    const rest = text.slice(start, start + maxQuoted);
    const close = rest.search(closings[isWithin(text, from) ? 'within' : 'alone'][quote]);
    // What is never closed is looked for once, not from each quote that might open it.
    const word = close < 0 && rest.length < maxQuoted ? shellWord.exec(text.slice(from))?.[0] : undefined;
    end = close < 0 ? from + (word?.replace(/["']$/, '').length ?? text.length - from) : start + close;
  } else {
    const rest = text.slice(from);
    const reference = rest.startsWith('${') ? rest.slice(0, maxReferenceLength).indexOf('}') + 1 : 0;
    const stop = leads ? rest.search(/\s#/) : reference || rest.search(/[\s"',;&}\]]/);
    end = stop < 0 ? text.length : from + stop;
    while (end > start && /[\s"']/.test(text.charAt(end - 1))) end--;
  }
  return { start, end };
}

function secretSpan(text: string, { start, end }: Span): Span | undefined {
  const value = text.slice(start, end);
  if (harmless.test(value) || parseMasked(value)) return undefined;
  const fallback = /^\$\{\w+:?-/.exec(value)?.[0];
  if (fallback !== undefined && value.endsWith('}')) return { start: start + fallback.length, end: end - 1 };
  return { start, end };
}

/** The lines of private keys in a file that takes each of them for a name. */
export function keyLines(source: Source): readonly Location[] {
  const places: Location[] = [];
  let isInside = false;
  for (const { start, text } of linesOf(source.text)) {
    if (/-----END [A-Z ]{0,40}PRIVATE KEY/.test(text)) isInside = false;
    const line = text.trimEnd();
    if (isInside && line !== '') places.push({ source, path: '', span: { start, end: start + line.length } });
    if (/-----BEGIN [A-Z ]{0,40}PRIVATE KEY/.test(text)) isInside = true;
  }
  return places;
}
