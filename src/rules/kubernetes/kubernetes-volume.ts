import { mountPlaces, userNames, usersOf } from '../../analysis/volume-users.ts';
import { trustOf } from '../../drone/server-repository.ts';
import type { Volume } from '../../model/pipeline.ts';
import { type Located, rule, say, trustSeverity } from '../../model/rule.ts';

export default rule({
  id: 'kubernetes-volume',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipeline mounts cluster objects',
  why: "Secrets, configuration and disks of the cluster are handed to steps whose commands come from the repository. Only trusted repositories may do this, but a pull request's build, with the pull request's commands, is then trusted too. Drone masks none of it in the log.",
  fix: `Give builds no objects of the cluster: use a secret of Drone, a file of the repository or a temporary volume (\`temp: {}\`) instead, and keep the step off pull requests.

\`\`\`yaml step
environment:
  TOKEN:
    from_secret: token
\`\`\`

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

A tag has no branch: beside \`branch\`, write \`event: push\`.

If the build needs the object itself, keep its steps off pull requests and accept the finding with \`# drone-audit: ignore[kubernetes-volume]\` and the reason.`,
  refs: [
    'https://docs.drone.io/pipeline/kubernetes/syntax/volumes/',
    'drone-runners/drone-runner-kube engine/linter/linter.go:99-210',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (pipeline.type !== 'kubernetes') return;
    const trust = trustOf(pipeline, context);
    for (const volume of pipeline.volumes) {
      const object = objectOf(volume);
      const users = usersOf(volume, pipeline);
      const [first] = users;
      if (!object || !first) continue;
      const verdictOn = (some: typeof users) => {
        const isOpen = some.some(({ step }) => step.reach.pullRequest);
        return {
          message: say`${object.kind} "${object.name.value}" of the cluster is mounted by ${userNames(some)}${isOpen ? say`, even for pull requests` : ''}`,
          severity: trustSeverity(trust, volume.secret && isOpen ? 'high' : 'medium'),
        };
      };
      yield {
        at: object.name.at,
        subject: `volume ${volume.name}`,
        ...verdictOn(users),
        reach: first.step.reach,
        related: mountPlaces(volume, users, verdictOn),
      };
    }
  },
});

function objectOf({ secret, configMap, claim }: Volume): { kind: string; name: Located<string> } | undefined {
  if (secret) return { kind: 'secret', name: secret };
  if (configMap) return { kind: 'config map', name: configMap };
  return claim && { kind: 'disk', name: claim };
}
