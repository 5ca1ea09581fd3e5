import type { Source, Span } from '../../model/source.ts';
import type { Node, Yaml } from '../yaml.ts';

/*
 * Marks that something else replaces before Kubernetes sees the text. Helm and Jinja write `{{ }}` and `{% %}`, where the
 * structure itself depends on them nothing can be told; inside a value they leave only that value unknown.
 */

const marks = /\{\{|\{%/g;

/**
 * The first place where a template decides about the structure of a text; nothing when marks stand only in values and
 * comments. A malformed text with marks is a template too.
 */
export function templateMark(source: Source, yaml: Yaml): Span | undefined {
  const { text } = source;
  if (!text.includes('{{') && !text.includes('{%')) return undefined;
  const first = outsideComments(text).next().value;
  if (first === undefined) return undefined;
  if (yaml.problems.length > 0) return { start: first, end: first + 2 };
  const values: Span[] = [];
  for (const document of yaml.documents) collectValues(document.root, values, new Set());
  values.sort((a, b) => a.start - b.start);
  let next = 0;
  let covered = -1;
  for (const offset of outsideComments(text)) {
    for (let value = values[next]; value && value.start <= offset; value = values[++next])
      covered = Math.max(covered, value.end);
    if (offset >= covered) return { start: offset, end: offset + 2 };
  }
  return undefined;
}

/** Offsets of marks, line by line. A hash after white space begins a comment, unless a mark stands before it. */
function* outsideComments(text: string): Generator<number, undefined> {
  let comment = -1;
  let lineEnd = -1;
  for (const match of text.matchAll(marks)) {
    if (match.index > lineEnd) {
      const lineStart = text.lastIndexOf('\n', match.index) + 1;
      const end = text.indexOf('\n', match.index);
      lineEnd = end < 0 ? text.length : end;
      comment = /(?:^|[ \t])#/.test(text.slice(lineStart, match.index)) ? lineStart : lineEnd;
    }
    if (match.index < comment) yield match.index;
  }
  return undefined;
}

function collectValues(node: Node | undefined, values: Span[], seen: Set<Node>): void {
  if (!node || seen.has(node)) return;
  seen.add(node);
  if (node.kind === 'scalar') values.push(node.span);
  else if (node.kind === 'seq') for (const item of node.items) collectValues(item, values, seen);
  else for (const entry of node.entries) collectValues(entry.value, values, seen);
}

const references: readonly RegExp[] = [
  /\{\{|\{%/,
  // envsubst, Flux and Terraform
  /\$\{[A-Za-z_]/,
  /^\$[A-Za-z_][A-Za-z0-9_]*$/,
  // Argo CD vault plugin, SOPS, bank-vaults, vals, 1Password
  /<path:/,
  /^ENC\[/,
  /^vault:[^#]*#/,
  /^ref\+/,
  /^op:\/\//,
];

/** Whether a value only names where the real one is: a template mark, `${NAME}`, the reference of a secret tool. */
export function isReference(text: string): boolean {
  return references.some((reference) => reference.test(text));
}
