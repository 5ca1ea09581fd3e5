import { hasHostVolumes, mountPlaces, userNames, usersOf } from '../../analysis/volume-users.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { keyFolder, plainFiles, sensitiveForBuilds } from '../../facts/host-paths.ts';
import { hostPath as normalised } from '../../model/host-paths.ts';
import { rule, type Severity, say, trustSeverity } from '../../model/rule.ts';

const otherPlaces =
  'For a cache between builds use an object store (`meltwater/drone-cache`, `plugins/s3-cache`). Build certificates and the time zone into the image. A path that has to stay is accepted with `# drone-audit: ignore[host-volume] why it is safe` above the line.';

const ofLegacy = `Remove the mount. What one step leaves for the next belongs in the workspace, which lives as long as the build. ${otherPlaces}`;

export default rule({
  id: 'host-volume',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Step mounts a host path',
  why: "The path is shared with the host and with every other build on that runner, and is always writable: a step can read what is there, replace it, and leave something for the next build, even one of another repository. Only trusted repositories may do this, but a pull request's build is then trusted too.",
  fix: `Use a volume that lives as long as the build:

\`\`\`yaml pipeline
volumes:
  - name: build-data
    temp: {}
\`\`\`

${otherPlaces}`,
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/volumes/host/',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
    'drone-runners/drone-runner-docker engine/convert.go:179-199',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-9'],
    cisDocker: { version: '1.6.0', ids: ['5.6'] },
    cwe: ['CWE-250'],
  },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (!hasHostVolumes(pipeline)) return;
    const trust = trustOf(pipeline, context);
    for (const volume of pipeline.volumes) {
      const { hostPath, name } = volume;
      if (!hostPath || hostPath.value === '') continue;
      const users = usersOf(volume, pipeline);
      const verdictOn = (some: typeof users) => {
        const isOpen = some.some(({ step }) => step.reach.pullRequest);
        return {
          message: say`"${hostPath.value}" of the runner is mounted writable by ${userNames(some)}${isOpen ? say`, even for pull requests` : ''}`,
          severity: trustSeverity(trust, severityOf(normalised(hostPath.value), isOpen)),
        };
      };
      const unused = {
        message: say`volume "${name}" is "${hostPath.value}" of the runner; no step mounts it`,
        severity: 'info',
      } as const;
      yield {
        at: hostPath.at,
        subject: `volume ${name}`,
        fills: { 'build-data': name },
        fix: pipeline.legacy ? ofLegacy : undefined,
        ...(users.length > 0 ? verdictOn(users) : unused),
        reach: users[0]?.step.reach,
        related: mountPlaces(volume, users, verdictOn),
      };
    }
  },
});

function severityOf(path: string, isOpen: boolean): Severity {
  if (plainFiles.test(path)) return 'low';
  if (sensitiveForBuilds.test(path) || keyFolder.test(path)) return isOpen ? 'critical' : 'high';
  return isOpen ? 'high' : 'medium';
}
