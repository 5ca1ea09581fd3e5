import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder, isMerelyShort, isWeak, weaknessOf } from '../../secrets/weakness.ts';

export default rule({
  id: 'weak-rpc-secret',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'RPC secret is short or well known',
  why: "Anyone who can reach the server and guesses this secret can fetch the details of every build: its secrets in clear text, the SCM token of the repository's owner and the signing key. Attempts are neither limited nor logged.",
  fix: `Generate a new RPC secret and set it on the server and all its runners:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart all of them together: a runner with the old value is refused, and its builds stay pending. Machines that an autoscaler has started keep the old value; let it replace them.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'harness/drone operator/manager/rpc2/server.go:45-58',
    'harness/drone operator/manager/rpc2/handler.go:119-145',
  ],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'], cwe: ['CWE-521', 'CWE-1392'] },
  supersedes: ['sample-secret', 'inline-secret', 'secret-fallback'],
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    // 0.8 reads DRONE_SECRET.
    if (isOfDrone08(settings)) return;
    // The autoscaler passes DRONE_AGENT_TOKEN to its runners as their secret (drone/autoscaler config/config.go:52).
    const names = settings.role === 'autoscaler' ? ['DRONE_RPC_SECRET', 'DRONE_AGENT_TOKEN'] : ['DRONE_RPC_SECRET'];
    for (const name of names) {
      const variable = settings.variables.get(name);
      const secret = variable?.secret;
      if (!variable || !secret || secret.length === 0 || !isWeak(secret, 32) || isExpectedPlaceholder(variable))
        continue;
      yield {
        at: variable.at,
        subject: name,
        fills: { DRONE_RPC_SECRET: name },
        message: say`${name} ${weaknessOf(secret, 32)}`,
        severity: isMerelyShort(secret) ? 'high' : undefined,
        related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
      };
    }
  },
});
