import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import { dataBehind, dataShownToBuilds } from '../../analysis/server-data-mounts.ts';
import { sensitiveFolders } from '../../facts/host-paths.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { isRunner } from '../../model/role.ts';
import { type Hit, rule, say } from '../../model/rule.ts';
import { type Settings, settingsOf } from '../../model/settings.ts';

export default rule({
  id: 'shared-data-volume',
  on: 'installation',
  severity: 'high',
  confidence: 'high',
  title: "Runner or builds share the server's data",
  why: 'The directory holds the database: the tokens and rights of all accounts and the secrets of all repositories. Anyone who can read it has them; anyone who can write to it can make themselves an administrator.',
  fix: 'Mount `drone-data` into the server only, and give runners and builds volumes of their own. In `DRONE_RUNNER_VOLUMES` name one that holds none of it. Treat what a build could read as leaked: replace the tokens and secrets.',
  refs: [
    'https://docs.drone.io/server/storage/database/',
    'harness/drone docker/Dockerfile.server.linux.amd64',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-668'] },
  since: '0.1.0',
  *judge(installation) {
    for (const other of installation.containers) {
      const { role, mounts, label } = other;
      if (!isRunner(role) && role !== 'extension' && role !== 'step') continue;
      for (const { type, source, target, subPath, at } of mounts) {
        // A folder like `/` or `/var` exposes more than this data: `host-path-mount` reports it.
        if (source === undefined || sensitiveFolders.has(source)) continue;
        const shown = dataBehind(`${type} ${source}`, settingsOf(other), installation, subPath);
        if (!shown) continue;
        yield {
          at,
          of: other,
          subject: `mount ${target ?? source}`,
          message: say`"${source}", the data of ${shown.server.label}, is mounted into ${label}`,
          fills: { 'drone-data': source },
          related: [{ at: shown.mount.at, message: say`the data of ${shown.server.label}` }],
        };
      }
    }
    for (const runner of installation.settings) yield* volumesOfBuilds(runner, installation);
  },
});

function* volumesOfBuilds(runner: Settings, installation: Installation): Iterable<Hit> {
  const variable = runner.variables.get('DRONE_RUNNER_VOLUMES');
  if (!variable || !takesRunnerSettings(runner)) return;
  for (const { text, at } of itemsOf(variable)) {
    const source = (text.split(':')[0] ?? '').trim().replace(/(?<=^\/|[^/])\/+$/, '');
    const shown = dataShownToBuilds(source, runner, installation);
    if (shown)
      yield {
        at,
        of: runner,
        subject: `volume ${source}`,
        fills: { 'drone-data': shown.mount.source ?? 'drone-data' },
        message: say`"${source}", which holds the data of ${shown.server.label}, is mounted into every step`,
        related: [{ at: shown.mount.at, message: say`the data of ${shown.server.label}` }],
      };
  }
}
