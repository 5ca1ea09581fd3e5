import { maxRelated, rule, say } from '../../model/rule.ts';
import { doorsOf, ofNamespace } from './_namespaces.ts';

export default rule({
  id: 'broad-organization-secret',
  on: 'installation',
  severity: 'low',
  confidence: 'high',
  pedantic: true,
  title: 'Organisation secret reaches unprotected repositories',
  why: 'An organisation secret goes to the builds of every repository of its namespace. Whoever may push to the least important of them can print it.',
  fix: `Move the secret to the repositories that need it. Have the value at hand first, because Drone never gives it back:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
drone orgsecret rm octocat api_key
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\``,
  refs: ['https://docs.drone.io/secret/organization/', 'harness/drone operator/manager/manager.go:326-348'],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(installation) {
    for (const { name, namespace = '', pullRequest, at } of installation.organizationSecrets ?? []) {
      if (pullRequest) continue;
      const { unprotected: open } = doorsOf(ofNamespace(namespace, installation));
      const [first] = open;
      if (!first) continue;
      yield {
        at,
        subject: `secret ${name}`,
        of: { owner: `organisation ${namespace}`, label: say`organisation "${namespace}"` },
        message: say`secret "${name}" of organisation "${namespace}" reaches ${open.length === 1 ? say`${first.label}, which is not protected` : say`${open.length} repositories that are not protected`}`,
        fills: { 'octocat/app': first.slug, octocat: namespace, api_key: name },
        related: open
          .slice(0, maxRelated)
          .map((each) => ({ at: each.protected.at, message: say`${each.label} is not protected` })),
      };
    }
  },
});
