import { isOn, whyUnknown } from '../../analysis/setting-state.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, ownWords, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'debug-logging',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Debug logging is on',
  why: 'Debug logs hold the URLs of requests, including API tokens that clients send as `access_token`, and the server logs the token of DRONE_USER_CREATE at every start. Logs have more readers than settings, and are kept longer.',
  fix: `Switch it off once the error is found:

\`\`\`env
DRONE_LOGS_DEBUG=false
\`\`\`

Removing the variable does the same, except on the autoscaler, which logs at debug level by default. On a runner, \`DRONE_TRACE\` has to go as well.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-logs-debug/',
    'https://docs.drone.io/runner/docker/configuration/reference/drone-debug/',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:50-59',
    'harness/drone session/session.go:99-113',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-10'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(settings) {
    const [first, ...others] = namesFor(settings).flatMap((name) => {
      const variable = settings.variables.get(name);
      return variable && isOn(settings, name) ? [variable] : [];
    });
    if (first) {
      const logsToken = settings.role === 'server' && createsToken(settings);
      const what = logsToken ? 'logs at debug level, including the account token' : 'logs at debug level';
      yield {
        at: first.at,
        subject: first.name,
        fills: { DRONE_LOGS_DEBUG: first.via ?? first.name },
        message: say`${settings.label} ${ownWords(what)}`,
        severity: logsToken ? 'medium' : undefined,
        related: others.map(({ at, name, via }) =>
          alsoAt(at, say`${name} is on too`, { fills: { DRONE_LOGS_DEBUG: via ?? name } }),
        ),
      };
      return;
    }
    // drone/autoscaler config/config.go: the only program that logs at debug level by default.
    if (settings.role !== 'autoscaler' || settings.variables.has('DRONE_LOGS_DEBUG')) return;
    if (settings.complete)
      yield {
        at: settings.at,
        subject: 'DRONE_LOGS_DEBUG',
        message: say`${settings.label} logs at debug level, the default without DRONE_LOGS_DEBUG`,
      };
    else yield { at: settings.at, inconclusive: whyUnknown(settings, 'DRONE_LOGS_DEBUG') };
  },
});

function namesFor({ role }: Settings): readonly string[] {
  if (role === 'server' || role === 'autoscaler') return ['DRONE_LOGS_DEBUG'];
  return isRunner(role) ? ['DRONE_DEBUG', 'DRONE_TRACE'] : [];
}

function createsToken({ variables }: Settings): boolean {
  return variables.get('DRONE_USER_CREATE')?.parts?.some(({ name }) => name === 'token') === true;
}
