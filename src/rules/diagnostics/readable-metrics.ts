import { isPublicEndpoint } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'readable-metrics',
  on: 'endpoint',
  severity: 'low',
  confidence: 'high',
  title: 'Metrics answer to anyone',
  why: 'Metrics show how many users, repositories, builds and machines there are and, with HTTP metrics, which paths are requested. This address gives them to anybody who asks.',
  fix: `On a server, remove \`DRONE_PROMETHEUS_ANONYMOUS_ACCESS\` and give the scraper the token of a machine account, which need not be an administrator. On an autoscaler, set \`DRONE_PROMETHEUS_AUTH_TOKEN\` and give the scraper the same token. Or let the proxy refuse the path, and scrape the server past it:

\`\`\`nginx
location = /metrics { return 404; }
\`\`\``,
  refs: [
    'https://docs.drone.io/server/metrics/',
    'harness/drone metric/handler.go:43-53',
    'drone/autoscaler config/config.go:117',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-306'] },
  since: '0.1.0',
  *judge(endpoint) {
    const answer = endpoint.answers.get('/metrics');
    // A community build answers with an empty 200 (metric/handler_oss.go).
    if (answer?.status.value !== 200 || answer.body.value !== 'metrics') return;
    const isPublic = isPublicEndpoint(endpoint);
    yield {
      at: answer.body.at,
      subject: 'metrics',
      message: say`${endpoint.label} shows its metrics without a login${isPublic ? say`, at a public address` : ''}`,
      severity: isPublic ? 'medium' : undefined,
    };
  },
});
