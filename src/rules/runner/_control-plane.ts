import { isOpenEngine } from '../../analysis/docker-daemons.ts';
import { shareHost } from '../../drone/topology.ts';
import { databaseImages } from '../../facts/databases.ts';
import type { Container } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { type Settings, settingsOf } from '../../model/settings.ts';
import { originOf } from '../../model/source.ts';

/**
 * What a build must not reach on a network: server, database, extension, an engine open to anyone. If some belong to the
 * same file or project, only those count: another host may have a network of the same name.
 */
export function controlPlaneOn(network: string, from: Settings, installation: Installation): readonly Container[] {
  const members = controlPlaneOf(installation).filter(
    (container) =>
      container.live === from.live &&
      (!from.live || originOf(container.at.source.name) === originOf(from.at.source.name)) &&
      container.networks.some(({ value }) => value === network || isMeant(network, value, container, from)),
  );
  const near = members.filter((member) => shareHost(settingsOf(member), from));
  return near.length > 0 ? near : members;
}

/** Found once: a host may have thousands of containers of steps, and each of them is asked about. */
const controlPlaneOf = memoizePer(({ containers }: Installation): readonly Container[] =>
  containers.filter(isControlPlane),
);

/** Compose names a network after its project, whose name may differ from the folder: `ci_default`. */
function isMeant(network: string, value: string, { live, project, at }: Container, from: Settings): boolean {
  if (live || project === undefined || at.source.name !== from.at.source.name) return false;
  return value.startsWith(`${project}_`) && network.endsWith(value.slice(project.length));
}

function isControlPlane(container: Container): boolean {
  const { role, image } = container;
  return (
    role === 'server' || role === 'extension' || databaseImages.has(image?.value.name ?? '') || isOpenEngine(container)
  );
}
