import { trustOf } from '../drone/server-repository.ts';
import { privilegedImages, restrictedVariables } from '../facts/images.ts';
import type { Image } from '../model/container.ts';
import { exposesControlSocket } from '../model/host-paths.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Step, Volume } from '../model/pipeline.ts';
import type { Context } from '../model/rule.ts';

/** Types of pipelines whose steps know `privileged`. */
const typesWithPrivileged: ReadonlySet<string> = new Set(['docker', 'kubernetes', '']);

export function isPrivileged(pipeline: Pipeline, step: Step): boolean {
  return step.privileged?.value === true && typesWithPrivileged.has(pipeline.type) && !isOnWindows(pipeline);
}

function isOnWindows({ os }: Pipeline): boolean {
  return os.value.toLowerCase() === 'windows';
}

/** Whether the runner makes a step privileged without being asked (drone-runner-docker engine/compiler/compiler.go:549-595). */
export function isPrivilegedByItself(pipeline: Pipeline, step: Step, installation: Installation): boolean {
  const runner = pipeline.type === 'kubernetes' ? 'runner-kube' : 'runner-docker';
  if (!typesWithPrivileged.has(pipeline.type) || !step.image || isOnWindows(pipeline)) return false;
  if (!isPrivilegedImage(step.image.value, installation, runner)) return false;
  const hasMounts = step.mounts.length > 0 && !mayMountVolumes(pipeline, installation);
  const isChanged = step.hasCommands || step.command.length > 0 || step.entrypoint.length > 0 || hasMounts;
  return !isChanged && !step.environment.some((value) => restrictedVariables.has(value.name.value.toUpperCase()));
}

/** Whether a docker runner of this audit lets its privileged images mount volumes. The text is compared, not parsed. */
function mayMountVolumes({ type }: Pipeline, { settings }: Installation): boolean {
  return (
    type !== 'kubernetes' &&
    settings.some(({ variables }) => variables.get('DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES')?.value === 'true')
  );
}

/**
 * Whether an image is on the list of a runner, built in or of DRONE_RUNNER_PRIVILEGED_IMAGES. The registry counts, tag and
 * digest do not (drone-runner-docker internal/docker/image/image.go:15-62). Without a runner, any will do.
 */
export function isPrivilegedImage(
  { registry, name }: Image,
  installation: Installation,
  runner?: 'runner-docker' | 'runner-kube',
): boolean {
  if (configuredImages(installation).has(registry === undefined ? name : `${registry}/${name}`)) return true;
  return (
    registry === undefined &&
    privilegedImages.some((image) => image.name === name && (runner === undefined || image.runners.includes(runner)))
  );
}

/** Names with registry in DRONE_RUNNER_PRIVILEGED_IMAGES of the runners of this audit. */
const configuredImages = memoizePer((installation: Installation): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { variables } of installation.settings)
    for (const item of variables.get('DRONE_RUNNER_PRIVILEGED_IMAGES')?.value?.split(',') ?? [])
      names.add(
        item
          .trim()
          .replace(/@.*/s, '')
          .replace(/:[^:/]*$/, '')
          .replace(/^(?:index\.)?docker\.io\//, '')
          .replace(/^library\//, ''),
      );
  return names;
});

/** Volumes of the pipeline through which a step reaches a control socket of the host. */
export function socketVolumes(pipeline: Pipeline): readonly Volume[] {
  return pipeline.volumes.filter(({ hostPath }) => hostPath !== undefined && exposesControlSocket(hostPath.value));
}

/**
 * Privileged in the sense of other rules: asked for, by itself, or through a control socket. Steps of type vm do not count.
 * What a step has to ask for it does not get in a repository that is known not to be trusted (see trustNeedsOf); an image of
 * the runner's list needs no trust.
 */
export function hasPrivilege(pipeline: Pipeline, step: Step, context: Context): boolean {
  if (isPrivilegedByItself(pipeline, step, context.installation)) return true;
  if (trustOf(pipeline, context) === 'untrusted') return false;
  const sockets = namesOfSocketVolumes(pipeline);
  return isPrivileged(pipeline, step) || step.mounts.some((mount) => sockets.has(mount.name.value));
}

const namesOfSocketVolumes = memoizePer(
  (pipeline: Pipeline): ReadonlySet<string> => new Set(socketVolumes(pipeline).map(({ name }) => name)),
);
