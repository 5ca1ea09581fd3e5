import { rule, say } from '../../model/rule.ts';
import { askedOf, isLetIn, isOpen, isUntold } from './_outcomes.ts';

export default rule({
  id: 'accepted-sample-extension-token',
  on: 'extension',
  severity: 'critical',
  confidence: 'high',
  title: 'Extension accepts a documented token',
  why: 'The documentation is the key to all secrets behind it. Anyone who reaches the address can sign requests that the extension takes for those of a runner.',
  fix: `Replace the token on both sides:

\`\`\`sh
openssl rand -hex 32
\`\`\`

It is \`DRONE_SECRET\` in drone/vault and \`SECRET_KEY\` in the extensions for AWS and Kubernetes, and \`DRONE_SECRET_PLUGIN_TOKEN\` at the runners. Replace the secrets behind it as well, if others could reach the address.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/docs d89a395 (tokens of all extensions)',
    'drone/drone-go f9e4fe3 plugin/secret/handler.go:57-79',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-8'], cwe: ['CWE-1392'] },
  since: '0.1.0',
  *judge(probe) {
    // Where any key is accepted, a documented one tells nothing more.
    if (isOpen(probe)) return;
    const asked = askedOf(probe, 'sample');
    const accepted = asked.find(isLetIn);
    if (accepted) {
      yield {
        at: accepted.outcome.verdict.at,
        message: say`${probe.label} accepts a token that documentation prints`,
      };
      return;
    }
    const unknown = asked.find(isUntold);
    if (unknown)
      yield {
        at: unknown.outcome.verdict.at,
        inconclusive: say`its answers do not tell whether it refuses every documented token`,
      };
  },
});
