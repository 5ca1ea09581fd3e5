import { buildsForks } from '../../drone/server-repository.ts';
import { maxRelated, rule, say } from '../../model/rule.ts';
import { doorsOf, ofNamespace } from './_namespaces.ts';

export default rule({
  id: 'organization-secret-for-pull-requests',
  on: 'installation',
  severity: 'high',
  confidence: 'high',
  title: 'Organisation secret is released to pull requests',
  why: 'An organisation secret goes to the builds of every repository of its namespace. Released to pull requests, it goes to whoever can open one in the least guarded of them, with a pipeline of their own.',
  fix: `Remove the secret, and give it to the repositories that need it, without the flag for pull requests. Have the value at hand first, because Drone never gives it back:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
drone orgsecret rm octocat api_key
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\`

Give it a new value if builds of pull requests have had it.`,
  refs: ['https://docs.drone.io/secret/organization/', 'harness/drone operator/manager/manager.go:326-348'],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(installation) {
    for (const { name, namespace = '', pullRequest, at } of installation.organizationSecrets ?? []) {
      if (!pullRequest) continue;
      const { building, forked, open } = doorsOf(ofNamespace(namespace, installation));
      const shown = [...new Set([...open, ...forked, ...building])];
      const [first] = shown;
      if (!first) continue;
      const whose = building.length === 1 ? first.label : say`${building.length} repositories`;
      const forks =
        forked.length === 0
          ? say``
          : forked.length === building.length
            ? say`, even from forks`
            : say`, in ${forked.length} of them even from forks`;
      yield {
        at,
        subject: `secret ${name}`,
        of: { owner: `organisation ${namespace}`, label: say`organisation "${namespace}"` },
        message: say`secret "${name}" of organisation "${namespace}" is released to pull requests of ${whose}${forks}`,
        severity: open.length > 0 ? undefined : 'medium',
        fills: { 'octocat/app': first.slug, octocat: namespace, api_key: name },
        related: shown.slice(0, maxRelated).map((each) => ({
          at: each.ignoreForks.at,
          message: say`${each.label} builds pull requests${buildsForks(each) ? say` from forks` : ''}`,
        })),
      };
    }
  },
});
