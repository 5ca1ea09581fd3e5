import { isOlderRelease } from '../../drone/release.ts';
import { isWithin } from '../../drone/server-data.ts';
import { closedDataRootSince } from '../../facts/engine-versions.ts';
import type { Container } from '../../model/container.ts';
import type { Host, HostFile } from '../../model/engine.ts';
import { hostPath } from '../../model/host-paths.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { originOf } from '../../model/source.ts';

export default rule({
  id: 'readable-data-directory',
  on: 'host',
  severity: 'medium',
  confidence: 'medium',
  title: "Drone's data directory is readable by everyone",
  why: 'The database in it holds the SCM tokens of all users, the API tokens of Drone and, unless it is encrypted, all secrets of all repositories. Every account of the machine and every build of an exec runner there can copy it.',
  fix: `Take away the access of other accounts. A server that does not run as root, as its image does, has to own the directory first (\`sudo chown -R UID /srv/drone\`):

\`\`\`sh
sudo chmod 700 /srv/drone
\`\`\`

If others have had an account on the machine, have the users sign in to Drone again and revoke their old tokens at the SCM, and replace the secrets. [Encryption](https://docs.drone.io/server/storage/encryption/) protects further copies: \`drone-audit explain unencrypted-database\` says how to switch it on without losing what is stored, and how to include the SCM tokens.`,
  refs: [
    'https://docs.drone.io/server/storage/database/',
    'https://docs.drone.io/server/storage/encryption/',
    'harness/drone core/user.go:31-48',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-732'] },
  since: '0.1.0',
  *judge(host, { installation }) {
    const origin = originOf(host.at.source.name);
    for (const server of installation.containers) {
      if (server.role !== 'server' || !server.live || originOf(server.at.source.name) !== origin) continue;
      const [first, ...others] = readableOf(server, host);
      if (!first) continue;
      const toldOf = (file: HostFile) => ({
        message: say`"${file.path}", with the data of ${server.label}, is readable by every account of the host (mode ${modeOf(file)})`,
        fills: { '/srv/drone': file.path.replace(/\/[^/]+\.sqlite$/, '') },
      });
      yield {
        at: first.at,
        subject: `file ${first.path}`,
        of: server,
        ...toldOf(first),
        related: others.map((file) =>
          alsoAt(file.at, say`and so is "${file.path}" (mode ${modeOf(file)})`, toldOf(file)),
        ),
      };
    }
  },
});

function modeOf({ mode }: HostFile): string {
  return mode.toString(8).padStart(3, '0');
}

/** A server has one folder and one database; more files than this are not looked at. */
const maxFiles = 100;

/** The files that others may read: those to which no folder above, as far as it was looked at, bars the way. */
function readableOf({ observed }: Container, host: Host): readonly HostFile[] {
  const files = observed?.files.slice(0, maxFiles) ?? [];
  const closed = files.filter(({ mode }) => (mode & 0o001) === 0);
  const isBarred = (file: HostFile): boolean =>
    closed.some((other) => other !== file && isWithin(hostPath(file.path), hostPath(other.path)));
  return files.filter((file) => (file.mode & 0o004) !== 0 && !isInClosedRoot(file.path, host) && !isBarred(file));
}

/** Whether a path lies in the data directory of an engine that lets nobody through. */
function isInClosedRoot(path: string, { dataRoot, version }: Host): boolean {
  const isInside = isWithin(hostPath(path), hostPath(dataRoot?.value ?? '/var/lib/docker'));
  return isInside && version !== undefined && !isOlderRelease(version.value, closedDataRootSince);
}
