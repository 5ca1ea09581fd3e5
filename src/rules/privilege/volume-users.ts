import type { Pipeline, Step, StepMount, Volume } from '../../model/pipeline.ts';

/** A step that mounts a volume. */
export interface VolumeUser {
  readonly step: Step;
  readonly mount: StepMount;
}

/** The steps and services that mount a volume of their pipeline, those open to pull requests first. */
export function usersOf(volume: Volume, { steps, services }: Pipeline): readonly VolumeUser[] {
  const users = [...steps, ...services].flatMap((step) =>
    step.mounts.filter((mount) => mount.name.value === volume.name).map((mount) => ({ step, mount })),
  );
  const isOpen = ({ step }: VolumeUser): boolean => step.reach.pullRequest;
  return [...users.filter(isOpen), ...users.filter((user) => !isOpen(user))];
}

/** Whether the volumes of a type are those of a runner's host: pipelines of type vm have a machine of their own. */
export function hasHostVolumes({ type }: Pipeline): boolean {
  return type === 'docker' || type === 'kubernetes';
}

/** Whether a path is a device; `/dev/shm` is only memory. */
export function isDevice(path: string): boolean {
  return path.startsWith('/dev/') && !/^\/dev\/shm(?:\/|$)/.test(path);
}
