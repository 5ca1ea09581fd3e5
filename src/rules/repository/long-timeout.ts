import { buildsForks } from '../../drone/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

/** Minutes that a build may take. */
const longest = { any: 360, withForks: 120 };

export default rule({
  id: 'long-timeout',
  on: 'repository',
  severity: 'low',
  confidence: 'medium',
  title: 'Builds may run for hours',
  why: 'A build that mines, or waits for somebody to connect, holds its runner as long as the timeout allows, and other builds wait. The default of 60 minutes suffices for nearly all repositories.',
  fix: `Set a timeout that leaves room for the longest honest build and, for public repositories, a limit on concurrent builds. Both take an administrator of the server:

\`\`\`sh
drone repo update --timeout=60m --throttle=2 octocat/app
\`\`\``,
  refs: [
    'harness/drone core/repo.go:34-69',
    'harness/drone handler/api/repos/update.go:106-120',
    'drone/runner-go pipeline/runtime/runner.go:146',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-770'] },
  since: '0.1.0',
  *judge(repository) {
    const { active, timeout, throttle, label, slug } = repository;
    // One that was never activated has no timeout yet.
    if (!active.value) return;
    const hasForks = buildsForks(repository);
    const { value: minutes } = timeout;
    // With 0 the deadline has passed when a build starts, so that runners cancel it (runner-go pipeline/runtime/runner.go).
    if (minutes <= (hasForks ? longest.withForks : longest.any)) return;
    const isUnlimited = hasForks && throttle.value === 0;
    yield {
      at: timeout.at,
      subject: 'timeout',
      message: say`builds of ${label} may run for ${minutes} minutes${hasForks ? say`, those of pull requests from forks too` : ''}${isUnlimited ? say`, and any number of them at a time` : ''}`,
      fills: { 'octocat/app': slug },
    };
  },
});
