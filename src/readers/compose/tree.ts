import type { Origin } from '../../model/environment.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { Problem } from '../../model/report.ts';
import type { Location, Source, Span } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { templateMark } from '../yaml/template.ts';
import { isNull, type MappingNode, type Node, type ScalarNode } from '../yaml/tree.ts';
import { type FindVariable, type Interpolated, interpolate, invalidReference } from './interpolation.ts';
import { problemAt } from './notes.ts';
import { castBoolean, printed } from './scalars.ts';

/*
 * A compose file as a tree in which every value knows its file, so that trees of several files can be merged. Merge
 * keys are resolved; variables are not, but are replaced when a value is read.
 */

/** What the values of one file share. */
export interface Scope {
  readonly source: Source;
  /** The folder of its relative paths, relative to that of the first file; empty if it is the same. */
  readonly folder: string;
  readonly find: FindVariable;
}

/** What every value knows of where it is written. */
interface Written {
  readonly scope: Scope;
  readonly span: Span;
  /** Tagged `!override`: it replaces what it would be merged into. */
  readonly overrides: boolean;
}

export interface Scalar extends Written {
  readonly kind: 'scalar';
  readonly raw: string;
  /** Unquoted and without a tag, so that YAML may read it as a number or boolean. */
  readonly bare: boolean;
  readonly isNull: boolean;
  /** Whether a template mark makes its text unknown. */
  readonly template: boolean;
}

export interface Field {
  readonly key: string;
  readonly keyAt: { readonly scope: Scope; readonly span: Span };
  readonly value: Value;
}

export interface Mapping extends Written {
  readonly kind: 'map';
  readonly fields: ReadonlyMap<string, Field>;
}

export interface List extends Written {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

/** Several values for one key, of which later ones are merged into earlier ones by name, as in `environment`. */
export interface Layers extends Written {
  readonly kind: 'layers';
  readonly layers: readonly Value[];
}

/** Tagged `!reset`: it removes what the file below has there. */
interface Reset extends Written {
  readonly kind: 'reset';
}

export type Value = Scalar | Mapping | List | Layers | Reset;

/** Called with what is wrong with a value while the tree is built. */
export type Report = (problem: Problem) => void;

/** Builds the tree of one document. Anchors stay shared, so the time is proportional to the text and its merge keys. */
export function treeOf(root: Node, scope: Scope, report: Report): Value {
  const build = memoizePer((node: Node): Value => buildNode(node));

  const buildNode = (node: Node): Value => {
    const common = { scope, span: node.span, overrides: node.tag === '!override' };
    if (node.tag === '!reset') return { kind: 'reset', ...common };
    if (node.kind === 'scalar') return { kind: 'scalar', ...scalarParts(node), ...common };
    if (node.kind === 'map') return { kind: 'map', fields: fieldsOf(node), ...common };
    const items = node.items.map(build).filter((item) => item.kind !== 'reset');
    return { kind: 'list', items, ...common };
  };

  const scalarParts = (node: ScalarNode) => {
    const invalidAt = invalidReference(node.text);
    if (invalidAt !== undefined) {
      const span = partOf({ raw: node.text, scope, span: node.span }, { start: invalidAt, end: invalidAt + 2 });
      report(problemAt(scope.source, span.start, say`invalid interpolation: a literal "$" is written "$$"`, true));
    }
    const { missing } = node.text.includes('?') ? interpolate(node.text, scope.find) : {};
    if (missing !== undefined)
      report(
        problemAt(
          scope.source,
          node.span.start,
          say`Compose requires the variable "${missing}", which is not set`,
          true,
        ),
      );
    return {
      raw: node.text,
      bare: node.style === 'plain' && node.tag === undefined,
      isNull: isNull(node),
      template: templateMark.test(node.text),
    };
  };

  // Explicit keys win wherever `<<` is written; in a list of mappings, the earlier ones win (yaml.v3 decode.go merge).
  const fieldsOf = (node: MappingNode): ReadonlyMap<string, Field> => {
    const fields = new Map<string, Field>();
    const merged: Node[] = [];
    for (const entry of node.entries) {
      if (entry.key === '<<' && entry.keyNode.style === 'plain') {
        if (entry.value.kind === 'scalar' && !isNull(entry.value))
          report(problemAt(scope.source, entry.keyNode.span.start, say`the merge key "<<" needs a mapping`, true));
        else for (const each of entry.value.kind === 'seq' ? entry.value.items : [entry.value]) merged.push(each);
        continue;
      }
      if (fields.has(entry.key))
        report(problemAt(scope.source, entry.keyNode.span.start, say`a key is written twice`, false));
      fields.set(entry.key, { key: entry.key, keyAt: { scope, span: entry.keyNode.span }, value: build(entry.value) });
    }
    for (const node of merged) {
      const value = build(node);
      if (value.kind !== 'map') continue;
      for (const [key, field] of value.fields) if (!fields.has(key)) fields.set(key, field);
    }
    return fields;
  };

  return build(root);
}

/** The value of a key; undefined if it is absent, null or reset. */
export function valueAt(mapping: Value | undefined, key: string): Exclude<Value, Reset> | undefined {
  if (mapping?.kind !== 'map') return undefined;
  const value = mapping.fields.get(key)?.value;
  if (!value || value.kind === 'reset' || (value.kind === 'scalar' && value.isNull)) return undefined;
  return value;
}

/** A scalar as Compose reads it. If the text is absent, it cannot be known. */
export interface Reading {
  readonly text?: string;
  /** The text, with unknown references as written. */
  readonly shown: string;
  readonly origin: Origin;
  readonly at: Location;
  /** The place that uses the value, if the value is in another file. */
  readonly usedAt?: Location;
  readonly fallback?: { readonly value: string; readonly at: Location };
  /** Whether an offset into the text is an offset from `at.span.start` in the source. */
  readonly exact: boolean;
}

/** Reads a scalar, or a part of its raw text, with variables replaced. */
export function readScalar(scalar: Scalar, path: string, part?: Span): Reading {
  const raw = part ? scalar.raw.slice(part.start, part.end) : scalar.raw;
  if (!scalar.template && !raw.includes('$')) {
    const text = scalar.bare && !part ? printed(raw) : raw;
    const span = part ? partOf(scalar, part) : scalar.span;
    const at = { source: scalar.scope.source, path, span };
    return { text, shown: raw, origin: 'literal', at, exact: text === raw && isExact(scalar) };
  }
  const base = part?.start ?? 0;
  const here = (inner: Span | undefined): Location => ({
    source: scalar.scope.source,
    path,
    span:
      inner || part
        ? partOf(scalar, { start: base + (inner?.start ?? 0), end: base + (inner?.end ?? raw.length) })
        : scalar.span,
  });
  if (scalar.template && templateMark.test(raw))
    return { shown: raw, origin: 'unresolved', at: here(undefined), exact: false };
  const result: Interpolated = interpolate(raw, scalar.scope.find);
  const { text, shown, origin, from } = result;
  const own = here(result.part);
  return {
    text: text === undefined ? undefined : scalar.bare && !part && origin === 'literal' ? printed(text) : text,
    shown,
    origin,
    at: from ?? own,
    usedAt: from ? here(undefined) : undefined,
    fallback: result.fallback ? { value: result.fallback.text, at: here(result.fallback.part) } : undefined,
    exact: origin === 'literal' && text === raw && isExact(scalar),
  };
}

/** The span of a part of the raw text; that of the whole if the text is not written as it reads (escapes, folds). */
export function partOf(scalar: { raw: string; scope: Scope; span: Span }, part: Span): Span {
  if (!isExact(scalar)) return scalar.span;
  return { start: scalar.span.start + part.start, end: scalar.span.start + part.end };
}

function isExact({ raw, scope, span }: { raw: string; scope: Scope; span: Span }): boolean {
  return span.end - span.start === raw.length && scope.source.text.startsWith(raw, span.start);
}

/** The text of a scalar, with unknown references as written; undefined for anything but a scalar. */
export function shownText(value: Value | undefined): string | undefined {
  return value?.kind === 'scalar' ? readScalar(value, '').shown : undefined;
}

/** A boolean as Compose casts it; undefined if it is absent or unknown. */
export function readBoolean(value: Value | undefined, path: string): { value: boolean; at: Location } | undefined {
  if (value?.kind !== 'scalar') return undefined;
  const { text, at } = readScalar(value, path);
  const boolean = text === undefined ? undefined : castBoolean(text);
  return boolean === undefined ? undefined : { value: boolean, at };
}

/** The place of a value, with its path; a mapping or list ends with its last value, not with the line after it. */
export function placeOf(value: { readonly scope: Scope; readonly span: Span }, path: string): Location {
  const { source } = value.scope;
  const { start } = value.span;
  let { end } = value.span;
  while (end > start && /\s/.test(source.text.charAt(end - 1))) end--;
  return { source, path, span: { start, end } };
}
