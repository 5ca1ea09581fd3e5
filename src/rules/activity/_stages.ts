import { parseGoDuration } from '../../facts/go-values.ts';
import type { Container } from '../../model/container.ts';
import type { StageResource } from '../../model/engine.ts';
import type { Installation } from '../../model/installation.ts';
import type { Located, Location } from '../../model/source.ts';
import { clockOf, originOf } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';

/** A container, network or volume that a runner made for a stage. */
export interface StageItem {
  readonly kind: 'container' | StageResource['kind'];
  readonly name: string;
  readonly labels: ReadonlyMap<string, Located<string>>;
  readonly at: Location;
  readonly container?: Container;
}

/** What is on one engine of one stage of a build. */
export interface Stage {
  /** The engine (model/source.ts originOf). */
  readonly origin: string;
  /** `build 12 of "octocat/hello-world"`; undefined where the labels do not say. */
  readonly build?: Text;
  readonly items: readonly StageItem[];
}

/** What runners made for stages, by stage, in the order in which it was read. */
export function stagesIn({ containers, hosts }: Installation): readonly Stage[] {
  const items: StageItem[] = [
    ...containers
      .filter(({ role, live, labels }) => role === 'step' && live && labels.get('io.drone')?.value === 'true')
      .map((container): StageItem => ({ kind: 'container', ...pick(container), container })),
    ...hosts.flatMap(({ stageResources }) => stageResources),
  ];
  const stages = new Map<string, Stage & { readonly items: StageItem[] }>();
  for (const item of items) {
    const origin = originOf(item.at.source.name);
    const label = (key: string): string => item.labels.get(`io.drone.${key}`)?.value ?? '';
    const [slug, number, stage] = [label('repo.slug'), label('build.number'), label('stage.number')];
    const isKnown = slug !== '' && number !== '';
    const key = [origin, ...(isKnown ? [slug, number, stage] : [item.kind, item.name])].join('\n');
    const found = stages.get(key);
    if (found) found.items.push(item);
    else stages.set(key, { origin, build: isKnown ? say`build ${number} of "${slug}"` : undefined, items: [item] });
  }
  return [...stages.values()];
}

function pick({ name, labels, at }: Container): Pick<StageItem, 'name' | 'labels' | 'at'> {
  return { name, labels, at };
}

/** Why something should be gone by now, for messages: `it expired on 2026-11-20`. */
export type Overdue = ReadonlyMap<StageItem, Text>;

const hour = 60 * 60 * 1000;

/**
 * What of a stage outlives it, by the clock of its engine: past the time at which the runner said it would be over
 * (`io.drone.expires`, an hour after the limit of the repository; drone/runner-go labels/labels.go), running for longer
 * than that limit, or finished for more than an hour. Steps that have finished wait for the last one of their stage.
 * Undefined where the clock is not known.
 */
export function overdueIn({ items }: Stage): Overdue | undefined {
  const found = new Map<StageItem, Text>();
  const waiting: { readonly item: StageItem; readonly reason: Text }[] = [];
  let isAlive = false;
  for (const item of items) {
    const clock = clockOf(item.at.source);
    if (clock === undefined) return undefined;
    const expires = Number(item.labels.get('io.drone.expires')?.value ?? Number.NaN) * 1000;
    const { startedAt, finishedAt } = item.container?.observed ?? {};
    const limit = parseGoDuration(item.labels.get('io.drone.ttl')?.value ?? '');
    const [started, finished] = [Date.parse(startedAt ?? ''), Date.parse(finishedAt ?? '')];
    if (expires < clock) found.set(item, say`it expired on ${dayOf(expires)}`);
    else if (isRunning(item) && limit !== undefined && started + limit < clock)
      found.set(item, say`it has been running since ${dayOf(started)}, longer than its repository allows`);
    else if (isRunning(item)) isAlive = true;
    else if (finished + hour < clock) waiting.push({ item, reason: say`it finished on ${dayOf(finished)}` });
  }
  for (const { item, reason } of isAlive ? [] : waiting) found.set(item, reason);
  return found;
}

export function isRunning({ container }: StageItem): boolean {
  return /^(?:running|paused|restarting)$/.test(container?.observed?.state ?? '');
}

/** `2026-11-20`, of a time that lies in the past. */
function dayOf(time: number): string {
  return new Date(Math.max(time, 0)).toISOString().slice(0, 10);
}

const kinds = ['container', 'network', 'volume'] as const;

/** `2 containers, 1 network and 3 volumes` */
export function countsOf(items: readonly StageItem[]): Text {
  const counts = kinds.flatMap((kind) => {
    const count = items.filter((item) => item.kind === kind).length;
    return count === 0 ? [] : [say`${count} ${kind}${count === 1 ? '' : 's'}`];
  });
  const [last = say`nothing`, ...before] = counts.reverse();
  return before.length === 0 ? last : say`${joinedByCommas(before.reverse())} and ${last}`;
}

function joinedByCommas(texts: readonly Text[]): Text {
  const [first = say``, ...others] = texts;
  return others.reduce((joined, each) => say`${joined}, ${each}`, first);
}
