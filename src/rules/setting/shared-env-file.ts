import { sharersOf } from '../../drone/topology.ts';
import type { Variable } from '../../model/environment.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'shared-env-file',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Server and runner share one environment file',
  why: "The runner, next to builds of people you may not trust, then holds the server's secrets: the OAuth application, the database, the cookie key. It needs none of them. The docker runner also takes the server's DRONE_SERVER_PORT, DRONE_SECRET_* and DRONE_LOGS_TRACE as settings of its own.",
  fix: `Use one file or block for each component; they share only \`DRONE_RPC_SECRET\`:

\`\`\`yaml
services:
  drone:
    env_file: server.env
  runner:
    env_file: runner.env
\`\`\`

The runner needs no variable of the SCM, of the database, of cookies or of accounts.`,
  refs: [
    'https://docs.drone.io/runner/docker/installation/linux/',
    'drone-runners/drone-runner-docker command/daemon/config.go:123-156',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(installation) {
    const shares = new Map<string, Share>();
    for (const server of installation.settings) {
      if (server.role !== 'server') continue;
      for (const variable of serverSecrets(server)) {
        const runners = sharersOf(variable, installation).filter(({ role }) => isRunner(role));
        if (runners.length === 0) continue;
        const file = `${server.owner}\n${variable.keyAt.source.name}`;
        const share = shares.get(file) ?? { names: new Set(), server, first: variable, runners: new Map() };
        shares.set(file, share);
        share.names.add(variable.name);
        for (const runner of runners)
          if (!share.runners.has(runner)) share.runners.set(runner, runner.variables.get(variable.name) ?? variable);
      }
    }
    for (const { names, server, first, runners } of shares.values()) {
      const [[runner, used] = [], ...others] = runners;
      if (!runner) continue;
      const from = first.heldBy === 'env-file' ? say`"${first.keyAt.source.name}"` : say`a block that both use`;
      const toldOf = ({ label, container }: Settings) => ({
        message: say`${label} gets secrets of the server from ${from}: ${listed([...names])}`,
        fills: {
          'drone:': `${server.container?.name ?? 'drone'}:`,
          'runner:': `${container?.name ?? 'runner'}:`,
        },
      });
      yield {
        at: used?.usedAt ?? runner.at,
        of: runner,
        ...toldOf(runner),
        related: [
          { at: first.keyAt, message: say`a secret of the server` },
          ...others.map(([other, { usedAt }]) =>
            alsoAt(usedAt ?? other.at, say`${other.label} gets them too`, {
              ...toldOf(other),
              label: other.label,
            }),
          ),
        ],
      };
    }
  },
});

interface Share {
  readonly names: Set<string>;
  readonly server: Settings;
  readonly first: Variable;
  readonly runners: Map<Settings, Variable>;
}

const maxNamed = 8;

function listed(names: readonly string[]): Text {
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return say`${names.slice(0, maxNamed).join(', ')}${more}`;
}

const secretNames = /^DRONE_(?:[A-Z]+_CLIENT_SECRET|DATABASE_SECRET|COOKIE_SECRET)$/;

/** The secrets that no runner needs. */
function serverSecrets(server: Settings): readonly Variable[] {
  return [...server.variables.values()].filter(({ name, parts }) => {
    if (secretNames.test(name)) return setVariable(server, name) !== undefined;
    if (name === 'DRONE_USER_CREATE') return parts?.some((part) => part.name === 'token') === true;
    return name === 'DRONE_DATABASE_DATASOURCE' && parts !== undefined && parts.length > 0;
  });
}
