import type { Span } from '../../model/source.ts';
import type { Entry, MappingNode, Node, ScalarNode, SequenceNode } from './tree.ts';

/*
 * A reader for JSON, which answers of engines and servers are written in: several times as fast as one for YAML, and it
 * makes the same tree. It reads what JSON.parse reads; everything else, and keys that are written twice, is left to the
 * readers of YAML, which say what is wrong.
 */

/** Thrown, without the cost of a stack trace, where the text is not plain JSON. */
const unsupported = Symbol('unsupported');

/** Deeper texts are left to the YAML package, which knows the limit. */
const maxDepth = 100;

/** The value in `[part.start, part.end)`; undefined if it is not one object or list of JSON. */
export function readJson(text: string, part: Span): Node | undefined {
  const reader = new JsonReader(text, part);
  const first = reader.first();
  if (first !== '{' && first !== '[') return undefined;
  try {
    return reader.document();
  } catch (thrown) {
    if (thrown === unsupported) return undefined;
    throw thrown;
  }
}

const word = /[\w.+-]+/y;
const plainWord = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** Escapes of JSON; YAML knows others. */
const escapes = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g;

class JsonReader {
  private at: number;
  private depth = 0;
  private readonly text: string;
  private readonly end: number;

  constructor(text: string, part: Span) {
    this.text = text;
    this.at = part.start;
    this.end = part.end;
  }

  first(): string {
    this.skipSpace();
    return this.at < this.end ? this.text.charAt(this.at) : '';
  }

  document(): Node {
    const node = this.value();
    this.skipSpace();
    if (this.at !== this.end) throw unsupported;
    return node;
  }

  private skipSpace(): void {
    for (; this.at < this.end; this.at++) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return;
    }
  }

  private value(): Node {
    this.skipSpace();
    if (this.at >= this.end) throw unsupported;
    const unit = this.text.charCodeAt(this.at);
    if (unit === quote) return this.quoted();
    if (unit === openBrace) return this.map();
    if (unit === openBracket) return this.list();
    return this.plain();
  }

  private map(): MappingNode {
    const start = this.open();
    const entries: Entry[] = [];
    const keys = new Set<string>();
    while (this.goesOn(closeBrace, entries.length)) {
      this.skipSpace();
      if (this.text.charCodeAt(this.at) !== quote) throw unsupported;
      const keyNode = this.quoted();
      const key = keyNode.text;
      if (keys.has(key)) throw unsupported;
      keys.add(key);
      this.skipSpace();
      if (this.text.charCodeAt(this.at++) !== colon) throw unsupported;
      entries.push({ key, keyNode, value: this.value() });
    }
    return { kind: 'map', entries, span: { start, end: this.at } };
  }

  private list(): SequenceNode {
    const start = this.open();
    const items: Node[] = [];
    while (this.goesOn(closeBracket, items.length)) items.push(this.value());
    return { kind: 'seq', items, span: { start, end: this.at } };
  }

  private open(): number {
    if (++this.depth > maxDepth) throw unsupported;
    return this.at++;
  }

  /** Whether another item follows; otherwise the closing bracket is behind us. */
  private goesOn(close: number, items: number): boolean {
    this.skipSpace();
    if (this.at >= this.end) throw unsupported;
    const unit = this.text.charCodeAt(this.at);
    if (unit === close) {
      this.at++;
      this.depth--;
      return false;
    }
    if (items === 0) return true;
    if (unit !== comma) throw unsupported;
    this.at++;
    return true;
  }

  private quoted(): ScalarNode {
    const start = this.at + 1;
    const { text } = this;
    let close = start;
    let escaped = false;
    for (let unit = text.charCodeAt(close); unit !== quote; unit = text.charCodeAt(close)) {
      if (close >= this.end || unit < 32) throw unsupported;
      escaped ||= unit === backslash;
      close += unit === backslash ? 2 : 1;
    }
    if (close >= this.end) throw unsupported;
    const written = text.slice(start, close);
    this.at = close + 1;
    if (!escaped) return { kind: 'scalar', text: written, style: 'double', span: { start, end: close } };
    if (written.replace(escapes, '').includes('\\')) throw unsupported;
    const value: unknown = JSON.parse(`"${written}"`);
    if (typeof value !== 'string') throw unsupported;
    return { kind: 'scalar', text: value, style: 'double', span: { start: start - 1, end: close + 1 } };
  }

  private plain(): ScalarNode {
    word.lastIndex = this.at;
    const written = word.exec(this.text)?.[0] ?? '';
    const span = { start: this.at, end: this.at + written.length };
    if (!plainWord.test(written) || span.end > this.end) throw unsupported;
    this.at = span.end;
    return { kind: 'scalar', text: written, style: 'plain', span };
  }
}

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
