import { dashboardBind, hasDashboard, portOf } from '../../analysis/dashboard-port.ts';
import { whyUnknown } from '../../analysis/setting-state.ts';
import type { Container } from '../../model/container.ts';
import { onOwnHost } from '../../model/ports.ts';
import { alsoAt, type Location, rule, say } from '../../model/rule.ts';
import { settingsOf, setVariable } from '../../model/settings.ts';
import { dashboardPlaces } from './_dashboard.ts';

export default rule({
  id: 'exposed-dashboard',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Runner dashboard is published',
  why: "The dashboard shows which repositories are built, their history and the runner's log, behind basic authentication over plain http: anyone on the network can read the password, and nothing limits guesses. `DRONE_UI_DISABLE` has no effect.",
  fix: `Publish the port on the host itself only (127.0.0.1), and reach it through ssh:

\`\`\`yaml compose
ports:
  - "127.0.0.1:3000:3000"
\`\`\`

On the network of the host, bind it there with \`DRONE_HTTP_BIND=127.0.0.1:3000\` (Kubernetes, ssh and DigitalOcean runners: \`DRONE_SERVER_PORT\`). Behind a proxy, remove the route (the \`traefik\` labels), or put a login in front that limits guesses and accept the finding. Or remove \`DRONE_UI_PASSWORD\` and the port: without the password there is no dashboard, only \`/healthz\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/dashboard/',
    'drone/runner-go handler/router/router.go:30-48',
    'drone-runners/drone-runner-docker command/daemon/config.go:38',
  ],
  standards: { owasp: ['CICD-SEC-7'], cisDocker: { version: '1.6.0', ids: ['5.14'] }, cwe: ['CWE-319'] },
  supersedes: ['exposed-port'],
  needsRunning: true,
  since: '0.1.0',
  *judge(container) {
    const settings = settingsOf(container);
    const { label } = container;
    const password = setVariable(settings, 'DRONE_UI_PASSWORD');
    if (!password || !hasDashboard(settings.role)) return;
    const open = dashboardPlaces(settings);
    if (open === 'unknown') {
      if (container.ports.some(({ hostAddress }) => hostAddress !== undefined))
        yield { at: password.at, inconclusive: whyUnknown(settings, 'DRONE_HTTP_BIND') };
      return;
    }
    const [first, ...others] = open.length > 0 ? open : routedPlaces(container, portOf(dashboardBind(settings)));
    if (!first) return;
    const fillsAt = (at: Location) => ({ '127.0.0.1:3000:3000': onOwnHost(container, at) ?? '' });
    yield {
      at: first.at,
      fills: fillsAt(first.at),
      message:
        open.length > 0
          ? say`${label} publishes its dashboard over plain http`
          : say`Traefik leads from outside to the dashboard of ${label}`,
      related: [
        { at: password.at, message: say`the password switches the dashboard on` },
        ...others.map(({ at }) => alsoAt(at, say`published here too`, { fills: fillsAt(at) })),
      ],
    };
  },
});

/** Where labels of Traefik lead to the dashboard: the port that they name, or the only one (doc.traefik.io, providers/docker). */
function routedPlaces({ labels }: Container, port: string | undefined): readonly { readonly at: Location }[] {
  const all = [...labels].map(([key, { value, at }]) => ({ key, value, at }));
  const isOn = all.some(({ key, value }) => key === 'traefik.enable' && value === 'true');
  const rule = all.find(({ key }) => /^traefik\.http\.routers\.[^.]{1,100}\.rule$/.test(key));
  const named = all.find(({ key }) => /^traefik\.http\.services\.[^.]{1,100}\.loadbalancer\.server\.port$/.test(key));
  if (!isOn || !rule || port === undefined || named?.value !== port) return [];
  return [{ at: rule.at }];
}
