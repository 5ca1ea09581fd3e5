import { isOn } from '../../analysis/setting-state.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unverified-rpc-certificate',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Runner does not check the server certificate',
  why: 'Anyone between runner and server can pose as the server. They receive the RPC secret, with which they can fetch the secrets of all builds, and can hand the runner builds of their own.',
  fix: `Remove \`DRONE_RPC_SKIP_VERIFY\` and let the runner trust the CA of the server:

\`\`\`env
SSL_CERT_FILE=/etc/drone/ca.pem
\`\`\`

\`\`\`yaml compose
volumes:
  - ./ca.pem:/etc/drone/ca.pem:ro
\`\`\`

\`\`\`yaml kubernetes
volumeMounts:
  - { name: ca, mountPath: /etc/drone, readOnly: true } # a ConfigMap with ca.pem
\`\`\`

With a certificate of a public CA, removing it is all. Either way the certificate has to name \`DRONE_RPC_HOST\`, or the runner cannot connect. Rotate \`DRONE_RPC_SECRET\` afterwards.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-skip-verify/',
    'drone/runner-go client/http.go:52-63',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-295'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings) {
    if (!isRunner(settings.role) && settings.role !== 'autoscaler') return;
    const variable = settings.variables.get('DRONE_RPC_SKIP_VERIFY');
    if (!variable || !isOn(settings, variable.name)) return;
    yield {
      at: variable.at,
      subject: variable.name,
      about: settings.variables.get('DRONE_RPC_HOST')?.value,
      message: say`${settings.label} accepts any certificate as that of the server`,
    };
  },
});
