import { openRunners } from '../../analysis/runner-access.ts';
import type { Role } from '../../model/role.ts';
import { rule } from '../../model/rule.ts';

const roles: ReadonlySet<Role> = new Set<Role>([
  'runner-docker',
  'runner-kube',
  'runner-ssh',
  'runner-digitalocean',
  'runner-macstadium',
  'runner-aws',
  'runner-nomad',
]);

export default rule({
  id: 'unrestricted-runner',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  title: 'Runner takes jobs of every repository',
  why: 'Builds of strangers and release builds share one host, one image cache and one network: a build that escapes its container can reach the others. `DRONE_RUNNER_LABELS` is not a limit, because any pipeline can ask for a label.',
  fix: `Use one runner for trusted work and another for the rest, on different hosts. On the first:

\`\`\`env
DRONE_LIMIT_REPOS=your-organisation/*
DRONE_RUNNER_LABELS=pool:release
\`\`\`

Write \`node: {pool: release}\` into the pipelines meant for it: a runner with labels takes only pipelines with exactly these, and all others stay pending unless another runner matches. Without labels, a stage that reaches a runner which refuses it fails instead of waiting for another.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-limit-repos/',
    'drone/runner-go pipeline/runtime/runner.go:194-201',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, context) {
    if (!roles.has(settings.role)) return;
    yield* openRunners(settings, context, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED', 'DRONE_LIMIT_EVENTS'], {
      what: 'takes builds of every repository and event',
    });
  },
});
