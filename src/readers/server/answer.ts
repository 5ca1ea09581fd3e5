import { memoize } from '../../model/memoize.ts';
import type { Problem } from '../../model/report.ts';
import { type Located, type Location, nameInPath, type Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { parseYaml } from '../yaml/parse.ts';
import { field, isNull, type MappingNode, type Node, place, type ScalarNode } from '../yaml/tree.ts';

/* What the answers of a server have in common. Drone writes them with encoding/json: what is left out is the zero value. */

/** The value that an answer consists of; problems in its place where the text is broken or something else. */
export function rootOf<K extends 'map' | 'seq'>(
  source: Source,
  kind: K,
): { readonly root?: Extract<Node, { kind: K }>; readonly problems: readonly Problem[] } {
  const { documents, problems } = parseYaml(source);
  if (problems.length > 0) return { problems };
  const root = documents[0]?.root;
  if (root && isOfKind(root, kind)) return { root, problems };
  const message =
    kind === 'seq'
      ? say`does not hold a list, as this answer of a server should`
      : say`does not hold an object, as this answer of a server should`;
  return { problems: [{ kind: 'malformed', source: source.name, message, incomplete: true }] };
}

function isOfKind<K extends 'map' | 'seq'>(node: Node, kind: K): node is Extract<Node, { kind: K }> {
  return node.kind === kind;
}

/** An entry of an answer, and what of it is no value of its kind. */
export class Entry {
  /** The keys whose values have a shape that a server does not write. */
  readonly faults: string[] = [];
  readonly source: Source;
  readonly node: MappingNode;
  readonly path: string;

  constructor(source: Source, node: MappingNode, path: string) {
    this.source = source;
    this.node = node;
    this.path = path;
  }

  /** A text; empty if it is absent. */
  text(key: string): Located<string> {
    return this.value(key, '', (written) => written);
  }

  /** A switch; off if it is absent. */
  flag(key: string): Located<boolean> {
    return this.value(key, false, (written) => (written === 'true' ? true : written === 'false' ? false : undefined));
  }

  /** A whole number; 0 if it is absent. */
  number(key: string): Located<number> {
    return this.value(key, 0, (written) => (/^-?\d{1,15}$/.test(written) ? Number(written) : undefined));
  }

  /** Whether a key says that what belongs there did not come. */
  isNull(key: string): boolean {
    const node = field(this.node, key)?.value;
    return node !== undefined && isNull(node);
  }

  /** A list; undefined if it is absent or null. */
  list(key: string): readonly Node[] | undefined {
    const node = field(this.node, key)?.value;
    if (!node || isNull(node)) return undefined;
    if (node.kind === 'seq') return node.items;
    this.faults.push(key);
    return undefined;
  }

  /** The place of a key, or that of the entry where it is absent. */
  at(key?: string): Location {
    const node = key === undefined ? undefined : field(this.node, key)?.value;
    return place(this.source, key === undefined ? this.path : join(this.path, key), node ?? startOf(this.node));
  }

  private value<T>(key: string, absent: T, parse: (written: string) => T | undefined): Located<T> {
    const node = field(this.node, key)?.value;
    if (!node || isNull(node)) return { value: absent, at: this.at(key) };
    const value = node.kind === 'scalar' ? parse(node.text) : undefined;
    if (value === undefined) this.faults.push(key);
    return { value: value ?? absent, at: this.at(key) };
  }
}

/** The same path once, however many answers have it. */
const one = memoize((path) => path);

function join(path: string, key: string): string {
  return path === '' ? key : one(`${path}.${key}`);
}

/** What names an entry. */
function nameNodeOf(node: MappingNode): ScalarNode | undefined {
  for (const key of ['slug', 'login', 'name', 'number', 'build']) {
    const found = field(node, key)?.value;
    if (found?.kind === 'scalar') return found;
  }
  return undefined;
}

function startOf(node: MappingNode): { readonly span: Node['span'] } {
  return nameNodeOf(node) ?? node.entries[0]?.keyNode ?? node;
}

/** The name of an entry in paths, so that they survive what comes and goes beside it. */
function nameOf(node: MappingNode): string | undefined {
  const namespace = field(node, 'namespace')?.value;
  const name = nameNodeOf(node)?.text;
  return namespace?.kind === 'scalar' && name !== undefined ? `${namespace.text}/${name}` : name;
}

/** The entries of a list that a reader understands. What it does not understand is a problem, told once. */
export function entriesOf<T>(
  source: Source,
  nodes: readonly Node[],
  what: Text,
  read: (entry: Entry) => T | undefined,
  problems: Problem[],
  path = '',
): readonly T[] {
  const found: T[] = [];
  let broken = 0;
  for (const [index, node] of nodes.entries()) {
    const entry =
      node.kind === 'map' ? new Entry(source, node, `${path}[${nameInPath(nameOf(node) ?? `${index}`)}]`) : undefined;
    const value = entry && read(entry);
    if (value === undefined || (entry && entry.faults.length > 0)) broken++;
    else found.push(value);
  }
  if (broken > 0)
    problems.push({
      kind: 'malformed',
      source: source.name,
      message: say`${broken} of ${nodes.length} ${what} could not be understood`,
      incomplete: true,
    });
  return found;
}
