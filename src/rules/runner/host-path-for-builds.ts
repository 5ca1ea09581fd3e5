import { hasEmbeddedRunner } from '../../analysis/embedded-runner.ts';
import { dataShownToBuilds } from '../../analysis/server-data-mounts.ts';
import { isWithin, serverData } from '../../drone/server-data.ts';
import { keyFolder, sensitiveFolders, systemFolders } from '../../facts/host-paths.ts';
import { exposesControlSocket, hostPath } from '../../model/host-paths.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { rule } from '../../model/rule.ts';
import { say } from '../../model/text.ts';

export default rule({
  id: 'host-path-for-builds',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Every build gets a directory of the host',
  why: 'The runner mounts these volumes read-write into every step of every repository, fork pull requests included. One build reads what others left there, and leaves things that others will run. A `:ro` can neither be written here nor is it honoured.',
  fix: 'Remove the item. A cache belongs to a plugin that keeps it per repository and branch. What has to be shared belongs on a runner of its own:\n\n```\nDRONE_LIMIT_REPOS=your-organisation/one-repository\n```',
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-volumes/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-9'],
    cisDocker: { version: '1.6.0', ids: ['5.6'] },
    cwe: ['CWE-250'],
  },
  since: '0.1.0',
  *judge(settings, { installation }) {
    const variable = settings.variables.get('DRONE_RUNNER_VOLUMES');
    if (!variable || (settings.role === 'server' && !hasEmbeddedRunner(settings))) return;
    const data = dataFolders(installation);
    for (const { text, at } of itemsOf(variable)) {
      const source = sourceOf(text);
      if (source === '' || (/^[\\/]/.test(source) && exposesControlSocket(source))) continue;
      // That it holds the data of the server is the worse half, and told by shared-data-volume.
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

/** What stands before the first colon that is not the one of a drive. */
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
