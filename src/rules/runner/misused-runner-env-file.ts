import type { Container } from '../../model/container.ts';
import { isRunner } from '../../model/role.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'misused-runner-env-file',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Runner environment file is the wrong file',
  why: 'DRONE_RUNNER_ENV_FILE names a dotenv file whose variables go into every step of every build, even for pull requests from forks. If it is the file that configures the runner itself, every build gets the RPC secret, and with it the secrets of all other builds. A JSON or YAML file configures nothing: the runner does not start, or hands nonsense to the builds.',
  fix: `Remove \`DRONE_RUNNER_ENV_FILE\`, or let it name a small dotenv file without secrets:

\`\`\`env
DRONE_RUNNER_ENV_FILE=/etc/drone/build.env
\`\`\`

Without that file the runner does not start: in a container, mount it. If builds have had a file with \`DRONE_RPC_SECRET\` in it, replace the secret on the server and all runners.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-env-file/',
    'drone-runners/drone-runner-docker command/daemon/config.go:49',
    'drone-runners/drone-runner-docker command/daemon/daemon.go:292-298',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-200'] },
  since: '0.1.0',
  *judge(installation) {
    for (const runner of installation.settings) {
      // Only runners read the variable, so an excerpt that has it belongs to a runner.
      if (!isRunner(runner.role) && runner.role !== 'unknown') continue;
      const variable = setVariable(
        runner,
        runner.role === 'runner-exec' ? 'DRONE_RUNNER_ENVFILE' : 'DRONE_RUNNER_ENV_FILE',
      );
      if (variable?.value === undefined) continue;
      const path = variable.value;
      const own = ownFiles(runner).find((file) =>
        hostPathsOf(path, runner.container).some((each) => isSame(each, file)),
      );
      if (own === undefined && !/\.(?:json|ya?ml)$/i.test(path)) continue;
      const secret = runner.variables.get('DRONE_RPC_SECRET');
      const holdsSecret = own !== undefined && secret?.at.source.name === own;
      const what = holdsSecret ? ', with the RPC secret' : '';
      yield {
        at: variable.at,
        of: runner,
        fills: { DRONE_RUNNER_ENV_FILE: variable.via ?? variable.name },
        message:
          own === undefined
            ? say`${variable.name} of ${runner.label} names "${path}", which is not a dotenv file`
            : say`${variable.name} gives "${own}", the configuration of ${runner.label} itself, to every build${ownWords(what)}`,
        ...(holdsSecret ? { severity: 'critical', related: [{ at: secret.at, message: say`the RPC secret` }] } : {}),
      };
    }
  },
});

/** Files that supply a runner's own variables. */
function ownFiles({ variables }: Settings): readonly string[] {
  const files = new Set<string>();
  for (const { heldBy, at } of variables.values()) if (heldBy === 'env-file') files.add(at.source.name);
  return [...files];
}

/** Where a path in the container lies on the host, according to its mounts; without a container, the path itself. */
function hostPathsOf(path: string, container: Container | undefined): readonly string[] {
  if (!container) return [path];
  return container.mounts.flatMap(({ source, target }) => {
    const folder = target?.replace(/(?<!\/)\/+$/, '');
    if (source === undefined || folder === undefined) return [];
    if (path === folder) return [source];
    return path.startsWith(`${folder}/`) ? [`${source.replace(/(?<!\/)\/+$/, '')}${path.slice(folder.length)}`] : [];
  });
}

/** Whether a path on the host is a file of the audit, whose name is relative to the current folder. */
function isSame(path: string, file: string): boolean {
  const plain = path.replace(/^(?:\.\/)+/, '');
  const inside = file.replace(/^(?:\.\.?\/)+/, '');
  return plain === file || (plain.startsWith('/') && plain.endsWith(`/${inside}`));
}
