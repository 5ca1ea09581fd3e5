import { buildsBeside } from '../../analysis/build-networks.ts';
import { isDaemon, plainListeners } from '../../analysis/docker-daemons.ts';
import type { Container } from '../../model/container.ts';
import { coversPort, isPublished } from '../../model/ports.ts';
import { alsoAt, type Location, type Remark, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'plain-docker-daemon',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Docker daemon listens without TLS',
  why: 'The daemon requires no login and runs privileged: anyone who reaches the port is root on the host. That includes every build that the daemon runs, which finds it at the address of its own gateway.',
  fix: `Make the Docker daemon ask for certificates; images from 19.03 on make them:

\`\`\`yaml compose
environment:
  DOCKER_TLS_CERTDIR: /certs
  DOCKER_TLS_SAN: DNS:engine
volumes:
  - engine-ca:/certs/ca
  - engine-client:/certs/client
\`\`\`

\`\`\`sh docker-run
--env=DOCKER_TLS_CERTDIR=/certs --env=DOCKER_TLS_SAN=DNS:engine --volume=engine-ca:/certs/ca --volume=engine-client:/certs/client
\`\`\`

Declare both volumes, and remove \`--host=tcp://…\`, \`--tls=false\` and the mapping of port 2375. The runner mounts \`engine-client:/certs/client:ro\` and is given:

\`\`\`ini
DOCKER_HOST=tcp://engine:2376
DOCKER_TLS_VERIFY=1
DOCKER_CERT_PATH=/certs/client
\`\`\`

Or open no port at all: a volume that daemon and runner share, and \`DOCKER_HOST=unix:///run/engine/docker.sock\` for the runner:

\`\`\`yaml compose
command: [dockerd, "--host=unix:///var/run/docker.sock", "--host=unix:///run/engine/docker.sock"]
volumes:
  - engine-socket:/run/engine
\`\`\`

\`\`\`yaml kubernetes
command: [dockerd]
args: ["--host=unix:///var/run/docker.sock", "--host=unix:///run/engine/docker.sock"]
volumeMounts:
  - { name: engine-socket, mountPath: /run/engine } # an emptyDir, mounted in the runner too
\`\`\`

The chart \`drone-runner-docker\` can do neither, because its probes call port 2375: accept the finding there (\`# drone-audit: ignore[plain-docker-daemon] loopback of the pod\`).`,
  refs: [
    'https://hub.docker.com/_/docker#tls',
    'docker-library/docker dockerd-entrypoint.sh',
    'https://docs.docker.com/engine/daemon/remote-access/',
    'drone/charts 5a2ed94 charts/drone-runner-docker/values.yaml',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['2.7'] },
    cwe: ['CWE-306', 'CWE-319'],
  },
  supersedes: ['exposed-port'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(container, { installation }) {
    if (!isDaemon(container)) return;
    const listeners = [...plainListeners(container, installation)].sort(
      (one, other) => Number(one.isLocal) - Number(other.isLocal),
    );
    const [first, ...others] = listeners;
    if (!first) return;
    const open = listeners.filter(({ isLocal }) => !isLocal);
    const port = open.length > 0 ? openPort(container) : undefined;
    const builds = open.length > 0 ? buildsBeside(container, installation) : undefined;
    const related: Remark[] = others.map(({ at, message, isLocal }) =>
      alsoAt(at, say`it ${message}`, {
        message: say`the Docker daemon of ${container.label} ${message}`,
        severity: isLocal ? 'low' : undefined,
      }),
    );
    if (port) related.push({ at: port.at, message: say`its port is open beyond this host` });
    if (builds) related.push({ at: builds.at, message: say`the builds of ${builds.label} are on its network` });
    yield {
      at: first.at,
      subject: 'daemon',
      fills: { 'DNS:engine': `DNS:${container.name}`, '//engine:2376': `//${container.name}:2376` },
      message: say`the Docker daemon of ${container.label} ${first.message}`,
      severity: port || builds ? 'critical' : open.length > 0 ? 'high' : 'low',
      related,
    };
  },
});

function openPort({ ports, networkMode }: Container): { readonly at: Location } | undefined {
  if (networkMode?.value === 'host') return networkMode;
  return ports.find((port) => isPublished(port) && coversPort(port, 2375));
}
