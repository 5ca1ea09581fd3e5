import { type EngineUse, engineUseOf } from '../../analysis/engine-use.ts';
import { socketVolumes } from '../../analysis/step-privilege.ts';
import { mountPlaces, type VolumeUser } from '../../analysis/volume-users.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { isControlSocket } from '../../model/host-paths.ts';
import { allSteps, type Pipeline } from '../../model/pipeline.ts';
import { rule, say, trustSeverity } from '../../model/rule.ts';

const keptOff = 'name the events (`event: [push]`) to keep it off pull requests, and ';
const accepting = `If a step must have the socket, ${keptOff}accept the finding with \`# drone-audit: ignore[docker-socket-volume] builds merged code only\` above the \`path\` of the volume.`;

/** Kaniko builds Linux images, and Windows has neither privileged containers nor Docker in Docker. */
const windowsFix = `Build Linux images in a pipeline for Linux, with kaniko. An image of Windows is built by an engine of Windows: use one on a machine that does nothing else, over TLS (\`DOCKER_HOST\`, \`DOCKER_TLS_VERIFY\` and a client certificate from secrets), or a runner of its own that \`DRONE_LIMIT_REPOS\` and \`DRONE_LIMIT_EVENTS\` keep to this repository and its pushes.

${accepting.replace('the socket', 'the pipe')}`;

const kaniko = `Build images with kaniko, which needs neither the socket nor privileges:

\`\`\`yaml step
image: plugins/kaniko:1.13.9@sha256:...
settings:
  repo: registry.example.com/app
\`\`\`

The image then goes to a registry, and no longer stays on the runner.`;

const fix = `${kaniko} ${accepting}`;

const fixes: Readonly<Record<EngineUse, string>> = {
  'builds images': fix,
  'not told': `Remove the mount, if nothing that the step runs needs an engine. What it starts in containers can be steps and services of the pipeline. ${fix}`,
  none: `Remove the mount, and the volume that nothing else mounts then: no command of the step needs an engine.

${accepting}`,
};

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
    for (const volume of socketVolumes(pipeline)) {
      const { name, hostPath } = volume;
      if (!hostPath) continue;
      const users = allSteps(pipeline).flatMap((step) =>
        step.mounts.filter((mount) => mount.name.value === name).map((mount) => ({ step, mount })),
      );
      const first = users.find(({ step }) => step.reach.pullRequest) ?? users[0];
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
        fix: first ? fixFor(pipeline, users) : 'Remove the volume: no step mounts it.',
        related: mountPlaces(volume, users, verdictOn),
      };
    }
  },
});

function fixFor(pipeline: Pipeline, users: readonly VolumeUser[]): string {
  const uses = new Set(users.map(({ step }) => engineUseOf(pipeline, step)));
  const use = uses.has('builds images') ? 'builds images' : uses.has('not told') ? 'not told' : 'none';
  const own = pipeline.os.value === 'windows' ? windowsFix : fixes[use];
  const isOpen = users.some(({ step }) => step.reach.pullRequest);
  const kept = isOpen ? own : own.replace(keptOff, '');
  if (!pipeline.legacy) return kept;
  // The mount is all that there is of the volume.
  return kept
    .replace(', and the volume that nothing else mounts then', '')
    .replace('the `path` of the volume', 'the mount');
}
