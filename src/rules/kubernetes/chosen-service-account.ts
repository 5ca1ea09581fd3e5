import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'chosen-service-account',
  on: 'pipeline',
  severity: 'high',
  confidence: 'medium',
  title: 'Pipeline chooses its service account',
  why: 'Every step gets the token of the account, plugins and commands of pull requests included, and can do in the cluster whatever the account can. The repository need not be trusted, and any other pipeline can name the same account.',
  fix: `Remove \`service_account_name\`, and pin an account without rights in the policy file of the runner (\`DRONE_POLICY_FILE\`), which wins over the pipeline:

\`\`\`yaml
kind: policy
name: default
service_account: drone-build
\`\`\`

The account must exist in the namespace of the builds, or no pod starts. Give a deployment a token of its own, as a secret.`,
  refs: [
    'https://docs.drone.io/pipeline/kubernetes/syntax/service-accounts/',
    'drone-runners/drone-runner-kube engine/policy/policy.go:131-198',
    'drone-runners/drone-runner-kube engine/linter/linter.go:99-210',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const account = pipeline.pod?.serviceAccountName;
    if (!account || account.value === '' || account.value === 'default') return;
    const isPinned = installation.settings.some(
      (settings) => settings.role === 'runner-kube' && setVariable(settings, 'DRONE_POLICY_FILE') !== undefined,
    );
    yield {
      at: account.at,
      subject: 'service account',
      message: say`every step gets the token of service account "${account.value}"${pipeline.reach.pullRequest ? say`, for pull requests too` : ''}${isPinned ? say`, unless the policy file of the runner pins another` : ''}`,
      severity: isPinned ? 'medium' : undefined,
      reach: pipeline.reach,
    };
  },
});
