import { isSecretName, settingsNamed } from '../facts/settings.ts';
import { memoize } from '../model/memoize.ts';
import type { Span } from '../model/source.ts';
import { credentialName, readsCredential } from './forms.ts';
import { isNothingToMask } from './placeholders.ts';
import { isPlain } from './variety.ts';

/*
 * Secrets that stand in the lines below what tells them: block scalars, values in quotes over several lines, manifests of
 * Secrets and here-documents within scripts, and files of keys. Files that no reader could take apart are masked by it.
 */

interface Line {
  readonly start: number;
  readonly text: string;
  /** Where it begins, behind blanks; -1 for an empty one. */
  readonly indent: number;
}

/** What a text has in it at least. */
const mark = /value["']?[ \t]{0,4}:|:[ \t]{0,8}[|>&!#\r\n\x22']|<<|\? |kind|Private-/;

/** The spans of a text that are secret by the lines above them. */
export function blockSpans(text: string): readonly Span[] {
  if (!text.includes('\n') || !mark.test(text)) return [];
  const lines = linesOf(text);
  // What no line can have is not looked for in each of them.
  const hasKind = someSecret.test(text);
  const hasValue = valueKey.test(text);
  return [
    ...scalarSpans(lines),
    ...(text.includes('<<') ? hereSpans(lines) : []),
    ...(hasKind ? manifestSpans(lines) : []),
    ...(hasKind && hasValue ? patchSpans(lines) : []),
    ...(hasValue ? besideSpans(lines) : []),
    ...(text.includes('Private-Lines:') ? puttySpans(lines) : []),
  ];
}

/** A key of every `patchValue`. */
const valueKey = /value["']?[ \t]{0,4}:/;

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    lines.push({ start, text: line, indent: line.search(/\S/) });
    start += line.length + 1;
  }
  return lines;
}

/** The border of a key, and what only holds others: braces. */
const noSecret = /^(?:-----(?:BEGIN|END)[A-Z0-9 ]{0,60}-----|[\s{}[\],]*)$/;

/** What a line holds of a secret: all of it, or the value of a key of JSON. */
function spanOf({ start, text, indent }: Line): readonly Span[] {
  const written = text.trim();
  if (noSecret.test(written) || isNothingToMask(written)) return [];
  const key = jsonKey.exec(written)?.[0];
  if (key === undefined) return [{ start: start + indent, end: start + indent + written.length }];
  const value = written.slice(key.length).replace(/"?,?$/, '');
  const from = start + indent + key.length;
  return value === '' || isNothingToMask(value) || isPlain(value) ? [] : [{ start: from, end: from + value.length }];
}

const jsonKey = /^"[\w.-]{1,100}"\s{0,8}:\s{0,8}"?/;

/** How a line ends whose value goes on below it, or how it begins. */
const opensValue = /:[ \t]{0,8}(?:[|>"'&!#\r]|$)|^\s{0,200}\?/;
/** A key that leads its line, and what stands behind it; `? key` has the value in the next line. */
const keyOfLine =
  /^(?<lead>\s{0,200}(?:- {1,8})?(?:\? )?["']?)(?<key>[A-Za-z_][\w.-]{0,100})["']?[ \t]{0,4}(?<rest>:.*)?$/;
const indicator = /^:[ \t]{1,8}(?:[&!]\S{1,100}[ \t]{1,4})?[|>][-+0-9]{0,3}[ \t\r]{0,8}(?:#.*)?$/;
const nothing = /^:[ \t\r]{0,8}(?:#.*)?$/;
/** What is no scalar that goes on: an item, a key, a flow, a comment, the end of a document, a command. */
const another = /^\s*(?:-(?:\s|$)|["']?[\w.-]{1,100}["']?\s{0,4}[:=](?:\s|$)|[[{#?:]|---|\.\.\.|\w{1,60}=)/;

/** Block scalars, plain ones in the next line and quoted ones over several lines, below a key that names a secret. */
function scalarSpans(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    const match =
      line && line.text.length <= maxKeyLine && opensValue.test(line.text) ? keyOfLine.exec(line.text) : null;
    const { lead = '', key = '', rest } = match?.groups ?? {};
    if (!line || !match || !isNameOfSecret(key)) continue;
    const column = lead.length - quoteLength(lead);
    if (rest === undefined) {
      const given = lead.includes('?')
        ? /^\s{0,200}:[ \t]{1,8}["']?(?<value>[^\s"'].*)$/.exec(lines[index + 1]?.text ?? '')
        : null;
      const value = given?.groups?.value?.trimEnd().replace(/["']$/, '') ?? '';
      const next = lines[index + 1];
      if (next && value !== '' && !isNothingToMask(value)) {
        const start = next.start + next.text.indexOf(value);
        spans.push({ start, end: start + value.length });
      }
    } else if (indicator.test(rest)) {
      for (const inner of linesWithin(lines, index + 1, column)) spans.push(...spanOf(inner));
    } else if (nothing.test(rest)) {
      for (const inner of linesWithin(lines, index + 1, column)) {
        if (another.test(inner.text)) break;
        spans.push(...spanOf(inner));
      }
    } else spans.push(...quotedSpans(lines, index, rest));
  }
  return spans;
}

/** The lines from one on that are indented deeper than a key. */
function* linesWithin(lines: readonly Line[], from: number, column: number): Generator<Line> {
  for (let index = from; index < lines.length; index++) {
    const line = lines[index];
    if (!line || (line.indent >= 0 && line.indent <= column)) return;
    yield line;
  }
}

/** Longer lines hold more than a key. */
const maxKeyLine = 1000;
/** A value in quotes goes on in so many lines at most. */
const maxQuotedLines = 20;

function quoteLength(lead: string): number {
  return /["']$/.test(lead) ? 1 : 0;
}

/** The same few keys stand in all files. */
const isNameOfSecret = memoize((key): boolean => {
  if (/^from_secrets?$|^secrets$/i.test(key)) return false;
  return credentialName.test(key) || isSecretName(key.replaceAll('-', '_').toUpperCase()) === 'yes';
});

/** A value whose quotes are closed in a line below, or not at all: then up to what is another key. */
function quotedSpans(lines: readonly Line[], index: number, rest: string): readonly Span[] {
  const line = lines[index];
  const open = /^:[ \t]{0,8}(?<quote>["'])(?!.*\k<quote>)(?<value>.+)$/.exec(rest);
  const quote = open?.groups?.quote;
  if (!line || !open || quote === undefined || isNothingToMask(open.groups?.value ?? '')) return [];
  const end = line.start + line.text.trimEnd().length;
  const start = line.start + line.text.length - (open.groups?.value ?? '').length;
  const spans: Span[] = noSecret.test(line.text.slice(start - line.start).trim()) ? [] : [{ start, end }];
  for (const next of lines.slice(index + 1, index + maxQuotedLines)) {
    const close = next.text.indexOf(quote);
    if (another.test(next.text)) break;
    spans.push(...spanOf(close < 0 ? next : { ...next, text: next.text.slice(0, close) }));
    if (close >= 0) break;
  }
  return spans.filter(({ start, end }) => start < end);
}

const hereDocument = /(?<!<)<<-?(?!<)[ \t]{0,4}\\?["']?(?<end>\w{1,40})/;

/** What a here-document sends to a command that reads a credential. */
function hereSpans(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index]?.text ?? '';
    const end = text.includes('<<') && readsCredential.test(text) ? hereDocument.exec(text)?.groups?.end : undefined;
    if (end === undefined) continue;
    const inner = lines.slice(index + 1, index + maxHereLines);
    const length = inner.findIndex((line) => line.text.trim() === end);
    for (const line of inner.slice(0, Math.max(0, length))) spans.push(...spanOf(line));
  }
  return spans;
}

/** A token has few lines. */
const maxHereLines = 100;

const kindSecret = /^\s{0,200}(?:- )?["']?kind["']?[ \t]{0,4}:[ \t]{0,4}["']?secret["']?[ \t\r]{0,8}(?:[,#].*)?$/i;
const dataKey = /^\s{0,200}["']?(?:stringData|data)["']?[ \t]{0,4}:[ \t]{0,4}(?:\{?\s*$|["'](?<secret>[^"']{1,2000}))/i;
const entry = /^\s{1,200}["']?(?<key>[\w.-]{1,200})["']?[ \t]{0,4}:[ \t]{1,8}["']?(?<secret>[^\s"'].*)$/;

/** What the manifest of a Secret holds, wherever it is written: beside its kind stands its data. */
function manifestSpans(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  const isKind = ({ text }: Line): boolean => text.includes('ecret') && kindSecret.test(text);
  lines.forEach((kind, index) => {
    if (!isKind(kind)) return;
    for (const step of [-1, 1])
      for (let at = index + step; at >= 0 && at < lines.length && Math.abs(at - index) < maxManifest; at += step) {
        const line = lines[at];
        if (
          !line ||
          (line.indent >= 0 && line.indent < kind.indent) ||
          isKind(line) ||
          /^\s*(?:---|[}\]])/.test(line.text)
        )
          break;
        const data = line.indent === kind.indent ? dataKey.exec(line.text) : null;
        if (!data) continue;
        const { secret } = data.groups ?? {};
        if (secret !== undefined && !isNothingToMask(secret))
          spans.push({ start: line.start + data[0].length - secret.length, end: line.start + data[0].length });
        for (const inner of linesWithin(lines, at + 1, line.indent)) spans.push(...entrySpans(inner));
      }
  });
  return spans;
}

/** So many lines lie at most between the kind of a manifest and its data. */
const maxManifest = 300;

/** The value of an entry; a line without a key is part of one. */
function entrySpans(line: Line): readonly Span[] {
  const { text, start } = line;
  const { 0: whole = '', groups: { key = '', secret = '' } = {} } = entry.exec(text) ?? {};
  if (whole === '') return /:[ \t\r]*$/.test(text) ? [] : spanOf(line);
  const value = secret
    .replace(/\s#.*/, '')
    .trimEnd()
    .replace(/["'],?$/, '');
  const from = start + whole.length - secret.length;
  return isNothingToMask(value) || isPlain(value) || isKnownHarmless(key, value)
    ? []
    : [{ start: from, end: from + value.length }];
}

const someSecret = /\bkind["']?[ \t]{0,4}:[ \t]{0,4}["']?secret\b/i;
const patchPath = /^\s{0,200}(?:- {1,8})?["']?path["']?[ \t]{0,4}:[ \t]{0,4}["']?\/(?:stringData|data)(?:["'/,\s]|$)/;
const patchValue = /^(?<lead>\s{0,200}(?:- {1,8})?)["']?value["']?[ \t]{0,4}:[ \t]{0,8}["']?(?<secret>.{0,2000})$/;
/** An operation of a patch has its path and its value at most so many lines apart. */
const maxOperation = 3;
const startsItem = /^\s{0,200}- /;

/** What the operations of a patch put into the Secret that it is for: `path: /stringData/token`, `value: text`. */
function patchSpans(lines: readonly Line[]): readonly Span[] {
  if (!lines.some(({ text }) => text.includes('ecret') && someSecret.test(text))) return [];
  const spans: Span[] = [];
  lines.forEach(({ text: path }, index) => {
    if (!path.includes('/') || !patchPath.test(path)) return;
    let from = index;
    while (from > 0 && from > index - maxOperation && !startsItem.test(lines[from]?.text ?? '')) from--;
    for (let at = from; at <= index + maxOperation; at++) {
      const line = lines[at];
      if (!line || (at > index && startsItem.test(line.text))) break;
      const { lead, secret = '' } = patchValue.exec(line.text)?.groups ?? {};
      if (lead === undefined) continue;
      const value = secret.trimEnd().replace(/["'],?$/, '');
      const start = line.start + line.text.length - secret.length;
      if (value !== '' && !/^[|>{]/.test(value)) {
        if (!isNothingToMask(value)) spans.push({ start, end: start + value.length });
      } else for (const inner of linesWithin(lines, at + 1, lead.length)) spans.push(...entrySpans(inner));
    }
  });
  return spans;
}

const nameLine =
  /^\s{0,200}(?:- {1,8})?["']?(?:name|path)["']?[ \t]{0,4}:[ \t]{1,8}["']?(?<name>[\w./-]{1,200})["']?,?[ \t\r]{0,8}$/;

/** Whether what has this name, or is put at this path of a patch, is a secret: `RPC_SECRET`, `/data/token`. */
export function putsSecret(name: string): boolean {
  return /^\/stringData\//.test(name) || isNameOfSecret(name.slice(name.lastIndexOf('/') + 1));
}

/** The value beside a name: `name: RPC_SECRET` and `value: text` on two lines, in either order. */
function besideSpans(lines: readonly Line[]): readonly Span[] {
  return lines.flatMap((line, index) => {
    const name =
      line.text.includes(':') && line.text.length <= maxKeyLine ? nameLine.exec(line.text)?.groups?.name : '';
    if (!name || !putsSecret(name)) return [];
    return [lines[index - 1], lines[index + 1]].flatMap((other, side) => {
      // A value before a name that begins an item is that of another.
      const later = side === 0 ? line : other;
      if (!other || !later || other.text.length > maxKeyLine || startsItem.test(later.text)) return [];
      const { secret = '' } = patchValue.exec(other.text)?.groups ?? {};
      const value = secret
        .replace(/\s#.*/, '')
        .trimEnd()
        .replace(/["'],?$/, '');
      if (value === '' || /^[|>{[#]/.test(value) || isNothingToMask(value)) return [];
      const start = other.start + other.text.length - secret.length;
      return [{ start, end: start + value.length }];
    });
  });
}

/** A setting of Drone that is no secret, and a certificate. */
function isKnownHarmless(key: string, value: string): boolean {
  if (/\.crt$/.test(key) || /^LS0tLS1CRUdJTiB(?:DRVJU|QVUJM)/.test(value)) return true;
  return settingsNamed(key).length > 0 && isSecretName(key) === 'no';
}

/** The private lines of a key of PuTTY. */
function puttySpans(lines: readonly Line[]): readonly Span[] {
  const spans: Span[] = [];
  let left = 0;
  for (const line of lines) {
    const count = /^\s*Private-Lines:\s{0,4}(\d{1,4})/.exec(line.text)?.[1];
    if (count !== undefined) left = Number(count);
    else if (left > 0) {
      spans.push(...spanOf(line));
      left--;
    }
  }
  return spans;
}
