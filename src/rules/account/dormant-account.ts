import { ageInDays, dayOf } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

/** Days without a sign-in after which an account counts as forgotten. */
const longest = { person: 180, administrator: 90, neverUsed: 30 };

export default rule({
  id: 'dormant-account',
  on: 'account',
  severity: 'low',
  confidence: 'medium',
  title: 'Account has not been used for half a year',
  why: 'The API token of an account never expires, and Drone does not notice when somebody leaves. A forgotten account stays a key to everything that the person could do, for whoever finds the token or takes over the login.',
  fix: `See whether its token is still used: only sign-ins in the browser are counted, not requests with the token. Then drop its administrator rights, if it has any, and delete it:

\`\`\`sh
drone user update --admin=false octocat
drone user rm octocat
\`\`\`

Or block it. A blocked account keeps its token, so make that worthless, too (server 2.15.0 or later):

\`\`\`sh
drone user block octocat
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/users/octocat/token/rotate"
\`\`\`

Repositories whose builds clone with the account need another owner first: \`drone repo chown NAMESPACE/NAME\`.`,
  refs: [
    'harness/drone core/user.go:31-48',
    'harness/drone handler/api/users/update.go',
    'https://docs.drone.io/server/user/management/',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-613'] },
  since: '0.1.0',
  *judge({ at, login, admin, machine, listed }) {
    if (!listed?.active.value || machine) return;
    const { created, lastLogin } = listed;
    const hasSignedIn = lastLogin.value > 0;
    const age = ageInDays(hasSignedIn ? lastLogin.value : created, { at });
    if (age === undefined) {
      yield { at, inconclusive: say`nothing tells when the server listed its accounts` };
      return;
    }
    const most = !hasSignedIn ? longest.neverUsed : admin ? longest.administrator : longest.person;
    if (age <= most) return;
    yield {
      at,
      subject: `account ${login}`,
      message: say`${admin ? 'administrator' : 'account'} "${login}" ${hasSignedIn ? say`last signed in on ${dayOf(lastLogin.value)}` : say`was created on ${dayOf(created)} and has never signed in`}`,
      severity: admin ? 'medium' : undefined,
      fills: { octocat: login },
    };
  },
});
