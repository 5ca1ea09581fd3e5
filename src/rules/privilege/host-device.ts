import { hasHostVolumes, isDevice, mountPlaces, usersOf } from '../../analysis/volume-users.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { groupedBy } from '../../model/groups.ts';
import { allSteps, type Step, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, rule, type Severity, say, trustSeverity } from '../../model/rule.ts';

export default rule({
  id: 'host-device',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Step uses a host device',
  why: 'A step with a device reads and writes it raw, bypassing all file permissions: a disk exposes everything on it, memory the secrets of every process. The docker runner attaches devices only to steps that also mount a volume.',
  fix: 'Remove the device. A build that needs one (a GPU, KVM) belongs on a runner of its own:\n\n```ini\nDRONE_LIMIT_REPOS=octocat/app\nDRONE_RUNNER_LABELS=device:gpu\n```\n\nSuch a runner takes only pipelines that name its label, `node: { device: gpu }`. Accept the finding there with `# drone-audit: ignore[host-device] on a runner of its own` above the line.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/volumes/host/',
    'drone-runners/drone-runner-docker engine/convert.go:100-199',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.18'] }, cwe: ['CWE-250'] },
  supersedes: ['host-volume'],
  since: '0.1.0',
  *judge(pipeline, context) {
    if (!hasHostVolumes(pipeline)) return;
    const trust = trustOf(pipeline, context);
    const reported = new Set<string>();
    const uses = allSteps(pipeline).flatMap((step) => step.devices.map((device) => ({ step, device })));
    const usesByPath = groupedBy(uses, ({ device }) => device.value);
    for (const volume of pipeline.volumes) {
      const { hostPath, name } = volume;
      if (!hostPath || !isDevice(hostPath.value)) continue;
      reported.add(hostPath.value);
      const users = usersOf(volume, pipeline);
      const attached = usesByPath.get(hostPath.value) ?? [];
      const step = users[0]?.step ?? attached[0]?.step;
      const verdictOn = (user: Step | undefined) => ({
        message: say`device "${hostPath.value}" of the runner ${user ? say`is given to "${user.name}"` : say`is a volume that no step uses`}${user?.reach.pullRequest ? say`, even for pull requests` : ''}`,
        severity: trustSeverity(trust, severityOf(hostPath.value)),
      });
      yield {
        at: hostPath.at,
        subject: `volume ${name}`,
        ...verdictOn(step),
        reach: (step ?? pipeline).reach,
        related: [
          ...mountPlaces(volume, users, ([user]) => verdictOn(user?.step)),
          ...attached.map((use) =>
            alsoAt(use.device.at, say`attached to "${use.step.name}"`, {
              ...verdictOn(use.step),
              reach: use.step.reach,
            }),
          ),
        ],
      };
    }
    for (const { step, device } of uses) {
      if (reported.has(device.value)) continue;
      yield {
        at: device.at,
        subject: `device ${device.value} of ${subjectOf(step)}`,
        message: say`"${step.name}" asks for device "${device.value}"${step.mounts.length === 0 ? say`; it mounts no volume, so the runner leaves it out` : ''}`,
        severity: trustSeverity(trust, severityOf(device.value)),
        reach: step.reach,
      };
    }
  },
});

/** Many builds have a good reason to use a GPU or a virtual machine. */
function severityOf(path: string): Severity {
  return /^\/dev\/(?:nvidia|dri(?:\/|$)|kvm$)/.test(path) ? 'medium' : 'high';
}
