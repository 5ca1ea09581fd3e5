import { lacksRpcHost, misnamedRpcHost, oldRpcHosts } from '../../analysis/rpc-host.ts';
import { serverHost, serverOf } from '../../drone/topology.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'missing-rpc-host',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Runner does not know its server',
  why: 'A runner without DRONE_RPC_HOST ends at once with "required key DRONE_RPC_HOST missing value", so no build runs on it.',
  fix: `Give the runner the host of the server under this name, with a port if it has one and without a scheme:

\`\`\`env
DRONE_RPC_HOST=ci.example.com
DRONE_RPC_PROTO=https
\`\`\`

\`https\` needs a server with TLS; the default is \`http\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-host/',
    'drone-runners/drone-runner-docker command/daemon/config.go:20-28',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(settings, { installation }) {
    const lacks = lacksRpcHost(settings);
    if (lacks === undefined)
      yield { at: settings.at, inconclusive: settings.gaps[0] ?? say`the environment is not wholly known` };
    if (!lacks) return;
    const misnamed = misnamedRpcHost(settings);
    // obsolete-setting tells at the old name that the runner does not start.
    if (misnamed && oldRpcHosts.has(misnamed.name)) return;
    const server = serverOf(settings, installation);
    yield {
      at: misnamed?.keyAt ?? settings.at,
      subject: misnamed?.name ?? 'DRONE_RPC_HOST',
      fills: { 'ci.example.com': misnamed?.value ?? (server && serverHost(server)) ?? '' },
      message: misnamed
        ? say`${settings.label} sets "${misnamed.name}", which it does not read, and has no DRONE_RPC_HOST: it does not start`
        : say`${settings.label} has no DRONE_RPC_HOST: it does not start`,
    };
  },
});
