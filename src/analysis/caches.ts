import { pluginNames } from '../drone/deployment.ts';
import { type CachePlugin, cachePlugins, outsiderKey, separatesPullRequests } from '../facts/caches.ts';
import { hostOf } from '../model/hosts.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import { isOfTheBuild } from './step-hits.ts';

/** A step that keeps a folder from one build to the next. */
export interface Cache {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly at: Location;
  readonly saves: boolean;
  readonly restores: boolean;
  /** Caches with the same text share one store. */
  readonly id: string;
  readonly key: string;
  readonly isVolume: boolean;
  /** For messages: `the cache`, `the volume "go"`. */
  readonly store: string;
}

/** The caches used by the steps of a pipeline: those of plugins, and folders on the host or on a volume claim. */
export function cachesOf(pipeline: Pipeline): readonly Cache[] {
  return pipeline.steps.flatMap((step) => {
    const plugin = cachePluginOf(step);
    return plugin ? [pluginCache(pipeline, step, plugin)] : volumeCaches(pipeline, step);
  });
}

/** The plugin of a step whose only job is to keep a cache. */
export function cachePluginOf(step: Step): CachePlugin | undefined {
  const names = pluginNames(step);
  return cachePlugins.find(({ image }) => names.includes(image));
}

function pluginCache(pipeline: Pipeline, step: Step, plugin: CachePlugin): Cache {
  const isOn = (names: readonly string[]): boolean =>
    step.settings.some(
      ({ name, text }) => names.includes(name.value) && /^(?:true|yes|on|1)$/i.test(text?.value ?? ''),
    );
  const mode = step.settings.find(({ name }) => name.value === 'mode')?.text?.value;
  return {
    pipeline,
    step,
    at: step.image?.at ?? step.nameAt,
    saves: isOn(plugin.save) || mode === 'rebuild',
    restores: isOn(plugin.restore) || mode === 'restore',
    id: plugin.image,
    key: textsOf(step, plugin.key).join(' '),
    isVolume: false,
    store: 'the cache',
  };
}

/** Host folders named as a cache; a step that mounts one both saves and restores. */
function volumeCaches(pipeline: Pipeline, step: Step): readonly Cache[] {
  return pipeline.volumes.flatMap((volume) => {
    const path = volume.hostPath?.value ?? volume.claim?.value;
    const mount = path === undefined ? undefined : step.mounts.find(({ name }) => name.value === volume.name);
    if (path === undefined || !mount || !/cache/i.test(`${volume.name} ${path}`) || separatesPullRequests.test(path))
      return [];
    return [
      {
        pipeline,
        step,
        at: mount.at,
        saves: true,
        restores: true,
        id: `volume ${path}`,
        key: '',
        isVolume: true,
        store: `the volume "${volume.name}"`,
      },
    ];
  });
}

/** The texts of the named settings of a step. */
function textsOf({ settings }: Step, names: readonly string[]): readonly string[] {
  return settings
    .filter(({ name }) => names.includes(name.value))
    .flatMap(({ scalars }) => scalars.map(({ value }) => value));
}

/** Whether the store outlives the build: it is neither a temporary volume nor a service of the pipeline. */
export function outlivesBuild({ pipeline, step, isVolume }: Cache): boolean {
  if (isVolume) return true;
  const addresses = textsOf(step, ['endpoint', 'server', 'host', 'url']);
  if (addresses.some((address) => isOfTheBuild(hostOf(address) ?? '', pipeline))) return false;
  const isInMount = cachePluginOf(step)?.store === 'mount' || textsOf(step, ['backend']).includes('filesystem');
  if (!isInMount) return true;
  return pipeline.volumes.some(
    ({ name, temp }) => temp === undefined && step.mounts.some((mount) => mount.name.value === name),
  );
}

/** Whether a step restores what a pull request saved: in other builds, from the same store, under the same key or one an outsider chooses. */
export function isUsedBy(saved: Cache, other: Cache): boolean {
  const { events } = other.step.reach;
  if (other.id !== saved.id || !(['push', 'tag', 'promote', 'cron'] as const).some((event) => events.has(event)))
    return false;
  if (outsiderKey.test(saved.key)) return true;
  return !separatesPullRequests.test(saved.key) && (saved.isVolume || other.key === saved.key);
}
