import { openRunners } from '../../analysis/runner-access.ts';
import { rule } from '../../model/rule.ts';

export default rule({
  id: 'unrestricted-exec-runner',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Exec runner takes jobs of every repository',
  why: 'The exec runner runs commands on the host itself, as its own user, without a container and without checking whether the repository is trusted. Whoever can start a build of any repository, even with a pull request from a fork, has that account.',
  fix: `Limit the runner to the repositories and events that it is there for:

\`\`\`env
DRONE_LIMIT_REPOS=your-organisation/one-repository
DRONE_LIMIT_EVENTS=push,tag
\`\`\`

Other stages that land on it then fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong here. Builds of strangers belong on a docker runner.`,
  refs: [
    'https://docs.drone.io/runner/exec/configuration/reference/drone-limit-repos/',
    'drone-runners/drone-runner-exec runtime/runner.go:158-200',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  supersedes: ['unrestricted-runner'],
  needsRunning: true,
  since: '0.1.0',
  *judge(settings, context) {
    if (settings.role !== 'runner-exec') return;
    yield* openRunners(settings, context, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED'], {
      what: 'runs commands of every repository on its host',
      severityIfPublic: 'critical',
    });
  },
});
