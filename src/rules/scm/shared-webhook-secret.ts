import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';
import { isWeak, weaknessOf } from '../../secrets/weakness.ts';

export default rule({
  id: 'shared-webhook-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'One webhook secret for all repositories',
  why: 'Whoever learns the secret from one repository can start builds of all of them: the variable replaces the random signing secret of each repository that is activated while it is set. GitLab and Bitbucket send it along with every webhook.',
  fix: `Remove \`DRONE_FEATURE_SERVER_PROXY_SECRET\` and restart the server, then replace the secret that it has given out.

Repositories that were activated meanwhile keep it, even when they are deactivated and activated again. Give each of them a new one in the database (here SQLite):

\`\`\`sql
UPDATE repos SET repo_signer = lower(hex(randomblob(16))) WHERE repo_signer = 'THE SHARED SECRET';
\`\`\`

Then register each webhook again; until then the server refuses it:

\`\`\`sh
drone repo repair NAMESPACE/NAME
\`\`\``,
  refs: ['harness/drone handler/api/repos/enable.go:34', 'harness/drone handler/api/repos/enable.go:75-77'],
  standards: { owasp: ['CICD-SEC-8'], cwe: ['CWE-345'] },
  supersedes: ['sample-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const variable = setVariable(settings, 'DRONE_FEATURE_SERVER_PROXY_SECRET');
    if (!variable) return;
    const { secret } = variable;
    const weak = secret && isWeak(secret, 32) ? weaknessOf(secret, 32) : undefined;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`all repositories that are activated now share one webhook secret${weak ? say`, which ${weak}` : ''}`,
      severity: weak ? 'high' : undefined,
    };
  },
});
