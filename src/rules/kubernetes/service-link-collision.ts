import { isComponent, settingFor } from '../../facts/settings.ts';
import type { Container } from '../../model/container.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'service-link-collision',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Service name sets a Drone variable',
  why: 'Kubernetes gives each pod variables for the Services of its namespace, made of their names. Where Drone reads a variable of that name, it takes the address for a setting: a server with `DRONE_SERVER_PORT=tcp://...` does not start.',
  fix: `Turn these variables off in the pod:

\`\`\`yaml kubernetes
spec:
  template:
    spec:
      enableServiceLinks: false
\`\`\`

Or give the Service another name, such as \`drone-web\`, and use it wherever the old one stands: ingress, \`DRONE_RPC_HOST\`.`,
  refs: [
    'https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables',
    'harness/drone cmd/drone-server/config/config.go:255',
    'kubernetes/kubernetes pkg/kubelet/envvars/envvars.go',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(container) {
    const { label, serviceLinks = [], environment, at } = container;
    for (const service of serviceLinks) {
      const name = variablesOf(service.value).find((each) => isRead(each, container));
      if (name === undefined) continue;
      if (!environment.complete) {
        yield { at, inconclusive: environment.gaps[0] ?? say`the environment is not wholly known` };
        return;
      }
      yield {
        at: service.at,
        subject: `service ${service.value}`,
        message: say`Service "${service.value}" sets ${name} in ${label}, which takes the address for its own setting`,
        related: [{ at, message: say`reads ${name}` }],
      };
    }
  },
});

/** The variables that do not depend on the numbers of ports (kubernetes pkg/kubelet/envvars/envvars.go). */
function variablesOf(service: string): readonly string[] {
  const prefix = service.toUpperCase().replaceAll('-', '_');
  return [`${prefix}_PORT`, `${prefix}_SERVICE_HOST`, `${prefix}_SERVICE_PORT`];
}

/** Whether the process in a container reads a variable that the pod does not set itself. */
function isRead(name: string, { role, environment }: Container): boolean {
  return isComponent(role) && settingFor(name, role) !== undefined && !environment.variables.has(name);
}
