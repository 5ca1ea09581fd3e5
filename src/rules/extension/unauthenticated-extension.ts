import { rule, say } from '../../model/rule.ts';
import { askedOf, isLetIn, isUntold, wordsOf } from './_outcomes.ts';

export default rule({
  id: 'unauthenticated-extension',
  on: 'extension',
  severity: 'critical',
  confidence: 'high',
  title: 'Extension answers without a valid signature',
  why: 'Anyone who reaches the address reads the secrets behind it. Nothing but the signature tells a runner from anybody else.',
  fix: `Start the extension with a token of its own, and check the signature before anything else:

\`\`\`sh
openssl rand -hex 32
\`\`\`

It is \`DRONE_SECRET\` in drone/vault and \`SECRET_KEY\` in the extensions for AWS and Kubernetes, and \`DRONE_SECRET_PLUGIN_TOKEN\` at the runners. An extension in Go gets the check from \`secret.Handler(token, plugin, logger)\` of drone-go, which does not refuse an empty token by itself: exit where it is empty.

An extension of your own refuses with 400 or 401 what has no signature over \`date\` and \`digest\` that \`HMAC-SHA256\` with the token gives. Until then, bind it to an address that only the runners reach.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/drone-go f9e4fe3 plugin/secret/handler.go:57-79',
    'drone/drone-vault 6496086 cmd/drone-vault/main.go (missing secret key)',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-306'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(probe) {
    const asked = askedOf(probe, 'credentials');
    const open = asked.filter(isLetIn);
    const [first] = open;
    if (first) {
      const gives = open.some(({ outcome }) => outcome.verdict.value === 'data');
      yield {
        at: first.outcome.verdict.at,
        message: say`${probe.label} accepts ${wordsOf(open)}${gives ? say`, and gives a secret` : ''}`,
        severity: probe.isLocal ? 'high' : 'critical',
        openTo: 'anyone',
      };
      return;
    }
    const untold = asked.filter(isUntold);
    const [unknown] = untold;
    if (unknown)
      yield {
        at: unknown.outcome.verdict.at,
        inconclusive: say`its answers do not tell whether it refuses ${wordsOf(untold)}`,
      };
  },
});
