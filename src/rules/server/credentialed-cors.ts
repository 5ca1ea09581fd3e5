import { headerOf } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'credentialed-cors',
  on: 'endpoint',
  severity: 'medium',
  confidence: 'high',
  title: 'API answers every origin with credentials',
  why: 'Drone allows every origin, with credentials, and no setting changes that. All that keeps other pages from using the API as their visitor is the SameSite attribute of the session cookie, which does not cover hosts of the same site: a page on `docs.example.com` can use `ci.example.com`.',
  fix: `Have the proxy strip both headers. A new \`location\` inherits no \`proxy_set_header\` and no \`proxy_buffering\` from the one beside it, so copy those of your \`location /\`:

\`\`\`nginx
location /api/ {
  proxy_hide_header Access-Control-Allow-Origin;
  proxy_hide_header Access-Control-Allow-Credentials;
  # and all that your location / has, such as:
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_buffering off;
  proxy_pass http://127.0.0.1:8080;
}
\`\`\`

The pages of Drone itself do not need them. And serve nothing that others write on other hosts of the same domain, or on other ports of this one.`,
  refs: ['harness/drone handler/api/api.go:55-64', 'go-chi/cors v1.0.0 cors.go handleActualRequest'],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-942'] },
  since: '0.1.0',
  *judge(endpoint) {
    const answer = endpoint.answers.get('/api/user');
    if (endpoint.role !== 'server' || !answer) return;
    const origin = answer.headers.get('access-control-allow-origin');
    const isAny = origin?.value === '*' || origin?.value.toLowerCase() === strangeOrigin;
    if (!origin || !isAny || headerOf(answer, 'access-control-allow-credentials') !== 'true') return;
    yield {
      at: origin.at,
      subject: 'cors',
      message: say`the API of ${endpoint.label} allows every origin with credentials: pages on sibling hosts of its site can use the session of their visitor`,
    };
  },
});

/** Which the audit sends, and nobody can have allowed by name. */
const strangeOrigin = 'https://drone-audit.invalid';
