import type { Container } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { rule } from '../../model/rule.ts';
import { isRunner } from '../../model/settings.ts';
import type { Severity } from '../../model/severity.ts';
import { exposesControlSocket, isControlSocket } from '../../model/sockets.ts';

export default rule({
  id: 'docker-socket-mount',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Container engine socket is mounted',
  why: 'Whoever controls a container with the engine’s socket is root on the host; mounting it read-only changes nothing. The docker runner needs an engine. The server does not.',
  fix: 'Server: remove the mount (only `DRONE_AGENTS_DISABLED=true` ever used it). Runner: give it a host of its own, a rootless engine, or a socket proxy that lets through only what builds need, named in `DOCKER_HOST`.',
  refs: [
    'https://docs.docker.com/engine/security/#docker-daemon-attack-surface',
    'https://docs.drone.io/runner/docker/installation/linux/',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.32'] }, cwe: ['CWE-250'] },
  supersedes: ['host-path-mount'],
  since: '0.1.0',
  *judge(container, { installation }) {
    if (isSocketProxy(container)) return;
    for (const { source, target, at, type } of container.mounts) {
      if (type === 'volume' || type === 'tmpfs') continue;
      if (source === undefined) {
        if (target !== undefined && isControlSocket(target))
          yield { at, inconclusive: 'the source of this mount is not known' };
        continue;
      }
      if (!exposesControlSocket(source)) continue;
      const what = isControlSocket(source) ? `"${source}"` : `"${source}", with the engine's socket below it,`;
      yield {
        at,
        subject: `mount ${target ?? source}`,
        message: `${what} is mounted into ${container.label}${whoIs(container)}`,
        severity: severityFor(container, installation),
      };
    }
  },
});

function isSocketProxy({ role, image }: Container): boolean {
  return role === 'docker' && /socket-?proxy/i.test(image?.value.name ?? '');
}

function whoIs({ role }: Container): string {
  if (role === 'server') return ', the Drone server, which has no use for it';
  return isRunner(role) ? ', the runner, which needs an engine' : '';
}

function severityFor(container: Container, installation: Installation): Severity {
  if (container.role === 'server' || container.role === 'step') return 'critical';
  if (!isRunner(container.role)) return 'high';
  const together = installation.containers.some(
    (other) =>
      other.role === 'server' &&
      other.live === container.live &&
      (container.live || other.at.source.name === container.at.source.name),
  );
  return together ? 'medium' : 'info';
}
