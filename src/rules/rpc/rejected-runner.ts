import { refusalsOf, timesOf } from '../../analysis/log-lines.ts';
import { serverOf } from '../../drone/topology.ts';
import type { SecretTraits } from '../../model/environment.ts';
import { groupedBy } from '../../model/groups.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { type Settings, settingsOf } from '../../model/settings.ts';

const ofOtherSecret = `Give the runner the \`DRONE_RPC_SECRET\` of the server. Compare them without printing them:

\`\`\`sh
docker exec drone-server sh -c 'printenv DRONE_RPC_SECRET | sha256sum'
docker exec drone-runner sh -c 'printenv DRONE_RPC_SECRET | sha256sum'
\`\`\``;

const ofMissingSecret = `Give the server and all its runners one secret, and restart them:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\``;

const ofSameSecret = `Server and runner have the same secret now. If the log of the runner goes on with the refusal, something else answers at its address: another server, or an old container of this one. Restart the runner and look:

\`\`\`sh
docker restart drone-runner
docker logs --since 1m drone-runner
\`\`\``;

const ofCertificate = `Mount the certificate of your CA into the runner, and name it to Go:

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
  fix: `${ofOtherSecret}

If it is the runner that refuses the server, because it does not trust its certificate, this does not help. ${ofCertificate}`,
  refs: [
    'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:226-238',
    'harness/drone 3e7ecf161 operator/manager/rpc2/server.go:27-31',
    'https://docs.drone.io/runner/docker/installation/linux/',
    'https://pkg.go.dev/crypto/x509#SystemCertPool',
  ],
  standards: { owasp: ['CICD-SEC-10'] },
  since: '0.1.0',
  *judge(container, { installation }) {
    if (!isRunner(container.role)) return;
    const own = settingsOf(container);
    const secret = secretOf(own);
    const wanted = secretOf(serverOf(own, installation));
    const isSame = secret !== undefined && wanted?.identity === secret.identity;
    const byError = groupedBy(refusalsOf(container), ({ fields }) => fields.get('error')?.value ?? '');
    for (const [error, told] of byError) {
      const reason = (isSame ? reasonsOfBefore : reasons).get(error);
      const [first] = told;
      if (!reason || !first) continue;
      yield {
        at: first.message.at,
        subject: `error ${error}`,
        fix: reason.fix,
        fills: { 'drone-runner': container.name },
        message: say`${container.label} did not get through to its server ${timesOf(told)}: ${reason.says}`,
      };
    }
  },
});

function secretOf(settings: Settings | undefined): SecretTraits | undefined {
  return settings?.variables.get('DRONE_RPC_SECRET')?.secret;
}

interface Reason {
  readonly says: Text;
  readonly fix?: string;
}

const untrusted: Reason = { says: say`it does not trust the certificate`, fix: ofCertificate };
const reasons: ReadonlyMap<string, Reason> = new Map([
  ['Unauthorized', { says: say`its RPC secret is not that of the server`, fix: ofOtherSecret }],
  ['Forbidden', { says: say`the server has no RPC secret`, fix: ofMissingSecret }],
  ['certificate', untrusted],
]);
/** Where the runner and its server have the same secret by now. */
const reasonsOfBefore: ReadonlyMap<string, Reason> = new Map([
  [
    'Unauthorized',
    { says: say`the server refused its RPC secret, although both have the same one now`, fix: ofSameSecret },
  ],
  ['Forbidden', { says: say`the server had no RPC secret, although both have the same one now`, fix: ofSameSecret }],
  ['certificate', untrusted],
]);
