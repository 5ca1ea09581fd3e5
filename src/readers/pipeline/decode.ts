import type { Remark } from '../../model/remark.ts';
import type { Location, Source, Span } from '../../model/source.ts';
import { say, type Text, textKey } from '../../model/text.ts';
import type { Entry, MappingNode, Node, ScalarNode, SequenceNode } from '../yaml/tree.ts';
import { fieldsOf, inPath, isMergeKey, itemInPath, itemNames, keyInPath, mergedMappings } from './fields.ts';
import { knownElsewhere, trailOf, typesThatKnow } from './misplaced-keys.ts';
import { isNothing, kindOf } from './scalar.ts';
import { byteSize, extensionKey, type Shape, type StructShape } from './shapes.ts';

/** A value that Drone's YAML decoder refuses, in its words but without the value itself, which may be a secret. */
export type DecodeError = Remark;

/** A key that the struct at its place does not have. */
export interface UnknownKey {
  readonly value: string;
  readonly at: Location;
  readonly parent: Text;
  readonly candidates: readonly string[];
  readonly elsewhere?: string;
  readonly types?: readonly string[];
}

/** What a document belongs to: the beginning of its paths, and its name for people. */
export interface Owner {
  readonly source: Source;
  readonly path: string;
  readonly label: Text;
}

interface Item {
  readonly list: SequenceNode;
  readonly index: number;
}

/** More than anybody reads. */
const maxErrors = 500;

/**
 * Compares one document with a Go struct, as `yaml.Unmarshal` of buildkite/yaml v2 would fill it (decode.go). It only
 * reports what is refused or ignored; the values are read elsewhere.
 */
export class Decoding {
  readonly errors: DecodeError[] = [];
  readonly unknown: UnknownKey[] = [];
  private readonly owner: Owner;
  /** Keys that are known in addition to those of the outermost struct; without it, unknown keys are not looked for. */
  private readonly alsoKnown: ReadonlySet<string> | undefined;
  private readonly trail: (string | Item)[] = [];
  /** How much of the trail was given, as paths hold it. */
  private given = 0;
  private readonly seen = new Set<string>();
  /** The struct of the whole document, if that is what is decoded. */
  private root: StructShape | undefined;

  constructor(owner: Owner, alsoKnown?: ReadonlySet<string>) {
    this.owner = owner;
    this.alsoKnown = alsoKnown;
  }

  /** Decodes `node` below the key `under`, which may be empty for the whole document. */
  check(node: Node, shape: Shape, ...under: readonly (string | Item)[]): this {
    this.trail.push(...under);
    this.given = under.length;
    this.root = shape.is === 'struct' && under.length === 0 ? shape : undefined;
    this.value(node, shape);
    this.trail.length = 0;
    return this;
  }

  private value(node: Node, shape: Shape): void {
    if (node.kind === 'scalar') {
      if (!isNothing(node)) this.scalar(node, shape);
      return;
    }
    switch (shape.is) {
      case 'condition':
      case 'custom':
        return;
      case 'parameter':
        if (!namesSecret(node)) this.anything(node);
        return;
      case 'any':
        this.anything(node);
        return;
      case 'struct':
        if (node.kind === 'map') this.fields(node, shape);
        else this.refuse(node, shape.go);
        return;
      case 'map':
        if (node.kind === 'map') this.entries(node, shape.of);
        else this.refuse(node, shape.go);
        return;
      case 'list':
        if (node.kind === 'seq') this.items(node, shape.of);
        else this.refuse(node, shape.go);
        return;
      case 'either':
        if (node.kind === 'map') this.fields(node, shape.or);
        else this.refuse(node, shape.or.go);
        return;
      case 'bytes':
        this.refuse(node, 'string');
        return;
      default:
        this.refuse(node, shape.is);
    }
  }

  private scalar(node: ScalarNode, shape: Shape): void {
    if (shape.is === 'condition' || shape.is === 'parameter' || shape.is === 'any' || shape.is === 'custom') return;
    if (shape.is === 'string' && node.tag === undefined) return;
    const kind = kindOf(node);
    if (kind === undefined) {
      this.report(node, say`cannot decode !!str as a ${shortTag(node.tag)}`);
      return;
    }
    if (kind === '!!null') return;
    const number = kind === '!!int' || kind === '!!float';
    switch (shape.is) {
      case 'string':
        return;
      case 'bool':
        if (kind !== '!!bool') this.refuse(node, 'bool');
        return;
      case 'int':
      case 'int32':
      case 'int64':
      case 'float64':
        if (!number) this.refuse(node, shape.is);
        return;
      case 'bytes':
        if (!number && !byteSize.test(node.text.trim())) this.report(node, say`invalid size`);
        return;
      case 'either':
        if (shape.first === 'int' && !number) this.refuse(node, shape.or.go);
        return;
      case 'list':
      case 'map':
      case 'struct':
        this.refuse(node, shape.go);
    }
  }

  private fields(node: MappingNode, shape: StructShape): void {
    this.complexKeys(node);
    for (const entry of node.entries) {
      if (isMergeKey(entry.keyNode)) {
        for (const mapping of this.merged(entry)) this.fields(mapping, shape);
        continue;
      }
      const field = shape.fields.get(entry.key);
      if (field) this.below(entry.key, entry.value, field);
      else if (shape.others) this.below(entry.key, entry.value, shape.others);
      else this.unknownKey(entry, shape);
    }
  }

  private entries(node: MappingNode, of: Shape): void {
    this.complexKeys(node);
    for (const entry of node.entries) {
      if (isMergeKey(entry.keyNode)) for (const mapping of this.merged(entry)) this.entries(mapping, of);
      else this.below(entry.key, entry.value, of);
    }
  }

  /** Keys of structs and of string maps must be strings, even those that nothing reads. */
  private complexKeys({ complexKeys = [] }: MappingNode): void {
    for (const key of complexKeys) this.refuse(key, 'string');
  }

  /** Decodes to `interface {}`, which accepts everything except keys that Go cannot compare (decode.go mapping). */
  private anything(node: Node): void {
    if (node.kind === 'seq') this.items(node, { is: 'any' });
    if (node.kind !== 'map') return;
    for (const key of node.complexKeys ?? []) this.report(key, say`yaml: invalid map key`);
    for (const entry of node.entries) {
      if (isMergeKey(entry.keyNode)) for (const mapping of this.merged(entry)) this.anything(mapping);
      else this.below(entry.key, entry.value, { is: 'any' });
    }
  }

  private items(list: SequenceNode, of: Shape): void {
    for (const [index, item] of list.items.entries()) {
      this.trail.push({ list, index });
      this.value(item, of);
      this.trail.pop();
    }
  }

  private below(key: string, node: Node, shape: Shape): void {
    this.trail.push(key);
    this.value(node, shape);
    this.trail.pop();
  }

  private merged(entry: Entry): readonly MappingNode[] {
    const mappings = mergedMappings(entry.value);
    if (!mappings) this.report(entry.value, say`map merge requires map or sequence of maps as the value`);
    return mappings ?? [];
  }

  private refuse(node: Node, into: string): void {
    const kind = node.kind === 'map' ? '!!map' : node.kind === 'seq' ? '!!seq' : kindOf(node);
    this.report(node, say`cannot unmarshal ${(node.tag ? shortTag(node.tag) : kind) ?? ''} into ${into}`);
  }

  private report(node: Node, message: Text): void {
    const key = `${node.span.start} ${textKey(message)}`;
    if (this.seen.has(key) || this.errors.length >= maxErrors) return;
    this.seen.add(key);
    this.errors.push({ message, at: this.place(node.span) });
  }

  private unknownKey(entry: Entry, shape: StructShape): void {
    if (!this.alsoKnown) return;
    const top = this.trail.length === 0;
    if (top && (this.alsoKnown.has(entry.key) || carriesAnchor(this.owner.source, entry))) return;
    if (extensionKey.test(entry.key)) return;
    // `trigger` and `when` keep their own list of keys that are not conditions.
    if (shape.go.endsWith('.Conditions')) return;
    const seen = `${entry.keyNode.span.start} key`;
    if (this.seen.has(seen) || this.unknown.length >= maxErrors) return;
    this.seen.add(seen);
    this.trail.push(entry.key);
    const at = this.place(entry.keyNode.span);
    this.trail.pop();
    const candidates = [...shape.fields.keys()];
    if (top) for (const key of this.alsoKnown) if (!shape.fields.has(key)) candidates.push(key);
    this.unknown.push({ value: entry.key, at, parent: this.parent(shape), candidates, ...this.elsewhere(entry.key) });
  }

  /** Where a key that is unknown here would be known. */
  private elsewhere(key: string): Pick<UnknownKey, 'elsewhere' | 'types'> {
    if (!this.root) return {};
    const here = trailOf(
      this.root,
      this.trail.filter((part) => typeof part === 'string'),
    );
    const elsewhere = knownElsewhere(key, this.root, here);
    const types = this.root.go === 'resource.Pipeline' ? typesThatKnow(key, here) : [];
    return { elsewhere, types: types.length > 0 ? types : undefined };
  }

  private parent(shape: StructShape): Text {
    const last = this.trail.at(-1);
    if (typeof last === 'string' && shape.go.endsWith('.variable')) return say`variable "${inPath(last)}"`;
    if (last === undefined) return this.owner.label;
    if (typeof last === 'string') return say`${inPath(last)}`;
    const group = this.trail.at(-2);
    const name = itemNames(last.list)[last.index] ?? '';
    return typeof group === 'string' ? say`${group.replace(/s$/, '')} "${name}"` : say`"${name}"`;
  }

  private place(span: Span): Location {
    let { path } = this.owner;
    for (const [index, part] of this.trail.entries())
      if (typeof part === 'string') path += `${path ? '.' : ''}${index < this.given ? part : keyInPath(part)}`;
      else path += `[${itemInPath(part.list, part.index)}]`;
    return { source: this.owner.source, path, span };
  }
}

/** Whether a parameter is a secret: nothing else in it is decoded (drone/drone-yaml yaml/param.go UnmarshalYAML). */
function namesSecret(node: Node): boolean {
  if (node.kind !== 'map' || node.complexKeys) return false;
  const secret = fieldsOf([node]).get('from_secret');
  if (secret?.last.kind !== 'scalar' || isNothing(secret.last)) return false;
  return secret.last.text !== '' && secret.nodes.every(({ kind }) => kind === 'scalar');
}

/** Top-level keys may hold anchors for the rest of the document; nobody expects Drone to read those. */
export function carriesAnchor(source: Source, { keyNode, value }: Entry): boolean {
  return source.text.slice(keyNode.span.end, value.span.start).includes('&');
}

function shortTag(tag: string | undefined): string {
  return (tag ?? '').replace(/^tag:yaml\.org,2002:/, '!!');
}
