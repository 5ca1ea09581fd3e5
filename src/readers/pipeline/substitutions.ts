import { type FoundSubstitution, findSubstitutions } from '../../drone/substitution.ts';
import { binarySearch } from '../../model/binary-search.ts';
import { addTo } from '../../model/groups.ts';
import {
  allSteps,
  type DroneEvent,
  type Pipeline,
  type PipelineStream,
  type Step,
  type Substitution,
  type SubstitutionSink,
} from '../../model/pipeline.ts';
import { type Location, lineStarts, positionOf, type Source, type Span } from '../../model/source.ts';
import type { MappingNode, Node, SequenceNode } from '../yaml/tree.ts';
import { isMergeKey, itemInPath, keyInPath } from './fields.ts';
import { legacyContainer } from './shapes.ts';

/** The path from the root down to a node. */
type Trail = { readonly up: Trail | undefined } & (
  | { readonly key: string }
  | { readonly list: SequenceNode; readonly index: number }
);

/** What contains a node: the document, and the innermost step with the key below it. */
interface Surroundings {
  readonly path: string;
  readonly pipelines: readonly Pipeline[];
  readonly steps: readonly Step[];
  /** The key of the document, or of the step, that contains the node. */
  readonly field: string;
}

interface Use extends Omit<Surroundings, 'path' | 'field'> {
  readonly path: string;
  readonly sink: SubstitutionSink;
  readonly literalToServer: boolean;
  /** Whether the conversion of the file writes a value of the matrix here. */
  readonly replaced: boolean;
}

/** What is already known of a text: its documents, and the names that the matrix of a converted file replaces. */
interface Surveyed {
  readonly source: Source;
  readonly roots: readonly Node[];
  readonly replaced: ReadonlySet<string>;
}

/** Fields that the server reads before anything is replaced (drone/drone-yaml yaml/pipeline.go:19, yaml/parse.go). */
const literalFields: ReadonlySet<string> = new Set([
  'kind',
  'type',
  'name',
  'trigger',
  'platform',
  'node',
  'depends_on',
  'concurrency',
  'branches',
]);

/**
 * Locates every `${…}` of a stream: the value, key or comment that contains it, and the steps and pipelines that it
 * belongs to. `roots` are the documents as they are in the text. If there is none, nothing is walked.
 */
export function readSubstitutions(surveyed: Surveyed, stream: PipelineStream): Substitution[] {
  const { source } = surveyed;
  const found = findSubstitutions(source.text).filter(({ escaped }) => !escaped);
  if (found.length === 0) return [];
  const uses = usesIn(found, surveyed, stream);
  const outside = outsideOf(source, stream);
  const everyEvent = eventsOf(stream.pipelines);
  return found.flatMap((substitution) => {
    const places = uses.get(substitution);
    if (places?.every(({ replaced }) => replaced)) return [];
    const use = places ? merged(places) : outside(substitution.start);
    // The server converts a legacy file first, which removes its comments.
    if (use.sink === 'comment' && stream.legacy) return [];
    const { name, expression, operator, error, olderError } = substitution;
    const at: Location = { source, path: use.path, span: { start: substitution.start, end: substitution.end } };
    return [
      {
        name,
        expression,
        operator,
        arguments: substitution.arguments,
        error,
        olderError,
        at,
        sink: use.sink,
        literalToServer: use.literalToServer,
        pipelines: use.pipelines,
        steps: use.steps,
        events:
          use.steps.length > 0 ? eventsOf(use.steps) : use.pipelines.length > 0 ? eventsOf(use.pipelines) : everyEvent,
      },
    ];
  });
}

function eventsOf(reached: readonly (Step | Pipeline)[]): ReadonlySet<DroneEvent> {
  const [only] = reached;
  if (only && reached.length === 1) return only.reach.events;
  return new Set(reached.flatMap(({ reach }) => [...reach.events]));
}

/** How many uses of one value through aliases are distinguished. */
const maxUses = 50;
/** How many nodes are looked at, counting those behind aliases each time. */
const maxNodes = 1_000_000;

/** The uses of each substitution in a value or key. A shared value has several uses. */
function usesIn(
  found: readonly FoundSubstitution[],
  { roots, replaced }: Surveyed,
  stream: PipelineStream,
): ReadonlyMap<FoundSubstitution, readonly Use[]> {
  const uses = new Map<FoundSubstitution, Use[]>();
  const stepsAt = stepsByPlace(stream);
  const visits = new Map<number, number>();
  let nodesLeft = maxNodes;

  const scalar = (span: Span, isKey: boolean, around: Surroundings, trail: Trail | undefined): void => {
    const first = binarySearch(found, ({ start }) => start >= span.start);
    if ((found[first]?.start ?? span.end) >= span.end) return;
    const visited = visits.get(span.start) ?? 0;
    if (visited >= maxUses) return;
    visits.set(span.start, visited + 1);
    for (let i = first; i < found.length; i++) {
      const substitution = found[i];
      if (!substitution || substitution.start >= span.end) break;
      const inStep = around.steps.length > 0;
      const sink = isKey ? 'key' : sinkOf(around, stream.legacy);
      const isLegacySetting = stream.legacy && inStep && !legacyContainer.fields.has(around.field);
      const use: Use = {
        path: pathOf(isLegacySetting ? `${around.path}.settings` : around.path, trail),
        pipelines: around.pipelines,
        steps: around.steps,
        sink,
        literalToServer: !inStep && around.pipelines.length > 0 && literalFields.has(around.field),
        replaced: isReplaced(substitution, replaced) && (inStep || !unconvertedFields.has(around.field)),
      };
      addTo(uses, substitution, use);
    }
  };
  const walk = (node: Node, around: Surroundings, trail: Trail | undefined): void => {
    if (nodesLeft-- <= 0) return;
    if (node.kind === 'scalar') {
      scalar(node.span, false, around, trail);
    } else if (node.kind === 'seq') {
      for (const [index, item] of node.items.entries()) walk(item, around, { up: trail, list: node, index });
    } else {
      const steps = trail ? stepsAt.get(placeKey(node.span)) : undefined;
      const path = steps?.[0]?.at.path;
      if (steps && path !== undefined) mapping(node, { ...around, path, steps, field: '' }, undefined);
      else mapping(node, around, trail);
    }
  };
  const mapping = (node: MappingNode, around: Surroundings, trail: Trail | undefined): void => {
    for (const { key, keyNode, value } of node.entries) {
      const below: Trail = { up: trail, key };
      const inner = around.field === '' ? { ...around, field: key } : around;
      scalar(keyNode.span, true, inner, below);
      if (!isMergeKey(keyNode)) walk(value, inner, below);
      // What is merged takes the place of the merge.
      else if (value.kind === 'map') mapping(value, around, trail);
      else if (value.kind === 'seq')
        for (const item of value.items) if (item.kind === 'map') mapping(item, around, trail);
    }
  };
  for (const root of roots) {
    const pipelines = stream.pipelines.filter(({ at }) => placeKey(at.span) === placeKey(root.span));
    walk(root, { path: pipelines[0]?.at.path ?? '', pipelines, steps: [], field: '' }, undefined);
  }
  return uses;
}

/** Fields without values of the matrix (drone/drone-yaml yaml/converter/legacy/internal/config.go). */
const unconvertedFields: ReadonlySet<string> = new Set(['matrix', 'secrets']);

/** The converter replaces exactly `${KEY}`; with an operator, it is left to the runner. */
function isReplaced({ name, expression }: FoundSubstitution, replaced: ReadonlySet<string>): boolean {
  return replaced.has(name) && expression === `\${${name}}`;
}

function placeKey({ start, end }: Span): string {
  return `${start}-${end}`;
}

function stepsByPlace(stream: PipelineStream): ReadonlyMap<string, readonly Step[]> {
  const places = new Map<string, Step[]>();
  for (const pipeline of stream.pipelines)
    for (const step of allSteps(pipeline)) {
      const key = placeKey(step.at.span);
      addTo(places, key, step);
    }
  return places;
}

function sinkOf({ steps, field }: Surroundings, legacy: boolean): SubstitutionSink {
  const inStep = steps.length > 0;
  switch (field) {
    case 'commands':
    case 'command':
    case 'entrypoint':
    case 'script':
      return inStep ? 'command' : 'other';
    case 'settings':
      return inStep ? 'setting' : 'other';
    case 'image':
      return inStep ? 'image' : 'other';
    case 'environment':
    case 'env':
      return 'environment';
    case 'when':
      return inStep ? 'condition' : 'other';
    case 'trigger':
    case 'branches':
      return inStep ? 'other' : 'condition';
    case 'name':
      return 'name';
    default:
      // In a legacy step, every key that is not one of a container's is a setting.
      return legacy && inStep && !legacyContainer.fields.has(field) ? 'setting' : 'other';
  }
}

function pathOf(prefix: string, trail: Trail | undefined): string {
  const parts: string[] = [];
  for (let at = trail; at; at = at.up)
    parts.push('key' in at ? `.${keyInPath(at.key)}` : `[${itemInPath(at.list, at.index)}]`);
  const path = prefix + parts.reverse().join('');
  return path.startsWith('.') ? path.slice(1) : path;
}

/** Of the uses of a shared value, the most telling one counts: that of a step. */
function merged(uses: readonly Use[]): Use {
  const main = uses.find(({ steps, sink }) => steps.length > 0 && sink !== 'other') ?? uses[0];
  if (!main || uses.length === 1) return main ?? nowhere;
  return {
    ...main,
    literalToServer: uses.some(({ literalToServer }) => literalToServer),
    pipelines: [...new Set(uses.flatMap(({ pipelines }) => pipelines))],
    steps: [...new Set(uses.flatMap(({ steps }) => steps))],
  };
}

const nowhere: Use = { path: '', pipelines: [], steps: [], sink: 'other', literalToServer: false, replaced: false };

interface Owner {
  readonly span: Span;
  readonly use: Pick<Use, 'path' | 'pipelines' | 'steps'>;
}

/** Pipelines and steps with the lines that they span. */
function ownersByPlace(stream: PipelineStream): readonly Owner[] {
  return stream.pipelines.flatMap((pipeline) => [
    { span: pipeline.at.span, use: { path: pipeline.at.path, pipelines: [pipeline], steps: [] } },
    ...allSteps(pipeline).map((step) => ({
      span: step.at.span,
      use: { path: step.at.path, pipelines: [pipeline], steps: [step] },
    })),
  ]);
}

/**
 * What a substitution outside values belongs to, in comments and in text that Drone's splitter discards: the smallest
 * thing around it. Must be asked in the order of the text.
 */
function outsideOf(source: Source, stream: PipelineStream): (offset: number) => Use {
  const owners = [...ownersByPlace(stream)].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const lost = [...stream.lost].sort((a, b) => a.span.start - b.span.start);
  const isComment = commentsOf(source);
  const open: Owner[] = [];
  let nextOwner = 0;
  let nextLost = 0;
  return (offset) => {
    for (let owner = owners[nextOwner]; owner && owner.span.start <= offset; owner = owners[++nextOwner]) {
      close(open, owner.span.start);
      open.push(owner);
    }
    close(open, offset);
    while ((lost[nextLost]?.span.end ?? Number.POSITIVE_INFINITY) <= offset) nextLost++;
    const isLost = (lost[nextLost]?.span.start ?? Number.POSITIVE_INFINITY) <= offset;
    return { ...nowhere, ...open.at(-1)?.use, sink: isLost || isComment(offset) ? 'comment' : 'other' };
  };
}

function close(open: Owner[], offset: number): void {
  for (let last = open.at(-1); last && last.span.end <= offset; last = open.at(-1)) open.pop();
}

/** Whether a place outside values comes after a `#`. */
function commentsOf(source: Source): (offset: number) => boolean {
  let known = { line: 0, comment: 0 };
  return (offset) => {
    const { line } = positionOf(source, offset);
    if (line !== known.line) {
      const starts = lineStarts(source);
      const start = starts[line - 1] ?? 0;
      const found = source.text.slice(start, starts[line]).search(/(?:^|\s)#/);
      known = { line, comment: found < 0 ? Number.POSITIVE_INFINITY : start + found };
    }
    return known.comment < offset;
  };
}
