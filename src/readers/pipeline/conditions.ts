import type { Condition, Conditions } from '../../model/pipeline.ts';
import type { Located } from '../../model/source.ts';
import { isNull, type Node } from '../yaml/tree.ts';
import { type Field, fieldsOf, keyInPath } from './fields.ts';
import { knownElsewhere } from './misplaced-keys.ts';
import { isNothing } from './scalar.ts';
import { conditionKeys, runnerShape } from './shapes.ts';
import { locate, located, type Reader, scalarsOf } from './values.ts';

/** The type that most pipelines have decides where a key that is not a condition belongs. */
const docker = runnerShape('pipeline', 'docker');

/** Reads `trigger` or `when`. Anything but a mapping has no conditions (and is refused). */
export function readConditions(reader: Reader, field: Field | undefined, path: string): Conditions | undefined {
  if (!field?.nodes.some((node) => node.kind === 'map') || isNull(field.last)) return undefined;
  const conditions = new Map<string, Condition>();
  const unknown: Conditions['unknown'][number][] = [];
  for (const entry of fieldsOf(field.nodes).values()) {
    const at = `${path}.${keyInPath(entry.key)}`;
    if (conditionKeys.has(entry.key)) conditions.set(entry.key, readCondition(reader, entry, at));
    else if (entry.key !== 'matrix') {
      const elsewhere =
        docker && knownElsewhere(entry.key, docker, field.key === 'when' ? ['steps', 'when'] : ['trigger']);
      unknown.push({ value: entry.key, at: locate(reader, at, entry.keyNode), elsewhere });
    }
  }
  return { at: locate(reader, path, field.last), keyAt: locate(reader, path, field.keyNode), conditions, unknown };
}

/**
 * One condition in its three shapes: a text, a list of texts, or `include` and `exclude` lists. Anything else is not an
 * error but is dropped (drone/runner-go manifest/cond.go:78).
 */
function readCondition(reader: Reader, field: Field, path: string): Condition {
  let include: readonly Located<string>[] = [];
  let exclude: readonly Located<string>[] = [];
  let dropped: Condition['dropped'];
  for (const node of field.nodes) {
    if (node.kind === 'scalar' && isNothing(node)) {
      include = [];
      exclude = [];
      dropped = 'null';
    } else if (node.kind === 'scalar') {
      include = [located(reader, path, node)];
      dropped = undefined;
    } else if (node.kind === 'seq') {
      const list = readList(reader, node, path);
      include = list.texts;
      exclude = [];
      dropped = list.nested ? 'nested value' : undefined;
    } else {
      const fields = fieldsOf([node]);
      const included = readSide(reader, fields.get('include'), `${path}.include`, 'scalar include');
      const excluded = readSide(reader, fields.get('exclude'), `${path}.exclude`, 'scalar exclude');
      include = included.texts;
      exclude = excluded.texts;
      const strange =
        node.complexKeys !== undefined || [...fields.keys()].some((key) => key !== 'include' && key !== 'exclude');
      dropped = included.dropped ?? excluded.dropped ?? (strange ? 'unknown key' : undefined);
    }
  }
  const keyAt = locate(reader, path, field.keyNode);
  const { span } = field.last;
  return {
    name: field.key,
    include,
    exclude,
    keyAt,
    at: span.end > span.start ? locate(reader, path, field.last) : keyAt,
    dropped,
  };
}

function readSide(
  reader: Reader,
  field: Field | undefined,
  path: string,
  whenScalar: 'scalar include' | 'scalar exclude',
): { texts: readonly Located<string>[]; dropped?: Condition['dropped'] } {
  const node = field?.last;
  if (!node) return { texts: [] };
  if (node.kind === 'scalar') return { texts: [], dropped: isNothing(node) ? 'null' : whenScalar };
  const { texts, nested } = readList(reader, node, path);
  return nested ? { texts, dropped: 'nested value' } : { texts };
}

function readList(reader: Reader, node: Node, path: string): { texts: readonly Located<string>[]; nested: boolean } {
  if (node.kind !== 'seq') return { texts: [], nested: true };
  const texts = scalarsOf(reader, path, node);
  return { texts, nested: texts.length < node.items.length };
}
