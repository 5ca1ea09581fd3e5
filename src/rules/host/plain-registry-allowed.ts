import { hostOf, isInRange, isLoopback } from '../../model/hosts.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'plain-registry-allowed',
  on: 'host',
  severity: 'medium',
  confidence: 'high',
  title: 'Docker accepts registries without TLS',
  why: 'Anyone on the way to such a registry can put an image of their own in the place of the one that a build asks for, and reads the password that is sent along. That image then runs with the secrets of the build.',
  fix: `Give the registry a certificate, and remove it from \`insecure-registries\` in \`/etc/docker/daemon.json\`. If your own CA signed it, Docker only has to know that CA:

\`\`\`sh
install -D -m 644 ca.crt /etc/docker/certs.d/registry.example.com/ca.crt
systemctl reload docker
\`\`\`

The folder is named like the registry in images, with the port if there is one. Passwords that were used with the registry have been sent in clear text: replace them.`,
  refs: [
    'https://docs.docker.com/reference/cli/dockerd/#insecure-registries',
    'https://docs.docker.com/engine/security/certificates/',
  ],
  standards: {
    owasp: ['CICD-SEC-3', 'CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['2.5'] },
    cwe: ['CWE-319'],
  },
  since: '0.1.0',
  *judge({ label, insecureNetworks, insecureRegistries }) {
    for (const { value, at } of insecureRegistries) {
      if (isLoopback(hostOf(value) ?? '')) continue;
      yield {
        at,
        subject: `registry ${value}`,
        fills: { 'registry.example.com': value },
        message: say`${label} uses the registry "${value}" without TLS, or without checking its certificate`,
      };
    }
    for (const { value, at } of insecureNetworks) {
      if (isOwnNetwork(value)) continue;
      yield {
        at,
        subject: `network ${value}`,
        message: say`${label} uses all registries of the network "${value}" without TLS, or without checking their certificates`,
      };
    }
  },
});

/** Docker never asks for TLS on its own host. */
function isOwnNetwork(range: string): boolean {
  const [base = '', bits = ''] = range.split('/');
  return range === '::1/128' || (Number(bits) >= 8 && isInRange(base, '127.0.0.0/8'));
}
