import { headerOf, hostOfEndpoint, isPlainHttp } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';
import type { Answer, Endpoint } from '../../model/server.ts';

export default rule({
  id: 'missing-security-headers',
  on: 'endpoint',
  severity: 'low',
  confidence: 'high',
  title: 'Pages come without protective headers',
  why: 'Without these headers a browser shows the pages in a frame of another site, where a click may be one that its visitor did not mean, guesses content types, or can be made to fall back to http.',
  fix: `Set the headers on the server:

\`\`\`ini
DRONE_HTTP_STS_SECONDS=31536000
DRONE_HTTP_SSL_PROXY_HEADERS=X-Forwarded-Proto:https
DRONE_HTTP_CONTENT_TYPE_NO_SNIFF=true
\`\`\`

\`X-Frame-Options\` is sent by default: remove \`DRONE_HTTP_FRAME_DENY=false\`, or see what the proxy takes away. Or let the proxy send them all:

\`\`\`nginx
add_header Strict-Transport-Security "max-age=31536000" always;
add_header X-Content-Type-Options nosniff always;
add_header X-Frame-Options DENY always;
\`\`\`

Browsers then refuse plain http to ci.example.com for a year.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-http-sts-seconds/',
    'harness/drone handler/web/web.go:97-103',
    'harness/drone cmd/drone-server/config/config.go:430-446',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1021', 'CWE-319'] },
  since: '0.1.0',
  *judge(endpoint) {
    if (endpoint.role !== 'server' || isPlainHttp(endpoint)) return;
    const page = pageOf(endpoint);
    if (!page) return;
    const isFramed =
      headerOf(page, 'x-frame-options') === '' &&
      !/(?:^|[;,\s])frame-ancestors\s/.test(headerOf(page, 'content-security-policy'));
    const missing = [
      ...(isFramed ? ['X-Frame-Options'] : []),
      ...(headerOf(page, 'strict-transport-security') === '' ? ['Strict-Transport-Security'] : []),
      ...(headerOf(page, 'x-content-type-options') === '' ? ['X-Content-Type-Options'] : []),
    ];
    if (missing.length === 0) return;
    yield {
      at: page.status.at,
      subject: 'response headers',
      fills: { 'ci.example.com': hostOfEndpoint(endpoint) },
      message: say`pages of ${endpoint.label} come without ${missing.join(', ')}`,
      severity: isFramed ? 'medium' : undefined,
    };
  },
});

/** The page that a visitor sees first. The API has none of these headers (web.go:102-103), and a redirect elsewhere is another's. */
function pageOf({ answers }: Endpoint): Answer | undefined {
  const pages = ['/welcome', '/'].flatMap((path) => answers.get(path) ?? []);
  return pages.find(({ status, body }) => status.value === 200 && body.value === 'html');
}
