import { schedulers } from '../../analysis/embedded-runner.ts';
import { isOn, whyUnknown } from '../../analysis/setting-state.ts';
import { publicAddress } from '../../drone/topology.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'builds-on-the-server',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Builds run inside the server',
  why: 'Pipelines run on the container engine next to the server, with its database and its secrets. A single build that escapes its container (through a privileged plugin, a trusted repository or a mounted socket) takes over the whole installation.',
  fix: `Remove \`DRONE_AGENTS_DISABLED\` and the engine socket from the server, and run a docker runner on another host.

Runner and server need the same RPC secret; before 1.5.0 the server also needs \`DRONE_AGENTS_ENABLED=true\`. Set on the server:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

The runner (\`drone/drone-runner-docker\`) takes it with \`DRONE_RPC_HOST=ci.example.com\` and \`DRONE_RPC_PROTO=https\`. Until one runs, all builds stay pending.`,
  refs: [
    'https://docs.drone.io/runner/docker/installation/linux/',
    'harness/drone cmd/drone-server/inject_runner.go:35-78',
    'harness/drone cmd/drone-server/config/config.go:221',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const disabled = settings.variables.get('DRONE_AGENTS_DISABLED');
    if (disabled && isOn(settings, disabled.name)) {
      yield {
        at: disabled.at,
        subject: disabled.name,
        fills: { 'ci.example.com': publicAddress(settings) ?? '' },
        message: say`${settings.label} runs the builds itself: DRONE_AGENTS_DISABLED is true`,
      };
      return;
    }
    const version = parseVersion(settings.version);
    if (olderThan(version, [1]) || !olderThan(version, [1, 5])) return;
    if (schedulers.some((name) => isOn(settings, name))) return;
    const unknown = schedulers.find((name) => isOn(settings, name) === undefined);
    const at = settings.container?.image?.at ?? settings.at;
    if (unknown !== undefined) {
      yield { at, inconclusive: whyUnknown(settings, unknown) };
      return;
    }
    yield {
      at,
      subject: 'DRONE_AGENTS_DISABLED',
      fills: { 'ci.example.com': publicAddress(settings) ?? '' },
      message: say`${settings.label} runs the builds itself, as servers before 1.5.0 do without DRONE_AGENTS_ENABLED`,
    };
  },
});
