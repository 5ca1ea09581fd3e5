import { isOn, isStoppedBy, isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'certificate-without-key',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'TLS certificate without key: plain http on port 443',
  why: 'With the certificate alone the server speaks plain http on port 443, behind links that say https: either variable moves the listener there, but TLS starts only when the key is set. With the key alone it fails to start TLS.',
  fix: `Set both, to paths of files in the container:

\`\`\`env
DRONE_TLS_CERT=/etc/certs/ci.example.com.crt
DRONE_TLS_KEY=/etc/certs/ci.example.com.key
\`\`\`

The server then listens on port 443, whatever \`DRONE_SERVER_PORT\` says, and redirects from port 80: publish both.`,
  refs: [
    'https://docs.drone.io/server/https/',
    'harness/drone server/server.go:43-54',
    'harness/drone cmd/drone-server/config/config.go:531-538',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  supersedes: ['plain-http-server'],
  needsRunning: true,
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const certificate = setVariable(settings, 'DRONE_TLS_CERT');
    const key = setVariable(settings, 'DRONE_TLS_KEY');
    const lone = certificate ?? key;
    if (!lone || (certificate && key)) return;
    const missing = certificate ? 'DRONE_TLS_KEY' : 'DRONE_TLS_CERT';
    const isAcme = isOn(settings, 'DRONE_TLS_AUTOCERT');
    if (isAcme || isStoppedBy(settings, 'DRONE_TLS_AUTOCERT')) return;
    if (isUnset(settings, missing) === undefined || isAcme === undefined) {
      const name = isUnset(settings, missing) === undefined ? missing : 'DRONE_TLS_AUTOCERT';
      yield { at: lone.at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    yield {
      at: lone.at,
      subject: 'listener',
      fills: {
        [certificate ? '/etc/certs/ci.example.com.crt' : '/etc/certs/ci.example.com.key']: lone.value ?? '',
      },
      message: certificate
        ? say`${settings.label} has DRONE_TLS_CERT without DRONE_TLS_KEY: it serves plain http on port 443`
        : say`${settings.label} has DRONE_TLS_KEY without DRONE_TLS_CERT: it cannot start TLS`,
      severity: certificate ? undefined : 'low',
    };
  },
});
