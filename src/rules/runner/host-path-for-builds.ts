import { hasEmbeddedRunner } from '../../analysis/embedded-runner.ts';
import { dataShownToBuilds } from '../../analysis/server-data-mounts.ts';
import { isWithin, serverData } from '../../drone/server-data.ts';
import { keyFolder, sensitiveFolders, systemFolders } from '../../facts/host-paths.ts';
import { exposesControlSocket, hostPath } from '../../model/host-paths.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'host-path-for-builds',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Every build gets a directory of the host',
  why: 'The runner mounts these volumes read-write into every step of every repository, even for pull requests from forks. One build can read what others left there, and leave things that others will run. `:ro` is not accepted here.',
  fix: `Remove the item from \`DRONE_RUNNER_VOLUMES\`, and cache with a plugin that keeps caches apart by repository and branch.

If builds must share the directory, give them a runner of their own, and accept the finding there:

\`\`\`env
DRONE_LIMIT_REPOS=your-organisation/one-repository
\`\`\`

Stages of other repositories that land on a limited runner fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong here.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-volumes/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-9'],
    cisDocker: { version: '1.6.0', ids: ['5.6'] },
    cwe: ['CWE-250'],
  },
  needsRunning: true,
  since: '0.1.0',
  *judge(settings, { installation }) {
    const variable = settings.variables.get('DRONE_RUNNER_VOLUMES');
    if (!variable || (settings.role === 'server' && !hasEmbeddedRunner(settings))) return;
    const data = dataFolders(installation);
    for (const { text, at } of itemsOf(variable)) {
      const source = sourceOf(text);
      if (source === '' || (/^[\\/]/.test(source) && exposesControlSocket(source))) continue;
      // That it holds the server's data is worse, and shared-data-volume reports it.
      if (dataShownToBuilds(source, settings, installation)) continue;
      const isFolder = /^(?:[\\/~$]|[A-Za-z]:)/.test(source);
      const isSensitive = isFolder && isSensitivePath(hostPath(source), data);
      yield {
        at,
        subject: `volume ${source}`,
        message: say`${isFolder ? say`"${source}" of the host` : say`volume "${source}"`} is mounted into every step of every build`,
        severity: isSensitive ? 'high' : undefined,
      };
    }
  },
});

/** What comes before the first colon that does not belong to a drive letter. */
function sourceOf(item: string): string {
  return /^\s*((?:[A-Za-z]:(?=[\\/]))?[^:]*)/.exec(item)?.[1]?.trim() ?? '';
}

function isSensitivePath(path: string, data: readonly string[]): boolean {
  return (
    sensitiveFolders.has(path) ||
    keyFolder.test(path) ||
    /^\/(?:home|Users)\/[^/]+$/.test(path) ||
    [...systemFolders, ...data].some((folder) => isWithin(path, folder))
  );
}

/** Folders in which servers of this audit keep their data, and the one that guides use. */
function dataFolders({ containers }: Installation): readonly string[] {
  const found = containers.flatMap((container) => serverData(container).map(({ source }) => hostPath(source ?? '')));
  return ['/var/lib/drone', ...found.filter((source) => source.startsWith('/') && source !== '/')];
}
