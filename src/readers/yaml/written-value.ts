import { compare } from '../../model/compare.ts';
import type { Source, Span } from '../../model/source.ts';
import { parseYaml } from './parse.ts';
import { isNull, type Node } from './tree.ts';

/** Longer pieces are compared as they are written (UTF-16 units). */
const maxLength = 20_000;

/**
 * A piece of a YAML text in the one spelling that all spellings of its value share: without regard to quotes, to the order of
 * keys, to how lists and maps are laid out, and to a list of one beside its only item. Any other text, and one that may hold
 * comments, comes back as it is written.
 */
export function writtenValue(source: Source, { start, end }: Span): string {
  const written = source.text.slice(start, end);
  if (isBoolean(written)) return asBoolean(written);
  // Of a text without quotes around it, `#` may be part.
  if (written.length > maxLength || written.includes('#') || !/^["'[{&!]|^-\s|:\s/.test(written)) return written;
  // What follows in other lines is indented as far as the piece is.
  const column = start - source.text.lastIndexOf('\n', start - 1) - 1;
  const text = `${' '.repeat(Math.min(column, maxLength))}${written}`;
  const { documents, problems } = parseYaml({ name: '', form: 'compose', text });
  const [first, ...others] = documents;
  if (problems.length > 0 || others.length > 0 || !first?.root) return written;
  return first.root.kind === 'scalar' || isOnlyItem(first.root) ? textOf(first.root) : spelling(first.root);
}

/** As YAML 1.1 has them, by which Drone and Compose read (yaml.org/type/bool.html). */
function isBoolean(text: string): boolean {
  return /^(?:true|false|yes|no|on|off)$/i.test(text);
}

function asBoolean(text: string): string {
  return /^(?:true|yes|on)$/i.test(text) ? 'true' : 'false';
}

function isOnlyItem(node: Node): boolean {
  return node.kind === 'seq' && node.items.length === 1 && node.items[0]?.kind === 'scalar';
}

function textOf(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'seq' && node.items[0] ? textOf(node.items[0]) : '';
  if (isNull(node)) return '';
  return node.style === 'plain' && isBoolean(node.text) ? asBoolean(node.text) : node.text;
}

function spelling(node: Node): string {
  const tag = node.tag ?? '';
  if (node.kind === 'scalar' || isOnlyItem(node)) return tag + JSON.stringify(textOf(node));
  if (node.kind === 'seq') return `${tag}[${node.items.map(spelling).join()}]`;
  const entries = node.entries.toSorted((one, other) => compare(one.key, other.key));
  const keyed = entries.map(({ key, value }) => `${JSON.stringify(key)}:${spelling(value)}`);
  return `${tag}{${[...keyed, ...(node.complexKeys ?? []).map((key) => `?${spelling(key)}`)].join()}}`;
}
