import { buildsBeside } from '../../analysis/build-networks.ts';
import type { Container } from '../../model/container.ts';
import type { Variable } from '../../model/environment.ts';
import { addTo } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isPublished } from '../../model/ports.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, rule, type Severity, say } from '../../model/rule.ts';

export default rule({
  id: 'permissive-socket-proxy',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Docker socket proxy lets too much through',
  why: 'The proxy requires no login. Anyone who reaches it and may create containers, or enter running ones, is root on the host; with `SECRETS`, `SWARM`, `SYSTEM` or `AUTH` they can read and change more than any runner needs.',
  fix: `Let the socket proxy pass only what a docker runner needs, on a network that the two share with nothing else:

\`\`\`yaml compose
environment:
  CONTAINERS: 1
  IMAGES: 1
  NETWORKS: 1
  VOLUMES: 1
  POST: 1 # drone-audit: ignore[permissive-socket-proxy] shared with the runner alone
networks: [engine]
\`\`\`

Remove everything else, \`ports\` too, declare the network (\`engine: { internal: true }\`), and keep it out of \`DRONE_RUNNER_NETWORKS\`. The runner joins it (\`networks: [default, engine]\`) and is given \`DOCKER_HOST=tcp://engine:2375\`. It has to create containers: the comment accepts the low finding that remains.

For a program that only reads: \`CONTAINERS: 1\`, \`POST: 0\` and nothing more.`,
  refs: [
    'https://github.com/Tecnativa/docker-socket-proxy#grant-or-revoke-access-to-certain-api-sections',
    'https://docs.linuxserver.io/images/docker-socket-proxy/',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(container, { installation }) {
    if (!isSocketProxy(container)) return;
    const granted = sections.flatMap((name) => grant(container, name) ?? []);
    const post = grant(container, 'POST');
    const containers = grant(container, 'CONTAINERS');
    const creates = post && containers ? [post] : [];
    const port = container.ports.find(isPublished);
    const faults = [
      ...creates.map(({ at }) => ({ at, message: say`lets its callers create containers ("POST" with "CONTAINERS")` })),
      ...granted.map(({ at, name }) => ({ at, message: say`lets its callers use "${name}"` })),
      ...(port ? [{ at: port.at, message: say`is published beyond this host` }] : []),
    ];
    const [first, ...others] = faults;
    if (!first) return;
    const isIsolated = granted.length === 0 && isSharedWithRunnersAlone(container, installation);
    const severity: Severity = port ? 'critical' : isIsolated ? 'low' : 'high';
    yield {
      at: first.at,
      subject: 'socket proxy',
      fills: { '//engine:2375': `//${container.name}:2375` },
      message: say`the socket proxy, ${container.label}, ${first.message}`,
      severity,
      related: others.map(({ at, message }) =>
        alsoAt(at, say`it ${message}`, { message: say`the socket proxy, ${container.label}, ${message}` }),
      ),
    };
  },
});

/** Sections of the Engine API that no runner needs and that give away secrets or the host. */
const sections = ['EXEC', 'AUTH', 'SECRETS', 'SWARM', 'SYSTEM'] as const;

/** Proxies with one variable for each section of the API; others take patterns of what to let through. */
function isSocketProxy({ image }: Container): boolean {
  const name = image?.value.name ?? '';
  return name.includes('docker-socket-proxy') || name === 'linuxserver/socket-proxy';
}

function grant({ environment }: Container, name: string): Variable | undefined {
  const variable = environment.variables.get(name);
  return variable && /^(?:[1-9]\d{0,9}|true|yes|on)$/i.test(variable.value ?? '') ? variable : undefined;
}

/** Containers by network, those that run apart from those that are declared. */
const byNetwork = memoizePer(({ containers }: Installation) => {
  const members = new Map<string, Container[]>();
  for (const container of containers) for (const key of networkKeys(container)) addTo(members, key, container);
  return members;
});

function networkKeys({ networks, live }: Container): readonly string[] {
  return networks.map(({ value }) => `${live} ${value}`);
}

function isSharedWithRunnersAlone(proxy: Container, installation: Installation): boolean {
  const members = networkKeys(proxy).map((key) => byNetwork(installation).get(key) ?? []);
  const hasRunner = members.some((list) => list.some(({ role }) => isRunner(role)));
  const isAlone = members.every((list) => list.every((other) => other === proxy || isRunner(other.role)));
  return hasRunner && isAlone && !buildsBeside(proxy, installation);
}
