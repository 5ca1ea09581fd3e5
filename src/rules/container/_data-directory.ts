import { databaseOf } from '../../analysis/database.ts';
import { containersNamed } from '../../drone/network.ts';
import { foldersAbove, serverData } from '../../drone/server-data.ts';
import { shareHost } from '../../drone/topology.ts';
import { internalServices } from '../../facts/internal-services.ts';
import type { Container, Mount } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { hostOf, isOwnHost } from '../../model/hosts.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isRunner } from '../../model/role.ts';
import { settingsOf, setVariable } from '../../model/settings.ts';

/** The data directory of a server or database on its host. */
interface DataFolder {
  readonly container: Container;
  readonly mount: Mount;
}

/** Data directories by their path and by every folder above it. */
const dataFolders = memoizePer(({ containers }: Installation) => {
  const folders = new Map<string, DataFolder[]>();
  for (const container of containers)
    for (const mount of dataMounts(container)) {
      if (mount.type !== 'bind' || mount.source === undefined) continue;
      for (const folder of foldersAbove(mount.source)) addTo(folders, folder, { container, mount });
    }
  return folders;
});

function dataMounts(container: Container): readonly Mount[] {
  const service = internalServices.get(container.image?.value.name.split('/').at(-1) ?? '');
  const own =
    service && service.kind !== 'registry' ? container.mounts.filter(({ target }) => target === service.data) : [];
  return [...serverData(container), ...own];
}

/**
 * The component whose data directory another container exposes by mounting its host path or a folder above it. What runners,
 * extensions and steps see of the server is left to `shared-data-volume`; a component that runs twice, or that two files of
 * a folder describe, shares with itself.
 */
export function ownerOfData(path: string, container: Container, installation: Installation): DataFolder | undefined {
  const isOfBuilds = isRunner(container.role) || container.role === 'extension' || container.role === 'step';
  return dataFolders(installation)
    .get(path)
    ?.find(
      ({ container: owner }) =>
        owner.owner !== container.owner &&
        !(owner.role === 'server' && (isOfBuilds || container.role === 'server')) &&
        owner.name !== container.name &&
        owner.image?.value.name !== container.image?.value.name &&
        isOfDrone(owner, installation) &&
        shareHost(settingsOf(owner), settingsOf(container)),
    );
}

/** Whether a component is a server, or a database or Redis that a server may use: others belong to other programs. */
function isOfDrone(owner: Container, installation: Installation): boolean {
  return (
    owner.role === 'server' ||
    installation.settings.some((settings) => {
      const { container: server, role } = settings;
      if (role !== 'server' || !server) return false;
      const datasource = setVariable(settings, 'DRONE_DATABASE_DATASOURCE');
      const redis = setVariable(settings, 'DRONE_REDIS_CONNECTION') ?? setVariable(settings, 'DRONE_REDIS_ADDR');
      if ([datasource, redis].some((variable) => variable && variable.value === undefined)) return true;
      return [databaseOf(settings)?.source.host, redis?.value && hostOf(redis.value)].some(
        (host) => host && (isOwnHost(host) || containersNamed(host, server, installation).includes(owner)),
      );
    })
  );
}
