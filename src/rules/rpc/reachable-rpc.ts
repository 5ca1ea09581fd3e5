import { headerOf, isPlainHttp, isPublicEndpoint } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'reachable-rpc',
  on: 'endpoint',
  severity: 'medium',
  confidence: 'high',
  title: 'RPC endpoint answers from here',
  why: 'Only the RPC secret stands between a caller and every secret of the installation. Attempts to guess it are neither limited nor logged, and one that leaked works from anywhere. Only runners need this endpoint.',
  fix: `Let the proxy serve \`/rpc\` to the addresses of the runners alone. A new \`location\` inherits no \`proxy_set_header\` and no \`proxy_buffering\` from the one beside it, so copy those of your \`location /\`:

\`\`\`nginx
location /rpc/ {
  allow 203.0.113.7; # the runners
  deny all;
  # and all that your location / has, such as:
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_buffering off;
  proxy_pass http://127.0.0.1:8080;
}
\`\`\`

Runners on the network of the server may also talk to it directly (\`DRONE_RPC_HOST\` with its internal name), and then the proxy can refuse the path to everybody. Over plain http, change the RPC secret afterwards: it was sent in clear text.`,
  refs: [
    'harness/drone operator/manager/rpc2/server.go:27-59',
    'harness/drone cmd/drone-server/inject_server.go:63-77',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-7'], cwe: ['CWE-307'] },
  since: '0.1.0',
  *judge(endpoint) {
    const answer = endpoint.answers.get('POST /rpc/v2/ping');
    // A proxy that refuses says so with a page, or asks for a login of its own.
    const isOfDrone =
      answer?.body.value === 'empty' &&
      (answer.status.value === 401 || answer.status.value === 403) &&
      headerOf(answer, 'www-authenticate') === '';
    if (!answer || !isOfDrone || !isPublicEndpoint(endpoint)) return;
    const isOpen = isPlainHttp(endpoint);
    yield {
      at: answer.status.at,
      subject: 'rpc',
      message: say`${endpoint.label} answers strangers on its RPC endpoint${isOpen ? say`, over plain http` : ''}`,
      severity: isOpen ? 'high' : undefined,
    };
  },
});
