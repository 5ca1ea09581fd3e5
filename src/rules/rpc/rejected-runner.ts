import { linesSaying, refusedByServer, timesOf } from '../../analysis/log-lines.ts';
import { groupedBy } from '../../model/groups.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'rejected-runner',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Server refuses this runner',
  why: 'The runner gets no work, so builds wait. It is also how protections get lost: a certificate that a runner does not trust makes people switch the check off, and a secret that does not fit makes them use an easier one.',
  fix: `\`Unauthorized\`: the runner has another \`DRONE_RPC_SECRET\` than the server. \`Forbidden\`: the server has none. Make one, and give it to both:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

\`x509\`: mount the certificate of your authority into the runner, and name it to Go:

\`\`\`yaml compose
environment:
  SSL_CERT_FILE: /certs/internal-ca.pem
volumes:
  - ./internal-ca.pem:/certs/internal-ca.pem:ro
\`\`\`

Go then trusts this file instead of the certificates of the image. Do not set \`DRONE_RPC_SKIP_VERIFY\`.`,
  refs: [
    'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:226-238',
    'harness/drone 3e7ecf161 operator/manager/rpc2/server.go:27-31',
    'https://docs.drone.io/runner/docker/installation/linux/',
    'https://pkg.go.dev/crypto/x509#SystemCertPool',
  ],
  standards: { owasp: ['CICD-SEC-10'] },
  since: '0.1.0',
  *judge(container) {
    if (!isRunner(container.role)) return;
    const lines = linesSaying(container, refusedByServer);
    const byError = groupedBy(lines, ({ fields }) => fields.get('error')?.value ?? '');
    for (const [error, told] of byError) {
      const reason = reasons.get(error);
      const [first] = told;
      if (!reason || !first) continue;
      yield {
        at: first.message.at,
        subject: `error ${error}`,
        message: say`the server refused ${container.label} ${timesOf(told)}: ${reason}`,
      };
    }
  },
});

const reasons: ReadonlyMap<string, Text> = new Map([
  ['Unauthorized', say`the RPC secret is not that of the server`],
  ['Forbidden', say`the server has no RPC secret`],
  ['certificate', say`the runner does not trust the certificate of the server`],
]);
