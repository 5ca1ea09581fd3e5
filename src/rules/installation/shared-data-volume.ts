import { sensitiveFolders } from '../../facts/host-paths.ts';
import type { Container, Mount } from '../../model/container.ts';
import { itemsOf } from '../../model/inside.ts';
import type { Installation } from '../../model/installation.ts';
import { shareHost } from '../../model/join.ts';
import { type Hit, rule } from '../../model/rule.ts';
import { foldersAbove, serverData } from '../../model/server-data.ts';
import { isRunner, type Settings } from '../../model/settings.ts';
import { takesRunnerSettings } from '../runner/builds-by-itself.ts';

export default rule({
  id: 'shared-data-volume',
  on: 'installation',
  severity: 'high',
  confidence: 'high',
  title: "Runner or builds share the server's data",
  why: 'The directory holds the database: tokens and rights of all accounts, and the secrets of all repositories. Whoever can read it has them; whoever can write it makes himself an administrator.',
  fix: `Mount it in the server only:

\`\`\`yaml
services:
  drone:
    volumes: [drone-data:/data]
\`\`\`

and give runners and builds a volume of their own. What a build has seen counts as known: rotate the tokens.`,
  refs: [
    'https://docs.drone.io/server/storage/database/',
    'harness/drone docker/Dockerfile.server.linux.amd64',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-668'] },
  since: '0.1.0',
  *judge(installation) {
    const data = dataByName(installation);
    for (const other of installation.containers) {
      const { role, settings, mounts, label } = other;
      if (!isRunner(role) && role !== 'extension' && role !== 'step') continue;
      for (const { type, source, target, at } of mounts) {
        // A folder like `/` or `/var` shows more than these data: `host-path-mount` says so.
        if (source === undefined || sensitiveFolders.has(source)) continue;
        const found = data.get(`${type} ${source}`);
        const shown = found?.find(({ server }) => shareHost(server.settings, settings));
        if (!shown) continue;
        yield {
          at,
          of: other,
          subject: `mount ${target ?? source}`,
          message: `"${source}", the data of ${shown.server.label}, is mounted into ${label}`,
          related: [{ at: shown.mount.at, message: `the data of ${shown.server.label}` }],
        };
      }
    }
    for (const runner of installation.settings) yield* volumesOfBuilds(runner, data);
  },
});

interface Data {
  readonly server: Container;
  readonly mount: Mount;
}

/** The data of servers by what shows it: its volume, its folder of the host, and every folder above. */
function dataByName({ containers }: Installation): ReadonlyMap<string, readonly Data[]> {
  const found = new Map<string, Data[]>();
  for (const server of containers)
    for (const mount of serverData(server))
      for (const name of namesOf(mount, server.project)) {
        const same = found.get(name);
        if (same) same.push({ server, mount });
        else found.set(name, [{ server, mount }]);
      }
  return found;
}

function namesOf({ type, source = '' }: Mount, project: string | undefined): readonly string[] {
  if (type === 'bind') return foldersAbove(source).map((folder) => `bind ${folder}`);
  if (type !== 'volume') return [];
  const volumes = [source, ...(project === undefined ? [] : [`${project}_${source}`])];
  const folders = volumes.flatMap((volume) => foldersAbove(`/var/lib/docker/volumes/${volume}/_data`));
  return [...volumes.map((volume) => `volume ${volume}`), ...new Set(folders.map((folder) => `bind ${folder}`))];
}

function* volumesOfBuilds(runner: Settings, data: ReadonlyMap<string, readonly Data[]>): Iterable<Hit> {
  const variable = runner.variables.get('DRONE_RUNNER_VOLUMES');
  if (!variable || !takesRunnerSettings(runner)) return;
  for (const { text, at } of itemsOf(variable)) {
    const source = (text.split(':')[0] ?? '').trim().replace(/(.)\/+$/, '$1');
    const found = data.get(`${source.startsWith('/') ? 'bind' : 'volume'} ${source}`);
    const shown = found?.find(({ server }) => shareHost(runner, server.settings));
    if (shown)
      yield {
        at,
        of: runner,
        subject: `volume ${source}`,
        message: `"${source}", which holds the data of ${shown.server.label}, is mounted into every step`,
        related: [{ at: shown.mount.at, message: `the data of ${shown.server.label}` }],
      };
  }
}
