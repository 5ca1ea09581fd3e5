import type { Span } from '../../model/source.ts';
import { cEscapes } from '../env/c-escapes.ts';
import type { Entry, MappingNode, Node, ScalarNode, SequenceNode } from './tree.ts';

/*
 * A reader for the part of YAML that nearly all files are written in: block mappings and lists, plain scalars, quoted
 * ones and flow collections on one line, block scalars, anchors and aliases. It is several times as fast as the yaml
 * package, which remains the authority: wherever this reader is unsure, and at every error, it gives up and the package
 * reads the text. A test checks that both make the same tree.
 */

/** Thrown, without the cost of a stack trace, if the text exceeds what this reader knows. */
const unsupported = Symbol('unsupported');

/** Deeper texts are left to the package, which knows the limit. */
const maxDepth = 100;
/** YAML limits keys to 1024 characters. */
const maxKeyLength = 1000;

/** The document in `[part.start, part.end)`, without a root if empty; undefined if the package has to read it. */
export function readPlainYaml(text: string, part: Span): { readonly root?: Node } | undefined {
  if (text.charCodeAt(part.start) === byteOrderMark) return undefined;
  if (text.slice(part.start, part.end).includes('\r')) return undefined;
  try {
    return new PlainReader(text, part).document();
  } catch (thrown) {
    if (thrown === unsupported) return undefined;
    throw thrown;
  }
}

class PlainReader {
  private readonly text: string;
  private readonly end: number;
  /** For the current line: its end, the offset of its next content, and the column of that. */
  private lineEnd: number;
  private at: number;
  private column = 0;
  private depth = 0;
  /** The offset after the last scalar or flow collection, including its quotes or brackets. */
  private reached = 0;
  /** Nodes by their anchors; undefined while a node is not finished. */
  private anchors: Map<string, Node | undefined> | undefined;

  constructor(text: string, part: Span) {
    this.text = text;
    this.end = part.end;
    this.lineEnd = part.start - 1;
    this.at = part.start;
  }

  document(): { readonly root?: Node } {
    this.nextLine(true);
    if (this.column < 0) return {};
    if (this.column === 0 && this.text.startsWith('---', this.at)) {
      if (this.at + 3 !== this.lineEnd) throw unsupported;
      this.nextLine();
    }
    if (this.column !== 0) throw unsupported;
    const root = this.block(0);
    if (this.column >= 0 || (this.anchors && expandsTooFar(root))) throw unsupported;
    return { root };
  }

  /** Goes to the next line with content; the column is -1 after the last. Only the first may be `---`. */
  private nextLine(isFirst = false): void {
    const { text } = this;
    for (let start = this.lineEnd + 1; start < this.end; ) {
      let at = start;
      while (at < this.end && text.charCodeAt(at) === space) at++;
      const unit = at < this.end ? text.charCodeAt(at) : newline;
      if (unit === newline) {
        start = at + 1;
        continue;
      }
      const feed = text.indexOf('\n', at);
      const lineEnd = feed < 0 || feed > this.end ? this.end : feed;
      if (unit === hash) {
        start = lineEnd + 1;
        continue;
      }
      if (at === start && (text.startsWith('...', at) || (!isFirst && text.startsWith('---', at)))) throw unsupported;
      this.lineEnd = lineEnd;
      this.at = at;
      this.column = at - start;
      return;
    }
    this.lineEnd = this.end;
    this.at = this.end;
    this.column = -1;
  }

  /** The mapping or list whose first key or dash is here, at `column`. */
  private block(column: number): Node {
    if (++this.depth > maxDepth) throw unsupported;
    const node = this.isDash(this.at) ? this.list(column) : this.mapping(column);
    this.depth--;
    return node;
  }

  private isDash(at: number): boolean {
    return this.text.charCodeAt(at) === dash && this.isBlank(at + 1);
  }

  /** Whether the line ends here or a space follows. */
  private isBlank(at: number): boolean {
    return at >= this.lineEnd || this.text.charCodeAt(at) === space;
  }

  private list(column: number): SequenceNode {
    const start = this.at;
    const items: Node[] = [];
    while (this.column === column && this.isDash(this.at)) {
      items.push(this.item(this.at + 1, column, false));
    }
    if (this.column > column) throw unsupported;
    return { kind: 'seq', items, span: { start, end: this.reached } };
  }

  /** The value of a key or dash that ends at `behind`: on its line or below. */
  private item(behind: number, column: number, isOfKey: boolean): Node {
    const at = this.afterSpaces(behind);
    if (this.isLineDone(at)) return this.belowLine(at, column, isOfKey);
    const unit = this.text.charCodeAt(at);
    if (unit === ampersand) return this.anchored(at, column, isOfKey);
    if (unit === asterisk) return this.alias(at, column);
    const isFlow = unit === openBracket || unit === openBrace;
    if (!isOfKey && !isFlow && (this.isDash(at) || this.keyAt(at))) {
      const inner = this.column + at - this.at;
      this.at = at;
      this.column = inner;
      return this.block(inner);
    }
    return this.value(at, column);
  }

  /** `&name` before a value on its line or below; not before a key, because the anchor would be the key's. */
  private anchored(at: number, column: number, isOfKey: boolean): Node {
    const end = this.endOfName(at + 1);
    const name = this.text.slice(at + 1, end);
    const after = this.afterSpaces(end);
    this.anchors ??= new Map();
    this.anchors.set(name, undefined);
    let node: Node;
    if (this.isLineDone(after)) {
      node = this.belowLine(after, column, isOfKey, true);
      if (node.kind === 'scalar') throw unsupported;
    } else {
      const unit = this.text.charCodeAt(after);
      if (unit === ampersand || unit === asterisk || this.isDash(after) || (!isOfKey && this.keyAt(after)))
        throw unsupported;
      node = this.value(after, column);
    }
    this.anchors.set(name, node);
    return node;
  }

  private alias(at: number, column: number): Node {
    const end = this.endOfName(at + 1);
    const node = this.anchors?.get(this.text.slice(at + 1, end));
    if (!node || !this.isLineDone(this.afterSpaces(end))) throw unsupported;
    this.reached = end;
    this.nextLine();
    if (this.column > column) throw unsupported;
    return node;
  }

  private endOfName(start: number): number {
    let end = start;
    while (end < this.lineEnd && isOfName(this.text.charCodeAt(end))) end++;
    if (end === start || !this.isBlank(end)) throw unsupported;
    return end;
  }

  private mapping(column: number): MappingNode {
    const start = this.at;
    const entries: Entry[] = [];
    while (this.column === column) {
      const found = this.keyAt(this.at);
      if (!found) throw unsupported;
      const { keyNode, colon } = found;
      entries.push({ key: keyNode.text, keyNode, value: this.item(colon + 1, column, true) });
    }
    if (this.column > column) throw unsupported;
    return { kind: 'map', entries, span: { start, end: this.reached } };
  }

  /** A value on a line below its key or dash, or none. A list may begin in the column of its key. */
  private belowLine(empty: number, column: number, listMayAlign: boolean, isAnchored = false): Node {
    this.nextLine();
    if (this.column > column && this.text.charCodeAt(this.at) === ampersand) {
      if (isAnchored || !this.isLineDone(this.afterSpaces(this.endOfName(this.at + 1)))) throw unsupported;
      return this.anchored(this.at, column, false);
    }
    if (this.column > column || (listMayAlign && this.column === column && this.isDash(this.at)))
      return this.block(this.column);
    this.reached = empty;
    return { kind: 'scalar', text: '', style: 'plain', span: { start: empty, end: empty } };
  }

  /** A value on the line of its key or dash; goes to the next line. */
  private value(at: number, column: number): Node {
    const unit = this.text.charCodeAt(at);
    if (unit === bar || unit === greater) return this.blockScalar(at, column);
    let node: Node;
    if (unit === doubleQuote || unit === singleQuote) node = this.quoted(at, column);
    else if (unit === openBracket || unit === openBrace) node = this.flow(at);
    else node = this.plain(at, column);
    if (!this.isLineDone(this.afterSpaces(this.reached))) throw unsupported;
    this.nextLine();
    // Either it continues below, or something is where nothing may be.
    if (this.column > column) throw unsupported;
    return node;
  }

  private afterSpaces(start: number): number {
    let at = start;
    while (at < this.lineEnd && this.text.charCodeAt(at) === space) at++;
    return at;
  }

  /** Whether nothing but a comment follows, which must be preceded by a space. */
  private isLineDone(at: number): boolean {
    if (at >= this.lineEnd) return true;
    return this.text.charCodeAt(at) === hash && this.text.charCodeAt(at - 1) === space;
  }

  /** The key that begins here, if any. */
  private keyAt(at: number): { readonly keyNode: ScalarNode; readonly colon: number } | undefined {
    const { text, lineEnd } = this;
    const unit = text.charCodeAt(at);
    if (unit === doubleQuote || unit === singleQuote) {
      if (this.closingQuote(at) >= lineEnd) return undefined;
      const keyNode = this.quoted(at);
      const colon = this.afterSpaces(this.reached);
      return text.charCodeAt(colon) === colonMark && colon < lineEnd && this.isBlank(colon + 1)
        ? { keyNode, colon }
        : undefined;
    }
    for (let colon = at; colon < lineEnd; colon++) {
      const each = text.charCodeAt(colon);
      if (each === tab) throw unsupported;
      if (each === hash && text.charCodeAt(colon - 1) === space) return undefined;
      if (each !== colonMark || !this.isBlank(colon + 1)) continue;
      if (!mayBegin(unit, text.charCodeAt(at + 1)) || colon === at || colon - at > maxKeyLength) throw unsupported;
      let end = colon;
      while (text.charCodeAt(end - 1) === space) end--;
      return {
        keyNode: { kind: 'scalar', text: text.slice(at, end), style: 'plain', span: { start: at, end } },
        colon,
      };
    }
    return undefined;
  }

  /** A plain scalar in a block; its further lines are indented deeper than `column`. */
  private plain(at: number, column: number): ScalarNode {
    const { text } = this;
    if (!mayBegin(text.charCodeAt(at), text.charCodeAt(at + 1))) throw unsupported;
    let end = this.endOfPlain(at);
    let value = text.slice(at, end);
    while (this.afterSpaces(end) >= this.lineEnd && this.lineEnd < this.end) {
      let next = this.lineEnd + 1;
      while (next < this.end && text.charCodeAt(next) === space) next++;
      if (next >= this.end || next - this.lineEnd - 1 <= column) break;
      // Blank lines fold differently; a comment ends the scalar.
      if (text.charCodeAt(next) === newline || text.charCodeAt(next) === hash) break;
      const feed = text.indexOf('\n', next);
      this.lineEnd = feed < 0 || feed > this.end ? this.end : feed;
      end = this.endOfPlain(next);
      value += ` ${text.slice(next, end)}`;
    }
    this.reached = end;
    return { kind: 'scalar', text: value, style: 'plain', span: { start: at, end } };
  }

  /** The end of the part of a plain scalar that is on this line. */
  private endOfPlain(start: number): number {
    const { text, lineEnd } = this;
    let end = start;
    for (; end < lineEnd; end++) {
      const unit = text.charCodeAt(end);
      if (unit === tab || (unit === colonMark && this.isBlank(end + 1))) throw unsupported;
      if (unit === hash && text.charCodeAt(end - 1) === space) break;
    }
    while (text.charCodeAt(end - 1) === space) end--;
    return end;
  }

  /** A quoted scalar; further lines, which only values in blocks may have, are indented deeper than `column`. */
  private quoted(at: number, column?: number): ScalarNode {
    const { text } = this;
    const quote = text.charAt(at);
    const close = this.closingQuote(at);
    if (close >= this.lineEnd && column === undefined) throw unsupported;
    let written = text.slice(at + 1, close);
    // No escape of YAML, and no character for the pattern of those.
    if (/\\[\u2028\u2029]/.test(written)) throw unsupported;
    if (close >= this.lineEnd) written = this.foldedQuote(written, column ?? 0, close);
    const value = quote === "'" ? written.replaceAll("''", "'") : unescaped(written);
    this.reached = close + 1;
    // Inside the quotes, if the content is written there unchanged.
    const isExact = value.length === close - at - 1;
    const span = isExact ? { start: at + 1, end: close } : { start: at, end: close + 1 };
    return { kind: 'scalar', text: value, style: quote === '"' ? 'double' : 'single', span };
  }

  private closingQuote(at: number): number {
    const { text } = this;
    const quote = text.charAt(at);
    let close = text.indexOf(quote, at + 1);
    if (quote === "'") while (close >= 0 && text.charAt(close + 1) === quote) close = text.indexOf(quote, close + 2);
    else while (close >= 0 && isEscaped(text, close)) close = text.indexOf(quote, close + 1);
    if (close < 0 || close >= this.end) throw unsupported;
    return close;
  }

  /** Joins a quoted scalar over several lines, none of them blank, into one line; goes to its last line. */
  private foldedQuote(written: string, column: number, close: number): string {
    const [first = '', ...others] = written.split('\n');
    if (first.trim() === '' || /[ \t\\]$/.test(first)) throw unsupported;
    for (const [index, line] of others.entries()) {
      const isLast = index === others.length - 1;
      const indent = line.length - line.trimStart().length;
      if (indent <= column || indent === line.length || line.charAt(indent) === '\t') throw unsupported;
      if (!isLast && /[ \t\\]$/.test(line)) throw unsupported;
    }
    const feed = this.text.indexOf('\n', close);
    this.lineEnd = feed < 0 || feed > this.end ? this.end : feed;
    return [first, ...others.map((line) => line.trimStart())].join(' ');
  }

  /** A flow collection on one line. */
  private flow(at: number): MappingNode | SequenceNode {
    if (++this.depth > maxDepth) throw unsupported;
    const isList = this.text.charCodeAt(at) === openBracket;
    const close = isList ? closeBracket : closeBrace;
    const items: Node[] = [];
    const entries: Entry[] = [];
    let next = this.afterSpaces(at + 1);
    while (this.unitAt(next) !== close) {
      if (isList) items.push(this.flowValue(next));
      else entries.push(this.flowEntry(next));
      next = this.afterSpaces(this.reached);
      if (this.unitAt(next) === comma) next = this.afterSpaces(next + 1);
      else if (this.unitAt(next) !== close) throw unsupported;
    }
    this.depth--;
    this.reached = next + 1;
    const span = { start: at, end: next + 1 };
    return isList ? { kind: 'seq', items, span } : { kind: 'map', entries, span };
  }

  private unitAt(at: number): number {
    if (at >= this.lineEnd) throw unsupported;
    return this.text.charCodeAt(at);
  }

  private flowEntry(at: number): Entry {
    const keyNode = this.flowValue(at);
    const colon = this.afterSpaces(this.reached);
    if (keyNode.kind !== 'scalar' || this.unitAt(colon) !== colonMark || this.unitAt(colon + 1) !== space)
      throw unsupported;
    return { key: keyNode.text, keyNode, value: this.flowValue(this.afterSpaces(colon + 1)) };
  }

  private flowValue(at: number): Node {
    const unit = this.unitAt(at);
    if (unit === openBracket || unit === openBrace) return this.flow(at);
    if (unit === doubleQuote || unit === singleQuote) return this.quoted(at);
    return this.flowPlain(at);
  }

  private flowPlain(at: number): ScalarNode {
    const { text } = this;
    if (!mayBegin(this.unitAt(at), this.unitAt(at + 1)) || text.charCodeAt(at) === dash) throw unsupported;
    let end = at;
    for (; ; end++) {
      const unit = this.unitAt(end);
      if (unit === comma || unit === closeBracket || unit === closeBrace) break;
      if (unit === tab || unit === openBracket || unit === openBrace) throw unsupported;
      if (unit === hash && text.charCodeAt(end - 1) === space) throw unsupported;
      if (unit !== colonMark) continue;
      const next = this.unitAt(end + 1);
      if (next === space) break;
      if (next === comma || next === closeBracket || next === closeBrace) throw unsupported;
      if (next === openBracket || next === openBrace) throw unsupported;
    }
    this.reached = end;
    while (text.charCodeAt(end - 1) === space) end--;
    return { kind: 'scalar', text: text.slice(at, end), style: 'plain', span: { start: at, end } };
  }

  /** A block scalar without an indentation indicator; goes to the next line. */
  private blockScalar(at: number, column: number): ScalarNode {
    const { text } = this;
    const isLiteral = text.charCodeAt(at) === bar;
    const chomping = at + 1 < this.lineEnd ? text.charAt(at + 1) : '';
    const strips = chomping === '-';
    const keeps = chomping === '+';
    if (!this.isLineDone(this.afterSpaces(strips || keeps ? at + 2 : at + 1))) throw unsupported;
    const lines: string[] = [];
    let indent = -1;
    let end = this.lineEnd;
    let blanks = 0;
    for (let start = this.lineEnd + 1; start < this.end; ) {
      const feed = text.indexOf('\n', start);
      const lineEnd = feed < 0 || feed > this.end ? this.end : feed;
      let content = start;
      while (content < lineEnd && text.charCodeAt(content) === space) content++;
      if (content === lineEnd) {
        // Spaces beyond the indentation are content.
        if (content - start > (keeps ? 0 : Math.max(indent, 0))) throw unsupported;
        blanks++;
        start = lineEnd + 1;
        continue;
      }
      if (indent < 0) {
        indent = content - start;
        if (indent <= column || blanks > 0) throw unsupported;
      }
      if (content - start < indent) {
        if (content - start > column || text.charCodeAt(content) === tab) throw unsupported;
        break;
      }
      for (; blanks > 0; blanks--) lines.push('');
      lines.push(text.slice(start + indent, lineEnd));
      end = Math.min(lineEnd + 1, this.end);
      this.lineEnd = lineEnd;
      start = lineEnd + 1;
    }
    // What is kept at the very end of a text, with or without a line break, is left to the package.
    if (lines.length === 0 || (keeps && this.lineEnd + 1 + blanks >= this.end)) throw unsupported;
    if (keeps) end += blanks;
    this.reached = end;
    this.nextLine();
    const joined = isLiteral ? lines.join('\n') : folded(lines);
    return {
      kind: 'scalar',
      text: strips ? joined : `${joined}\n${keeps ? '\n'.repeat(blanks) : ''}`,
      style: isLiteral ? 'literal' : 'folded',
      span: { start: at, end },
    };
  }
}

/** Folds the lines of a block: breaks become spaces, except next to blank lines and more deeply indented ones. */
function folded(lines: readonly string[]): string {
  let text = '';
  let separator = '';
  let wasIndented = false;
  for (const line of lines) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (separator === ' ') separator = '\n';
      else if (!wasIndented && separator === '\n') separator = '\n\n';
      text += separator + line;
      separator = '\n';
      wasIndented = true;
    } else if (line === '') {
      if (separator === '\n') text += '\n';
      else separator = '\n';
    } else {
      text += separator + line;
      separator = ' ';
      wasIndented = false;
    }
  }
  return text;
}

/** Whether an odd number of backslashes precedes an offset. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text.charCodeAt(start - 1) === backslash) start--;
  return (at - start) % 2 === 1;
}

const escapes: Readonly<Record<string, string>> = {
  ...cEscapes,
  '0': '\0',
  e: '\x1b',
  ' ': ' ',
  '/': '/',
};

/** The content of a double-quoted scalar. */
function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  return written.replace(/\\(.)/g, (_, letter: string) => {
    const meant = escapes[letter];
    if (meant === undefined) throw unsupported;
    return meant;
  });
}

/** How many nodes the aliases of one text may yield; beyond that, the package reports it. */
const maxNodes = 100_000;

function expandsTooFar(root: Node): boolean {
  const weights = new Map<Node, number>();
  const weigh = (node: Node): number => {
    if (node.kind === 'scalar') return 1;
    let weight = weights.get(node) ?? 0;
    if (weight > 0) return weight;
    const parts = node.kind === 'seq' ? node.items : node.entries.map(({ value }) => value);
    weight = 1 + parts.length;
    for (const part of parts) weight += weigh(part);
    weights.set(node, weight);
    return weight;
  };
  return weigh(root) > maxNodes;
}

const byteOrderMark = 0xfeff;
const tab = 9;
const newline = 10;
const space = 32;
const doubleQuote = 34;
const hash = 35;
const singleQuote = 39;
const ampersand = 38;
const asterisk = 42;
const comma = 44;
const dash = 45;
const colonMark = 58;
const greater = 62;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const bar = 124;
const closeBrace = 125;

/** Characters that have another meaning at the beginning of a plain scalar. */
const indicators: ReadonlySet<number> = new Set(
  [...',[]{}#&*!|>\'"%@`?:\t'].map((character) => character.charCodeAt(0)),
);

function mayBegin(unit: number, next: number): boolean {
  if (unit === dash) return next > space;
  return !indicators.has(unit);
}

/** Letters, digits, `_` and `-`: everything that people use in names of anchors. */
function isOfName(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === dash
  );
}
