import { calledExtensions } from '../../analysis/extensions.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import type { Installation } from '../../model/installation.ts';
import { type Hit, ownWords, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import type { Site } from '../../model/site.ts';

export default rule({
  id: 'unverified-extension-certificate',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Certificate of an extension is not checked',
  why: 'Anyone on the path can answer for the extension: hand out or read secrets, change pipelines, or make themselves administrators. The token does not help, because it signs requests, not answers.',
  fix: `Make the caller trust the private CA, and remove \`DRONE_SECRET_PLUGIN_SKIP_VERIFY\`:

\`\`\`env
SSL_CERT_FILE=/etc/drone/ca.pem
\`\`\`

\`\`\`yaml compose
volumes:
  - ./ca.pem:/etc/drone/ca.pem:ro
\`\`\`

The Vault extension reads \`VAULT_CACERT\` for this, and is to be given \`VAULT_ADDR=https://vault.example.com:8200\`. With \`SSL_CERT_FILE\`, the CAs in the folder of the image stay trusted. If the certificate does not fit, builds go on without what the extension gives: look at the log after the restart.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'harness/drone cmd/drone-server/config/config.go:195-340',
    'drone/drone-go plugin/internal/client/client.go:94-115',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-295'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(settings, { installation, site }) {
    for (const { fact, endpoint } of calledExtensions(settings)) {
      const variable = settings.variables.get(fact.skipVerify);
      // Over plain http there is no certificate; that is a finding of its own.
      if (!variable || !isOn(settings, variable.name) || /^http:\/\//i.test(endpoint.value ?? '')) continue;
      yield {
        at: variable.at,
        subject: variable.name,
        about: endpoint.value,
        message: say`${settings.label} accepts any certificate as that of its ${ownWords(fact.kind)} extension`,
        fills: { DRONE_SECRET_PLUGIN_SKIP_VERIFY: variable.via ?? variable.name },
      };
    }
    if (settings.role === 'extension') yield* vaultHits(settings, installation, site);
  },
});

function* vaultHits(settings: Settings, installation: Installation, site: Site): Iterable<Hit> {
  const skip = settings.variables.get('VAULT_SKIP_VERIFY');
  const fills = { SSL_CERT_FILE: 'VAULT_CACERT', DRONE_SECRET_PLUGIN_SKIP_VERIFY: 'VAULT_SKIP_VERIFY' };
  if (skip && isOn(settings, skip.name))
    yield {
      at: skip.at,
      subject: skip.name,
      about: settings.variables.get('VAULT_ADDR')?.value,
      message: say`${settings.label} accepts any certificate as that of Vault`,
      fills,
    };
  const address = settings.variables.get('VAULT_ADDR');
  const host = /^http:\/\//i.test(address?.value ?? '') ? hostOf(address?.value ?? '') : undefined;
  if (!address || host === undefined || endpointOf(host, settings, installation) !== 'remote') return;
  if (isOnPrivateNetwork(host, settings, site.networks)) return;
  yield {
    at: address.at,
    subject: address.name,
    message: say`${settings.label} asks Vault at "${host}" over plain http`,
    fills: { ...fills, 'vault.example.com': host },
  };
}
