import { publicAccessPath } from '../../analysis/runner-access.ts';
import { isStoppedBy, isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import type { Role } from '../../model/role.ts';
import { type Location, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

/** Limits for build containers, by runner (drone-runner-docker command/daemon/config.go:74-79, drone-runner-kube command/daemon/config.go:69-70). */
const limitNames: ReadonlyMap<Role, readonly string[]> = new Map<Role, readonly string[]>([
  ['runner-docker', ['DRONE_MEMORY_LIMIT', 'DRONE_CPU_QUOTA', 'DRONE_CPU_SHARES', 'DRONE_CPU_SET']],
  ['runner-kube', ['DRONE_RESOURCE_LIMIT_CPU', 'DRONE_RESOURCE_LIMIT_MEMORY']],
]);

/** Concurrent builds above which the number is worth mentioning; the default is 2. */
const manyBuilds = 20;

const ofExecRunner = `Run fewer builds at a time:

\`\`\`env
DRONE_RUNNER_CAPACITY=2
\`\`\`

The exec runner has no limits of its own: give its unit some, which hold for all builds together.

\`\`\`ini
[Service]
MemoryMax=8G
CPUQuota=400%
\`\`\`

A build that needs more memory is killed.`;

const ofKubernetesRunner = `Limit what a build may use:

\`\`\`env
DRONE_RESOURCE_LIMIT_MEMORY=4GiB
DRONE_RESOURCE_LIMIT_CPU=2000
\`\`\`

The CPU limit is in millicores. A build that needs more memory is killed.`;

const variants: ReadonlyMap<Role, string> = new Map([
  ['runner-exec', ofExecRunner],
  ['runner-kube', ofKubernetesRunner],
]);

export default rule({
  id: 'unlimited-build-resources',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  title: 'Builds have no resource limits',
  why: 'One build, by mistake or on purpose, can use all memory and CPU of the host and starve its neighbours. The memory limit of the docker runner is a default that a step can raise; its CPU limits hold for every step.',
  fix: `Limit what a build may use:

\`\`\`env
DRONE_MEMORY_LIMIT=4294967296
DRONE_CPU_QUOTA=200000
\`\`\`

The docker runner counts memory in bytes and CPU in microseconds per 100 ms. The Kubernetes runner reads \`DRONE_RESOURCE_LIMIT_MEMORY\` (as \`4GiB\`) and \`DRONE_RESOURCE_LIMIT_CPU\` (in millicores). The exec runner has no limits of its own: its unit needs them (\`MemoryMax=\`, \`CPUQuota=\`), and a moderate \`DRONE_RUNNER_CAPACITY\`. A build that needs more memory is killed.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-memory-limit/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:465-482',
    'drone-runners/drone-runner-kube engine/compiler/compiler.go:675-693',
  ],
  standards: {
    owasp: ['CICD-SEC-5'],
    cisDocker: { version: '1.6.0', ids: ['5.11', '5.12'] },
    cwe: ['CWE-770'],
  },
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, context) {
    const names = limitNames.get(settings.role);
    const capacity = settings.role === 'runner-kube' ? undefined : highCapacity(settings);
    if (!names && !(settings.role === 'runner-exec' && capacity)) return;
    const unlimited = (names ?? []).map((name) => isUnlimited(settings, name));
    if (unlimited.includes(false)) return;
    const unknown = names?.[unlimited.indexOf(undefined)];
    if (unknown !== undefined) {
      yield { at: settings.at, inconclusive: whyUnknown(settings, unknown) };
      return;
    }
    const way = publicAccessPath(settings, context);
    const many = capacity ? `, ${capacity.builds} builds at a time` : '';
    yield {
      at: names ? settings.at : (capacity?.at ?? settings.at),
      subject: 'resources',
      // Builds of the exec runner are no containers.
      cisDocker: names ? undefined : [],
      fix: variants.get(settings.role),
      message: say`${settings.label} sets no memory or CPU limits for builds${many}${way ? say`, and ${way}` : ''}`,
      related: names && capacity ? [{ at: capacity.at, message: say`DRONE_RUNNER_CAPACITY is high` }] : undefined,
    };
  },
});

/** Whether a limit is absent, zero, or an empty text that the runner accepts; undefined when unknown. */
function isUnlimited(settings: Settings, name: string): boolean | undefined {
  const variable = settings.variables.get(name);
  if (!variable) return isUnset(settings, name);
  if (isStoppedBy(settings, name)) return false;
  return variable.value === undefined ? undefined : /^(?:0+(?:\.0*)?\s*[A-Za-z]*)?$/.test(variable.value.trim());
}

function highCapacity({ variables }: Settings): { readonly builds: number; readonly at: Location } | undefined {
  const variable = variables.get('DRONE_RUNNER_CAPACITY');
  const builds = /^\d{1,9}$/.test(variable?.value ?? '') ? Number(variable?.value) : 0;
  return variable && builds > manyBuilds ? { builds, at: variable.at } : undefined;
}
