import { addTo } from '../model/groups.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step, type StepMount, type Volume } from '../model/pipeline.ts';
import type { Again } from '../model/remark.ts';
import { alsoAt, type Hit, maxRelated, say, type Text } from '../model/rule.ts';
import type { Location } from '../model/source.ts';
import { stepNames } from './step-assets.ts';

/** A step that mounts a volume. */
export interface VolumeUser {
  readonly step: Step;
  readonly mount: StepMount;
}

/** The steps and services that mount a volume of their pipeline, those open to pull requests first. */
export function usersOf({ name }: Volume, pipeline: Pipeline): readonly VolumeUser[] {
  return usersByVolume(pipeline).get(name) ?? [];
}

const usersByVolume = memoizePer((pipeline: Pipeline): ReadonlyMap<string, readonly VolumeUser[]> => {
  const all = allSteps(pipeline);
  const isOpen = (step: Step): boolean => step.reach.pullRequest;
  const users = new Map<string, VolumeUser[]>();
  for (const step of [...all.filter(isOpen), ...all.filter((each) => !isOpen(each))])
    for (const mount of step.mounts) addTo(users, mount.name.value, { step, mount });
  return users;
});

/** Who mounts a volume, for messages. */
export function userNames(users: readonly VolumeUser[]): Text {
  return stepNames([...new Set(users.slice(0, maxRelated).map(({ step }) => step))]);
}

/**
 * Where a volume is mounted, as related places: whoever accepts the volume accepts its users. Before 1.0 the first mount is the
 * volume. `verdictOn`: what is said of some of its users.
 */
export function mountPlaces(
  { hostPath }: Pick<Volume, 'hostPath'>,
  users: readonly VolumeUser[],
  verdictOn: (users: readonly VolumeUser[]) => Pick<Again, 'message' | 'severity'>,
): NonNullable<Hit['related']> {
  return users.flatMap((user) => {
    const { step, mount } = user;
    if (hostPath && isWithin(hostPath.at, mount.at)) return [];
    const alone = { ...verdictOn([user]), reach: step.reach, follows: true } as const;
    return [alsoAt(mount.at, say`mounted by "${step.name}"`, alone)];
  });
}

function isWithin(inner: Location, outer: Location): boolean {
  return inner.source === outer.source && outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
}

/** Whether the volumes of a type are those of a runner's host: pipelines of type vm have a machine of their own. */
export function hasHostVolumes({ type }: Pipeline): boolean {
  return type === 'docker' || type === 'kubernetes';
}

/** Whether a path is a device; `/dev/shm` is only memory. */
export function isDevice(path: string): boolean {
  return path.startsWith('/dev/') && !/^\/dev\/shm(?:\/|$)/.test(path);
}
