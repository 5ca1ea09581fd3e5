import { isOn } from '../../analysis/setting-state.ts';
import { scmOf } from '../../drone/scm.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'clone-credential-for-public-repositories',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Public repositories are cloned with a credential',
  why: 'The SCM token of the person who activated a repository reaches builds of public repositories too. Anyone can open a pull request there, and its pipeline can read the token, which can write to all repositories of that person.',
  fix: `Remove \`DRONE_GIT_ALWAYS_AUTH\`.

Where the SCM refuses anonymous clones, keep it, but clone with a read-only account (\`DRONE_GIT_USERNAME\`, \`DRONE_GIT_PASSWORD\`), set this on each runner, and accept the finding:

\`\`\`ini
DRONE_NETRC_CLONE_ONLY=true
\`\`\``,
  refs: ['https://docs.drone.io/server/reference/drone-git-always-auth/', 'harness/drone service/netrc/netrc.go:53-90'],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(settings, { site }) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_GIT_ALWAYS_AUTH');
    if (!variable || !isOn(settings, variable.name)) return;
    const isPublic = site.scm === undefined ? scmOf(settings)?.isPublic === true : site.scm === 'public';
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`builds of public repositories get a clone credential too${isPublic ? say`, and anyone can have an account at this SCM` : ''}`,
      severity: isPublic ? 'high' : undefined,
    };
  },
});
