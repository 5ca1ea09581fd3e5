import { type Container, isPod } from '../../model/container.ts';
import { exposesControlSocket } from '../../model/host-paths.ts';
import { isRunner, type Role } from '../../model/role.ts';
import { joinTexts, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'unhardened-container',
  on: 'container',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Container keeps more rights than it needs',
  why: 'None of these settings alone keeps attackers out. Each denies a step to those who got into the process: becoming root, changing the program, exhausting the machine. Drone works with all of them.',
  fix: `Take away the rights that Drone can do without:

\`\`\`yaml compose
security_opt: ["no-new-privileges:true"]
cap_drop: [ALL]
cap_add: [NET_BIND_SERVICE] # only where it listens below port 1024
read_only: true
tmpfs: [/tmp]
user: "65534:65534"
mem_limit: 512m
cpus: 1
pids_limit: 200
healthcheck:
  test: [CMD, wget, -qO-, "http://127.0.0.1:80/healthz"]
\`\`\`

\`\`\`yaml kubernetes
securityContext:
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] }
  readOnlyRootFilesystem: true
  runAsUser: 65534
resources:
  limits: { memory: 512Mi, cpu: "1" }
livenessProbe:
  exec: { command: [wget, -qO-, "http://127.0.0.1:80/healthz"] }
\`\`\`

First give the data directory to that user (\`chown -R 65534:65534\`): the server cannot write its database otherwise. A runner with the engine's socket stays root. An extension has no \`/healthz\`; ask it with \`nc -z 127.0.0.1 3000\`. Measure before you limit memory: the kernel kills what exceeds it. Where the runtime lets only root open port 80, set \`DRONE_SERVER_PORT=:8080\` and point the Service at that port.`,
  refs: [
    'https://docs.docker.com/engine/security/',
    'https://docs.docker.com/reference/compose-file/services/',
    'harness/drone docker/Dockerfile.server.linux.amd64',
  ],
  standards: {
    owasp: ['CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['5.4', '5.13', '5.26', '4.1', '5.11', '5.12', '5.29', '4.6', '5.27'] },
    cwe: ['CWE-250'],
  },
  since: '0.1.0',
  *judge(container) {
    const { role, label, at } = container;
    if (role !== 'server' && !isRunner(role) && role !== 'autoscaler' && role !== 'extension') return;
    // Without an image it is only part of a container, which another file completes.
    if (!container.image && !container.imageText) {
      yield { at, inconclusive: say`${label} has no image here: another file completes it` };
      return;
    }
    const missing = [...missingFrom(container)];
    if (missing.length === 0) return;
    yield {
      at,
      subject: 'hardening',
      cisDocker: missing.flatMap(({ cisDocker }) => cisDocker),
      fills: { '127.0.0.1:80/healthz': `127.0.0.1:${healthPort(role)}/healthz` },
      message: say`${label} lacks ${listOf(missing.map(({ what }) => what))}`,
    };
  },
});

/** What a container lacks, with the recommendation of CIS Docker 1.6.0 that asks for it. */
interface Missing {
  readonly what: Text;
  readonly cisDocker: readonly string[];
}

function* missingFrom(container: Container): Iterable<Missing> {
  const { securityOpt, observed, capDrop, readOnlyRoot, memoryLimit, cpuLimit, pidsLimit, healthcheck } = container;
  const byDefault = observed?.engineSecurityOptions?.some((option) => option.startsWith('name=no-new-privileges'));
  if (!byDefault && !securityOpt.some(({ value }) => /^no-new-privileges(?:[:=]true)?$/.test(value)))
    yield { what: say`no-new-privileges`, cisDocker: ['5.26'] };
  if (!capDrop.some(({ value }) => value.toUpperCase() === 'ALL'))
    yield { what: say`"cap_drop: ALL"`, cisDocker: ['5.4'] };
  if (readOnlyRoot?.value !== true) yield { what: say`a read-only root file system`, cisDocker: ['5.13'] };
  if (isRoot(container) && !needsRoot(container)) yield { what: say`a user other than root`, cisDocker: ['4.1'] };
  if (!memoryLimit) yield { what: say`a memory limit`, cisDocker: ['5.11'] };
  if (!cpuLimit) yield { what: say`a CPU limit`, cisDocker: ['5.12'] };
  // The kubelet limits the processes of all pods of a node; a pod cannot.
  if (!pidsLimit && !isPod(container)) yield { what: say`a process limit`, cisDocker: ['5.29'] };
  if (healthcheck?.value !== true) yield { what: say`a health check`, cisDocker: ['4.6', '5.27'] };
}

/** Drone's images name no user and so run as root; for other images this is not known. */
function isRoot({ user, image, live }: Container): boolean {
  if (user && user.value !== '') return /^(?:0|root)(?::|$)/.test(user.value);
  return live || image?.value.name.startsWith('drone/') === true;
}

/** A runner with the engine's socket is as good as root, whatever user it runs as. */
function needsRoot({ role, mounts }: Container): boolean {
  return isRunner(role) && mounts.some(({ source }) => source !== undefined && exposesControlSocket(source));
}

/** The port at which a component answers `/healthz`, unless its settings say otherwise. */
function healthPort(role: Role): number {
  if (role === 'server') return 80;
  return role === 'autoscaler' ? 8080 : 3000;
}

function listOf(texts: readonly Text[]): Text {
  const [last] = texts.slice(-1);
  return last === undefined || texts.length === 1
    ? joinTexts(texts, '')
    : say`${joinTexts(texts.slice(0, -1), ', ')} and ${last}`;
}
