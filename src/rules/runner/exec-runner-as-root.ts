import { opennessOf, publicAccessPath } from '../../analysis/runner-access.ts';
import { type Location, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'exec-runner-as-root',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Exec runner is root',
  why: 'The exec runner executes the commands of a build as its own user on the host. As root, the default of the unit that its installer writes, every build owns the host.',
  fix: `Give the runner a user of its own:

\`\`\`sh
useradd --system --create-home drone
systemctl edit drone-runner-exec
systemctl restart drone-runner-exec
\`\`\`

\`\`\`ini systemd
[Service]
User=drone
\`\`\`

\`\`\`yaml compose
user: "1000:1000"
\`\`\`

Keep that user out of sudo and of the group \`docker\`. It must be able to read the runner's configuration, and builds can no longer do what needs root.`,
  refs: [
    'https://docs.drone.io/runner/exec/installation/linux/',
    'drone-runners/drone-runner-exec runtime/runner.go:158-200',
    'drone-runners/drone-runner-exec engine/compiler/vars.go',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, context) {
    if (settings.role !== 'runner-exec') return;
    const root = rootPlace(settings);
    if (!root) return;
    const openness = opennessOf(settings, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED']);
    const way = openness.state === 'open' ? publicAccessPath(settings, context) : undefined;
    yield {
      at: root.at,
      subject: 'user',
      fills: { 'drone-runner-exec': unitOf(settings) ?? '' },
      message: say`${settings.label} runs builds as root${root.isDefault ? say`: its unit names no user` : ''}${way ? say`, of every repository, and ${way}` : ''}`,
      severity: way ? 'critical' : undefined,
    };
  },
});

/** The name of the unit that starts it, from that of its file. */
function unitOf({ at }: Settings): string | undefined {
  const name = at.source.name.split('/').at(-1);
  return name?.endsWith('.service') ? name.slice(0, -'.service'.length) : undefined;
}

function rootPlace({
  user,
  container,
  at,
}: Settings): { readonly at: Location; readonly isDefault: boolean } | undefined {
  const named = container ? container.user : user;
  if (named) return /^(?:root|0)(?::|$)/.test(named.value) ? { at: named.at, isDefault: false } : undefined;
  // A system unit without User= runs as root; for a container without a user the image decides.
  return !container && at.source.form === 'systemd' ? { at, isDefault: true } : undefined;
}
