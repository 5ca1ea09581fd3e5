import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { itemsOf } from '../../model/location-within.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'unprotected-event-receiver',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Global webhooks are sent unprotected',
  why: 'The events carry data about users, repositories and builds. Without TLS anyone on the network can read them; without a secret they are signed with the empty key, so anyone can forge them and the receiver cannot tell.',
  fix: `Name every receiver with https, and give the server a secret to sign with:

\`\`\`env
DRONE_WEBHOOK_SECRET=<output of: openssl rand -hex 32>
\`\`\`

A secret that is there already can stay. The receiver must check the signature with the same one, and the digest against the body: only the date and the digest are signed.`,
  refs: [
    'https://docs.drone.io/webhooks/overview/',
    'harness/drone plugin/webhook/webhook.go:26-34',
    'harness/drone cmd/drone-server/inject_plugin.go:164-171',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-319', 'CWE-345'] },
  since: '0.1.0',
  *judge(settings, { installation, site }) {
    const endpoint = settings.role === 'server' ? setVariable(settings, 'DRONE_WEBHOOK_ENDPOINT') : undefined;
    if (!endpoint) return;
    if (endpoint.value === undefined) yield { at: endpoint.at, inconclusive: whyUnknown(settings, endpoint.name) };
    for (const { text, at } of itemsOf(endpoint)) {
      const host = /^http:\/\//i.test(text) ? hostOf(text) : undefined;
      if (host === undefined || endpointOf(host, settings, installation) !== 'remote') continue;
      if (isOnPrivateNetwork(host, settings, site.networks)) continue;
      yield {
        at,
        subject: `receiver ${host}`,
        message: say`${settings.label} sends its events to "${host}" over plain http`,
      };
    }
    const isUnsigned = isUnset(settings, 'DRONE_WEBHOOK_SECRET');
    if (isUnsigned === undefined) yield { at: endpoint.at, inconclusive: whyUnknown(settings, 'DRONE_WEBHOOK_SECRET') };
    if (!isUnsigned) return;
    yield {
      at: settings.variables.get('DRONE_WEBHOOK_SECRET')?.at ?? endpoint.keyAt,
      subject: 'DRONE_WEBHOOK_SECRET',
      message: say`${settings.label} signs its events with the empty key: DRONE_WEBHOOK_SECRET is not set`,
    };
  },
});
