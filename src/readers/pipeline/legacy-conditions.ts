import type { Condition, Conditions } from '../../model/pipeline.ts';
import type { Located, Location } from '../../model/source.ts';
import type { Node } from '../yaml/tree.ts';
import { type Field, fieldsOf, keyInPath } from './fields.ts';
import { isNothing } from './scalar.ts';
import { locate, located, type Reader, scalarsOf } from './values.ts';

/*
 * Constraints of the 0.8 format and what they become (drone/drone-yaml yaml/converter/legacy/internal/constraint.go,
 * convert.go:207). Unlike later conditions, they also accept a bare text below `include` and `exclude`.
 */

/** Names before and after the conversion. */
const names: ReadonlyMap<string, string> = new Map([
  ['ref', 'ref'],
  ['repo', 'repo'],
  ['instance', 'instance'],
  ['environment', 'target'],
  ['event', 'event'],
  ['branch', 'branch'],
  ['status', 'status'],
]);

/** `when` of a step. */
export function readConstraints(reader: Reader, field: Field | undefined, path: string): Conditions | undefined {
  if (!field?.nodes.some((node) => node.kind === 'map')) return undefined;
  const conditions = new Map<string, Condition>();
  const unknown: Located<string>[] = [];
  for (const entry of fieldsOf(field.nodes).values()) {
    const at = `${path}.${keyInPath(entry.key)}`;
    const name = names.get(entry.key);
    if (name) conditions.set(name, readConstraint(reader, entry, name, at));
    else if (entry.key !== 'matrix') unknown.push({ value: entry.key, at: locate(reader, at, entry.keyNode) });
  }
  return { at: locate(reader, path, field.last), keyAt: locate(reader, path, field.keyNode), conditions, unknown };
}

function readConstraint(reader: Reader, field: Field, name: string, path: string): Condition {
  const node = field.last;
  const keyAt = locate(reader, path, field.keyNode);
  let include: readonly Located<string>[] = [];
  let exclude: readonly Located<string>[] = [];
  let dropped: Condition['dropped'];
  if (node.kind === 'map') {
    const fields = fieldsOf([node]);
    include = texts(reader, fields.get('include')?.last, `${path}.include`);
    exclude = texts(reader, fields.get('exclude')?.last, `${path}.exclude`);
    if ([...fields.keys()].some((key) => key !== 'include' && key !== 'exclude')) dropped = 'unknown key';
  } else {
    include = texts(reader, node, path);
    if (node.kind === 'scalar' && isNothing(node)) dropped = 'null';
    else if (node.kind === 'seq' && include.length < node.items.length) dropped = 'nested value';
  }
  const rename = name === 'event' ? promoted : (text: Located<string>): Located<string> => text;
  return {
    name,
    include: include.map(rename),
    exclude: exclude.map(rename),
    keyAt,
    at: node.span.end > node.span.start ? locate(reader, path, node) : keyAt,
    dropped,
  };
}

function promoted(event: Located<string>): Located<string> {
  return event.value === 'deploy' || event.value === 'deployment' ? { ...event, value: 'promote' } : event;
}

/** A text or a list of texts. */
function texts(reader: Reader, node: Node | undefined, path: string): readonly Located<string>[] {
  if (node?.kind === 'scalar') return isNothing(node) ? [] : [located(reader, path, node)];
  return node?.kind === 'seq' ? scalarsOf(reader, path, node) : [];
}

/** Refs of pull requests, which the converter adds whenever it turns `branches` into `ref`. */
const pullRequestRefs = ['refs/pull/**', 'refs/pull-requests/**', 'refs/merge-requests/**'];

/** `branches` of a file as its trigger. Tags are let in if a step asks for them. */
export function readBranches(
  reader: Reader,
  field: Field | undefined,
  path: string,
  steps: readonly (Conditions | undefined)[],
): Conditions | undefined {
  if (!field) return undefined;
  const branch = readConstraint(reader, field, 'branch', path);
  if (branch.include.length === 0 && branch.exclude.length === 0 && !branch.dropped) return undefined;
  const hasRefs = branch.include.length > 0 && branch.exclude.length === 0;
  const condition = hasRefs ? asRefs(branch, steps) : branch;
  return { at: branch.at, keyAt: branch.keyAt, conditions: new Map([[condition.name, condition]]), unknown: [] };
}

function asRefs(branch: Condition, steps: readonly (Conditions | undefined)[]): Condition {
  const added = (value: string): Located<string> => ({ value, at: branch.keyAt });
  const wantsTags = steps.some((when) => when?.conditions.get('event')?.include.some(({ value }) => value === 'tag'));
  return {
    ...branch,
    name: 'ref',
    include: [
      ...pullRequestRefs.map(added),
      ...branch.include.map(({ value, at }): { value: string; at: Location } => ({ value: `refs/heads/${value}`, at })),
      ...(wantsTags ? [added('refs/tags/**')] : []),
    ],
  };
}
