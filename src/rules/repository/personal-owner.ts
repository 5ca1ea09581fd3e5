import { accountNumbered, type Listed } from '../../analysis/server-repository.ts';
import { addTo } from '../../model/groups.ts';
import { maxRelated, rule, say } from '../../model/rule.ts';
import type { Repository } from '../../model/server.ts';
import { setVariable } from '../../model/settings.ts';

/** One who owns more repositories than these is a pillar of the installation. */
const few = 10;

export default rule({
  id: 'personal-owner',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Builds use the token of a person',
  why: 'Builds clone private repositories with the SCM token of the account that owns them in Drone. Unless DRONE_NETRC_CLONE_ONLY is set on the runners, every step can read it, and it opens all that the person may see and change at the SCM.',
  fix: `Create an account for this at the SCM that may read these repositories and no more, sign in to Drone as it, and take them over:

\`\`\`sh
drone repo chown octocat/app
\`\`\`

Or have the server clone with a credential of its own (\`DRONE_GIT_USERNAME\`, \`DRONE_GIT_PASSWORD\`), and set \`DRONE_NETRC_CLONE_ONLY=true\` on the runners in any case.`,
  refs: ['harness/drone service/netrc/netrc.go', 'drone-runners/drone-runner-docker engine/compiler/compiler.go:262'],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(installation) {
    const hasOwnCredential = installation.settings.some(
      (settings) => settings.role === 'server' && setVariable(settings, 'DRONE_GIT_USERNAME'),
    );
    if (hasOwnCredential) return;
    const byOwner = new Map<Listed, Repository[]>();
    for (const repository of installation.repositories) {
      const account = repository.userId && accountNumbered(repository.userId.value, installation);
      if (account && repository.active.value) addTo(byOwner, account, repository);
    }
    for (const [{ at, login, owner, label, machine, admin }, repositories] of byOwner) {
      const [first] = repositories;
      if (machine || !first || (!admin && repositories.length <= few)) continue;
      yield {
        at,
        subject: `owner ${login}`,
        of: { owner, label },
        message: say`builds of ${repositories.length === 1 ? first.label : say`${repositories.length} repositories`} use the SCM token of "${login}"${admin ? say`, an administrator` : ''}`,
        fills: { 'octocat/app': first.slug },
        related: repositories
          .slice(0, maxRelated)
          .map((each) => ({ at: each.userId?.at ?? each.at, message: say`${each.label} is owned by "${login}"` })),
      };
    }
  },
});
