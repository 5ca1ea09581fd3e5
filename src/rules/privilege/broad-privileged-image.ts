import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';
import { privilegedItems } from './_privileged-items.ts';

export default rule({
  id: 'broad-privileged-image',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'A general image is privileged for everyone',
  why: 'Any repository, trusted or not, can start this image privileged, for example as a service, and control it from its other steps; so can a pull request from a fork. A privileged container is root on the runner host.',
  fix: 'Take the image out of `DRONE_RUNNER_PRIVILEGED_IMAGES`. Builds that start it as a privileged service then fail: let them build images with `plugins/kaniko`, which needs no privileges. Where a build really needs a privileged daemon, mark only that service, in a repository that an administrator has made trusted:\n\n```yaml\ntrigger:\n  event: [push, tag]\nservices:\n  - name: docker\n    image: docker:28.5.1-dind@sha256:...\n    privileged: true # drone-audit: ignore[privileged-step] builds merged code only\n```',
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-privileged-images/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:549-595',
    'drone-runners/drone-runner-docker internal/docker/image/image.go:15-62',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  supersedes: ['extra-privileged-image'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    const isLimited =
      setVariable(settings, 'DRONE_LIMIT_REPOS') !== undefined || isOn(settings, 'DRONE_LIMIT_TRUSTED') === true;
    const seen = new Set<string>();
    for (const { text, at, name, ineffective, isGeneral } of privilegedItems(settings)) {
      if (ineffective || !isGeneral || seen.has(name)) continue;
      seen.add(name);
      yield {
        at,
        subject: `image ${text}`,
        message: say`${settings.label} runs "${name}" privileged, with any tag, for every repository${isLimited ? say` that it takes` : ''}`,
        severity: isLimited ? 'high' : undefined,
      };
    }
  },
});
