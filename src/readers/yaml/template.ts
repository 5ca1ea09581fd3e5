import { memoizePer } from '../../model/memoize.ts';
import { lineEndOf, type Source, type Span } from '../../model/source.ts';
import { parseYaml, type Yaml } from './parse.ts';
import type { Node, ScalarNode } from './tree.ts';

/*
 * Texts that a template engine makes YAML of (Jinja, Go, ERB). An expression stands for a text that only its renderer
 * knows; tags on lines of their own decide which lines there will be.
 */

/**
 * What is filled in or decided when a template is rendered: the beginning of a mark, or all of it where its beginning
 * may be text.
 */
export const templateMark = /\{[{%]|<%[^%\n]{1,200}%>/;

export interface TemplateYaml extends Yaml {
  /** The first mark outside of values and comments: as it stands, the text is not what its reader will get. */
  readonly mark?: Span;
  /** Whether marks decide about lines or keys: what is read may be absent, and more may be there. */
  readonly decides: boolean;
}

/**
 * Every document of a text that may be a template. Expressions stay in the values as they are written, so that readers
 * know them for unknown; of the branches of a condition, all are read.
 */
export function parseTemplate(source: Source): TemplateYaml {
  const plain = parseYaml(source);
  const mark = markOutsideValues(source, plain);
  if (!mark) return { ...plain, decides: false };
  const { text, decides } = withoutMarks(source.text);
  const { documents, problems } = parseYaml({ ...source, text });
  const restoring = new Restoring(source.text, text);
  const restored = documents.map(({ root, span }) => (root ? { root: restoring.node(root), span } : { span }));
  return { documents: restored, problems, mark, decides: decides || restoring.hasUnknownKeys };
}

/** A comment at the beginning of a line is no YAML; elsewhere, `{#` is often a shell's: `${#name}`. */
const marks = new RegExp(`${templateMark.source}|^\\{#`, 'gm');

/**
 * The first mark outside of values and comments; undefined if there is none. In a malformed text, no place is known to
 * be a value.
 */
function markOutsideValues(source: Source, yaml: Yaml): Span | undefined {
  const { text } = source;
  if (text.search(marks) < 0) return undefined;
  const values = yaml.problems.length === 0 ? valuesOf(yaml) : [];
  let next = 0;
  let covered = 0;
  let commented = 0;
  for (const { index } of text.matchAll(marks)) {
    for (let value = values[next]; value && value.start <= index; value = values[++next])
      covered = Math.max(covered, value.end);
    if (index < covered || index < commented) continue;
    const outside = text.slice(Math.max(covered, text.lastIndexOf('\n', index) + 1), index);
    if (!/(?:^|[ \t])#/.test(outside)) return { start: index, end: index + 2 };
    commented = lineEndOf(text, index);
  }
  return undefined;
}

/** The places of all values, in their order. */
function valuesOf({ documents }: Yaml): readonly Span[] {
  const values: Span[] = [];
  const seen = new Set<Node>();
  const collect = (node: Node | undefined): void => {
    if (!node || seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'scalar') values.push(node.span);
    else if (node.kind === 'seq') for (const item of node.items) collect(item);
    else for (const entry of node.entries) collect(entry.value);
  };
  for (const { root } of documents) collect(root);
  return values.sort((a, b) => a.start - b.start);
}

/** Stands for each character of a mark: a character of private use, which means nothing to YAML. */
const filler = '\uE000';
const closings: ReadonlyMap<string, string> = new Map([
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
  ['<%', '%>'],
]);
const lineOfMarks = /^[ \t]*\uE000[\uE000 \t]*(?=\r?$)/gm;

/**
 * A text of the same length and lines in which no mark means anything to YAML: lines of nothing but marks and comments
 * are blank, other marks are fillers.
 */
function withoutMarks(text: string): { readonly text: string; readonly decides: boolean } {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, opening } of closedMarks(text)) {
    parts.push(text.slice(done, start), text.slice(start, end).replace(/[^\r\n]/g, opening === '{#' ? ' ' : filler));
    done = end;
  }
  const filled = parts.join('') + text.slice(done);
  let decides = false;
  const blank = filled.replace(lineOfMarks, (line) => {
    decides = true;
    return ' '.repeat(line.length);
  });
  return { text: blank, decides };
}

/** The marks of a text that are closed. Only statements and comments go over several lines. */
function* closedMarks(text: string): Generator<Span & { readonly opening: string }> {
  const nextOf = new Map<string, number>();
  /** Where a text next stands from here on. Each is looked for once, as places only grow. */
  const next = (wanted: string, from: number): number => {
    let at = nextOf.get(wanted) ?? -1;
    if (at < from) {
      at = text.indexOf(wanted, from);
      if (at < 0) at = Number.POSITIVE_INFINITY;
      nextOf.set(wanted, at);
    }
    return at;
  };
  let reached = 0;
  for (const { index, 0: opening } of text.matchAll(/\{[{%#]|<%/g)) {
    if (index < reached) continue;
    const closing = closings.get(opening) ?? '';
    const end = next(closing, index + opening.length) + closing.length;
    const isOnLine = opening === '{%' || opening === '{#' || end <= next('\n', index);
    if (!Number.isFinite(end) || !isOnLine) continue;
    reached = end;
    yield { start: index, end, opening };
  }
}

/** Puts the marks back into the values of a tree. */
class Restoring {
  hasUnknownKeys = false;
  private readonly written: string;
  private readonly filled: string;
  /** Nodes that aliases share stay shared. */
  readonly node = memoizePer((node: Node): Node => this.restored(node));

  constructor(written: string, filled: string) {
    this.written = written;
    this.filled = filled;
  }

  private restored(node: Node): Node {
    if (node.kind === 'scalar') return this.scalar(node);
    if (node.kind === 'seq') return { ...node, items: node.items.map(this.node) };
    const entries = node.entries.map(({ keyNode, value }) => {
      const restored = this.scalar(keyNode);
      if (templateMark.exec(restored.text)?.index === 0) this.hasUnknownKeys = true;
      return { key: restored.text, keyNode: restored, value: this.node(value) };
    });
    return { ...node, entries };
  }

  private scalar(node: ScalarNode): ScalarNode {
    let at = node.span.start - 1;
    const text = node.text.replaceAll(filler, () => {
      at = this.filled.indexOf(filler, at + 1);
      return this.written[at] ?? '';
    });
    if (templateMark.test(text)) return { ...node, text };
    // Lines of marks within a text are blank in it.
    const written = this.written.slice(node.span.start, node.span.end);
    return templateMark.test(written) ? { ...node, text: written } : node;
  }
}
