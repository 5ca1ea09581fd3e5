import type { Container, Mount } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { shareHost } from '../../model/join.ts';
import { foldersAbove, serverData } from '../../model/server-data.ts';
import type { Settings } from '../../model/settings.ts';
import { oncePer } from '../once.ts';

interface Data {
  readonly server: Container;
  readonly mount: Mount;
}

/** The data of servers by what shows it: its volume, its folder of the host, and every folder above. */
const dataByName = oncePer(({ containers }): ReadonlyMap<string, readonly Data[]> => {
  const found = new Map<string, Data[]>();
  for (const server of containers)
    for (const mount of serverData(server))
      for (const name of namesOf(mount, server.project)) {
        const same = found.get(name);
        if (same) same.push({ server, mount });
        else found.set(name, [{ server, mount }]);
      }
  return found;
});

function namesOf({ type, source = '' }: Mount, project: string | undefined): readonly string[] {
  if (type === 'bind') return foldersAbove(source).map((folder) => `bind ${folder}`);
  if (type !== 'volume') return [];
  const volumes = [source, ...(project === undefined ? [] : [`${project}_${source}`])];
  const folders = volumes.flatMap((volume) => foldersAbove(`/var/lib/docker/volumes/${volume}/_data`));
  return [...volumes.map((volume) => `volume ${volume}`), ...new Set(folders.map((folder) => `bind ${folder}`))];
}

/** The server on the same host whose data a source (`bind /srv/drone`, `volume drone-data`) shows to another component. */
export function dataBehind(source: string, other: Settings, installation: Installation): Data | undefined {
  return dataByName(installation)
    .get(source)
    ?.find(({ server }) => shareHost(server.settings, other));
}

/** The server whose data a source of DRONE_RUNNER_VOLUMES shows to builds. */
export function dataShownToBuilds(source: string, runner: Settings, installation: Installation): Data | undefined {
  return dataBehind(`${source.startsWith('/') ? 'bind' : 'volume'} ${source}`, runner, installation);
}
