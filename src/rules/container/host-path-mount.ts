import { publicAddress } from '../../drone/topology.ts';
import { isHostCredential, isSensitivePath, plainFiles, rootFolders } from '../../facts/host-paths.ts';
import type { Container, Mount } from '../../model/container.ts';
import { hostPath, isControlSocket } from '../../model/host-paths.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isRunner } from '../../model/role.ts';
import { rule, type Severity, say, type Text } from '../../model/rule.ts';
import { ownerOfData } from './_data-directory.ts';

/** Certbot's folders, whose `live` has links into `archive`. */
const ofCertbot = `Mount only the certificate of this site, read-only. The proxy needs its key for TLS: accept what remains:

\`\`\`yaml compose
volumes:
  # drone-audit: ignore[host-path-mount] certificate of this proxy
  - /etc/letsencrypt/live/ci.example.com:/etc/letsencrypt/live/ci.example.com:ro
  # drone-audit: ignore[host-path-mount] certificate of this proxy
  - /etc/letsencrypt/archive/ci.example.com:/etc/letsencrypt/archive/ci.example.com:ro
\`\`\`

\`\`\`sh docker-run
--volume=/etc/letsencrypt/live/ci.example.com:/etc/letsencrypt/live/ci.example.com:ro
--volume=/etc/letsencrypt/archive/ci.example.com:/etc/letsencrypt/archive/ci.example.com:ro
\`\`\`

The first folder holds links into the second. A proxy that renews its certificates itself keeps them in a volume of its own, not in a folder of the host.`;

const ofCertificates = `Mount only the folder with the certificate and key of this proxy, read-only, and nothing above it. The proxy needs them for TLS: accept what remains with \`# drone-audit: ignore[host-path-mount] certificate of this proxy\` above the mount.

A proxy that renews its certificates itself keeps them in a volume of its own, not in a folder of the host.`;

const ofServerCertificates = `Mount only what this server needs, read-only: the files that \`DRONE_TLS_CERT\` and \`DRONE_TLS_KEY\` name, or that of a private CA. Accept what remains with \`# drone-audit: ignore[host-path-mount] certificate of this server\` above the mount.`;

/** Where the certificates of a proxy or server lie. */
const certificates = /^\/etc\/(?:.{1,200}\/)?(?:letsencrypt|certs?|certificates?|ssl|tls|private|acme)(?:\/|$)/i;

export default rule({
  id: 'host-path-mount',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Sensitive host directory is mounted',
  why: 'Whoever controls the container finds keys, tokens and the environment of other processes in directories of this kind. Where the mount is writable, they change the host through it: its programs, accounts and scheduled jobs.',
  fix: `Remove the host mount; server, runners and extensions need no system directory and no credential file of the host. Where a program needs a single file, mount that one, read-only:

\`\`\`yaml compose
volumes:
  - /etc/ssl/certs/internal-ca.pem:/etc/ssl/certs/internal-ca.pem:ro
\`\`\`

\`\`\`yaml kubernetes
volumes: # of the pod
  - name: internal-ca
    hostPath: { path: /etc/ssl/certs/internal-ca.pem, type: File }
\`\`\`

\`\`\`sh docker-run
--volume=/etc/ssl/certs/internal-ca.pem:/etc/ssl/certs/internal-ca.pem:ro
\`\`\`

Credentials that builds use belong in secrets of the repository. A backup that has to read another component's data: mount it read-only and accept the finding (\`# drone-audit: ignore[host-path-mount] backup\`). A build step: remove the host volume from the pipeline, or the trusted flag from the repository.`,
  refs: [
    'https://docs.docker.com/engine/storage/bind-mounts/#considerations-and-constraints',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.6'] }, cwe: ['CWE-250'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(container, { installation }) {
    const fromRunner = container.role === 'step' ? volumesOfRunners(installation) : undefined;
    for (const mount of container.mounts) {
      const { type, source, target, readOnly, at } = mount;
      if (type !== 'bind' || source === undefined || isControlSocket(source)) continue;
      const path = hostPath(source);
      if (plainFiles.test(path) || fromRunner?.paths.has(path)) continue;
      if (isPullCredential(container, mount)) continue;
      const isSensitive = isSensitivePath(path);
      const data = isSensitive ? undefined : ownerOfData(source, container, installation);
      if (!isSensitive && !data) {
        if (!fromRunner) continue;
        if (fromRunner.gap !== undefined) {
          yield { at, inconclusive: fromRunner.gap };
          continue;
        }
      }
      yield {
        at,
        subject: `mount ${target ?? source}`,
        message: say`${isHostCredential(path) ? say`credential file "${source}"` : say`"${source}"`} of the host${data ? say`, ${data.mount.source === source ? say`the data` : say`which holds the data`} of ${data.container.label},` : ''} is mounted into ${container.label}${readOnly ? say`, read-only` : ''}`,
        severity: severityOf(container, mount, path),
        fix: fixFor(container, path),
        fills: { 'ci.example.com': addressIn(installation) ?? '' },
        related: data ? [{ at: data.mount.at, message: say`the data of ${data.container.label}` }] : undefined,
      };
    }
  },
});

function addressIn({ settings }: Installation): string | undefined {
  const servers = settings.filter(({ role }) => role === 'server');
  return servers.map(publicAddress).find((address) => address !== undefined);
}

/** What terminates TLS cannot do without its certificate. */
function fixFor({ role }: Container, path: string): string | undefined {
  if (/^\/etc\/letsencrypt(?:\/|$)/.test(path)) return role === 'proxy' ? ofCertbot : undefined;
  if (!certificates.test(path) && !/\.(?:pem|crt|key)$/.test(path)) return undefined;
  return role === 'proxy' ? ofCertificates : role === 'server' ? ofServerCertificates : undefined;
}

/** Whether a runner is given its credentials for pulling images; shared-registry-credentials tells of them. */
function isPullCredential({ role, environment }: Container, { target }: Mount): boolean {
  const config = environment.variables.get('DRONE_DOCKER_CONFIG')?.value;
  return isRunner(role) && config !== undefined && config !== '' && config === target;
}

function severityOf({ role }: Container, { readOnly }: Mount, path: string): Severity {
  if (readOnly) return 'medium';
  return (role === 'step' || role === 'server') && rootFolders.has(path) ? 'critical' : 'high';
}

/** Host paths that runners mount into every step; `gap` says why there may be others. */
const volumesOfRunners = memoizePer(
  ({ settings }: Installation): { readonly paths: ReadonlySet<string>; readonly gap?: Text } => {
    const paths = new Set<string>();
    const runners = settings.filter(({ role, live }) => live && isRunner(role));
    let gap = runners.length === 0 ? say`the runner that made this step was not seen` : undefined;
    for (const { variables, complete, label } of runners) {
      const variable = variables.get('DRONE_RUNNER_VOLUMES');
      if (variable ? variable.value === undefined : !complete)
        gap = say`what ${label} mounts into every step is not known`;
      if (variable) for (const { text } of itemsOf(variable)) paths.add(hostPath(text.split(':')[0] ?? ''));
    }
    return { paths, gap };
  },
);
