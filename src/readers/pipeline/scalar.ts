import type { ScalarNode } from '../yaml/tree.ts';

/*
 * How Drone reads a scalar: YAML 1.1 as buildkite/yaml v2 resolves it (resolve.go). The tree keeps every scalar as
 * text; the kinds matter only where Drone expects a boolean or a number, or names what it got instead.
 */

/** The tags that a scalar resolves to; all others are treated as `!!str`. */
export type ScalarKind = '!!null' | '!!bool' | '!!int' | '!!float' | '!!timestamp' | '!!str' | '!!binary';

const long = 'tag:yaml.org,2002:';
const truths = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const booleans = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const nulls = /^(?:|~|null|Null|NULL)$/;
const integers = /^[-+]?(?:0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+)$/;
const floats = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const wordFloats = /^(?:\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/;
const timestamps =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})?)?$/;
/** Longer texts are not numbers. */
const maxNumberLength = 64;

function resolvePlain(text: string): ScalarKind {
  if (nulls.test(text)) return '!!null';
  if (text.length > maxNumberLength) return '!!str';
  if (booleans.test(text)) return '!!bool';
  const first = text.charCodeAt(0);
  const numeric = first === 43 || first === 45 || first === 46 || (first >= 48 && first <= 57);
  if (!numeric) return '!!str';
  if (timestamps.test(text)) return '!!timestamp';
  const plain = first === 46 ? text : text.replaceAll('_', '');
  if (first !== 46 && integers.test(plain)) return '!!int';
  if (floats.test(plain) || wordFloats.test(text)) return '!!float';
  return '!!str';
}

/** The kind of a scalar; `undefined` if its tag and its text do not fit together, which Drone refuses. */
export function kindOf(node: ScalarNode): ScalarKind | undefined {
  const { tag } = node;
  if (tag === undefined) return node.style === 'plain' ? resolvePlain(node.text) : '!!str';
  if (!tag.startsWith(long)) return '!!str';
  const name = `!!${tag.slice(long.length)}`;
  if (name === '!!str' || name === '!!binary') return name;
  if (name !== '!!bool' && name !== '!!int' && name !== '!!float' && name !== '!!null' && name !== '!!timestamp')
    return '!!str';
  const found = resolvePlain(node.text);
  return found === name || (name === '!!float' && found === '!!int') ? name : undefined;
}

/** Whether Drone treats the node as null before any custom decoder sees it (decode.go prepare). */
export function isNothing(node: ScalarNode): boolean {
  if (node.tag !== undefined) return node.tag === `${long}null`;
  return node.style === 'plain' && (node.text === '' || node.text === '~' || node.text === 'null');
}

/** The value of a boolean; undefined for anything else. */
export function truthOf(node: ScalarNode): boolean | undefined {
  return kindOf(node) === '!!bool' ? truths.test(node.text) : undefined;
}

/** The text that a string field receives: as written, even for numbers and booleans; empty for null. */
export function textOf(node: ScalarNode): string {
  return node.style === 'plain' && node.tag === undefined && nulls.test(node.text) ? '' : node.text;
}
