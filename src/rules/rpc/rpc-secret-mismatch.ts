import { serverOf } from '../../drone/topology.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder } from '../../secrets/weakness.ts';

export default rule({
  id: 'rpc-secret-mismatch',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  title: 'Server and runner have different RPC secrets',
  why: 'The server refuses a runner whose RPC secret differs from its own: its builds stay pending. After a rotation this shows which container still has the old secret.',
  fix: `Give the runner the RPC secret of the server and restart it. If you do not know which of the two is right, set a new one on the server and all its runners:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\``,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'harness/drone operator/manager/rpc2/server.go:45-58',
    'drone/runner-go client/http.go:272',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(installation) {
    for (const runner of installation.settings) {
      if (!isRunner(runner.role)) continue;
      const own = runner.variables.get('DRONE_RPC_SECRET');
      if (!own?.secret || isExpectedPlaceholder(own)) continue;
      const server = serverOf(runner, installation);
      const wanted = server?.variables.get('DRONE_RPC_SECRET');
      if (!server || !wanted?.secret || isExpectedPlaceholder(wanted)) continue;
      if (wanted.secret.identity === own.secret.identity) continue;
      yield {
        at: own.at,
        of: runner,
        message: say`${runner.label} has a different RPC secret from ${server.label}, which refuses it`,
        related: [{ at: wanted.at, message: say`the secret of ${server.label}` }],
      };
    }
  },
});
