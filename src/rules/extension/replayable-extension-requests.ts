import { rule, say } from '../../model/rule.ts';
import { askedOf, isLetIn, isOpen, isUntold, wordsOf } from './_outcomes.ts';

export default rule({
  id: 'replayable-extension-requests',
  on: 'extension',
  severity: 'low',
  confidence: 'high',
  title: 'Extension accepts replayed or altered requests',
  why: 'Every handler of the reference library behaves so: it compares neither the digest with the body nor the date with its clock. Whoever records one request can send it again for ever, with any other body, and so reads the other secrets behind the extension; also behind others that have the same token.',
  fix: `Put TLS before the extension, keep it on a network that only the runners are on, and then accept the finding, which TLS does not remove. In Compose:

\`\`\`yaml compose
networks: [secrets]
\`\`\`

An extension that is built on drone-go cannot pass this test; once nobody can listen, nobody has a request to repeat. The path in a request is no fence either; what the extension may read is limited by the policy of its store alone.

\`\`\`yaml
# drone-audit.yml
ignore:
  - rule: replayable-extension-requests
    reason: drone-vault behind TLS, on a network that only the runners are on
\`\`\`

A handler of your own should refuse, before it reads the body as JSON,

- a \`Digest\` that is not the SHA-256 of the body,
- a \`Date\` more than five minutes off,
- a signature that it has seen within these five minutes,
- a signature that does not cover \`date\` and \`digest\`,
- any algorithm but \`hmac-sha256\`.`,
  refs: [
    'drone/drone-go f9e4fe3 plugin/secret/handler.go:57-79',
    '99designs/httpsignatures-go 88528bf signature.go:134-146, algorithm.go:22-31',
    'drone/drone-go f9e4fe3 plugin/internal/client/client.go:42-51',
  ],
  standards: { owasp: ['CICD-SEC-8'], cwe: ['CWE-294', 'CWE-345'] },
  since: '0.1.0',
  *judge(probe) {
    // Where no key is needed, nobody needs a recorded request.
    if (isOpen(probe)) return;
    const asked = askedOf(probe, 'altered');
    const open = asked.filter(isLetIn);
    const untold = asked.filter(isUntold);
    const [first] = open;
    const [unknown] = untold;
    if (first) {
      // What stays on the machine is recorded by nobody else.
      const isPlain = /^http:/i.test(probe.address.value) && !probe.isLocal;
      yield {
        at: first.outcome.verdict.at,
        message: say`${probe.label} accepts ${wordsOf(open)}${isPlain ? say`, over plain http` : ''}`,
        severity: isPlain ? 'high' : 'low',
      };
    } else if (unknown)
      yield {
        at: unknown.outcome.verdict.at,
        inconclusive: say`its answers do not tell whether it refuses ${wordsOf(untold)}`,
      };
  },
});
