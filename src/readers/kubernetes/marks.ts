import type { Reading } from '../../model/reading.ts';
import { lineEndOf, type Source, type Span } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { isCertain, mentionIn } from '../mentions.ts';
import type { Yaml } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';

/*
 * Marks that something else replaces before Kubernetes sees the text. Helm and Jinja write `{{ }}` and `{% %}`: where
 * the structure itself depends on them, nothing can be said; inside a value, only that value is unknown.
 */

const marks = /\{\{|\{%/g;

/** Why a text is not read, if a template affects its structure; `command` renders it. */
export function templateRefusal(
  source: Source,
  yaml: Yaml,
  command: Text,
): Pick<Reading, 'problems' | 'unknown'> | undefined {
  const span = templateMark(source, yaml);
  if (!span) return undefined;
  const message = say`is a template; render it first (${command})`;
  const place = mentionIn(source.text);
  const incomplete = place !== undefined && isCertain(place);
  return {
    problems: [{ kind: 'unsupported', source: source.name, message, incomplete }],
    unknown: [{ at: { source, path: '', span }, message }],
  };
}

/**
 * The first place where a template affects the structure of a text; undefined if marks occur only in values and
 * comments. In a malformed text, no place is known to be a value.
 */
function templateMark(source: Source, yaml: Yaml): Span | undefined {
  const { text } = source;
  if (!text.includes('{{') && !text.includes('{%')) return undefined;
  const values: Span[] = [];
  if (yaml.problems.length === 0)
    for (const document of yaml.documents) collectValues(document.root, values, new Set());
  values.sort((a, b) => a.start - b.start);
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
  // Harness
  /<\+[\w.]/,
];

/** Whether a value only says where the real one is: a template mark, `${NAME}`, the reference of a secret tool. */
export function isReference(text: string): boolean {
  return references.some((reference) => reference.test(text));
}
