import { buildsForks, buildsPullRequests } from '../../drone/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'secret-for-pull-requests',
  on: 'repository',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret is released to pull requests',
  why: 'The flag makes no difference between forks and the repository itself. Whoever opens a pull request can edit the pipeline in it to print the secret or to send it away, and Drone builds that.',
  fix: `Clear the flag. \`drone secret update\` cannot do that; remove the secret and add it again, with a new value if builds of pull requests have had it. Otherwise have the value at hand first, because Drone never gives it back:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
drone secret rm --name api_key octocat/app
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\`

Or do not build pull requests from forks, which leaves the secret to whoever may write to the repository:

\`\`\`sh
drone repo update --ignore-forks=true octocat/app
\`\`\``,
  refs: ['https://docs.drone.io/secret/repository/', 'harness/drone operator/manager/manager.go:335-348'],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(repository) {
    if (!buildsPullRequests(repository)) return;
    const isOpen = buildsForks(repository) && repository.visibility.value !== 'private';
    for (const { name, pullRequest, at } of repository.secrets ?? []) {
      if (!pullRequest) continue;
      yield {
        at,
        subject: `secret ${name}`,
        message: say`secret "${name}" of ${repository.label} is released to pull requests${isOpen ? say`, even from forks` : ''}`,
        severity: isOpen ? 'high' : undefined,
        fills: { api_key: name, 'octocat/app': repository.slug },
      };
    }
  },
});
