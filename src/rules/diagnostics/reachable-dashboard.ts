import { asksForLogin, hostOfEndpoint, isLocalEndpoint, isPlainHttp } from '../../analysis/endpoints.ts';
import { rule, say } from '../../model/rule.ts';
import type { Answer, Endpoint } from '../../model/server.ts';

const ofAutoscaler = `Publish the port on the host itself only (\`127.0.0.1:8080:8080\`), or on the network of the host bind it there: \`DRONE_HTTP_PORT=127.0.0.1:8080\`. Reach it through ssh:

\`\`\`sh
ssh -L 8080:127.0.0.1:8080 autoscaler.example.com
\`\`\`

Or remove \`DRONE_UI_PASSWORD\`: without it there is no dashboard. If it opened without a login, something before it logs everybody in: remove that. Replace a password that the documentation prints in any case.`;

export default rule({
  id: 'reachable-dashboard',
  on: 'endpoint',
  severity: 'low',
  confidence: 'high',
  title: 'Dashboard answers from outside',
  why: "The history of builds and the runner's log are behind one password, which is sent in clear text over plain http, and nothing limits guesses. A runner needs no connection from outside, except for health checks.",
  fix: `Publish the port on the host itself only (\`127.0.0.1:3000:3000\`), or on the network of the host bind it there: \`DRONE_HTTP_BIND=127.0.0.1:3000\` (Kubernetes, ssh and DigitalOcean runners: \`DRONE_SERVER_PORT\`; an autoscaler, which listens on \`:8080\`: \`DRONE_HTTP_PORT\`). Reach it through ssh:

\`\`\`sh
ssh -L 3000:127.0.0.1:3000 runner.example.com
\`\`\`

Or remove \`DRONE_UI_PASSWORD\`: without it there is no dashboard. \`DRONE_UI_DISABLE\` has no effect. Replace a password that the documentation prints in any case.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/dashboard/',
    'drone/runner-go handler/router/router.go:30-48',
    'drone/autoscaler cmd/drone-autoscaler/main.go:124-132',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319', 'CWE-1392'] },
  since: '0.1.0',
  *judge(endpoint) {
    const answer = dashboardOf(endpoint);
    const [accepted] = endpoint.accepted;
    const isLocal = isLocalEndpoint(endpoint);
    // What stays on its own machine is open to whoever has an account or a build there: a password of its own is enough.
    if (!answer || (isLocal && !accepted)) return;
    const isOpen = isPlainHttp(endpoint);
    const how = accepted ? say`, and accepts ${accepted.value}` : isOpen ? say`, over plain http` : '';
    yield {
      at: answer.status.at,
      subject: 'dashboard',
      fix: endpoint.role === 'autoscaler' ? ofAutoscaler : undefined,
      fills: { 'runner.example.com': hostOfEndpoint(endpoint), 'autoscaler.example.com': hostOfEndpoint(endpoint) },
      message:
        isLocal && accepted
          ? say`the dashboard of ${endpoint.label} accepts ${accepted.value}`
          : say`${endpoint.label} shows its dashboard beyond its own host${how}`,
      severity: accepted ? 'high' : isOpen ? 'medium' : undefined,
      related: accepted ? [{ at: accepted.at, message: say`accepted` }] : undefined,
    };
  },
});

/** The answer that shows a dashboard. That of the autoscaler opens without a login only where a proxy before it sends one. */
function dashboardOf({ role, answers }: Endpoint): Answer | undefined {
  if (role === 'runner') {
    const root = answers.get('/');
    return root && asksForLogin(root) ? root : undefined;
  }
  const ui = role === 'autoscaler' ? answers.get('/ui') : undefined;
  return ui && (asksForLogin(ui) || (ui.status.value === 200 && ui.body.value === 'html')) ? ui : undefined;
}
