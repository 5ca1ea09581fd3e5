import { knowsSecrets, secretsFor } from '../../analysis/server-repository.ts';
import { buildsForks, buildsPullRequests } from '../../drone/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unprotected-repository',
  on: 'repository',
  severity: 'low',
  confidence: 'high',
  title: 'Pipeline changes are not signed',
  why: 'A pull request brings its own `.drone.yml`, and Drone runs that one. Nobody looks at it before it runs: it can print the secrets that it gets, and use the plugins and volumes that the runner allows.',
  fix: `Protect the repository, and sign its pipeline file. Builds that a webhook starts then wait for approval when the file was changed:

\`\`\`sh
drone repo update --protected=true octocat/app
drone sign --save octocat/app
\`\`\`

Or do not build pull requests from forks:

\`\`\`sh
drone repo update --ignore-forks=true octocat/app
\`\`\`

The signature is not checked for cron jobs, promotions and custom builds; a validation extension (\`DRONE_VALIDATE_PLUGIN_ENDPOINT\`) sees every build.`,
  refs: ['https://docs.drone.io/signature/', 'harness/drone trigger/trigger.go:266'],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-4'] },
  supersedes: ['fork-builds'],
  since: '0.1.0',
  *judge(repository, { installation }) {
    const { label, slug, trusted, visibility, protected: isProtected } = repository;
    if (isProtected.value || !buildsPullRequests(repository)) return;
    const secrets = secretsFor(repository, installation) ?? [];
    const [first] = secrets;
    if (!first) {
      if (!knowsSecrets(repository, installation))
        yield { at: isProtected.at, inconclusive: say`it is not known whether ${label} has secrets` };
      return;
    }
    const released = secrets.find(({ pullRequest }) => pullRequest);
    const isOpen = buildsForks(repository);
    const stake = trusted.value
      ? say`it is trusted`
      : released
        ? say`pull requests get secret "${released.name}"`
        : say`it has secrets`;
    yield {
      at: isProtected.at,
      subject: 'repository',
      message: say`${label} builds pull requests${isOpen ? say` from forks` : ''} with pipelines that nobody has approved, and ${stake}`,
      severity: trusted.value || released ? 'high' : isOpen && visibility.value === 'public' ? 'medium' : undefined,
      fills: { 'octocat/app': slug },
      related: released
        ? [{ at: released.at, message: say`secret "${released.name}" is released to pull requests` }]
        : [],
    };
  },
});
