import type { Remark } from '../../model/remark.ts';
import type { Location } from '../../model/source.ts';
import { ownWords, say, type Text, textKey } from '../../model/text.ts';
import type { RawVariable } from '../env/settings.ts';
import { isNull, itemsOf, type Node } from '../yaml/tree.ts';
import { isReference } from './marks.ts';
import type { FindObject, KeptObject, KeptValue } from './objects.ts';
import { below, entryOf, flagOf, inBrackets, locatedIn, type Manifest, placeIn, textOf } from './tree.ts';

/** How much may still be read: a small text must not ask for much (many pods, each with a large ConfigMap). */
export interface Budget {
  /** Variables of all pods together. */
  variables: number;
  /** Characters that `$(NAME)` may expand to. */
  characters: number;
}

/** The variables of one container as the kubelet sets them, and what stayed unknown. */
export interface Environment {
  readonly raw: readonly RawVariable[];
  readonly gaps: readonly Remark[];
  readonly unknown: readonly Remark[];
  readonly used: readonly KeptObject[];
}

/**
 * Reads `envFrom` and `env` in the kubelet's order (kubernetes pkg/kubelet/kubelet_pods.go makeEnvironmentVariables):
 * first envFrom, then env, each in order; later ones win, and `$(NAME)` sees what is above it.
 */
export function readEnvironment(
  manifest: Manifest,
  container: Node,
  path: string,
  find: FindObject,
  budget: Budget,
): Environment {
  const reader: Reader = {
    manifest,
    path,
    find,
    budget,
    raw: [],
    values: new Map(),
    gaps: [],
    unknown: [],
    used: [],
    elsewhere: new Map(),
    full: false,
  };
  for (const item of itemsOf(below(container, 'envFrom'))) takeAll(reader, item);
  for (const item of itemsOf(below(container, 'env'))) {
    const variable = readOne(reader, item);
    if (variable) put(reader, variable, variable.name.at);
  }
  for (const { at, names, object } of reader.elsewhere.values())
    reader.unknown.push({
      at,
      message: say`${object} (${[...names].slice(0, 10).join(', ')}${names.size > 10 ? say`, \u2026` : ''})`,
    });
  const { raw, gaps, unknown, used } = reader;
  return { raw, gaps, unknown, used };
}

interface Reader {
  readonly manifest: Manifest;
  readonly path: string;
  readonly find: FindObject;
  readonly budget: Budget;
  /** Including those that a later one overrides, because they may hold secrets. */
  readonly raw: RawVariable[];
  /** What `$(NAME)` becomes; undefined for a variable whose value is unknown. */
  readonly values: Map<string, string | undefined>;
  readonly gaps: Remark[];
  readonly unknown: Remark[];
  readonly used: KeptObject[];
  /** Variables whose value is in an unknown object, by the sentence about that object. */
  readonly elsewhere: Map<string, { readonly object: Text; readonly at: Location; readonly names: Set<string> }>;
  full: boolean;
}

function put(reader: Reader, variable: RawVariable, at: Location): void {
  if (reader.budget.variables > 0) {
    reader.budget.variables--;
    reader.raw.push(variable);
    reader.values.set(variable.name.value, variable.origin === 'unresolved' ? undefined : variable.value?.value);
  } else if (!reader.full) {
    reader.full = true;
    reader.gaps.push({ at, message: say`the manifests have too many variables` });
  }
}

function takeAll(reader: Reader, item: Node): void {
  const { manifest } = reader;
  for (const [key, kind] of [
    ['configMapRef', 'ConfigMap'],
    ['secretRef', 'Secret'],
  ] as const) {
    const reference = below(item, key, 'name');
    const name = textOf(reference);
    if (!reference || name === undefined) continue;
    const at = placeIn(manifest, reference, inBrackets(`${reader.path}.envFrom`, name));
    const object = reader.find(kind, name, manifest);
    if (typeof object === 'string') {
      const message = isReference(name)
        ? say`envFrom names a ${ownWords(kind)} by a template mark`
        : say`envFrom: ${why(object, kind, name)}`;
      reader.gaps.push({ at, message });
      continue;
    }
    reader.used.push(object);
    for (const gap of object.gaps) reader.gaps.push({ at, message: gap });
    const prefix = textOf(below(item, 'prefix')) ?? '';
    for (const value of object.values.values()) {
      if (reader.full) break;
      const variable = fromObject(object, value, at);
      put(reader, { ...variable, name: { value: prefix + value.name.value, at: value.name.at } }, at);
    }
  }
}

function why(found: 'missing' | 'ambiguous', kind: string, name: string): Text {
  return found === 'missing'
    ? say`${kind} "${name}" is not in the audit`
    : say`more than one ${kind} "${name}" is in the audit`;
}

function fromObject(object: KeptObject, kept: KeptValue, usedAt: Location): RawVariable {
  return {
    name: kept.name,
    value: kept.value,
    origin: kept.origin,
    usedAt: object.manifest.rendered ? undefined : usedAt,
    heldBy: object.kind === 'Secret' ? 'secret-object' : 'deployment',
  };
}

function readOne(reader: Reader, item: Node): RawVariable | undefined {
  const { manifest, path } = reader;
  const nameNode = below(item, 'name');
  const name = textOf(nameNode);
  if (!nameNode || name === undefined) return undefined;
  const here = inBrackets(`${path}.env`, name);
  const located = locatedIn(manifest, name, nameNode, here);
  const valueNode = entryOf(item, 'value')?.value;
  const from = below(item, 'valueFrom');
  const text = valueNode?.kind === 'scalar' && !isNull(valueNode) ? valueNode.text : '';
  if (from && text === '') return readReference(reader, from, located, here);
  if (valueNode && valueNode.kind !== 'scalar') return { name: located, origin: 'unresolved', heldBy: 'deployment' };
  const at = placeIn(manifest, valueNode ?? nameNode, here);
  const expanded = isReference(text) ? undefined : expand(text, reader);
  if (expanded === undefined) {
    reader.unknown.push({ at, message: say`the value of ${name} is a reference or a template mark` });
    return { name: located, value: { value: text, at }, origin: 'unresolved', heldBy: 'deployment' };
  }
  const assumed = valueNode !== undefined && manifest.rendered?.assumed.has(valueNode);
  const origin = assumed || expanded !== text ? 'interpolated' : 'literal';
  return { name: located, value: { value: expanded, at }, origin, heldBy: 'deployment' };
}

function readReference(reader: Reader, from: Node, name: RawVariable['name'], path: string): RawVariable | undefined {
  const { manifest } = reader;
  for (const [key, kind] of [
    ['configMapKeyRef', 'ConfigMap'],
    ['secretKeyRef', 'Secret'],
  ] as const) {
    const reference = below(from, key);
    const objectName = textOf(below(reference, 'name'));
    const keyNode = below(reference, 'key');
    const wanted = textOf(keyNode);
    if (!reference || !keyNode || objectName === undefined || wanted === undefined) continue;
    const usedAt = placeIn(manifest, keyNode, path);
    const heldBy = kind === 'Secret' ? 'secret-object' : 'deployment';
    const object = reader.find(kind, objectName, manifest);
    if (typeof object === 'string') {
      noteElsewhere(reader, why(object, kind, objectName), name.value, usedAt);
      return { name, origin: 'unresolved', heldBy };
    }
    reader.used.push(object);
    const kept = object.values.get(wanted);
    if (kept) return { ...fromObject(object, kept, usedAt), name };
    const optional = flagOf(below(reference, 'optional')) === true;
    if (optional && object.gaps.length === 0) return undefined;
    noteElsewhere(reader, say`${kind} "${objectName}" has no key "${wanted}"`, name.value, usedAt);
    return { name, origin: 'unresolved', heldBy };
  }
  const field = below(from, 'fieldRef', 'fieldPath');
  const known = field && textOf(field) === 'metadata.namespace' ? manifest.namespace : undefined;
  if (!field || known === undefined) return { name, origin: 'unresolved', heldBy: 'deployment' };
  const value = { value: known, at: placeIn(manifest, field, path) };
  return { name, value, origin: 'interpolated', heldBy: 'deployment' };
}

function noteElsewhere(reader: Reader, object: Text, name: string, at: Location): void {
  const known = reader.elsewhere.get(textKey(object));
  if (known) known.names.add(name);
  else reader.elsewhere.set(textKey(object), { object, at, names: new Set([name]) });
}

/** How long a text one value may expand to; the environment of a process is not larger. */
const maxValueLength = 131_072;

/**
 * `$(NAME)` becomes the value of a variable above it, `$$` becomes `$` (kubernetes
 * third_party/forked/golang/expansion). Undefined if a name or its value is unknown: the cluster may add that variable.
 */
function expand(text: string, reader: Reader): string | undefined {
  if (!text.includes('$(') && !text.includes('$$')) return text;
  const parts: string[] = [];
  let length = 0;
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    const end = dollar < 0 ? text.length : dollar;
    let part = text.slice(at, end);
    at = end;
    if (dollar >= 0) {
      const next = text[dollar + 1];
      const close = next === '(' ? text.indexOf(')', dollar + 2) : -1;
      if (next === '$') {
        part += '$';
        at = dollar + 2;
      } else if (close >= 0) {
        const value = reader.values.get(text.slice(dollar + 2, close));
        if (value === undefined) return undefined;
        part += value;
        at = close + 1;
      } else if (next === '(') {
        // No further reference is closed, so the rest stays as it is.
        part += text.slice(dollar);
        at = text.length;
      } else {
        part += '$';
        at = dollar + 1;
      }
    }
    length += part.length;
    reader.budget.characters -= part.length;
    if (length > maxValueLength || reader.budget.characters < 0) return undefined;
    parts.push(part);
  }
  return parts.join('');
}
