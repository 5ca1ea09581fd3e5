import { isScmPublic } from '../../analysis/public-scm.ts';
import { listedAccounts } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unclaimed-administrator',
  on: 'account',
  severity: 'medium',
  confidence: 'medium',
  title: 'Administrator who has never signed in',
  why: 'Drone gives an account to whoever signs in at the SCM with its login. As long as the person has not done so, anyone who registers or takes over that name there becomes an administrator: they can trust repositories, and read every build and its logs.',
  fix: `See that the login exists at the SCM and belongs to the person, and have them sign in once. Otherwise remove the account, and take it out of \`DRONE_USER_CREATE\`, which creates it again at the next start:

\`\`\`sh
drone user rm octocat
\`\`\``,
  refs: [
    'harness/drone handler/web/login.go:74',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:44-94',
    'https://docs.drone.io/server/user/admins/',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-287'] },
  supersedes: ['dormant-account'],
  since: '0.1.0',
  *judge({ at, login, admin, machine, listed }, context) {
    if (!admin || machine || (listed && listed.lastLogin.value > 0)) return;
    const others = listedAccounts(context.installation);
    // Of an account that is listed too, the list tells more.
    if (!listed && (others.length === 0 || others.some((other) => other.login === login))) return;
    const isPublic = isScmPublic(context) === true;
    yield {
      at,
      subject: `account ${login}`,
      message: say`administrator "${login}" ${listed ? say`has never signed in` : say`is not on the server's list of accounts, so nobody has signed in as them`}${isPublic ? say`, and anyone may register at the SCM` : ''}`,
      severity: isPublic ? 'high' : undefined,
      fills: { octocat: login },
    };
  },
});
