import { buildsForks, isOutsideReach } from '../../drone/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'trusted-repository-open-to-forks',
  on: 'repository',
  severity: 'critical',
  confidence: 'high',
  title: 'Trusted repository builds fork pull requests',
  why: 'Trust holds for every build of the repository, whoever started it. The pull request of a stranger brings its own `.drone.yml` and may ask for privileged steps and volumes of the host: that is root on the runner, with the secrets of all other builds there.',
  fix: `Drop trust, if the repository can do without:

\`\`\`sh
drone repo update --trusted=false octocat/app
\`\`\`

Or do not build pull requests from forks:

\`\`\`sh
drone repo update --ignore-forks=true octocat/app
\`\`\`

Protecting the repository is not enough: it stops strangers only until somebody approves a build, and does not cover the scripts that a signed pipeline calls.`,
  refs: [
    'harness/drone trigger/trigger.go:97-276',
    'harness/drone handler/api/repos/update.go:106-109',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-5'], cwe: ['CWE-250', 'CWE-269'] },
  supersedes: ['trusted-repository', 'fork-builds'],
  since: '0.1.0',
  *judge(repository) {
    const { trusted, slug, label, protected: isProtected, ignoreForks } = repository;
    if (!trusted.value || !buildsForks(repository) || isOutsideReach(repository)) return;
    yield {
      at: trusted.at,
      subject: 'repository',
      message: say`${label} is trusted and builds pull requests from forks${isProtected.value ? say`, once somebody has approved them` : ''}`,
      severity: isProtected.value ? 'high' : undefined,
      fills: { 'octocat/app': slug },
      related: [{ at: ignoreForks.at, message: say`pull requests from forks are built` }],
    };
  },
});
