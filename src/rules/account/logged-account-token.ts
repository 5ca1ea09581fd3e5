import { remoteLogDriver } from '../../analysis/log-driver.ts';
import { createdUser, userCreateItems } from '../../drone/user-create.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { locationWithin } from '../../model/location-within.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'logged-account-token',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Account token is written to the server log',
  why: 'When the server creates the account named in DRONE_USER_CREATE, it writes the API token to its log in clear text, even one it generated itself; at debug level it does so at every start. Anyone who can read the log can act as that account.',
  fix: `Once the account exists, remove \`DRONE_USER_CREATE\`, restart the server and rotate the token: the account stays without the variable.

\`\`\`sh
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/user/token?rotate=true"
\`\`\`

\`DRONE_TOKEN\` is the old token; the answer holds the new one. Then delete the line from every log store that keeps it. If the variable has to stay, take at least \`token:\` out before you rotate, or the next start brings the old token back, and accept the finding.`,
  refs: [
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:50-59',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:86-87',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' && settings.role !== 'unknown') return;
    const variable = settings.variables.get('DRONE_USER_CREATE');
    if (!variable) return;
    const token = variable.parts?.find((part) => part.name === 'token');
    const user = createdUser(variable);
    const items = userCreateItems(variable);
    const referred = items.findLast(({ key, known }) => key === 'token' && !known);
    const hasToken = token !== undefined || referred !== undefined;
    if (!user && !hasToken) return;
    // A machine account gets no token of its own: without one it is there already, or the server does not start.
    if (!hasToken && (user?.machine !== false || items.some(({ key, known }) => key === undefined && !known))) return;
    const driver = remoteLogDriver(settings);
    const isDebug = parseGoBool(settings.variables.get('DRONE_LOGS_DEBUG')?.value ?? '') === true;
    const where = driver
      ? `, and the log goes to "${driver}"`
      : isDebug
        ? ', and at debug level again at every start'
        : '';
    yield {
      at: token?.at ?? (referred ? locationWithin(variable, referred.start, referred.end) : variable.at),
      subject: variable.name,
      message: say`the server logs the ${hasToken ? say`token` : say`generated token`} when it creates this account${where}`,
      severity: driver || isDebug ? 'medium' : undefined,
    };
  },
});
