import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  parseAllDocuments,
  parseDocument,
  type YAMLMap,
  type YAMLParseError,
  type YAMLSeq,
} from 'yaml';
import { binarySearch } from '../../model/binary-search.ts';
import type { Problem } from '../../model/report.ts';
import { positionOf, type Source, type Span } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { readPlainYaml } from './fast-path.ts';
import { readJson } from './json.ts';
import type { Entry, MappingNode, Node, ScalarNode, SequenceNode } from './tree.ts';

/*
 * The only door to the yaml package, which reads what fast-path.ts and json.ts leave to it. The expansion of aliases is bounded
 * here (`maxNodes`), so that readers may walk a tree freely.
 */

/** One parsed document. `root` is absent if it is empty. */
export interface YamlDocument {
  readonly root?: Node;
  readonly span: Span;
}

export interface Yaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

/** Deeper nesting is refused: nothing that people write comes near, and every walk stays within the stack. */
const maxDepth = 200;
/** The package recurses for each level, and ends the whole process where the stack does: it never sees deeper texts. */
const maxParsedDepth = 500;
/** How many values one text may expand to through aliases. */
const maxNodes = 200_000;

/** What the error codes of the yaml package mean. Its own messages may quote the text, which may hold a secret. */
const sentences: Readonly<Record<string, Text>> = {
  ALIAS_PROPS: say`an alias must not have an anchor or a tag`,
  BAD_ALIAS: say`an alias names no anchor above it`,
  BAD_COLLECTION_TYPE: say`a tag does not fit the collection it stands on`,
  BAD_DIRECTIVE: say`a directive is malformed`,
  BAD_DQ_ESCAPE: say`an escape in a double-quoted text is invalid`,
  BAD_INDENT: say`the indentation is wrong`,
  BAD_PROP_ORDER: say`anchors and tags must stand after the indicator`,
  BAD_SCALAR_START: say`a plain text must not start with this character`,
  BLOCK_AS_IMPLICIT_KEY: say`nested mappings are not allowed here`,
  BLOCK_IN_FLOW: say`a block collection must not stand in a flow collection`,
  DUPLICATE_KEY: say`a key is written twice`,
  IMPOSSIBLE: say`the text cannot be parsed here`,
  KEY_OVER_1024_CHARS: say`a key is longer than 1024 characters`,
  MISSING_CHAR: say`a character is missing here (a colon, a comma, a quote or a bracket)`,
  MULTILINE_IMPLICIT_KEY: say`a key must stand on one line`,
  MULTIPLE_ANCHORS: say`a node has more than one anchor`,
  MULTIPLE_DOCS: say`the text holds more than one document`,
  MULTIPLE_TAGS: say`a node has more than one tag`,
  NON_STRING_KEY: say`a key is not a text`,
  RESOURCE_EXHAUSTION: say`it is nested too deeply`,
  TAB_AS_INDENT: say`tabs must not be used to indent`,
  TAG_RESOLVE_FAILED: say`a tag cannot be resolved`,
  UNEXPECTED_TOKEN: say`the text cannot be parsed from here on`,
};

const options = {
  schema: 'failsafe',
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  merge: false,
} as const;

/** Every document of a text, by YAML's own rules for streams. Never throws. */
export function parseYaml(source: Source): Yaml {
  return readPlain(source, { start: 0, end: source.text.length }) ?? parseYamlFully(source);
}

/** The same, using only the yaml package. */
function parseYamlFully(source: Source): Yaml {
  return parseFully(source, 0, source.text, (text) => {
    const all = parseAllDocuments(text, options);
    return Array.isArray(all) ? all : [];
  });
}

/** The one document in a part of a text, for streams split by other rules. Offsets are those of the whole text. */
export function parseYamlPart(source: Source, part: Span): Yaml {
  return readPlain(source, part) ?? parseYamlPartFully(source, part);
}

function readPlain(source: Source, part: Span): Yaml | undefined {
  const json = readJson(source.text, part);
  if (json) return { documents: [{ root: json, span: part }], problems: [] };
  const document = readPlainYaml(source.text, part);
  return document && { documents: [{ ...document, span: part }], problems: [] };
}

/** The same, using only the yaml package. */
export function parseYamlPartFully(source: Source, part: Span): Yaml {
  return parseFully(source, part.start, source.text.slice(part.start, part.end), (text) => [
    parseDocument(text, options),
  ]);
}

type Parse = (text: string) => readonly Document[];
/** Converts an offset in what the package parsed to one in the source. */
type Place = (offset: number) => number;

function parseFully(source: Source, base: number, text: string, parse: Parse): Yaml {
  const deep = mayBeDeep(text) ? tooDeepAt(text) : undefined;
  if (deep !== undefined)
    return { documents: [], problems: [yamlProblem(source, say`it is nested too deeply to be parsed`, base + deep)] };
  let read: Parsed;
  const { stackTraceLimit } = Error;
  // The package creates an error for each fault, of which a text may have a million; nobody looks at their stacks.
  Error.stackTraceLimit = 0;
  try {
    const parsed = parse(text);
    read = (errorOf(parsed) && parseTolerantly(text, parsed, parse)) ?? { parsed, place: (offset) => offset };
  } catch {
    return { documents: [], problems: [yamlProblem(source, say`the text cannot be parsed`, base)] };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return convert(source, read.parsed, (offset) => base + read.place(offset));
}

/** A cheap test that holds of everything deep: many brackets, or a line that begins or nests blocks far to the right. */
function mayBeDeep(text: string): boolean {
  let brackets = 0;
  let inLine = 0;
  let isIndented = true;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || unit === 13) {
      inLine = 0;
      isIndented = true;
      continue;
    }
    if (unit === 32 || unit === 9) {
      if (isIndented) inLine++;
    } else {
      isIndented = false;
      if (unit === 91 || unit === 123) brackets++;
      else if (unit === 45 || unit === 58 || unit === 63) inLine++;
    }
    // Each column begins at most two blocks: a mapping, and a list as its value.
    if (brackets > maxParsedDepth || inLine > maxParsedDepth / 2) return true;
  }
  return false;
}

/** Where a text is nested more deeply than the package may see; counted by its own tokens, which it makes one by one. */
function tooDeepAt(text: string): number | undefined {
  let at = 0;
  let lineStart = 0;
  let flow = 0;
  /** The columns in which the blocks around this place begin. */
  const columns: number[] = [];
  /** Whether a block may begin with the next token: at the beginning of a line, or behind `-`, `?` and `:`. */
  let begins = true;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    const isMark = token === '\u0002' || token === '\u0018' || token === '\u001f';
    if (isMark) {
      isScalar = token === '\u001f';
      continue;
    }
    const isBlank = !isScalar && /^[ \t\r\n]/.test(token);
    if (flow === 0 && begins && !isBlank) {
      const column = at - lineStart;
      while ((columns.at(-1) ?? -1) >= column) columns.pop();
      columns.push(column);
    }
    if (!isScalar && (token === '[' || token === '{')) flow++;
    else if (!isScalar && (token === ']' || token === '}')) flow--;
    if (flow + columns.length * 2 > maxParsedDepth) return at;
    if (!isBlank) begins = !isScalar && /^[-?:]$/.test(token);
    const feed = token.lastIndexOf('\n');
    if (feed >= 0) {
      lineStart = at + feed + 1;
      begins = true;
    }
    isScalar = false;
    at += token.length;
  }
  return undefined;
}

interface Parsed {
  readonly parsed: readonly Document[];
  readonly place: Place;
}

function errorOf(parsed: readonly Document[]): YAMLParseError | undefined {
  for (const { errors } of parsed) if (errors[0]) return errors[0];
  return undefined;
}

/** Inserted before lines of a quoted text that begin too far left: more than any enclosing collection is indented. */
const indentation = ' '.repeat(100);
/** How many characters may be parsed again for this. */
const maxAgain = 250_000;

/**
 * To libyaml and its ports, with which Drone, Compose and Kubernetes read, quoted texts may continue in any column;
 * YAML, and the package, require their lines to be indented. Parses the same text with these lines indented; undefined
 * if that is not valid either.
 */
function parseTolerantly(text: string, first: readonly Document[], parse: Parse): Parsed | undefined {
  /** Where the lines begin that are indented. */
  const starts: number[] = [];
  let parsed = first;
  let written = text;
  for (let left = maxAgain; ; ) {
    const error = errorOf(parsed);
    const place: Place = (offset) => withoutIndentation(offset, starts);
    if (!error) return { parsed, place };
    const lines = linesOfQuoted(written, error).map(place);
    if (lines.length === 0 || lines.some((line) => line <= (starts.at(-1) ?? -1))) return undefined;
    for (const line of lines) starts.push(line);
    left -= text.length + starts.length * indentation.length;
    if (left < 0) return undefined;
    written = starts.map((start, index) => text.slice(starts[index - 1] ?? 0, start)).join(indentation);
    written += indentation + text.slice(starts.at(-1));
    parsed = parse(written);
  }
}

/** The beginnings of the lines from where a quoted text breaks off up to its closing quote. */
function linesOfQuoted(text: string, { message, pos }: YAMLParseError): readonly number[] {
  const quote = /^Missing closing (["'])quote/.exec(message)?.[1];
  if (quote === undefined) return [];
  const starts: number[] = [];
  for (let at = text.indexOf('\n', pos[0]); at >= 0 && at < text.length; at++) {
    const character = text[at];
    if (character === '\n') {
      // Only these two end a document wherever they occur (scannerc.go yaml_parser_scan_flow_scalar).
      if (/^(?:---|\.\.\.)/.test(text.slice(at + 1, at + 4))) return [];
      starts.push(at + 1);
    } else if (character === quote && quote === "'" && text[at + 1] === quote) at++;
    else if (character === '\\' && quote === '"' && text[at + 1] !== '\n') at++;
    else if (character === quote) return starts;
  }
  return [];
}

/** Maps an offset in the text whose `starts` are indented to one in the text without indentation. */
function withoutIndentation(offset: number, starts: readonly number[]): number {
  const lines = binarySearch(starts, (start, index) => start + index * indentation.length > offset);
  const start = starts[lines - 1];
  return start === undefined ? offset : Math.max(start, offset - lines * indentation.length);
}

/** What an error means; of what is not closed, the code tells no more than where that shows. */
function whyOf({ code, message }: YAMLParseError): Text {
  const [, end] = /^Flow (?:map|sequence) .*\bend with a ([\]}])$/.exec(message) ?? [];
  if (end === ']') return say`a list is not closed with "]", or a line of it is not indented`;
  if (end === '}') return say`a mapping is not closed with "}", or a line of it is not indented`;
  if (/^Missing closing ["']quote/.test(message)) return say`a quotation mark is not closed`;
  return sentences[code] ?? say`the text cannot be parsed here`;
}

function convert(source: Source, parsed: readonly Document[], place: Place): Yaml {
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const document of parsed) {
    // What follows the first error of a document is mostly caused by it.
    const error = document.errors[0];
    if (error) {
      problems.push(yamlProblem(source, whyOf(error), place(error.pos[0])));
    }
    const builder = new TreeBuilder(place);
    const root = document.contents ? builder.node(document.contents, 0) : undefined;
    if (!error && builder.refused) problems.push(yamlProblem(source, builder.refused.why, builder.refused.at));
    const [start, end] = document.range ?? [0, 0];
    const span = { start: place(start), end: place(end) };
    documents.push(root ? { root, span } : { span });
  }
  return { documents, problems };
}

function yamlProblem(source: Source, why: Text, offset: number): Problem {
  return {
    kind: 'malformed',
    source: source.name,
    message: say`YAML: ${why}`,
    ...positionOf(source, Math.min(offset, source.text.length)),
    incomplete: true,
  };
}

/** Converts a document of the package into our tree, in its order, so that an anchor means the last one above. */
class TreeBuilder {
  private readonly place: Place;
  private readonly anchors = new Map<string, Node | 'unfinished'>();
  /** How many values are below each node after expansion, so that a bomb is refused before anyone walks it. */
  private readonly weights = new WeakMap<Node, number>();
  /** Where the most recent value ended. */
  private reached = 0;
  refused?: { why: Text; at: number };

  constructor(place: Place) {
    this.place = place;
  }

  node(value: unknown, depth: number): Node {
    if (depth > maxDepth) return this.refuse(say`it is nested more than ${maxDepth} levels deep`, value);
    if (isAlias(value)) {
      this.reached = value.range?.[1] ?? this.reached;
      const target = this.anchors.get(value.source);
      if (target === 'unfinished') return this.refuse(say`an anchor contains itself`, value);
      return target ?? this.refuse(say`an alias names no anchor above it`, value);
    }
    const anchor = isScalar(value) || isMap(value) || isSeq(value) ? value.anchor : undefined;
    if (anchor) this.anchors.set(anchor, 'unfinished');
    const node = this.plainNode(value, depth);
    if (anchor) this.anchors.set(anchor, node);
    return node;
  }

  private plainNode(value: unknown, depth: number): Node {
    if (isMap(value)) {
      const entries: Entry[] = [];
      const complexKeys: (MappingNode | SequenceNode)[] = [];
      let weight = 1;
      for (const pair of value.items) {
        if (!isPair(pair)) continue;
        const keyNode = this.node(pair.key, depth + 1);
        const child = pair.value === null ? emptyAfter(keyNode) : this.node(pair.value, depth + 1);
        weight += 1 + this.weight(child);
        if (keyNode.kind === 'scalar') entries.push({ key: keyNode.text, keyNode, value: child });
        else complexKeys.push(keyNode);
      }
      const span = this.collectionSpan(value);
      const node = { kind: 'map' as const, entries, span, ...tagOf(value) };
      return this.weigh(complexKeys.length > 0 ? { ...node, complexKeys } : node, weight, value);
    }
    if (isSeq(value)) {
      const items: Node[] = [];
      let weight = 1;
      for (const item of value.items) {
        const child = isPair(item)
          ? this.refuse(say`a mapping is not allowed here`, value)
          : this.node(item, depth + 1);
        weight += this.weight(child);
        items.push(child);
      }
      const span = this.collectionSpan(value);
      return this.weigh({ kind: 'seq', items, span, ...tagOf(value) }, weight, value);
    }
    if (isScalar(value)) {
      const text = textOf(value.value);
      const style = styles[value.type ?? 'PLAIN'] ?? 'plain';
      this.reached = value.range?.[1] ?? this.reached;
      return { kind: 'scalar', text, style, span: this.scalarSpan(value, text, style), ...tagOf(value) };
    }
    return { kind: 'scalar', text: '', style: 'plain', span: this.span(value) };
  }

  private weight(node: Node): number {
    return this.weights.get(node) ?? 1;
  }

  private weigh(node: Node, weight: number, value: unknown): Node {
    if (weight > maxNodes) return this.refuse(say`its aliases expand to more than ${maxNodes} values`, value);
    this.weights.set(node, weight);
    return node;
  }

  private refuse(why: Text, value: unknown): Node {
    const at = this.place(rangeOf(value)?.[0] ?? 0);
    this.refused ??= { why, at };
    return { kind: 'scalar', text: '', style: 'plain', span: { start: at, end: at } };
  }

  private span(value: unknown): Span {
    const [start, end] = rangeOf(value) ?? [0, 0];
    return { start: this.place(start), end: this.place(end) };
  }

  /** The package includes the rest of the line, and comments below, in a block collection. */
  private collectionSpan(value: YAMLMap | YAMLSeq): Span {
    const { start, end } = this.span(value);
    if (value.flow) this.reached = value.range?.[1] ?? this.reached;
    return { start, end: value.flow ? end : Math.max(start, this.place(this.reached)) };
  }

  private scalarSpan(value: unknown, text: string, style: ScalarNode['style']): Span {
    const { start, end } = this.span(value);
    const quoted = style === 'single' || style === 'double';
    // Inside the quotes, unless an escape or a fold makes the written text differ from the value.
    return quoted && end - start === text.length + 2 ? { start: start + 1, end: end - 1 } : { start, end };
  }
}

const styles: Readonly<Record<string, ScalarNode['style']>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

function rangeOf(value: unknown): readonly [number, number, number] | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? (value.range ?? undefined) : undefined;
}

/** The text of a scalar; that of `!!binary` is decoded. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === 'string' ? value : '';
}

function tagOf(value: { tag?: string | undefined }): { tag?: string } {
  return value.tag ? { tag: value.tag } : {};
}

function emptyAfter(key: Node): ScalarNode {
  return { kind: 'scalar', text: '', style: 'plain', span: { start: key.span.end, end: key.span.end } };
}
