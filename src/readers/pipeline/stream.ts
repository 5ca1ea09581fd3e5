import type { Pipeline } from '../../model/pipeline.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import { type Location, lineStarts, nameInPath, positionOf, type Source, type Span } from '../../model/source.ts';
import { say, textKey } from '../../model/text.ts';
import { assignedSecrets } from '../../secrets/assignments.ts';
import { parseYaml, parseYamlPart, type Yaml } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';
import { Decoding, type Owner } from './decode.ts';
import { emptyStream, type OpenStream } from './empty-stream.ts';
import { fieldsOf, inPath, namer } from './fields.ts';
import { checkKeys, type Item } from './key-check.ts';
import { containerLists, isConverted, isLegacy, readLegacy } from './legacy.ts';
import { lintPipeline, lintStream, type Verdict, type WrittenPipeline } from './lint.ts';
import { foreignOwner } from './other-ci-formats.ts';
import { type Place, readCron, readPipeline, readRegistry, readSecret } from './pipeline.ts';
import { secretOfDocument, secretPlaces, secretsOfRegistry } from './secret-places.ts';
import {
  runnerRaw,
  runnerShape,
  type StructShape,
  serverKeys,
  serverRaw,
  serverShape,
  templateShape,
} from './shapes.ts';
import { type Chunk, splitStream, withDroneLines, withQuotedBreaks } from './split.ts';
import { readSubstitutions } from './substitutions.ts';
import { lintTree } from './tree-lint.ts';
import { type Reader, textField, valueField } from './values.ts';

export { looksLikeDrone } from './recognise.ts';

/** A stream that is being read. */
interface StreamBuilder {
  readonly source: Source;
  readonly reader: Reader;
  readonly stream: OpenStream;
  readonly problems: Problem[];
  readonly unknown: Remark[];
  readonly secrets: Location[];
  /** The documents of the text, as far as they can be parsed. */
  readonly roots: Node[];
  /** Names that the matrix of a converted file replaces. */
  readonly replaced: Set<string>;
}

/**
 * Reads a `.drone.yml`: the stream as Drone splits it, and each document as Drone's server and the runner for its type
 * decode it, with everything that they would refuse or ignore.
 */
export function readPipelines(source: Source): Reading {
  const lines = withDroneLines(source);
  const builder = emptyBuilder(source);
  if (isConverted(lines.text)) readConverted(builder, lines);
  else readStream(builder, lines);
  const { stream, problems, unknown, secrets } = builder;
  if (source.text.trim() === '')
    problems.push({ kind: 'empty', source: source.name, message: say`holds no pipeline`, incomplete: false });
  const isForeign = problems.some((problem) => problem.kind === 'unsupported') && stream.pipelines.length === 0;
  for (const pipeline of stream.pipelines) for (const each of secretPlaces(pipeline)) secrets.push(each);
  for (const secret of stream.secrets) for (const each of secretOfDocument(secret)) secrets.push(each);
  for (const { data } of stream.registries) for (const each of secretsOfRegistry(data)) secrets.push(each);
  for (const substitution of readSubstitutions(builder, stream)) stream.substitutions.push(substitution);
  // What was not understood may hold secrets in any of its lines.
  if (problems.some(({ kind }) => kind === 'malformed')) for (const each of assignedSecrets(source)) secrets.push(each);
  return {
    ...emptyReading,
    streams: isForeign ? [] : [stream],
    pipelines: stream.pipelines,
    problems,
    unknown,
    secrets,
  };
}

function emptyBuilder(source: Source): StreamBuilder {
  return {
    source,
    reader: { source },
    stream: emptyStream(source),
    problems: [],
    unknown: [],
    secrets: [],
    roots: [],
    replaced: new Set(),
  };
}

/** Places problems in the text as people see it, because YAML 1.1 has more line breaks than editors. */
function addProblems(builder: StreamBuilder, { problems }: Yaml, lines: Source): void {
  for (const problem of problems) {
    if (lines === builder.source || problem.line === undefined) {
      builder.problems.push(problem);
      continue;
    }
    const offset = (lineStarts(lines)[problem.line - 1] ?? 0) + (problem.column ?? 1) - 1;
    builder.problems.push({ ...problem, ...positionOf(builder.source, offset) });
  }
}

function addForeign(builder: StreamBuilder, owner: string, span: Span): void {
  const message = say`looks like ${owner}, not Drone's`;
  const at = positionOf(builder.source, span.start);
  builder.problems.push({ kind: 'unsupported', source: builder.source.name, message, ...at, incomplete: false });
}

/** Reads a text in the 0.8 format; of a YAML stream, only the first document counts. */
function readConverted(builder: StreamBuilder, lines: Source): void {
  const yaml = parseYaml(lines);
  addProblems(builder, yaml, lines);
  const [first, ...others] = yaml.documents;
  const foreign = foreignOwner(first?.root);
  if (foreign) {
    addForeign(builder, foreign, first?.span ?? { start: 0, end: 0 });
    return;
  }
  for (const { span } of others) builder.stream.lost.push({ span, why: 'after separator' });
  if (yaml.problems.length > 0 || !first?.root) return;
  builder.roots.push(first.root);
  if (first.root.kind === 'map') addLegacy(builder, first.root, true);
}

function addLegacy(builder: StreamBuilder, root: Node & { kind: 'map' }, converted: boolean): void {
  const { stream, reader, source } = builder;
  stream.legacy = true;
  const file = readLegacy(reader, root, stream);
  for (const each of file.pipelines) stream.pipelines.push(each);
  for (const each of file.secrets) stream.secrets.push(each);
  const owner = { source, path: 'pipeline[default]', label: say`pipeline "default"` };
  addKeyFaults(builder, root, owner, converted ? containerLists(root) : undefined);
  if (!converted) {
    addRefusals(builder, [{ message: missingKind, at: firstKey(source, root, owner.path) }], []);
    return;
  }
  for (const each of file.unknown) stream.unknownKeys.push(each);
  for (const each of file.replaced) builder.replaced.add(each);
  const verdicts = file.pipelines.map(lintPipeline);
  addRefusals(
    builder,
    once([...file.errors, ...lintStream(file.pipelines.map((pipeline) => ({ pipeline, name: pipeline.name })))]),
    once([...file.runnerErrors, ...verdicts.flatMap(({ always }) => always)]),
  );
  for (const each of once(verdicts.flatMap(({ untrusted }) => untrusted))) stream.trustRefusals.push(each);
}

/** Rows of a matrix repeat what is said about the text they share. */
function once(verdicts: readonly Verdict[]): Verdict[] {
  const seen = new Set<string>();
  return verdicts.filter(({ message, at }) => {
    const key = `${at.span.start}-${at.span.end} ${textKey(message)}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** More documents than anybody writes; each needs a run of the parser. */
const maxDocuments = 5_000;

const missingKind = say`yaml: missing kind attribute`;

interface Document extends Place {
  readonly kind: string;
}

function readStream(builder: StreamBuilder, hardLines: Source): void {
  const { chunks, lost } = splitStream(builder.source.text);
  const lines = withQuotedBreaks(builder.source, hardLines, chunks.slice(0, maxDocuments));
  for (const each of lost) builder.stream.lost.push(each);
  const unique = namer();
  const written: WrittenPipeline[] = [];
  const beyond = chunks[maxDocuments];
  if (beyond)
    builder.problems.push({
      kind: 'too-large',
      source: builder.source.name,
      message: say`more than ${maxDocuments} documents; those from here on are not read`,
      ...positionOf(builder.source, beyond.span.start),
      incomplete: true,
    });
  for (const [index, chunk] of chunks.slice(0, maxDocuments).entries()) {
    const yaml = parseYamlPart(lines, chunk.span);
    addProblems(builder, yaml, lines);
    if (yaml.problems.length > 0) continue;
    const root = yaml.documents[0]?.root;
    if (root) builder.roots.push(root);
    if (root?.kind !== 'map') {
      refuseEmpty(builder, chunk, root, index);
      continue;
    }
    const foreign = foreignOwner(root);
    if (foreign) {
      addForeign(builder, foreign, root.span);
      continue;
    }
    const fields = fieldsOf([root]);
    if (!fields.has('kind') && isLegacy(root)) {
      addLegacy(builder, root, false);
      continue;
    }
    const kind = textField(builder.reader, fields.get('kind'), '')?.value ?? '';
    const name = textField(builder.reader, fields.get('name'), '')?.value ?? '';
    const document = { root, index, kind, ...pathOf(kind, name, unique) };
    const pipeline = readDocument(builder, document);
    if (pipeline) written.push({ pipeline, name });
  }
  addRefusals(builder, lintStream(written), []);
}

/** The beginning of a document's paths: pipelines and secrets by name, the others by kind. */
function pathOf(kind: string, name: string, unique: (name: string) => string): { path: string; name: string } {
  const group = kind === '' ? 'pipeline' : inPath(kind);
  const named = kind === 'signature' || kind === 'template' || kind === 'registry' ? '' : name || 'default';
  // One counter for all, because the kind is part of what is counted.
  const path = unique(named === '' ? group : `${group}[${inPath(named)}]`);
  const inner = /^[^[]*\[(.*)\](#[0-9]+)?$/s.exec(path);
  if (!inner) return { path: nameInPath(path), name: path };
  const full = `${inner[1]}${inner[2] ?? ''}`;
  return { path: `${nameInPath(group)}[${nameInPath(full)}]`, name: full };
}

/** Refuses a document that is not a mapping: either empty, or something that Drone cannot decode. */
function refuseEmpty(builder: StreamBuilder, chunk: Chunk, root: Node | undefined, index: number): void {
  const { source } = builder;
  const path = `document[${index}]`;
  const owner: Owner = { source, path, label: say`document` };
  const errors = root ? new Decoding(owner).check(root, serverRaw).errors : [];
  const end = source.text.indexOf('\n', chunk.span.start);
  const span = chunk.separator ?? {
    start: chunk.span.start,
    end: end < 0 || end > chunk.span.end ? chunk.span.end : end,
  };
  if (errors.length > 0) addRefusals(builder, errors, root ? new Decoding(owner).check(root, runnerRaw).errors : []);
  else addRefusals(builder, [{ message: missingKind, at: { source, path, span } }], []);
}

function firstKey(source: Source, root: Node & { kind: 'map' }, path: string): Location {
  const { start } = root.span;
  return { source, path, span: root.entries[0]?.keyNode.span ?? { start, end: start } };
}

/** Reads one document, checks what Drone makes of it, and returns it if it is a pipeline. */
function readDocument(builder: StreamBuilder, document: Document): Pipeline | undefined {
  const { reader, source, stream } = builder;
  const { root, kind, path } = document;
  const label = kind === '' || kind === 'pipeline' ? say`pipeline "${document.name}"` : say`${inPath(kind)}`;
  const owner: Owner = { source, path, label };
  const fields = fieldsOf([root]);
  addKeyFaults(builder, root, owner);
  switch (kind) {
    case 'secret':
      stream.secrets.push(readSecret(reader, document));
      // A secret is a secret, even in a form that Drone does not read.
      for (const key of ['data', 'value']) {
        const value = valueField(reader, fields.get(key), `${path}.${key}`);
        if (!value || (key === 'data' && value.text)) continue;
        for (const each of secretsOfRegistry([value])) builder.secrets.push(each);
      }
      break;
    case 'signature': {
      const hmac = textField(reader, fields.get('hmac'), `${path}.hmac`);
      stream.signatures.push({ at: { source, path, span: root.span }, hmac });
      break;
    }
    case 'template': {
      const load = textField(reader, fields.get('load'), `${path}.load`);
      const at = { source, path, span: root.span };
      stream.templates.push({ at, load });
      builder.unknown.push({
        at,
        message: load ? say`template "${inPath(load.value)}" is not evaluated` : say`a template is not evaluated`,
      });
      break;
    }
    case 'cron':
      stream.crons.push(readCron(reader, document));
      break;
    case 'registry':
      stream.registries.push(readRegistry(reader, document));
      break;
    default:
      return readStage(builder, document, owner);
  }
  const serverOnly = kind === 'cron' || kind === 'registry';
  const server = decode(owner, root, [serverRaw, serverShape(kind)], serverOnly ? noKeys : undefined);
  const runner = decode(owner, root, [runnerRaw, runnerShape(kind, '')], noKeys);
  addRefusals(builder, server.errors, runner.errors);
  const template = kind === 'template' ? new Decoding(owner, noKeys).check(root, templateShape).unknown : [];
  for (const each of [...server.unknown, ...runner.unknown, ...template]) stream.unknownKeys.push(each);
  return undefined;
}

const noKeys: ReadonlySet<string> = new Set();

/** Any other kind becomes a stage: a pipeline, even if no runner will ever take it. */
function readStage(builder: StreamBuilder, document: Document, owner: Owner): Pipeline | undefined {
  const { reader, source, stream } = builder;
  const { root, kind, path } = document;
  const fields = fieldsOf([root]);
  const server = decode(owner, root, [serverShape(kind)]);
  const isMeant = ['steps', 'services', 'trigger'].some((key) => fields.has(key));
  const refused: readonly Verdict[] =
    kind === '' ? [...server.errors, { message: missingKind, at: firstKey(source, root, path) }] : server.errors;
  if (kind === '' && !isMeant) {
    addRefusals(builder, refused, []);
    return undefined;
  }
  const pipeline = readPipeline(reader, document, stream);
  stream.pipelines.push(pipeline);
  const shape = runnerShape(kind, pipeline.type);
  const runner = decode(owner, root, [runnerRaw, shape], shape && serverKeys);
  const tree = shape ? lintTree(reader, fields, path, pipeline.type) : [];
  const verdicts = lintPipeline(pipeline);
  addRefusals(builder, refused, [...runner.errors, ...tree, ...verdicts.always]);
  for (const each of verdicts.untrusted) stream.trustRefusals.push(each);
  for (const each of runner.unknown) stream.unknownKeys.push(each);
  return pipeline;
}

/** What a program refuses in a document that it decodes to several structs; the last yields the unknown keys. */
function decode(
  owner: Owner,
  root: Node,
  shapes: readonly (StructShape | undefined)[],
  known?: ReadonlySet<string>,
): Pick<Decoding, 'errors' | 'unknown'> {
  const decodings = shapes.flatMap((shape, index) =>
    shape ? [new Decoding(owner, index === shapes.length - 1 ? known : undefined).check(root, shape)] : [],
  );
  return {
    errors: decodings.flatMap(({ errors }) => errors),
    unknown: decodings.flatMap(({ unknown }) => unknown),
  };
}

/** Adds what the server refuses, and what only the runner does; each place is listed once. */
function addRefusals({ stream }: StreamBuilder, server: readonly Verdict[], runner: readonly Verdict[]): void {
  const places = new Map<string, number>();
  const keyOf = ({ at, message }: Verdict): string =>
    `${at.span.start}-${at.span.end} ${/^cannot unmarshal/.test(`${message}`) ? 'type' : textKey(message)}`;
  for (const verdict of server) {
    if (places.has(keyOf(verdict))) continue;
    places.set(keyOf(verdict), stream.refusals.length);
    stream.refusals.push({ ...verdict, by: 'server' });
  }
  const reported = new Set<string>();
  for (const verdict of runner) {
    const key = keyOf(verdict);
    const index = places.get(key);
    const same = index === undefined ? undefined : stream.refusals[index];
    if (same && index !== undefined) stream.refusals[index] = { ...same, alsoBy: 'runner' };
    else if (!reported.has(key)) stream.refusals.push({ ...verdict, by: 'runner' });
    reported.add(key);
  }
}

function addKeyFaults({ stream }: StreamBuilder, root: Node, owner: Owner, lists?: ReadonlyMap<Node, Item>): void {
  const { duplicates, lateMerges } = checkKeys(root, owner, lists);
  for (const each of duplicates) stream.duplicateKeys.push(each);
  for (const each of lateMerges) stream.lateMergeKeys.push(each);
}
