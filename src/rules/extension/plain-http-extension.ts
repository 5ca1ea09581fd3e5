import { calledExtensions } from '../../analysis/extensions.ts';
import { isOwnScmPublic } from '../../analysis/public-scm.ts';
import { whyUnknown } from '../../analysis/setting-state.ts';
import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { ownWords, rule, type Severity, say } from '../../model/rule.ts';

export default rule({
  id: 'plain-http-extension',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Extension is called over plain http',
  why: "Drone itself never encrypts the answers of extensions: without TLS anyone on the network can read secrets and change pipelines. Requests for configuration and conversion carry the SCM token of the repository's owner, and the answer of the admission extension says who is an administrator. A recorded request can be replayed for other secrets.",
  fix: `Put a proxy with TLS in front of the extension, and name it with https:

\`\`\`env
DRONE_SECRET_PLUGIN_ENDPOINT=https://secrets.example.com
\`\`\`

Replace its token afterwards, on both sides.

Next to its caller, a network of their own will do: accept the finding with \`# drone-audit: ignore[plain-http-extension]\` and the reason. A network that you trust can be named:

\`\`\`yaml
# drone-audit.yml
site:
  networks: [10.20.0.0/16]
\`\`\``,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/drone-go plugin/internal/client/client.go:59-66',
    'harness/drone plugin/config/global.go:56-63',
    'harness/drone plugin/admission/external.go:58-62',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-319'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, context) {
    for (const { fact, endpoint } of calledExtensions(settings)) {
      const { value, at, name } = endpoint;
      if (value === undefined) {
        yield { at, inconclusive: whyUnknown(settings, name) };
        continue;
      }
      const host = /^http:\/\//i.test(value) ? hostOf(value) : undefined;
      if (host === undefined) continue;
      const way = endpointOf(host, settings, context.installation);
      if (way === 'local') continue;
      const isNear = way === 'project' || isOnPrivateNetwork(host, settings, context.site.networks);
      const isOpen = fact.kind === 'admission' && isOwnScmPublic(settings, context);
      const severity: Severity = isNear ? 'low' : isOpen ? 'critical' : 'high';
      yield {
        at,
        subject: name,
        message: say`${settings.label} calls its ${ownWords(fact.kind)} extension at "${host}" over plain http${isNear ? say`, within a private network` : ''}`,
        severity,
        // The port of plain http is not that of TLS.
        fills: {
          DRONE_SECRET_PLUGIN_ENDPOINT: endpoint.via ?? name,
          'secrets.example.com':
            way === 'project' ? 'secrets.example.com' : value.replace(/^http:\/\//i, '').replace(/:\d+(?=\/|$)/, ''),
        },
      };
    }
  },
});
