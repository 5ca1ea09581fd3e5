import { listenerPort, openPlaces } from '../../analysis/listener.ts';
import { isOn, isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { serverHost } from '../../drone/topology.ts';
import type { Variable } from '../../model/environment.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'anonymous-metrics',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Metrics are readable without login',
  why: 'Metrics show how many users, repositories, builds and machines there are and, with HTTP metrics, which paths are requested. Anyone who reaches the port can read them.',
  fix: `Close the metrics, and give the scraper a token. On a server, remove \`DRONE_PROMETHEUS_ANONYMOUS_ACCESS\`; the token is that of a machine account, which need not be an administrator:

\`\`\`yaml
scrape_configs:
  - job_name: drone
    scheme: https
    authorization:
      credentials_file: /etc/prometheus/drone-token
    static_configs:
      - targets: [ci.example.com]
\`\`\`

On an autoscaler, set a token and give the scraper the same one:

\`\`\`ini
DRONE_PROMETHEUS_AUTH_TOKEN=<output of: openssl rand -hex 32>
\`\`\``,
  refs: [
    'https://docs.drone.io/server/metrics/',
    'harness/drone metric/handler.go:43-53',
    'drone/autoscaler config/config.go:117',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-306'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(settings) {
    const name = settings.role === 'autoscaler' ? 'DRONE_PROMETHEUS_AUTH_TOKEN' : 'DRONE_PROMETHEUS_ANONYMOUS_ACCESS';
    if (settings.role !== 'autoscaler' && settings.role !== 'server') return;
    const variable = settings.variables.get(name);
    if (settings.role === 'server' && !(variable && isOn(settings, name))) return;
    if (settings.role === 'autoscaler') {
      const isOpen = isUnset(settings, name);
      if (isOpen === undefined) yield { at: settings.at, inconclusive: whyUnknown(settings, name) };
      if (!isOpen) return;
    }
    yield hit(settings, name, variable);
  },
});

function hit(settings: Settings, name: string, variable: Variable | undefined) {
  const port = settings.role === 'server' ? listenerPort(settings) : portOfAutoscaler(settings);
  const [open] = settings.container && port ? openPlaces(settings.container, port) : [];
  return {
    at: variable?.at ?? settings.at,
    subject: name,
    fills: { 'ci.example.com': serverHost(settings) ?? '' },
    message: say`${settings.label} serves its metrics without login${open ? say`, on a published port` : ''}`,
    ...(open ? { severity: 'medium' as const, related: [{ at: open.at, message: say`published here` }] } : {}),
  };
}

/** drone/autoscaler config/config.go:100. */
function portOfAutoscaler({ variables }: Settings): string | undefined {
  return /(?<!\d)(\d+)$/.exec(variables.get('DRONE_HTTP_PORT')?.value ?? ':8080')?.[1];
}
