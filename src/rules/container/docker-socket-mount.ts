import { isSocketProxy } from '../../analysis/docker-daemons.ts';
import { isBuilder } from '../../analysis/embedded-runner.ts';
import type { Container, Mount } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { exposesControlSocket, hostPath, isControlSocket } from '../../model/host-paths.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, rule, type Severity, say, type Text } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';

const server =
  'Remove the mount: the server has no use for the engine. Builds belong to a runner, on a host of its own if possible.';

const serverThatBuilds =
  'Set up a runner, on a host of its own if possible, and remove `DRONE_AGENTS_DISABLED`; then remove the mount. Until then the server builds by itself, and stops building without it.';

const runner =
  'Give the runner a socket proxy of its own, named in `DOCKER_HOST` (`drone-audit explain permissive-socket-proxy` shows one). Or give it a host of its own or a rootless engine, and accept what remains: `# drone-audit: ignore[docker-socket-mount] host of its own`.';

const withoutEngine = 'Remove the mount: a runner of this type starts no containers on this host.';

const step =
  'Take the volume out of the pipeline, or out of `DRONE_RUNNER_VOLUMES` of the runner if it stands there. A build of an image needs no engine with kaniko (`plugins/kaniko`).';

const reader =
  'Remove the mount, or, if the container has to know what runs here, put a socket proxy (`tecnativa/docker-socket-proxy`) with `CONTAINERS: 1` and `POST: 0` between: only that one mounts the socket, and this container gets `DOCKER_HOST=tcp://engine:2375`, or names that address as its endpoint. The two share a network with nothing else.';

const updater =
  'Replace it with a job on the host, such as a timer that runs `docker compose pull` and `docker compose up -d`: an updater needs the whole engine, so no socket proxy helps.';

export default rule({
  id: 'docker-socket-mount',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Container engine socket is mounted',
  why: "Whoever controls a container with the engine's socket is root on the host; mounting it read-only changes nothing. The docker runner needs an engine. The server does not.",
  fix: `Keep the engine's socket out of every container that does not run builds:

- Server: remove the mount. A server that builds by itself (\`DRONE_AGENTS_DISABLED=true\`) stops building without it: set up a runner first.
- Runner: give it a socket proxy of its own, named in \`DOCKER_HOST\` (\`drone-audit explain permissive-socket-proxy\` shows one). Or give it a host of its own or a rootless engine, and accept what remains: \`# drone-audit: ignore[docker-socket-mount] host of its own\`.
- Reverse proxy or dashboard that only reads (Traefik, nginx-proxy): give it a socket proxy with \`CONTAINERS: 1\` and \`POST: 0\`.
- Updater (watchtower): it needs the whole engine, so replace it with a job on the host.`,
  refs: [
    'https://docs.docker.com/engine/security/#docker-daemon-attack-surface',
    'https://docs.drone.io/runner/docker/installation/linux/',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.32'] }, cwe: ['CWE-250'] },
  supersedes: ['host-path-mount'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(container) {
    if (isSocketProxy(container)) return;
    const byPath = mountsByPath(container);
    for (const { source, target, at, type } of container.mounts) {
      if (type === 'volume' || type === 'tmpfs') continue;
      if (source === undefined) {
        if (target !== undefined && isControlSocket(target))
          yield { at, inconclusive: say`the source of this mount is not known` };
        continue;
      }
      if (!exposesControlSocket(source)) continue;
      // A runner that needs the socket needs no folder above it: that is told of the folder.
      if (!isControlSocket(source) && severityFor(container) === 'info' && !socketFolders.has(hostPath(source)))
        continue;
      // A socket repeated by `volumes_from` is not a second fault. A folder above a socket is: it exposes more than the socket.
      const [first, ...others] = isControlSocket(source) ? (byPath.get(hostPath(source)) ?? []) : [];
      if (first && first.at !== at) continue;
      const what = isControlSocket(source) ? `"${source}"` : `"${source}", with the engine's socket below it,`;
      yield {
        at,
        subject: `mount ${target ?? source}`,
        message: say`${what} is mounted into ${container.label}${whoIs(container)}`,
        severity: severityFor(container),
        fix: fixFor(container),
        related: others.map((other) => alsoAt(other.at, say`mounted again here`)),
      };
    }
  },
});

/** Folders that hold little but sockets. */
const socketFolders: ReadonlySet<string> = new Set(['/run', '/var/run']);

/** The mounts of host paths, by path; the container's own before those it takes from others. */
function mountsByPath({ mounts }: Container): ReadonlyMap<string, readonly Mount[]> {
  const byPath = new Map<string, Mount[]>();
  const isTaken = ({ at }: Mount): boolean => at.path.includes('.volumes_from[');
  for (const mount of [...mounts.filter((each) => !isTaken(each)), ...mounts.filter(isTaken)]) {
    const { source, type } = mount;
    if (source === undefined || type === 'volume' || type === 'tmpfs') continue;
    addTo(byPath, hostPath(source), mount);
  }
  return byPath;
}

function whoIs(container: Container): Text {
  const { role } = container;
  if (role === 'server' && isBuilder(settingsOf(container))) return say`, the Drone server, which runs builds itself`;
  if (role === 'server') return say`, the Drone server, which has no use for it`;
  if (!isRunner(role)) return say``;
  return needsEngine(role) ? say`, the runner, which needs an engine` : say`, a runner that needs no engine`;
}

/** The fix for this kind of component. */
function fixFor(container: Container): string {
  const { role, image } = container;
  if (role === 'server') return isBuilder(settingsOf(container)) ? serverThatBuilds : server;
  if (role === 'step') return step;
  if (isRunner(role)) return needsEngine(role) ? runner : withoutEngine;
  return updaters.test(image?.value.name ?? container.name) ? updater : reader;
}

function needsEngine(role: Container['role']): boolean {
  return role === 'runner-docker' || role === 'agent';
}

/** Programs that pull newer images and start their containers anew. */
const updaters = /(?:^|[/_-])(?:watchtower|ouroboros|updater)$/;

/** A docker runner needs its engine; that it stands beside the server is told by server-and-runner-together. */
function severityFor({ role }: Container): Severity {
  if (role === 'server' || role === 'step') return 'critical';
  return isRunner(role) ? 'info' : 'high';
}
