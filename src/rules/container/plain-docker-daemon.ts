import type { Container } from '../../model/container.ts';
import { containersNamed, hostOf, isLoopback } from '../../model/endpoint.ts';
import type { Installation } from '../../model/installation.ts';
import { coversPort, isPublished } from '../../model/ports.ts';
import { isOlderRelease } from '../../model/release.ts';
import { rule } from '../../model/rule.ts';
import { isRunner } from '../../model/settings.ts';
import type { Located, Location } from '../../model/source.ts';
import { oncePer } from '../once.ts';
import { buildsBeside } from './build-networks.ts';

export default rule({
  id: 'plain-docker-daemon',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Docker daemon listens without TLS',
  why: 'The daemon asks for no login, and it runs privileged: whoever reaches the port is root on the host. That includes every build that the daemon runs, which finds it at the address of its own gateway.',
  fix: `TLS, with the certificates that the image makes by itself:

\`\`\`yaml
services:
  engine:
    image: docker:28-dind
    environment: { DOCKER_TLS_CERTDIR: /certs }
    volumes: [engine-certs:/certs]
  runner:
    environment:
      DOCKER_HOST: tcp://engine:2376
      DOCKER_TLS_VERIFY: "1"
      DOCKER_CERT_PATH: /certs/client
    volumes: [engine-certs:/certs:ro]
volumes: { engine-certs: {} }
\`\`\`

or no port at all: \`command: [dockerd, --host=unix:///run/engine/docker.sock]\` with \`/run/engine\` as a volume of both.`,
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
  since: '0.1.0',
  *judge(container, { installation }) {
    if (!isDaemon(container)) return;
    const listeners = plainListeners(container, installation);
    const [first, ...others] = listeners;
    if (!first) return;
    const open = listeners.filter(({ isLocal }) => !isLocal);
    const port = open.length > 0 ? openPort(container) : undefined;
    const builds = open.length > 0 ? buildsBeside(container, installation) : undefined;
    const related = others.map(({ at, message }) => ({ at, message: `it ${message}` }));
    if (port) related.push({ at: port.at, message: 'its port is open beyond this host' });
    if (builds) related.push({ at: builds.at, message: `the builds of ${builds.label} are on its network` });
    yield {
      at: first.at,
      subject: 'daemon',
      message: `the Docker daemon of ${container.label} ${first.message}`,
      severity: port || builds ? 'critical' : open.length > 0 ? 'high' : 'low',
      related,
    };
  },
});

interface Listener {
  readonly at: Location;
  readonly message: string;
  readonly isLocal: boolean;
}

function isDaemon({ role, image, entrypoint, command }: Container): boolean {
  if (role !== 'docker' || /socket-?proxy/.test(image?.value.name ?? '')) return false;
  return image?.value.tag?.includes('dind') === true || [...entrypoint, ...command].some(isDockerd);
}

function isDockerd({ value }: Located<string>): boolean {
  return /(?:^|\/)dockerd(?:-entrypoint\.sh)?$/.test(value);
}

function plainListeners(container: Container, installation: Installation): readonly Listener[] {
  const words = [...container.entrypoint, ...container.command];
  if (words.some(({ value }) => /^--tls(?:verify)?(?:=true)?$/.test(value))) return [];
  const script = scriptListener(container);
  if (script === 'tls') return [];
  const found: Listener[] = script ? [script] : [];
  for (const { value, at } of words) {
    const address = /^(?:--host=|-H=?)?tcp:\/\/(.*)$/.exec(value)?.[1];
    const isLocal = address !== undefined && isLoopback(hostOf(address) ?? '');
    if (address !== undefined) found.push({ at, message: `listens on "tcp://${address}" without TLS`, isLocal });
  }
  if (found.length > 0) return found;
  const off = words.find(({ value }) => value === '--tls=false');
  if (off) return [{ at: off.at, message: 'has TLS switched off', isLocal: false }];
  const port = container.ports.find((each) => isPublished(each) && coversPort(each, 2375));
  if (port) return [{ at: port.at, message: 'is published at port 2375, the one without TLS', isLocal: false }];
  const caller = callers(installation).get(container);
  return caller ? [{ at: caller, message: 'is called at port 2375, the one without TLS', isLocal: false }] : [];
}

/**
 * What the start script of the image adds when it is given no program: port 2376 with TLS, or port 2375 on all addresses
 * without it where DOCKER_TLS_CERTDIR is empty, as it is by default before 19.03 (docker-library/docker
 * dockerd-entrypoint.sh). Undefined where the script is not run or the variable is not known.
 */
function scriptListener({ entrypoint, command, settings, image, at }: Container): Listener | 'tls' | undefined {
  if (entrypoint.length > 0 && !/dockerd-entrypoint\.sh$/.test(entrypoint[0]?.value ?? '')) return undefined;
  if (command[0] && !command[0].value.startsWith('-')) return undefined;
  const variable = settings.variables.get('DOCKER_TLS_CERTDIR');
  const message = 'listens on port 2375 of all addresses without TLS';
  if (variable?.value === '')
    return { at: variable.at, message: `${message}: DOCKER_TLS_CERTDIR is empty`, isLocal: false };
  if (variable) return variable.value === undefined ? undefined : 'tls';
  const isOld = isOlderRelease(image?.value.tag?.replace(/\.0(\d)/, '.$1'), '19.3.0');
  if (!isOld) return 'tls';
  const place = image?.at ?? at;
  return settings.known ? { at: place, message: `${message}, as images before 19.03 do`, isLocal: false } : undefined;
}

/** The variables with which runners of the audit call a daemon at port 2375, by the daemon. */
const callers = oncePer((installation) => {
  const found = new Map<Container, Location>();
  for (const { role, variables, container: caller } of installation.settings) {
    const variable = variables.get('DOCKER_HOST');
    if (!isRunner(role) || !caller || !variable || !/^tcp:\/\/[^/]*:2375\/?$/.test(variable.value ?? '')) continue;
    const host = hostOf(variable.value ?? '');
    const named = host === undefined ? [] : containersNamed(host, caller, installation);
    for (const daemon of named.slice(0, 10)) found.set(daemon, variable.at);
  }
  return found;
});

function openPort({ ports, networkMode }: Container): { readonly at: Location } | undefined {
  if (networkMode?.value === 'host') return networkMode;
  return ports.find((port) => isPublished(port) && coversPort(port, 2375));
}
