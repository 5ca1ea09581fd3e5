import { isStoppedBy } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { isComponent, settingFor } from '../../facts/settings.ts';
import { isRunner } from '../../model/role.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

export default rule({
  id: 'missing-rpc-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'RPC secret is missing',
  why: "Without DRONE_RPC_SECRET the server answers 403 to every runner, and a runner does not start; an empty value passes the runner's own check and fails later. Nothing reads `DRONE_RPC_SECRET_FILE`.",
  fix: `Set the same RPC secret on the server and all its runners, and restart them:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

If one of them has a secret already, the others take that one: a new value locks out every runner that does not have it.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'harness/drone operator/manager/rpc2/server.go:45-58',
    'drone-runners/drone-runner-docker command/daemon/config.go:20-28',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    const { role } = settings;
    const isServer = role === 'server';
    if (!isServer && (!isRunner(role) || role === 'runner-aws')) return;
    if (setVariable(settings, 'DRONE_RPC_SECRET')) return;
    const version = parseVersion(settings.version);
    // 0.8 calls it DRONE_SECRET, and servers before 1.5 build by themselves.
    if (olderThan(version, [1, 0]) || (isServer && olderThan(version, [1, 5]))) return;
    if (setVariable(settings, 'DRONE_SECRET') && role === 'agent') return;
    const embedded = setVariable(settings, 'DRONE_AGENTS_DISABLED');
    if (isServer && parseGoBool(embedded?.value ?? '')) return;
    if (isStoppedBy(settings, 'DRONE_AGENTS_DISABLED')) return;
    const empty = settings.variables.get('DRONE_RPC_SECRET');
    if (empty && isTemplateFile(empty.at.source.name)) return;
    if (!empty && !settings.complete) {
      yield { at: settings.at, inconclusive: settings.gaps[0] ?? say`the environment is not wholly known` };
      return;
    }
    const isRequired = isComponent(role) && settingFor('DRONE_RPC_SECRET', role)?.requiredBy?.includes(role);
    const effect = isServer
      ? 'every runner is refused'
      : !empty && isRequired
        ? 'the runner does not start'
        : 'the server refuses this runner';
    yield {
      at: empty?.at ?? settings.at,
      subject: 'DRONE_RPC_SECRET',
      message: say`${settings.label} ${empty ? say`has an empty` : say`has no`} DRONE_RPC_SECRET: ${ownWords(effect)}`,
    };
  },
});
