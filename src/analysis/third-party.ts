import type { Image } from '../model/container.ts';
import type { Site } from '../model/site.ts';

/** Registries where anybody may publish; `undefined` is Docker Hub. */
const openRegistries: ReadonlySet<string | undefined> = new Set([
  undefined,
  'docker.io',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'public.ecr.aws',
  'registry.gitlab.com',
]);

/** Whether an image is made by others than Docker, Drone and the site: an owner's image in a registry where anybody publishes. */
export function isThirdParty({ name, registry }: Image, site: Site): boolean {
  if (!openRegistries.has(registry) || (registry === undefined && !name.includes('/'))) return false;
  if (registry === undefined && /^(?:library|plugins|drone|docker)\//.test(name)) return false;
  return !isTrusted(name, site) && (registry === undefined || !site.registries.includes(registry));
}

/** Whether the site trusts images of a name, be it as plugins alone. */
export function isTrusted(name: string, { images, plugins }: Site): boolean {
  return images.includes(name) || plugins.includes(name);
}
