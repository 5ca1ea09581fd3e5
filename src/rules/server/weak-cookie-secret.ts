import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder, isMerelyShort, isWeak, weaknessOf } from '../../secrets/weakness.ts';

export default rule({
  id: 'weak-cookie-secret',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'Cookie secret is short or well known',
  why: 'The session cookie holds a login and a signature made with this key. Whoever knows or guesses it can sign in as any user, administrators included; the server keeps no list of sessions that would show it.',
  fix: `Set a random key; everyone has to sign in again:

\`\`\`env
DRONE_COOKIE_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Or, if there is only one server, remove the variable: it then makes a random key at each start.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-cookie-secret/',
    'harness/drone session/session.go:48-63',
    'harness/drone cmd/drone-server/config/config.go:574-578',
  ],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'], cwe: ['CWE-521', 'CWE-1392'] },
  supersedes: ['sample-secret', 'inline-secret'],
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_COOKIE_SECRET');
    const secret = variable?.secret;
    if (!variable || !secret || secret.length === 0 || !isWeak(secret, 32) || isExpectedPlaceholder(variable)) return;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`DRONE_COOKIE_SECRET ${weaknessOf(secret, 32)}`,
      severity: isMerelyShort(secret) ? 'high' : undefined,
      related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
    };
  },
});
