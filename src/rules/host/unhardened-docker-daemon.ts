import type { Host } from '../../model/engine.ts';
import { alsoAt, joinTexts, type Remark, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unhardened-docker-daemon',
  on: 'host',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Docker defaults leave builds loosely confined',
  why: 'Steps run as the user of their image, mostly root, with default capabilities and no limit on processes, and the runner sets nothing stricter: only the daemon can. On a host that builds, it should do more than by default.',
  fix: `On a host that only builds, in \`/etc/docker/daemon.json\`:

\`\`\`json
{
  "userns-remap": "default",
  "no-new-privileges": true,
  "icc": false,
  "live-restore": true
}
\`\`\`

\`userns-remap\` gives Docker another data directory, so images and volumes seem to be gone, and privileged steps no longer start. A runner that mounts the Docker socket is refused there unless its container keeps the users of the host: \`userns_mode: host\` in Compose, \`--userns=host\` for \`docker run\`. [Rootless mode](https://docs.docker.com/engine/security/rootless/) protects the host even better. \`no-new-privileges\` stops \`sudo\` in steps. Networks that the runner makes for builds do not inherit \`icc\`.`,
  refs: [
    'https://docs.docker.com/engine/security/userns-remap/',
    'https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file',
    'drone-runners/drone-runner-docker 9ea626a engine/convert.go:45-96',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['2.1', '2.2', '2.9', '2.14', '2.15', '2.18'] },
    cwe: ['CWE-250'],
  },
  since: '0.1.0',
  *judge(host) {
    const loose = looseIn(host);
    if (loose.length === 0) return;
    yield {
      at: loose[0]?.at ?? host.at,
      subject: 'defaults',
      cisDocker: loose.flatMap(({ cisDocker }) => cisDocker),
      message: say`${host.label}: ${joinTexts(
        loose.map(({ message }) => message),
        '; ',
      )}`,
      related: loose
        .slice(1)
        .map(({ at, message }) => alsoAt(at, message, { message: say`${host.label}: ${message}`, follows: true })),
    };
  },
});

/** A default, with the recommendations of CIS Docker 1.6.0 against it; that on the storage driver names aufs alone. */
interface Loose extends Remark {
  readonly cisDocker: readonly string[];
}

/** What is looser than it could be, as far as the engine says how it is. */
function looseIn(host: Host): readonly Loose[] {
  if (host.os?.value === 'windows') return [];
  const { securityOptions, securityAt, dataRoot, rootless, product, swarm } = host;
  const found: Loose[] = [];
  const has = (name: RegExp): boolean => securityOptions?.some(({ value }) => name.test(value)) === true;
  if (securityOptions) {
    const isRemapped = has(/\bname=userns\b/) || /\/\d+\.\d+\/?$/.test(dataRoot?.value ?? '');
    if (!rootless && !isRemapped)
      found.push({
        at: securityAt,
        message: say`root of a container is root of the host (no user namespaces)`,
        cisDocker: ['2.1', '2.9'],
      });
    // Podman names neither of them.
    if (product === 'docker' && !has(/\bname=no-new-privileges\b/))
      found.push({
        at: securityAt,
        message: say`setuid programs can raise privileges (no-new-privileges is not the default)`,
        cisDocker: ['2.14'],
      });
    // Rootless engines cannot load profiles.
    if (!rootless && !has(/\bname=(?:apparmor|selinux)\b/))
      found.push({
        at: securityAt,
        message: say`neither AppArmor nor SELinux confines containers`,
        cisDocker: [],
      });
  }
  const { bridgeTraffic, liveRestore, experimental, storageDriver } = host;
  if (bridgeTraffic?.value)
    found.push({
      at: bridgeTraffic.at,
      message: say`containers of the default network reach each other`,
      cisDocker: ['2.2'],
    });
  // A node of a swarm cannot have it, and Podman has no daemon that could stop.
  if (product === 'docker' && liveRestore?.value === false && swarm?.value !== 'active')
    found.push({
      at: liveRestore.at,
      message: say`containers stop with the daemon (no live restore)`,
      cisDocker: ['2.15'],
    });
  if (experimental?.value)
    found.push({ at: experimental.at, message: say`experimental features are on`, cisDocker: ['2.18'] });
  if (storageDriver && /^(?:aufs|devicemapper)$/.test(storageDriver.value))
    found.push({
      at: storageDriver.at,
      message: say`the storage driver "${storageDriver.value}" is no longer maintained`,
      cisDocker: storageDriver.value === 'aufs' ? ['2.6'] : [],
    });
  return found;
}
