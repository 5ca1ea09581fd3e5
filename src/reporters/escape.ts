import { hashCommand, withoutCommand } from '../model/one-line.ts';
import { acting, visible } from '../model/visible.ts';

export { isPlain, visible } from '../model/visible.ts';

/** A text on one line in which no `[words](address)` from a file becomes a link. */
export function withoutLinks(text: string): string {
  return visible(text).replaceAll('](', '] (');
}

/** The text with each lone surrogate, which no encoding can carry, as U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** Lines of a text in which no runner finds a command to itself. Each part holds whole lines. */
export function* withoutCommands(parts: Iterable<string>): Generator<string> {
  for (const part of parts) yield withoutCommand(part, '\\u{3A}', '\\u{23}');
}

/** The same of lines that are commands of GitHub themselves. */
export function* withoutOtherCommands(parts: Iterable<string>): Generator<string> {
  for (const part of parts) yield part.includes('##') ? part.replace(hashCommand, '\\u{23}') : part;
}

/** The same of markup, in which no line begins a document of YAML either: no report can be taken for a pipeline. */
export function* markupWithoutCommands(parts: Iterable<string>): Generator<string> {
  for (const part of parts)
    yield withoutCommand(part, '&#58;', '&#35;').replace(/^(?:-(?=--)|\.(?=\.\.))/gm, (sign) =>
      sign === '-' ? '&#45;' : '&#46;',
    );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A sign that means something in HTML and XML as it is written where it means nothing; any other as it is. */
export function entity(sign: string): string {
  return entities[sign] ?? sign;
}

/** Runs of characters that plain English lacks; typographic quotes and dashes (U+2010 to U+2027) are English. */
const unusual = /[^\n\x20-\x7e\u2010-\u2027]+/g;

/** A list of JSON that is made while it is written, one item after the other. */
export class Each<T = unknown> implements Iterable<T> {
  readonly items: Iterable<T>;

  constructor(items: Iterable<T>) {
    this.items = items;
  }

  /** Each item as it is shown. */
  static of<Item, T>(items: Iterable<Item>, show: (item: Item) => T): Each<T> {
    return new Each({
      *[Symbol.iterator]() {
        for (const item of items) yield show(item);
      },
    });
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }
}

/**
 * JSON of a value, indented by two spaces and ending with a newline. Strings are well-formed, and characters that could
 * act on a terminal are written as `\u001b`, so that `cat` can show the data.
 */
export function safeJson(value: unknown): string {
  return [...safeJsonChunks(value)].join('');
}

/** The same in parts, of which none holds more than one item of an `Each`. */
export function* safeJsonChunks(value: unknown): Generator<string> {
  yield* chunksOf(value, '\n');
  yield '\n';
}

/** JSON of a value without any `Each` on one line, without a newline, as safe as `safeJson`. */
export function safeJsonLine(value: unknown): string {
  return safe(value);
}

/** The same in parts, of which none holds more than one item of an `Each`. */
export function safeJsonLineChunks(value: unknown): Generator<string> {
  return chunksOf(value, '');
}

/** `newline` is a line feed with the indentation of the line that the value begins in; empty where all is on one line. */
function* chunksOf(value: unknown, newline: string): Generator<string> {
  const deeper = newline === '' ? '' : `${newline}  `;
  const indent = newline === '' ? undefined : 2;
  if (value instanceof Each) {
    let before = `[${deeper}`;
    for (const item of value) {
      yield before + safe(item, indent).replaceAll('\n', deeper);
      before = `,${deeper}`;
    }
    yield before.startsWith('[') ? '[]' : `${newline}]`;
  } else if (Array.isArray(value) && holdsEach(value)) {
    let before = `[${deeper}`;
    for (const item of value) {
      yield before;
      yield* chunksOf(item, deeper);
      before = `,${deeper}`;
    }
    yield `${newline}]`;
  } else if (typeof value === 'object' && value !== null && holdsEach(value)) {
    let before = `{${deeper}`;
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      yield `${before}${safe(key)}:${newline && ' '}`;
      yield* chunksOf(item, deeper);
      before = `,${deeper}`;
    }
    yield `${newline}}`;
  } else yield safe(value, indent).replaceAll('\n', newline);
}

/** Whether some part of a value is an `Each`. */
function holdsEach(value: object): boolean {
  return Object.values(value).some(
    (item) => item instanceof Each || (typeof item === 'object' && item !== null && holdsEach(item)),
  );
}

function safe(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  // JSON.stringify writes lone surrogates, and only those, as `\ud800`.
  const clean = json.includes('\\ud') ? JSON.stringify(value, wellFormedStrings, indent) : json;
  const harmless = clean.includes('##') ? clean.replace(hashCommand, jsonEscape) : clean;
  return harmless.replace(unusual, (run) => run.replace(acting, jsonEscape));
}

function wellFormedStrings(_: string, value: unknown): unknown {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function jsonEscape(character: string): string {
  let escaped = '';
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
}
