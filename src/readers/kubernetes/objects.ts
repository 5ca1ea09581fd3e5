import type { Origin } from '../../model/environment.ts';
import { type Located, type Location, nameInPath, type Source } from '../../model/source.ts';
import { ownWords, say, type Text } from '../../model/text.ts';
import { firstKeyOf, isNull, itemsOf, type Node, type ScalarNode } from '../yaml/tree.ts';
import { isReference } from './marks.ts';
import { Nearby } from './nearby.ts';
import { below, entriesOf, inBrackets, locatedIn, type Manifest, placeIn, textOf } from './tree.ts';

/** One key of a ConfigMap or Secret. */
export interface KeptValue {
  readonly name: Located<string>;
  /** As the process sees it; absent if it is not written here. */
  readonly value?: Located<string>;
  /** `unresolved`: there is no value, or it is a reference. `interpolated`: a default of a chart that nobody wrote. */
  readonly origin: Origin;
}

/** A ConfigMap or Secret, or something that makes one: SealedSecret, ExternalSecret, the generators of kustomize. */
export interface KeptObject {
  readonly manifest: Manifest;
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly namespace?: string;
  readonly at: Location;
  readonly values: ReadonlyMap<string, KeptValue>;
  /** Why it may hold further keys, one reason each. */
  readonly gaps: readonly Text[];
  /** Set if it is merged into another object of its name. */
  readonly isPatch?: true;
}

/** The ConfigMaps and Secrets of one manifest; none for other kinds. */
export function keptObjects(manifest: Manifest): readonly KeptObject[] {
  const { node, kind } = manifest;
  if (kind === 'ConfigMap')
    return [kept(manifest, kind, plainValues(manifest, 'data'), manifest.name, manifest.rendered?.gaps)];
  if (kind === 'Secret') {
    const values = [...encodedValues(manifest), ...plainValues(manifest, 'stringData')];
    return [kept(manifest, 'Secret', values)];
  }
  if (kind === 'SealedSecret') {
    const data = below(node, 'spec', 'encryptedData');
    const names = entriesOf(data).map((entry) => unknownValue(manifest, entry.keyNode, 'spec.encryptedData'));
    return [kept(manifest, 'Secret', names, textOf(below(node, 'spec', 'template', 'metadata', 'name')))];
  }
  if (kind === 'ExternalSecret') {
    const keys = itemsOf(below(node, 'spec', 'data')).flatMap((item) => {
      const key = below(item, 'secretKey');
      return key?.kind === 'scalar' ? [unknownValue(manifest, key, 'spec.data')] : [];
    });
    const made = entriesOf(below(node, 'spec', 'target', 'template', 'data'));
    const names = made.map((entry) => unknownValue(manifest, entry.keyNode, 'spec.target.template.data'));
    const gaps = below(node, 'spec', 'dataFrom')
      ? [say`the keys of ExternalSecret "${manifest.name}" are elsewhere`]
      : [];
    return [kept(manifest, 'Secret', [...keys, ...names], textOf(below(node, 'spec', 'target', 'name')), gaps)];
  }
  if (kind === 'Kustomization')
    return [
      ...itemsOf(below(node, 'configMapGenerator')).flatMap((item) => generated(manifest, 'ConfigMap', item)),
      ...itemsOf(below(node, 'secretGenerator')).flatMap((item) => generated(manifest, 'Secret', item)),
    ];
  return [];
}

function kept(
  manifest: Manifest,
  kind: KeptObject['kind'],
  values: readonly KeptValue[],
  name: string = manifest.name,
  gaps: readonly Text[] = [],
): KeptObject {
  return {
    manifest,
    kind,
    name,
    namespace: manifest.namespace,
    at: nameOf(manifest),
    values: new Map(values.map((value) => [value.name.value, value])),
    gaps,
    isPatch: manifest.isPatch,
  };
}

/** The place that stands for an object: its name. */
export function nameOf(manifest: Manifest): Location {
  const name = below(manifest.node, 'metadata', 'name');
  return placeIn(manifest, name ?? firstKeyOf(manifest.node), manifest.path);
}

function plainValues(manifest: Manifest, field: 'data' | 'stringData'): readonly KeptValue[] {
  return entriesOf(below(manifest.node, field)).map((entry): KeptValue => {
    const path = inBrackets(`${manifest.path}.${field}`, entry.key);
    const text = entry.value.kind === 'scalar' && !isNull(entry.value) ? entry.value.text : '';
    const known = entry.value.kind === 'scalar' && !isReference(text);
    const assumed = manifest.rendered?.assumed.has(entry.value);
    return {
      name: locatedIn(manifest, entry.key, entry.keyNode, path),
      value: locatedIn(manifest, text, entry.value, path),
      origin: !known ? 'unresolved' : assumed ? 'interpolated' : 'literal',
    };
  });
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `data` of a Secret: base64 of what the process sees. */
function encodedValues(manifest: Manifest): readonly KeptValue[] {
  return entriesOf(below(manifest.node, 'data')).map((entry): KeptValue => {
    const path = inBrackets(`${manifest.path}.data`, entry.key);
    const decoded = entry.value.kind === 'scalar' ? decode(entry.value) : undefined;
    const written = textOf(entry.value) ?? '';
    return {
      name: locatedIn(manifest, entry.key, entry.keyNode, path),
      value: locatedIn(manifest, decoded ?? written, entry.value, path),
      origin: decoded === undefined ? 'unresolved' : 'literal',
    };
  });
}

function decode(node: ScalarNode): string | undefined {
  if (isNull(node)) return '';
  const text = node.text.replace(/[\r\n]+/g, '');
  if (text.length % 4 !== 0 || !base64.test(text)) return undefined;
  try {
    const decoded = utf8.decode(Buffer.from(text, 'base64'));
    return isReference(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function unknownValue(manifest: Manifest, key: ScalarNode, path: string): KeptValue {
  const name = locatedIn(manifest, key.text, key, inBrackets(`${manifest.path}.${path}`, key.text));
  return { name, origin: 'unresolved' };
}

/** One entry of `configMapGenerator` or `secretGenerator`; kustomize rewrites references to its hashed name. */
function generated(manifest: Manifest, kind: KeptObject['kind'], item: Node): readonly KeptObject[] {
  const name = textOf(below(item, 'name'));
  if (name === undefined) return [];
  const values = itemsOf(below(item, 'literals')).flatMap((literal) => {
    if (literal.kind !== 'scalar') return [];
    const equals = literal.text.indexOf('=');
    if (equals < 1) return [];
    const key = literal.text.slice(0, equals);
    const path = inBrackets(`${manifest.path}.${kind}[${nameInPath(name)}].literals`, key);
    const value = literal.text.slice(equals + 1).replace(/^["']+|(?<!["'])["']+$/g, '');
    // If the text is written unchanged, its parts have places of their own.
    const plain = literal.span.end - literal.span.start === literal.text.length;
    const start = literal.span.start + literal.text.indexOf(value, equals + 1);
    const keySpan = plain ? { start: literal.span.start, end: literal.span.start + equals } : literal.span;
    const valueSpan = plain ? { start, end: start + value.length } : literal.span;
    const { source } = manifest;
    const origin: Origin = isReference(value) ? 'unresolved' : 'literal';
    const located = { value, at: { source, path, span: valueSpan } };
    return [{ name: { value: key, at: { source, path, span: keySpan } }, value: located, origin }];
  });
  const files = ['envs', 'env', 'files'].some((key) => below(item, key));
  const gaps = files ? [say`${ownWords(kind)} "${name}" is made from files that were not read`] : [];
  const merges = /^(?:merge|replace)$/.test(textOf(below(item, 'behavior')) ?? '');
  return [{ ...kept(manifest, kind, values, name, gaps), isPatch: merges ? true : undefined }];
}

/** Finds the object that a pod refers to, or says why it is unknown. */
export type FindObject = (
  kind: KeptObject['kind'],
  name: string,
  from: { readonly source: Source; readonly namespace?: string },
) => KeptObject | 'missing' | 'ambiguous';

/** Looks objects up by name, in the same namespace, or if one side names none: then the command line or kustomize does. */
export function indexObjects(objects: readonly KeptObject[]): FindObject {
  const byName = new Nearby<KeptObject>();
  for (const object of objects) {
    const { source } = object.manifest;
    byName.add(`${object.kind}/${object.name}/${object.namespace ?? ''}`, source, object);
    byName.add(`${object.kind}/${object.name}`, source, object);
  }
  return (kind, name, { source, namespace }) =>
    byName.find(`${kind}/${name}/${namespace ?? ''}`, source) ??
    byName.find(namespace === undefined ? `${kind}/${name}` : `${kind}/${name}/`, source) ??
    'missing';
}
