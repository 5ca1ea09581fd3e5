import { lineEndOf, type Source, type Span } from '../../model/source.ts';
import { parseYamlPart } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';

/** A line must fit into 64 KiB with its line end (bufio.MaxScanTokenSize). */
const maxLineLength = 64 * 1024 - 1;

/** One document of the stream: the text that Drone passes to its YAML decoder at once. */
export interface Chunk {
  readonly span: Span;
  /** The line that began it; absent if the text begins without one. */
  readonly separator?: Span;
}

/** A part of the text that no decoder of Drone sees. */
export interface Lost {
  readonly span: Span;
  readonly why: 'after separator' | 'after terminator' | 'long line';
}

/**
 * Splits a text into documents as Drone does, which is not how YAML does it: lines that begin with `---` separate, one
 * that begins with `...` ends the file, and a line over 64 KiB ends it silently (drone/drone-yaml yaml/parse.go:104).
 */
export function splitStream(text: string): { readonly chunks: readonly Chunk[]; readonly lost: readonly Lost[] } {
  const chunks: Chunk[] = [];
  const lost: Lost[] = [];
  let open: { start: number; separator?: Span } | undefined;
  const close = (end: number): void => {
    if (open) chunks.push({ span: { start: open.start, end }, separator: open.separator });
    open = undefined;
  };
  let start = 0;
  while (start < text.length) {
    const end = lineEndOf(text, start);
    const next = Math.min(end + 1, text.length);
    if (tooLong(text, start, end)) {
      close(start);
      lost.push({ span: { start, end: text.length }, why: 'long line' });
      return { chunks, lost };
    }
    if (text.startsWith('---', start)) {
      close(start);
      open = { start: next, separator: { start, end: trimmedEnd(text, start, end) } };
      const rest = contentOf(text, start + 3, end);
      if (rest && text[rest.start] !== '#') lost.push({ span: rest, why: 'after separator' });
    } else {
      open ??= { start };
      if (text.startsWith('...', start)) {
        close(start);
        const rest = contentOf(text, start + 3, text.length);
        if (rest) lost.push({ span: rest, why: 'after terminator' });
        return { chunks, lost };
      }
    }
    start = next;
  }
  close(text.length);
  return { chunks, lost };
}

function tooLong(text: string, start: number, end: number): boolean {
  const units = end - start;
  if (units > maxLineLength) return true;
  // A UTF-16 unit is at most three bytes of UTF-8.
  return units * 3 > maxLineLength && Buffer.byteLength(text.slice(start, end), 'utf8') > maxLineLength;
}

function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last--;
  return last;
}

/** The text between two offsets without surrounding white space. */
function contentOf(text: string, start: number, end: number): Span | undefined {
  const last = trimmedEnd(text, start, end);
  let first = start;
  while (first < last && /\s/.test(text[first] ?? '')) first++;
  return first < last ? { start: first, end: last } : undefined;
}

const unusualBreak = /\r(?!\n)|[\u0085\u2028\u2029]/g;

/**
 * The source with lines as Drone's YAML decoder reads them: besides LF, a lone CR, U+0085, U+2028 and U+2029 also end
 * one (go-yaml v2 yamlprivateh.go is_break). Offsets stay the same; without any of these, it is the same object.
 */
export function withDroneLines(source: Source): Source {
  const text = source.text.replace(unusualBreak, '\n');
  return text === source.text ? source : { ...source, text };
}

/**
 * The lines of a stream, but with U+2028 and U+2029 kept in quoted scalars, where they do not fold (go-yaml v2
 * scannerc.go yaml_parser_scan_flow_scalar). Quoted scalars are found in the text with both kept everywhere, because it
 * has fewer lines, and so fewer places where one could begin.
 */
export function withQuotedBreaks(source: Source, lines: Source, chunks: readonly Chunk[]): Source {
  if (lines === source || !/[\u2028\u2029]/.test(source.text)) return lines;
  const soft = { ...source, text: source.text.replace(/\r(?!\n)|\u0085/g, '\n') };
  const parts: string[] = [];
  let done = 0;
  for (const chunk of chunks) {
    const root = parseYamlPart(soft, chunk.span).documents[0]?.root;
    for (const { start, end } of root ? quotedSpans(root) : []) {
      if (start < done) continue;
      parts.push(lines.text.slice(done, start), soft.text.slice(start, end));
      done = end;
    }
  }
  return { ...lines, text: parts.join('') + lines.text.slice(done) };
}

/** The places of quoted scalars in the order of the text. */
function quotedSpans(root: Node): readonly Span[] {
  const spans: Span[] = [];
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'scalar') {
      if (node.style === 'single' || node.style === 'double') spans.push(node.span);
    } else if (node.kind === 'seq') node.items.forEach(walk);
    else
      for (const { keyNode, value } of node.entries) {
        walk(keyNode);
        walk(value);
      }
  };
  walk(root);
  return spans.sort((a, b) => a.start - b.start);
}
