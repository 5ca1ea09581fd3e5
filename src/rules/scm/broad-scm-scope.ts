import { itemsOf } from '../../model/location-within.ts';
import { rule, say } from '../../model/rule.ts';

/** The default of DRONE_GITHUB_SCOPE and DRONE_GITEA_SCOPE (cmd/drone-server/config/config.go:360, 371). */
const needed: ReadonlySet<string> = new Set(['repo', 'repo:status', 'user:email', 'read:org']);

/** How many scopes a message names. */
const maxNamed = 8;

export default rule({
  id: 'broad-scm-scope',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Drone asks the SCM for more rights than it needs',
  why: "Drone stores the token that each user grants, and hands that of the person who activated a repository to its builds for cloning. Each scope beyond the default is one more thing that a build can do in that person's name.",
  fix: `Remove \`DRONE_GITHUB_SCOPE\`: the default (\`repo,repo:status,user:email,read:org\`) is enough.

Tokens already granted keep their scopes until their users sign in again.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-github-scope/',
    'harness/drone cmd/drone-server/config/config.go:360',
    'harness/drone cmd/drone-server/config/config.go:371',
    'harness/drone service/netrc/netrc.go:53-90',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    for (const name of ['DRONE_GITHUB_SCOPE', 'DRONE_GITEA_SCOPE']) {
      const variable = settings.variables.get(name);
      if (!variable) continue;
      // A needed scope with a space around it, or an empty item, is not this rule's concern.
      const broad = itemsOf(variable).filter(({ text }) => text.trim() !== '' && !needed.has(text.trim()));
      const [first] = broad;
      if (!first) continue;
      const more = broad.length > maxNamed ? ` and ${broad.length - maxNamed} more` : '';
      const scopes = broad
        .slice(0, maxNamed)
        .map(({ text }) => `"${text.trim()}"`)
        .join(', ');
      yield {
        at: first.at,
        subject: name,
        fills: { DRONE_GITHUB_SCOPE: variable.via ?? name },
        message: say`Drone asks for the ${broad.length === 1 ? say`scope` : say`scopes`} ${scopes}${more}, which it does not need`,
      };
    }
  },
});
