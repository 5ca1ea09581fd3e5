import { ignoredInTrigger, ignoredInWhen } from '../facts/conditions.ts';
import { allSteps, type Condition, type Conditions, type DroneEvent, type Pipeline } from '../model/pipeline.ts';
import type { Located, Location } from '../model/source.ts';
import { yamlScalar } from './yaml-scalar.ts';

/** Conditions whose values in a fix are only examples: what stands there already is kept. */
const ofTheAuthor: ReadonlySet<string> = new Set(['branch', 'ref', 'repo', 'target', 'cron', 'instance']);

/** What is there already. */
export interface OwnConditions {
  readonly key: 'trigger' | 'when';
  readonly own: Conditions | undefined;
  readonly pipeline: Pipeline | undefined;
  /** The place of the fault. */
  readonly at: Location;
  /** Gives a value as it may be shown; undefined if it is hidden. */
  readonly clean: (value: string) => string | undefined;
}

/**
 * The lines of a block of conditions together with those that stand there, so that both hold: what the fix says of
 * events goes first, narrowed to what the author listed and to what can get there, and widened by what steps name. A
 * condition that is wrong itself is not kept where the fix says another, nor one that nothing evaluates, nor a ref of
 * pull requests.
 */
export function conditionsBlock(text: string, { key, own, pipeline, at, clean }: OwnConditions): string {
  const ignored = key === 'trigger' ? ignoredInTrigger : ignoredInWhen;
  const merged = new Map(entriesOf(text));
  const fixed = new Set(merged.keys());
  const kept = [...(own?.conditions.values() ?? [])]
    .filter((each) => each.dropped === undefined && !ignored.includes(each.name))
    .filter((each) => !fixed.has(each.name) || !within(at, each))
    .map(withoutPullRequests);
  for (const condition of kept) {
    const { name } = condition;
    const lines = rendered(condition, clean);
    if (lines !== undefined && (!fixed.has(name) || ofTheAuthor.has(name))) merged.set(name, lines);
  }
  const isKept = (name: string): boolean => kept.some((each) => each.name === name) && merged.has(name);
  const isLimited = key === 'when' && ['branch', 'ref'].some((name) => pipeline?.trigger?.conditions.has(name));
  if (isKept('branch') || isLimited) for (const name of ['branch', 'ref']) if (!isKept(name)) merged.delete(name);
  if (!fixed.has('event')) return [...merged.values()].join('\n');

  const listed = kept.find(({ name }) => name === 'event');
  const ofAuthor = listed ? eventsKept(listed) : [];
  const ofFix = listIn(merged.get('event') ?? '');
  // A fix that only keeps pull requests off leaves the other events to the author; one that names promotions does not.
  const isNarrower = ofFix.includes('push');
  const ofSteps = key === 'trigger' && pipeline && isNarrower ? namedBySteps(pipeline) : [];
  const wanted = isNarrower && ofAuthor.length > 0 ? ofAuthor : [...ofFix, ...ofSteps];
  const refs = kept.find(({ name }) => name === 'ref')?.include ?? [];
  // Before 1.0 a tag could be matched as a branch.
  const branches = kept.find(({ name }) => name === 'branch')?.include ?? [];
  const tags = branches.filter(({ value }) => value.startsWith('refs/tags/'));
  const areTags = branches.length > 0 && tags.length === branches.length;
  const possible = [...new Set(wanted)].filter((event) => {
    if (key === 'when' && pipeline && !pipeline.reach.events.has(event as DroneEvent)) return false;
    if (event === 'tag') return (!isKept('branch') || tags.length > 0) && mayBe(refs, 'refs/tags/');
    return event !== 'push' || (!areTags && mayBe(refs, 'refs/heads/'));
  });
  const shown = possible.length > 0 ? possible : [...new Set(wanted)];
  if (shown.length > 0) merged.set('event', `event: [${shown.join(', ')}]`);
  return [...merged.values()].join('\n');
}

/**
 * The lines of a block that names refs in place of branches: those of the branches that the author names, with what the
 * fix says beside branches, and the author's other conditions.
 */
export function refsBlock(text: string, { key, own, pipeline, clean }: Omit<OwnConditions, 'at'>): string {
  const ignored = key === 'trigger' ? ignoredInTrigger : ignoredInWhen;
  const merged = new Map(entriesOf(text));
  const branch = own?.conditions.get('branch') ?? pipeline?.trigger?.conditions.get('branch');
  const beside = listIn(merged.get('ref') ?? '').filter((ref) => !ref.startsWith(branches));
  const ref = branch && branch.dropped === undefined ? rendered(refsOf(branch, beside), clean) : undefined;
  if (ref !== undefined) merged.set('ref', ref);
  for (const condition of own?.conditions.values() ?? []) {
    const { name, dropped } = condition;
    if (name === 'branch' || merged.has(name) || dropped !== undefined || ignored.includes(name)) continue;
    const include = condition.include.filter(({ value }) => name !== 'event' || value !== 'pull_request');
    const lines = rendered({ ...condition, include }, clean);
    if (lines !== undefined) merged.set(name, lines);
  }
  return [...merged.values()].join('\n');
}

const branches = 'refs/heads/';

/** A condition on branches as one on refs, with refs that are none of branches. */
function refsOf(branch: Condition, beside: readonly string[]): Condition {
  const asRef = ({ value, at }: Located<string>): Located<string> => ({
    value: value.startsWith('refs/') ? value : branches + value,
    at,
  });
  const include = branch.include.length > 0 ? branch.include.map(asRef) : [{ value: `${branches}**`, at: branch.at }];
  const isThere = (ref: string): boolean => include.some(({ value }) => value.startsWith(ref.split('*', 1)[0] ?? ref));
  const others = beside.filter((ref) => !isThere(ref)).map((value) => ({ value, at: branch.at }));
  return {
    ...branch,
    name: 'ref',
    include: [...include, ...others],
    exclude: branch.exclude.map(asRef),
  };
}

/** Whether one of some patterns of refs may be one below a folder; all are where there are no patterns. */
function mayBe(refs: Condition['include'], folder: string): boolean {
  return refs.length === 0 || refs.some(({ value }) => value.startsWith(folder) || !value.startsWith('refs/'));
}

const refOfPullRequest = /^refs\/(?:pull|merge-requests|pull-requests)\//;

function withoutPullRequests(condition: Condition): Condition {
  if (condition.name !== 'ref') return condition;
  const include = condition.include.filter(({ value }) => !refOfPullRequest.test(value));
  return include.length > 0 ? { ...condition, include } : condition;
}

/** The events that steps ask for and get: a trigger that leaves them out would end these steps. */
function namedBySteps(pipeline: Pipeline): readonly string[] {
  const conditions = allSteps(pipeline).flatMap(({ when }) => when?.conditions.get('event') ?? []);
  return conditions.flatMap(eventsKept).filter((event) => pipeline.reach.events.has(event as DroneEvent));
}

/** The items of a list in brackets, or the one value. */
function listIn(entry: string): readonly string[] {
  const list = /^\w+: \[?([\w, /*.-]+)\]?$/.exec(entry)?.[1] ?? '';
  return list.split(', ').filter(Boolean);
}

/** The entries of a mapping by their keys, each with the lines below it. */
function entriesOf(text: string): readonly (readonly [string, string])[] {
  return text.split(/\n(?=\S)/).flatMap((entry) => {
    const key = /^(\w+):/.exec(entry)?.[1];
    return key === undefined ? [] : [[key, entry] as const];
  });
}

/** The events that an author listed, but for pull requests; none where the list says something else. */
function eventsKept({ include, exclude, dropped }: Condition): readonly string[] {
  if (dropped !== undefined || exclude.length > 0) return [];
  const events = include.map(({ value }) => value).filter((event) => event !== 'pull_request');
  return events.every((event) => /^[a-z]+$/.test(event)) ? events : [];
}

function rendered(
  { name, include, exclude }: Condition,
  clean: (value: string) => string | undefined,
): string | undefined {
  const list = (values: Condition['include']): string | undefined => {
    const shown = values.map(({ value }) => clean(value));
    return shown.some((each) => each === undefined)
      ? undefined
      : `[${shown.map((each) => (each?.includes(',') ? JSON.stringify(each) : yamlScalar(each ?? ''))).join(', ')}]`;
  };
  const [included, excluded] = [list(include), list(exclude)];
  if (included === undefined || excluded === undefined) return undefined;
  if (exclude.length === 0) return `${name}: ${included}`;
  return [`${name}:`, ...(include.length > 0 ? [`  include: ${included}`] : []), `  exclude: ${excluded}`].join('\n');
}

function within({ source, span }: Location, { at, keyAt }: Condition): boolean {
  return source === at.source && span.start >= keyAt.span.start && span.start < Math.max(at.span.end, keyAt.span.end);
}
