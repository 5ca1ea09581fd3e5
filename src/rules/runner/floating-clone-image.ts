import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import type { Role } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { gradeTag } from '../../model/tag.ts';

const imageNames: ReadonlyMap<Role, string> = new Map<Role, string>([
  ['runner-docker', 'DRONE_RUNNER_CLONE_IMAGE'],
  ['runner-kube', 'DRONE_IMAGE_CLONE'],
]);

export default rule({
  id: 'floating-clone-image',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Clone image is not pinned',
  why: 'The clone step runs in every build and holds the SCM credential. Whoever can push the tag of its image gets that credential. The default is drone/git:latest.',
  fix: `Pin the clone image by its digest:

\`\`\`env
DRONE_RUNNER_CLONE_IMAGE=drone/git@sha256:...
\`\`\`

This prints the digest:

\`\`\`sh
docker buildx imagetools inspect drone/git:latest
\`\`\`

Renew it from time to time, since a pinned image gets no fixes. On a Kubernetes runner the variable is \`DRONE_IMAGE_CLONE\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-clone-image/',
    'drone-runners/drone-runner-docker engine/compiler/clone.go:21-28',
    'drone-runners/drone-runner-kube command/daemon/config.go:112',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(settings) {
    const name = imageNames.get(settings.role);
    if (name === undefined) return;
    const variable = settings.variables.get(name);
    const at = variable?.at ?? settings.at;
    const isDefault = isUnset(settings, name);
    if (isDefault === undefined || (!isDefault && variable?.value === undefined)) {
      yield { at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    const named: Readonly<Record<string, string>> = { DRONE_RUNNER_CLONE_IMAGE: variable?.via ?? name };
    if (isDefault) {
      yield {
        at,
        subject: name,
        fills: named,
        message: say`${settings.label} clones with drone/git:latest, the default without ${name}`,
      };
      return;
    }
    const text = variable?.value?.trim() ?? '';
    if (text.includes('@')) return;
    const tag = /:([^:/]*)$/.exec(text);
    const isFull = gradeTag(tag?.[1]) === 'full';
    yield {
      at,
      subject: name,
      fills: {
        ...named,
        'drone/git@': `${text.slice(0, tag?.index)}@`,
        'drone/git:latest': text,
      },
      message: say`clone image "${text}" of ${settings.label} has no digest${isFull ? say`: its tag can be moved` : say`, and its tag moves with each release`}`,
      severity: isFull ? 'info' : undefined,
    };
  },
});
