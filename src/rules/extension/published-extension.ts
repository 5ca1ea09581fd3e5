import { openPlaces } from '../../analysis/listener.ts';
import { extensionPorts } from '../../facts/extensions.ts';
import type { Container } from '../../model/container.ts';
import { onOwnHost } from '../../model/ports.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'published-extension',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Extension is published beyond its callers',
  why: 'Only the server and the runners need to reach an extension. Its requests are signed, but a signature neither expires nor covers path and body: anyone who has seen one request, and reaches the port, can ask for more.',
  fix: `Drop the port mapping and share a network with the callers, who then use the name of the container. Or publish the port on the host itself only (127.0.0.1), if all callers are there:

\`\`\`yaml compose
ports:
  - "127.0.0.1:3000:3000"
\`\`\`

\`\`\`sh docker-run
docker run --publish 127.0.0.1:3000:3000
\`\`\``,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/drone-go plugin/secret/handler.go:57-68',
    'drone/drone-go plugin/internal/client/client.go:42-51',
  ],
  standards: {
    owasp: ['CICD-SEC-7', 'CICD-SEC-8'],
    cisDocker: { version: '1.6.0', ids: ['5.14'] },
  },
  supersedes: ['exposed-port'],
  needsRunning: true,
  since: '0.1.0',
  *judge(container) {
    if (container.role !== 'extension') return;
    const places = portsOf(container).flatMap((port) => openPlaces(container, port).map(({ at }) => ({ at, port })));
    const [first, ...others] = places.filter(
      ({ at }, index) => places.findIndex((other) => other.at.span.start === at.span.start) === index,
    );
    if (!first) return;
    const toldOf = ({ at, port }: typeof first) => ({
      message: say`${container.label} publishes port ${port} beyond this host`,
      fills: { '127.0.0.1:3000:3000': onOwnHost(container, at) ?? `127.0.0.1:${port}:${port}` },
    });
    yield {
      at: first.at,
      ...toldOf(first),
      related: others.map((other) => alsoAt(other.at, say`published here too`, toldOf(other))),
    };
  },
});

/** The port in DRONE_BIND if set, otherwise those on which extensions usually listen. */
function portsOf({ environment }: Container): readonly string[] {
  const bind = /(\d{1,5})$/.exec(environment.variables.get('DRONE_BIND')?.value ?? '')?.[1];
  return bind === undefined ? extensionPorts : [bind];
}
