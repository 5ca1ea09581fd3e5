import { headerOf, hostOfEndpoint, isPlainHttp } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';
import type { Answer, Endpoint } from '../../model/server.ts';

/** A header, and how the server and a proxy are made to send it. */
interface Advised {
  readonly header: string;
  readonly settings: readonly string[];
  readonly nginx: string;
  /** What there is to know of it. */
  readonly note?: string;
}

const framing: Advised = {
  header: 'X-Frame-Options',
  settings: ['DRONE_HTTP_FRAME_DENY=true'],
  nginx: 'add_header X-Frame-Options DENY always;',
  note: '`X-Frame-Options` is sent by default: if `DRONE_HTTP_FRAME_DENY` is not off, the proxy strips it.',
};
const transport: Advised = {
  header: 'Strict-Transport-Security',
  settings: ['DRONE_HTTP_STS_SECONDS=31536000', 'DRONE_HTTP_SSL_PROXY_HEADERS=X-Forwarded-Proto:https'],
  nginx: 'add_header Strict-Transport-Security "max-age=31536000" always;',
  note: 'Browsers then refuse plain http to ci.example.com for a year.',
};
const sniffing: Advised = {
  header: 'X-Content-Type-Options',
  settings: ['DRONE_HTTP_CONTENT_TYPE_NO_SNIFF=true'],
  nginx: 'add_header X-Content-Type-Options nosniff always;',
};

function fixFor(missing: readonly Advised[]): string {
  const [them, headers] = missing.length === 1 ? ['it', 'header'] : ['them', 'headers'];
  return [
    `Set the missing ${headers} on the server:`,
    `\`\`\`ini\n${missing.flatMap(({ settings }) => settings).join('\n')}\n\`\`\``,
    `Or let the proxy send ${them}:`,
    `\`\`\`nginx\n${missing.map(({ nginx }) => nginx).join('\n')}\n\`\`\``,
    ...missing.flatMap(({ note }) => note ?? []),
  ].join('\n\n');
}

export default rule({
  id: 'missing-security-headers',
  on: 'endpoint',
  severity: 'low',
  confidence: 'high',
  title: 'Pages come without protective headers',
  why: 'Without these headers a browser shows the pages in a frame of another site, where a click may be one that its visitor did not mean, guesses content types, or can be made to fall back to http.',
  fix: fixFor([transport, sniffing, framing]),
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
      ...(isFramed ? [framing] : []),
      ...[transport, sniffing].filter(({ header }) => headerOf(page, header.toLowerCase()) === ''),
    ];
    if (missing.length === 0) return;
    yield {
      at: page.status.at,
      subject: 'response headers',
      fills: { 'ci.example.com': hostOfEndpoint(endpoint) },
      message: say`pages of ${endpoint.label} come without ${missing.map(({ header }) => header).join(', ')}`,
      fix: fixFor(missing),
      severity: isFramed ? 'medium' : undefined,
    };
  },
});

/** The page that a visitor sees first. The API has none of these headers (web.go:102-103), and a redirect elsewhere is another's. */
function pageOf({ answers }: Endpoint): Answer | undefined {
  const pages = ['/welcome', '/'].flatMap((path) => answers.get(path) ?? []);
  return pages.find(({ status, body }) => status.value === 200 && body.value === 'html');
}
