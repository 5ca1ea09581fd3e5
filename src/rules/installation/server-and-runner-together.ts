import { databaseOf } from '../../analysis/database.ts';
import { opennessOf, publicAccessPath } from '../../analysis/runner-access.ts';
import { areOnOneHost, engineMountOf } from '../../analysis/same-host.ts';
import { isUnset } from '../../analysis/setting-state.ts';
import { endpointOf } from '../../drone/network.ts';
import { publicAddress, serverOf } from '../../drone/topology.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { type Location, rule, say, type Text } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'server-and-runner-together',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  title: 'Server and builds share a host',
  why: "A build that escapes its container, or a privileged plugin, is on the server's host: it can read the database with all secrets, the tokens of all accounts and the RPC secret. On a host of its own it reaches only the builds of that runner.",
  fix: `Run the runner on another machine, with the same RPC secret; it needs nothing else of the server than its address:

\`\`\`env
DRONE_RPC_PROTO=https
DRONE_RPC_HOST=drone.example.com
\`\`\`

If there is only one machine, encrypt at least the database (\`DRONE_DATABASE_SECRET\`, 32 characters) and accept the finding with \`# drone-audit: ignore[server-and-runner-together]\` and the reason. Where secrets are stored already, \`DRONE_DATABASE_ENCRYPT_MIXED_MODE=true\` has to be on until all of them have been saved again, or they cannot be read.`,
  refs: ['https://docs.drone.io/runner/docker/installation/linux/', 'https://docs.drone.io/server/storage/encryption/'],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(installation, context) {
    for (const runner of installation.settings) {
      const at = placeOfBuilds(runner, installation);
      const server = at && serverOnHostOf(runner, installation);
      if (!at || !server) continue;
      const limits = opennessOf(runner, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED', 'DRONE_LIMIT_EVENTS']);
      const way = limits.state === 'open' ? publicAccessPath(runner, context) : undefined;
      yield {
        at,
        of: runner,
        message: say`${runner.label} runs builds on the host of ${server.label}, with its environment${databaseThere(server, installation)}${way ? say`, without limits, and ${way}` : ''}`,
        severity: way ? 'medium' : undefined,
        fills: { 'drone.example.com': publicAddress(server) ?? '' },
        related: [{ at: server.at, message: say`the server` }],
      };
    }
  },
});

/** The database of the server, if it is on the host, too. */
function databaseThere(server: Settings, installation: Installation): Text {
  const host = databaseOf(server)?.source.host;
  if (host !== undefined && endpointOf(host, server, installation) === 'remote') return say``;
  return isUnset(server, 'DRONE_DATABASE_SECRET') === true
    ? say` and its unencrypted database`
    : say` and its database`;
}

/** Evidence that a runner builds on its own host: the engine's socket that it has, or that it is an exec runner. */
function placeOfBuilds(runner: Settings, installation: Installation): Location | undefined {
  if (runner.role === 'runner-exec') return runner.at;
  if (runner.role !== 'runner-docker' && runner.role !== 'agent') return undefined;
  return engineMountOf(runner, installation)?.at;
}

/** No real installation has more servers than this. */
const firstServers = memoizePer(({ settings }: Installation) =>
  settings.filter(({ role }) => role === 'server').slice(0, 100),
);

function serverOnHostOf(runner: Settings, installation: Installation): Settings | undefined {
  const own = serverOf(runner, installation);
  return (own ? [own] : firstServers(installation)).find((server) => areOnOneHost(runner, server));
}
