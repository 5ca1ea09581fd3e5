import { listenerPort, openPlaces } from '../../analysis/listener.ts';
import { isOn, isStoppedBy, isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { isTlsHost, proxyOf, serverHost } from '../../drone/topology.ts';
import { isPublicHost } from '../../model/hosts.ts';
import { onOwnHost } from '../../model/ports.ts';
import { alsoAt, type Location, rule, say } from '../../model/rule.ts';
import { settingsOf, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'plain-http-server',
  on: 'container',
  severity: 'high',
  confidence: 'medium',
  title: 'Server is published without TLS',
  why: 'Logins, session cookies, API tokens, webhooks and the RPC secret of the runners cross the network in clear text. `DRONE_SERVER_PROTO=https` does not help: it only changes links. With `DRONE_TLS_AUTOCERT` port 80 serves the whole application too; `DRONE_HTTP_SSL_REDIRECT` moves its pages, but not the API, the RPC endpoint and the metrics. A proxy with TLS does not close a port that is open beside it. With Gogs the login page asks for the SCM password.',
  fix: `Behind a proxy that terminates TLS, publish on the host itself only (127.0.0.1):

\`\`\`yaml compose
ports:
  - "127.0.0.1:8080:80"
\`\`\`

\`\`\`sh docker-run
--publish 127.0.0.1:8080:80
\`\`\`

\`\`\`yaml kubernetes
spec: # of the Service, behind an Ingress with TLS
  type: ClusterIP
\`\`\`

\`\`\`yaml helm
service: # behind an Ingress with TLS
  type: ClusterIP
\`\`\`

On the network of the host this has no effect: take the container off it.

Or let the server terminate TLS. It then listens on port 443, which has to be published, and port 80 is only a redirect:

\`\`\`env
DRONE_TLS_CERT=/etc/certs/ci.example.com.crt
DRONE_TLS_KEY=/etc/certs/ci.example.com.key
\`\`\`

Mount the two files into the container, and give the runners \`DRONE_RPC_PROTO=https\` and a host that the certificate names, or they are cut off.

Remove \`DRONE_TLS_AUTOCERT\` in either case: with it, port 80 serves everything in clear text, and cannot be closed, because the certificate is renewed through it. If only a proxy that this audit cannot see reaches the port, name its host:

\`\`\`yaml
# drone-audit.yml
site:
  tlsHosts: [ci.example.com]
\`\`\``,
  refs: [
    'https://docs.drone.io/server/https/',
    'harness/drone server/server.go:43-54',
    'harness/drone server/server.go:120-123',
    'harness/drone cmd/drone-server/inject_login.go:151-160',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  supersedes: ['exposed-port'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(container, { installation, site }) {
    if (container.role !== 'server') return;
    const settings = settingsOf(container);
    const isAcme = isOn(settings, 'DRONE_TLS_AUTOCERT');
    if (!isAcme && isStoppedBy(settings, 'DRONE_TLS_AUTOCERT')) return;
    const port = isAcme ? '80' : listenerPort(settings);
    const places = port === undefined ? [] : openPlaces(container, port);
    const [first, ...others] = places;
    if (!first || setVariable(settings, 'DRONE_TLS_KEY') || isTlsHost(settings, site)) return;
    const unknown =
      isUnset(settings, 'DRONE_TLS_KEY') === undefined ? 'DRONE_TLS_KEY' : isAcme === undefined && 'DRONE_TLS_AUTOCERT';
    if (unknown && !isAcme) {
      yield { at: first.at, inconclusive: whyUnknown(settings, unknown) };
      return;
    }
    const proxy = proxyOf(settings, installation, site);
    const beside = proxy?.tls && proxy.leadsHere ? proxy : undefined;
    const perhaps = proxy?.tls && !proxy.leadsHere ? proxy : undefined;
    const hosts = [serverHost(settings) ?? '', ...places.map(({ address }) => address)];
    const isPublicLogin = setVariable(settings, 'DRONE_GOGS_SERVER') !== undefined && hosts.some(isPublicHost);
    const fillsAt = (at: Location) => ({
      '127.0.0.1:8080:80': onOwnHost(container, at) ?? '',
      'ci.example.com': serverHost(settings) ?? '',
    });
    yield {
      at: first.at,
      fills: fillsAt(first.at),
      message: isAcme
        ? say`${container.label} serves everything over plain http on port 80 too, despite its own certificate`
        : say`${container.label} publishes port ${port ?? ''} over plain http${beside ? say`, past the TLS of ${beside.by}` : ''}${isPublicLogin ? say`, and its login asks for the Gogs password` : ''}`,
      severity: isAcme ? 'medium' : isPublicLogin ? 'critical' : beside ? 'medium' : 'high',
      related: [
        ...others.map(({ at }) => alsoAt(at, say`published here too`, { fills: fillsAt(at) })),
        ...(beside ? [{ at: beside.at, message: say`${beside.by} terminates TLS` }] : []),
        ...(perhaps ? [{ at: perhaps.at, message: say`nothing shows that ${perhaps.by} leads to it` }] : []),
      ],
    };
  },
});
