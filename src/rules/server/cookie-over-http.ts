import { tlsProof } from '../../analysis/listener.ts';
import { isOn, isStoppedBy, whyUnknown } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'cookie-over-http',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Session cookie is not limited to https',
  why: 'Without the Secure attribute the browser sends the session cookie over plain http too: any http link is enough for a neighbour on the network to read it. A session lasts 30 days and cannot be revoked. The attribute is off by default, whatever the protocol.',
  fix: `Limit the cookie to https:

\`\`\`env
DRONE_COOKIE_SECURE=true
\`\`\`

Signing in over plain http then no longer works.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-cookie-secure/',
    'harness/drone session/session.go:48-63',
    'harness/drone cmd/drone-server/config/config.go:287',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-614'] },
  since: '0.1.0',
  *judge(settings, context) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1, 1])) return;
    const isSecure = isOn(settings, 'DRONE_COOKIE_SECURE');
    if (isSecure || isStoppedBy(settings, 'DRONE_COOKIE_SECURE')) return;
    const proof = tlsProof(settings, context);
    if (!proof) return;
    const variable = settings.variables.get('DRONE_COOKIE_SECURE');
    const at = variable?.at ?? settings.at;
    if (isSecure === undefined) {
      yield { at, inconclusive: whyUnknown(settings, 'DRONE_COOKIE_SECURE') };
      return;
    }
    yield {
      at,
      subject: 'DRONE_COOKIE_SECURE',
      message: say`${settings.label} sends the session cookie over http too: DRONE_COOKIE_SECURE is not true`,
      related: [{ at: proof.at, message: proof.because }],
    };
  },
});
