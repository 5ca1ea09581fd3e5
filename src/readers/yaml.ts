import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { positionOf } from '../model/position.ts';
import type { Problem } from '../model/report.ts';
import type { Source, Span } from '../model/source.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { Entry, Node, ScalarNode } from './yaml-tree.ts';

/*
 * The only door to the yaml package, which reads what plain-yaml.ts leaves to it. What aliases expand to is bounded here
 * (`mostNodes`), so that readers may walk a tree freely.
 */

/** One parsed document. `root` is absent for an empty one. */
export interface YamlDocument {
  readonly root?: Node;
  readonly span: Span;
}

export interface Yaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

/** Larger nesting is refused: nothing that people write comes near, and every walk stays within the stack. */
const deepest = 200;
/** Values one text may expand to through aliases. */
const mostNodes = 200_000;

/** What the codes of the yaml package mean. Its own messages may quote the text, which may hold a secret. */
const sentences: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias must not have an anchor or a tag',
  BAD_ALIAS: 'an alias names no anchor above it',
  BAD_COLLECTION_TYPE: 'a tag does not fit the collection it stands on',
  BAD_DIRECTIVE: 'a directive is malformed',
  BAD_DQ_ESCAPE: 'an escape in a double-quoted text is invalid',
  BAD_INDENT: 'the indentation is wrong',
  BAD_PROP_ORDER: 'anchors and tags must stand after the indicator',
  BAD_SCALAR_START: 'a plain text must not start with this character',
  BLOCK_AS_IMPLICIT_KEY: 'nested mappings are not allowed here',
  BLOCK_IN_FLOW: 'a block collection must not stand in a flow collection',
  DUPLICATE_KEY: 'a key is written twice',
  IMPOSSIBLE: 'the text cannot be parsed here',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing here (a colon, a comma, a quote or a bracket)',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line',
  MULTIPLE_ANCHORS: 'a node has more than one anchor',
  MULTIPLE_DOCS: 'the text holds more than one document',
  MULTIPLE_TAGS: 'a node has more than one tag',
  NON_STRING_KEY: 'a key is not a text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'tabs must not be used to indent',
  TAG_RESOLVE_FAILED: 'a tag cannot be resolved',
  UNEXPECTED_TOKEN: 'the text cannot be parsed from here on',
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

/** The same by the yaml package alone. */
export function parseYamlFully(source: Source): Yaml {
  let parsed: Document[];
  try {
    const all = parseAllDocuments(source.text, options);
    parsed = Array.isArray(all) ? all : [];
  } catch {
    return { documents: [], problems: [yamlProblem(source, 'the text cannot be parsed', 0)] };
  }
  return convert(source, parsed, 0);
}

/** The one document in a part of a text, for streams that are split by other rules. Offsets are those of the whole text. */
export function parseYamlPart(source: Source, part: Span): Yaml {
  return readPlain(source, part) ?? parseYamlPartFully(source, part);
}

function readPlain(source: Source, part: Span): Yaml | undefined {
  const document = readPlainYaml(source.text, part);
  return document && { documents: [{ ...document, span: part }], problems: [] };
}

/** The same by the yaml package alone. */
export function parseYamlPartFully(source: Source, part: Span): Yaml {
  let document: Document;
  try {
    document = parseDocument(source.text.slice(part.start, part.end), options);
  } catch {
    return { documents: [], problems: [yamlProblem(source, 'the text cannot be parsed', part.start)] };
  }
  return convert(source, [document], part.start);
}

function convert(source: Source, parsed: readonly Document[], base: number): Yaml {
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const document of parsed) {
    // What follows the first error of a document mostly follows from it.
    const error = document.errors[0];
    if (error) {
      const why = sentences[error.code] ?? 'the text cannot be parsed here';
      problems.push(yamlProblem(source, why, base + error.pos[0]));
    }
    const builder = new TreeBuilder(base);
    const root = document.contents ? builder.node(document.contents, 0) : undefined;
    if (!error && builder.refused) problems.push(yamlProblem(source, builder.refused.why, base + builder.refused.at));
    const [start, end] = document.range ?? [0, 0];
    const span = { start: base + start, end: base + end };
    documents.push(root ? { root, span } : { span });
  }
  return { documents, problems };
}

function yamlProblem(source: Source, why: string, offset: number): Problem {
  return {
    kind: 'malformed',
    source: source.name,
    message: `YAML: ${why}`,
    ...positionOf(source, Math.min(offset, source.text.length)),
    incomplete: true,
  };
}

/** Converts one document of the package into our tree, in document order, so that anchors mean the last one above. */
class TreeBuilder {
  private readonly base: number;
  private readonly anchors = new Map<string, Node | 'unfinished'>();
  /** Values below each node after expansion, so that a bomb is refused before anyone walks it. */
  private readonly weights = new WeakMap<Node, number>();
  /** Where the last value ended that was seen. */
  private reached = 0;
  refused?: { why: string; at: number };

  constructor(base: number) {
    this.base = base;
  }

  node(value: unknown, depth: number): Node {
    if (depth > deepest) return this.refuse(`it is nested more than ${deepest} levels deep`, value);
    if (isAlias(value)) {
      this.reached = value.range?.[1] ?? this.reached;
      const target = this.anchors.get(value.source);
      if (target === 'unfinished') return this.refuse('an anchor contains itself', value);
      return target ?? this.refuse('an alias names no anchor above it', value);
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
      let weight = 1;
      for (const pair of value.items) {
        if (!isPair(pair)) continue;
        const keyNode = this.node(pair.key, depth + 1);
        const child = pair.value === null ? emptyAfter(keyNode) : this.node(pair.value, depth + 1);
        weight += 1 + this.weight(child);
        if (keyNode.kind === 'scalar') entries.push({ key: keyNode.text, keyNode, value: child });
      }
      return this.weigh({ kind: 'map', entries, span: this.collectionSpan(value), ...tagOf(value) }, weight, value);
    }
    if (isSeq(value)) {
      const items: Node[] = [];
      let weight = 1;
      for (const item of value.items) {
        const child = isPair(item) ? this.refuse('a mapping is not allowed here', value) : this.node(item, depth + 1);
        weight += this.weight(child);
        items.push(child);
      }
      const span = this.collectionSpan(value);
      return this.weigh({ kind: 'seq', items, span, ...tagOf(value) }, weight, value);
    }
    if (isScalar(value)) {
      const text = typeof value.value === 'string' ? value.value : '';
      const style = styles[value.type ?? 'PLAIN'] ?? 'plain';
      this.reached = value.range?.[1] ?? this.reached;
      return { kind: 'scalar', text, style, span: this.scalarSpan(value, text, style), ...tagOf(value) };
    }
    return { kind: 'scalar', text: '', style: 'plain', span: { start: this.base, end: this.base } };
  }

  private weight(node: Node): number {
    return this.weights.get(node) ?? 1;
  }

  private weigh(node: Node, weight: number, value: unknown): Node {
    if (weight > mostNodes) return this.refuse(`its aliases expand to more than ${mostNodes} values`, value);
    this.weights.set(node, weight);
    return node;
  }

  private refuse(why: string, value: unknown): Node {
    const at = rangeOf(value)?.[0] ?? 0;
    this.refused ??= { why, at };
    return { kind: 'scalar', text: '', style: 'plain', span: { start: this.base + at, end: this.base + at } };
  }

  private span(value: unknown): Span {
    const range = rangeOf(value);
    return range ? { start: this.base + range[0], end: this.base + range[1] } : { start: this.base, end: this.base };
  }

  /** The package counts the rest of the line to a block collection, and comments below it. */
  private collectionSpan(value: YAMLMap | YAMLSeq): Span {
    const { start, end } = this.span(value);
    if (value.flow) this.reached = end - this.base;
    return { start, end: value.flow ? end : Math.max(start, this.base + this.reached) };
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

function tagOf(value: { tag?: string | undefined }): { tag?: string } {
  return value.tag ? { tag: value.tag } : {};
}

function emptyAfter(key: Node): ScalarNode {
  return { kind: 'scalar', text: '', style: 'plain', span: { start: key.span.end, end: key.span.end } };
}
