import { foldersAbove, isWithin, serverData } from '../drone/server-data.ts';
import { shareHost } from '../drone/topology.ts';
import type { Container, Mount } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import { type Settings, settingsOf } from '../model/settings.ts';

interface Data {
  readonly server: Container;
  readonly mount: Mount;
}

/** The data of servers by what shows it: its volume, its folder of the host, and every folder above. */
const dataByName = memoizePer(({ containers }: Installation): ReadonlyMap<string, readonly Data[]> => {
  const found = new Map<string, Data[]>();
  for (const server of containers)
    for (const mount of serverData(server))
      for (const name of namesOf(mount, server.project)) addTo(found, name, { server, mount });
  return found;
});

function namesOf({ type, source = '' }: Mount, project: string | undefined): readonly string[] {
  if (type === 'bind') return foldersAbove(source).map((folder) => `bind ${folder}`);
  if (type !== 'volume') return [];
  const volumes = [source, ...(project === undefined ? [] : [`${project}_${source}`])];
  const folders = volumes.flatMap((volume) => foldersAbove(`/var/lib/docker/volumes/${volume}/_data`));
  return [...volumes.map((volume) => `volume ${volume}`), ...new Set(folders.map((folder) => `bind ${folder}`))];
}

/**
 * The server on the same host whose data a source (`bind /srv/drone`, `volume drone-data`) shows to another component,
 * which may see one folder of it alone.
 */
export function dataBehind(
  source: string,
  other: Settings,
  installation: Installation,
  subPath?: string,
): Data | undefined {
  return dataByName(installation)
    .get(source)
    ?.find(({ server, mount }) => overlap(mount.subPath, subPath) && shareHost(settingsOf(server), other));
}

/** Whether two folders of one volume are the same, or one holds the other; undefined is all of it. */
function overlap(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  const [left, right] = [one, other].map((path) => path.replace(/^\.?\/+|(?<!\/)\/+$/g, ''));
  return left === undefined || right === undefined || isWithin(left, right) || isWithin(right, left);
}

/** The server whose data a source of DRONE_RUNNER_VOLUMES shows to builds. */
export function dataShownToBuilds(source: string, runner: Settings, installation: Installation): Data | undefined {
  return dataBehind(`${source.startsWith('/') ? 'bind' : 'volume'} ${source}`, runner, installation);
}
