import { documentKinds, pipelineTypes } from '../src/facts/platforms.ts';
import {
  extensionKey,
  runnerShape,
  type Shape,
  type StructShape,
  serverKeys,
  serverShape,
  templateShape,
} from '../src/readers/pipeline/shapes.ts';
import { type JsonSchema, keyNotes, ownDefinitions, structNotes } from './pipeline-notes.ts';

/*
 * Makes schemas/pipeline.schema.json, which is for editors, from the tables by which the reader finds what Drone refuses
 * and ignores, so that both know the same keys. What the tables do not know is in pipeline-notes.ts.
 */

/** A struct at its place in a document, where the keys that count are not always those of one program. */
interface Place {
  readonly shape: StructShape;
  readonly fields: ReadonlyMap<string, Shape>;
  /** Name in the schema: `Step`. */
  readonly name: string;
}

/** The definitions of a schema while it is being made. */
interface Draft {
  readonly definitions: Map<string, JsonSchema>;
  /** Names of definitions by content: types that agree share one. */
  readonly names: Map<string, string>;
  readonly usedNotes: Set<string>;
}

/** The schema of one document of a `.drone.yml`. Throws where a note is on a key or struct that does not exist. */
export function pipelineSchema(): JsonSchema {
  const draft: Draft = { definitions: new Map(), names: new Map(), usedNotes: new Set() };
  const branches: JsonSchema[] = [];
  for (const kind of documentKinds) {
    if (kind === 'pipeline') continue;
    const shape = kind === 'template' ? templateShape : (runnerShape(kind, '') ?? serverShape(kind));
    branches.push(branch(isA({ kind }), documentOf(draft, kind, placeOf(shape), { kind })));
  }
  const types: string[] = [];
  for (const type of pipelineTypes) {
    const shape = runnerShape('pipeline', type);
    if (!shape) continue;
    types.push(type);
    const constants = { kind: 'pipeline', type };
    const pipeline = documentOf(draft, type, asPipeline(shape), constants);
    branches.push(branch(isA(constants), pipeline));
    if (type === 'docker')
      branches.push(branch({ ...isA({ kind: 'pipeline' }), not: { required: ['type'] } }, pipeline));
  }
  branches.push(branch(isA({ kind: 'pipeline' }), { properties: { type: { enum: types } } }));
  const idle = Object.keys({ ...keyNotes, ...structNotes }).filter((key) => !draft.usedNotes.has(key));
  if (idle.length > 0) throw new Error(`no struct has what these notes are on: ${idle.join(', ')}`);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'drone-audit/pipeline.schema.json',
    $comment: 'Made by scripts/pipeline-schema.ts; `npm run update` rewrites it.',
    title: 'Drone pipeline document',
    description:
      'One document of a `.drone.yml`, as Drone 1 and 2 and the runners of its types decode it; the file is a stream of such documents. Stricter than Drone, which silently ignores unknown keys and drops conditions of the wrong shape: here both are errors.',
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: documentKinds } },
    allOf: branches,
    $defs: { ...ownDefinitions, ...Object.fromEntries(draft.definitions) },
  };
}

function branch(condition: JsonSchema, schema: JsonSchema): JsonSchema {
  return Object.fromEntries([
    ['if', condition],
    ['then', schema],
  ]);
}

function isA(constants: Readonly<Record<string, string>>): JsonSchema {
  return { properties: constantsOf(constants), required: Object.keys(constants) };
}

function constantsOf(constants: Readonly<Record<string, string>>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(constants).map(([key, value]) => [key, { const: value }]));
}

function reference(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

/** Go's name of a struct without its package. */
function localName({ go }: StructShape): string {
  return go.slice(go.indexOf('.') + 1);
}

function placeOf(shape: StructShape): Place {
  return { shape, fields: shape.fields, name: localName(shape) };
}

/** A pipeline has the keys of its runner, and those that the server acts on. */
function asPipeline(shape: StructShape): Place {
  const fields = new Map(shape.fields);
  for (const [key, field] of serverShape('pipeline').fields)
    if (serverKeys.has(key) && !fields.has(key)) fields.set(key, field);
  return { ...placeOf(shape), fields };
}

/** A service has the keys of a step and `ports`, whose form the server checks although nothing reads them. */
function asService(shape: StructShape): Place {
  const services = serverShape('pipeline').fields.get('services');
  const ports = services?.is === 'list' && services.of.is === 'struct' ? services.of.fields.get('ports') : undefined;
  return { shape, fields: new Map([...shape.fields, ...(ports ? [['ports', ports] as const] : [])]), name: 'Service' };
}

/** The notes on a name: those for all types, overridden by those for one. */
function notesOn<Note extends object>(
  draft: Draft,
  notes: Readonly<Record<string, Note>>,
  type: string,
  name: string,
): Note | undefined {
  const keys = [name, `${type} ${name}`].filter((key) => Object.hasOwn(notes, key));
  for (const key of keys) draft.usedNotes.add(key);
  return keys.length > 0 ? Object.assign({}, ...keys.map((key) => notes[key])) : undefined;
}

function documentOf(draft: Draft, type: string, place: Place, constants: Readonly<Record<string, string>>): JsonSchema {
  const { properties, ...schema } = structOf(draft, type, place);
  return define(draft, type, place, {
    ...schema,
    type: 'object',
    properties: Object.assign({}, properties, constantsOf(constants)),
    patternProperties: { [extensionKey.source]: { description: 'Ignored; for anchors and notes.' } },
  });
}

/** Makes a definition, unless another type has made the same one, and refers to it. */
function define({ definitions, names }: Draft, type: string, { shape, name }: Place, schema: JsonSchema): JsonSchema {
  const content = `${name} ${JSON.stringify(schema)}`;
  const known = names.get(content);
  if (known !== undefined) return reference(known);
  const general = name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (letters) => letters.toLowerCase());
  const hasOwnNotes = Object.keys(keyNotes).some((key) => key.startsWith(`${type} ${name}.`));
  const isShared = !shape.go.startsWith('resource.') && !hasOwnNotes && !definitions.has(general);
  const unique = isShared ? general : `${general}${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  names.set(content, unique);
  definitions.set(unique, schema);
  return reference(unique);
}

function structOf(draft: Draft, type: string, { shape, fields }: Place): JsonSchema {
  const name = localName(shape);
  const properties: Record<string, JsonSchema> = {};
  for (const [key, field] of fields) {
    const { only, also, absent, ...told } = notesOn(draft, keyNotes, type, `${name}.${key}`) ?? {};
    if (!absent) properties[key] = { ...(only ?? fieldOf(draft, type, key, field)), ...also, ...told };
  }
  return {
    type: ['object', 'null'],
    properties,
    additionalProperties: false,
    ...notesOn(draft, structNotes, type, name),
  };
}

function fieldOf(draft: Draft, type: string, key: string, shape: Shape): JsonSchema {
  if (shape.is !== 'list' || shape.of.is !== 'struct') return schemaOf(draft, type, shape);
  const place = key === 'services' ? asService(shape.of) : placeOf(shape.of);
  const items = define(draft, type, place, { ...structOf(draft, type, place), type: 'object' });
  return { type: ['array', 'null'], items };
}

function schemaOf(draft: Draft, type: string, shape: Shape): JsonSchema {
  switch (shape.is) {
    case 'string':
      return reference('text');
    case 'bool':
    case 'bytes':
    case 'condition':
    case 'parameter':
      return reference(shape.is);
    case 'int':
    case 'int32':
    case 'int64':
      return { type: ['integer', 'null'] };
    case 'float64':
      return { type: ['number', 'null'] };
    case 'any':
    case 'custom':
      return {};
    case 'list':
      if (shape.of.is === 'string') return reference('texts');
      return { type: ['array', 'null'], items: schemaOf(draft, type, shape.of) };
    case 'map':
      if (shape.of.is === 'string') return reference('textMap');
      return { type: ['object', 'null'], additionalProperties: schemaOf(draft, type, shape.of) };
    case 'struct':
      return define(draft, type, placeOf(shape), structOf(draft, type, placeOf(shape)));
    case 'either': {
      const { description, ...struct } = structOf(draft, type, placeOf(shape.or));
      const scalar = shape.first === 'int' ? { type: 'integer' } : reference('textOrNothing');
      const anyOf = [scalar, { ...struct, type: 'object' }];
      return define(draft, type, placeOf(shape.or), description === undefined ? { anyOf } : { description, anyOf });
    }
  }
}

/** JSON for people: what fits on one line is on one line. */
export function printed(value: unknown, indent = '', taken = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const entries = Object.entries(value).map(([key, item]) => ({
    label: isList ? '' : `${JSON.stringify(key)}: `,
    item,
  }));
  if (entries.length === 0) return open + close;
  const space = isList ? '' : ' ';
  // Long values are not tried: the time would grow with their depth.
  if (JSON.stringify(value).length < 120) {
    const flat = entries.map(({ label, item }) => label + printed(item)).join(', ');
    const line = `${open}${space}${flat}${space}${close}`;
    if (!line.includes('\n') && indent.length + taken + line.length < 120) return line;
  }
  const inner = `${indent}  `;
  const lines = entries.map(({ label, item }) => `${inner}${label}${printed(item, inner, label.length)}`);
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
