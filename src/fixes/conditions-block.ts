import { ignoredInTrigger, ignoredInWhen } from '../facts/conditions.ts';
import type { Condition, Conditions } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import { yamlScalar } from './markdown.ts';

/** Conditions whose values in a fix are only examples: what stands there already is kept. */
const ofTheAuthor: ReadonlySet<string> = new Set(['branch', 'ref', 'repo', 'target', 'cron', 'instance']);

/** What is there already. */
export interface OwnConditions {
  readonly key: 'trigger' | 'when';
  readonly own: Conditions | undefined;
  /** The events that get as far as these conditions; absent if all do. */
  readonly reached: ReadonlySet<string> | undefined;
  /** The place of the fault. */
  readonly at: Location;
  /** Gives a value as it may be shown; undefined if it is hidden. */
  readonly clean: (value: string) => string | undefined;
}

/**
 * The lines of a block of conditions together with those that stand there, so that both hold: what the fix says of
 * events goes first, narrowed to what the author listed and to what can get there, without tags where a branch is asked
 * for (tags have none). A condition that is wrong itself is not kept, nor one that nothing evaluates.
 */
export function conditionsBlock(text: string, { key, own, reached, at, clean }: OwnConditions): string {
  const ignored = key === 'trigger' ? ignoredInTrigger : ignoredInWhen;
  const merged = new Map(entriesOf(text));
  const fixed = new Set(merged.keys());
  for (const [name, condition] of own?.conditions ?? []) {
    const lines = rendered(condition, clean);
    const isWrong = condition.dropped !== undefined || ignored.includes(name) || within(at, condition);
    if (isWrong || lines === undefined) continue;
    if (!fixed.has(name) || ofTheAuthor.has(name)) merged.set(name, lines);
  }
  const keepsBranch = own?.conditions.has('branch') === true && merged.has('branch');
  if (keepsBranch && own?.conditions.has('ref') !== true) merged.delete('ref');
  if (fixed.has('event')) {
    const listed = own?.conditions.get('event');
    const ofAuthor = listed && !within(at, listed) ? eventsKept(listed) : [];
    const events = ofAuthor.length > 0 ? ofAuthor : listIn(merged.get('event') ?? '');
    const possible = events.filter((event) => (reached?.has(event) ?? true) && !(keepsBranch && event === 'tag'));
    const shown = possible.length > 0 ? possible : events;
    if (shown.length > 0) merged.set('event', `event: [${shown.join(', ')}]`);
  }
  return [...merged.values()].join('\n');
}

/** The items of a list in brackets, or the one value. */
function listIn(entry: string): readonly string[] {
  const list = /^\w+: \[?([a-z_, ]+)\]?$/.exec(entry)?.[1] ?? '';
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
