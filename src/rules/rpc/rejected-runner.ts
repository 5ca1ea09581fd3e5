import { linesSaying, refusedByServer, timesOf } from '../../analysis/log-lines.ts';
import { groupedBy } from '../../model/groups.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say, type Text } from '../../model/rule.ts';

const ofMissingSecret = `Give the server and all its runners one secret, and restart them:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\``;

const ofCertificate = `Mount the certificate of your authority into the runner, and name it to Go:

\`\`\`yaml compose
environment:
  SSL_CERT_FILE: /certs/internal-ca.pem
volumes:
  - ./internal-ca.pem:/certs/internal-ca.pem:ro
\`\`\`

Go then trusts the certificates of that file and of \`SSL_CERT_DIR\`, not those of the image. Do not set \`DRONE_RPC_SKIP_VERIFY\`: whoever answers in place of the server is given the RPC secret.`;

export default rule({
  id: 'rejected-runner',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Server refuses this runner',
  why: 'The runner gets no work, so builds wait. It is also how protections get lost: a certificate that a runner does not trust makes people switch the check off, and a secret that does not fit makes them use an easier one.',
  fix: `Give the runner the \`DRONE_RPC_SECRET\` of the server. Whether they are equal shows without showing them:

\`\`\`sh
docker exec drone-server sh -c 'printenv DRONE_RPC_SECRET | sha256sum'
docker exec drone-runner sh -c 'printenv DRONE_RPC_SECRET | sha256sum'
\`\`\``,
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
        fix: reason.fix,
        message: say`${container.label} did not get through to its server ${timesOf(told)}: ${reason.says}`,
      };
    }
  },
});

const reasons: ReadonlyMap<string, { readonly says: Text; readonly fix?: string }> = new Map([
  ['Unauthorized', { says: say`its RPC secret is not that of the server` }],
  ['Forbidden', { says: say`the server has no RPC secret`, fix: ofMissingSecret }],
  ['certificate', { says: say`it does not trust the certificate`, fix: ofCertificate }],
]);
