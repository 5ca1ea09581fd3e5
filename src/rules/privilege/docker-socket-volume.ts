import { socketVolumes } from '../../analysis/step-privilege.ts';
import { mountPlaces, type VolumeUser } from '../../analysis/volume-users.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { isControlSocket } from '../../model/host-paths.ts';
import { allSteps } from '../../model/pipeline.ts';
import { rule, say, trustSeverity } from '../../model/rule.ts';

const keptOff = 'name the events (`event: [push]`) to keep it off pull requests, and ';
const accepting = `If a step must have the %, ${keptOff}accept the finding with \`# drone-audit: ignore[docker-socket-volume] builds merged code only\` above the \`path\` of the volume.`;

/** Kaniko builds Linux images, and Windows has neither privileged containers nor Docker in Docker. */
const windowsFix = `Build Linux images in a pipeline for Linux, with kaniko. An image of Windows is built by an engine of Windows: use one on a machine that does nothing else, over TLS (\`DOCKER_HOST\`, \`DOCKER_TLS_VERIFY\` and a client certificate from secrets), or a runner of its own that \`DRONE_LIMIT_REPOS\` and \`DRONE_LIMIT_EVENTS\` keep to this repository and its pushes.

${accepting.replace('%', 'pipe')}`;

const fix = `Build images with kaniko, which needs neither the socket nor privileges:

\`\`\`yaml step
image: plugins/kaniko:1.13.9@sha256:...
settings:
  repo: registry.example.com/app
\`\`\`

The image then goes to a registry, and no longer stays on the runner. ${accepting.replace('%', 'socket')}`;

export default rule({
  id: 'docker-socket-volume',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Step mounts the container engine socket',
  why: 'Access to the socket is root on the runner. Host volumes are always mounted read-write, and only trusted repositories may use them; in a trusted repository a pull request from a fork is trusted too.',
  fix,
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/volumes/host/',
    'drone-runners/drone-runner-docker engine/convert.go:179-199',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.32'] }, cwe: ['CWE-250'] },
  supersedes: ['host-volume'],
  since: '0.1.0',
  effort: 'hours',
  *judge(pipeline, context) {
    const trust = trustOf(pipeline, context);
    for (const { name, hostPath } of socketVolumes(pipeline)) {
      if (!hostPath) continue;
      const users = allSteps(pipeline).flatMap((step) =>
        step.mounts.filter((mount) => mount.name.value === name).map((mount) => ({ step, mount })),
      );
      const first = users.find(({ step }) => step.reach.pullRequest) ?? users[0];
      const own = pipeline.os.value === 'windows' ? windowsFix : fix;
      const what = isControlSocket(hostPath.value)
        ? `"${hostPath.value}"`
        : `"${hostPath.value}", with the engine's socket below it,`;
      const verdictOn = (some: readonly VolumeUser[]) => {
        const isOpen = some.some(({ step }) => step.reach.pullRequest);
        const who = [...new Set(some.map(({ step }) => `"${step.name}"`))].join(', ');
        return {
          message: say`${what} of the runner is mounted by ${who}${isOpen ? say`, even for pull requests` : ''}`,
          severity: trustSeverity(trust, isOpen ? 'critical' : 'high'),
        };
      };
      const unused = {
        message: say`volume "${name}" is ${what} of the runner; no step mounts it`,
        severity: trustSeverity(trust, 'low'),
      };
      yield {
        at: hostPath.at,
        subject: `volume ${name}`,
        ...(first ? verdictOn(users) : unused),
        reach: first?.step.reach,
        fix: first && !first.step.reach.pullRequest ? own.replace(keptOff, '') : own,
        related: mountPlaces(users, verdictOn),
      };
    }
  },
});
