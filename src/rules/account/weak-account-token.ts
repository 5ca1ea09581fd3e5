import { createdUser } from '../../drone/user-create.ts';
import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder, isWeak, weaknessOf } from '../../secrets/weakness.ts';

export default rule({
  id: 'weak-account-token',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Account token is short or well known',
  why: "Drone's API tokens never expire and have no scope, and guesses are not rate limited. The one in DRONE_USER_CREATE usually belongs to an administrator: whoever guesses it controls every repository and its secrets.",
  fix: `Take \`token:\` out of the variable, or remove the variable, then restart the server and rotate the token: until then the weak one works.

\`\`\`sh
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/user/token?rotate=true"
\`\`\`

\`DRONE_TOKEN\` is the old token; the answer holds the new one. Or put the output of \`openssl rand -hex 32\` after \`token:\`: at its next start the server gives the account that token, and writes it to its log.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-user-create/',
    'harness/drone store/user/user.go:67',
    'harness/drone session/session.go:99-113',
  ],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'], cwe: ['CWE-521', 'CWE-798'] },
  supersedes: ['inline-secret', 'sample-secret'],
  since: '0.1.0',
  *judge(settings) {
    const variable = settings.variables.get('DRONE_USER_CREATE');
    const token = variable?.parts?.find((part) => part.name === 'token');
    if (!variable || !token || !isWeak(token.secret, 32)) return;
    if (isExpectedPlaceholder({ secret: token.secret, at: variable.at })) return;
    const isAdmin = createdUser(variable)?.admin === true;
    yield {
      at: token.at,
      subject: variable.name,
      message: say`the API token of the ${isAdmin ? say`administrator` : say`account`} ${weaknessOf(token.secret, 32)}`,
      severity: isAdmin && token.secret.kind === 'sample' ? 'critical' : undefined,
    };
  },
});
