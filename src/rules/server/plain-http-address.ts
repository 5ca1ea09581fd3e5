import { headerOf, hostOfEndpoint, isLocalEndpoint, isPlainHttp } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';
import type { Answer } from '../../model/server.ts';

export default rule({
  id: 'plain-http-address',
  on: 'endpoint',
  severity: 'high',
  confidence: 'high',
  title: 'Server answers over plain http',
  why: 'Tokens and session cookies that are sent to this address can be read and used on the way. `DRONE_HTTP_SSL_REDIRECT` moves pages only: the API, the RPC endpoint and the metrics go on to answer. With `DRONE_TLS_AUTOCERT` port 80 serves everything.',
  fix: `Answer http with nothing but a redirect, in the proxy:

\`\`\`nginx
server {
  listen 80;
  server_name ci.example.com;
  return 301 https://ci.example.com$request_uri;
}
\`\`\`

Without a proxy, give the server a certificate of its own (\`DRONE_TLS_CERT\` and \`DRONE_TLS_KEY\`): its port 80 then only redirects. Remove \`DRONE_TLS_AUTOCERT\`. Afterwards name the https address in \`DRONE_SERVER\`, in \`DRONE_RPC_HOST\` with \`DRONE_RPC_PROTO=https\`, and in the webhooks; replace tokens that were sent in clear text.`,
  refs: [
    'https://docs.drone.io/server/https/',
    'harness/drone server/server.go:120-156',
    'harness/drone handler/web/web.go:97-103',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(endpoint) {
    if (endpoint.role !== 'server') return;
    const fills = { 'ci.example.com': hostOfEndpoint(endpoint) };
    if (isPlainHttp(endpoint)) {
      const isLocal = isLocalEndpoint(endpoint);
      yield {
        at: endpoint.address.at,
        subject: 'http',
        fills,
        message: say`${endpoint.label} is used over plain http${isLocal ? say`, though on this machine alone` : ''}`,
        severity: isLocal ? 'info' : undefined,
      };
      return;
    }
    const plain = endpoint.answers.get('http /api/user');
    if (!plain || !serves(plain)) return;
    yield {
      at: plain.status.at,
      subject: 'http',
      fills,
      message: say`the API of ${endpoint.label} also answers over plain http, with status ${plain.status.value}`,
      severity: isLocalEndpoint(endpoint) ? 'info' : undefined,
    };
  },
});

/** Whether an answer over http comes from the API: a port for TLS, or a proxy that refuses, answers with an error of its own. */
function serves(answer: Answer): boolean {
  const status = answer.status.value;
  if (status >= 300 && status < 400) return !headerOf(answer, 'location').startsWith('https://');
  return (status >= 200 && status < 300) || status === 401 || (answer.body.value === 'json' && status < 500);
}
