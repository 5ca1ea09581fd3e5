import { hasEmbeddedRunner } from '../../analysis/embedded-runner.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { exposesControlSocket, isControlSocket } from '../../model/host-paths.ts';
import { itemsOf } from '../../model/location-within.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'docker-socket-for-builds',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'Every build gets the container engine socket',
  why: 'The runner mounts these volumes read-write into every step of every repository, trusted or not, even for pull requests from forks. Whoever can open a pull request is root on the runner host. `:ro` is not accepted here, and would not help.',
  fix: `Remove the socket from \`DRONE_RUNNER_VOLUMES\`, and build images without it (kaniko, buildah).

If some builds must have it, give them a runner of their own that only trusted repositories can reach (\`DRONE_LIMIT_REPOS\`, \`DRONE_LIMIT_TRUSTED\`), and accept the finding there: anyone who can change one of their pipelines is root on that host.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-volumes/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.32'] }, cwe: ['CWE-250'] },
  supersedes: ['host-path-for-builds'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings) {
    const variable = settings.variables.get('DRONE_RUNNER_VOLUMES');
    if (!variable || (settings.role === 'server' && !hasEmbeddedRunner(settings))) return;
    const isLimited =
      setVariable(settings, 'DRONE_LIMIT_REPOS') !== undefined ||
      parseGoBool(settings.variables.get('DRONE_LIMIT_TRUSTED')?.value ?? '') === true;
    for (const { text, at } of itemsOf(variable)) {
      const source = text.split(':')[0]?.trim() ?? '';
      if (!/^[\\/]/.test(source) || !exposesControlSocket(source)) continue;
      yield {
        at,
        subject: `volume ${source}`,
        message: isControlSocket(source)
          ? say`"${source}" is mounted into every step of every build`
          : say`"${source}" is mounted into every step of every build, and the engine's socket lies below it`,
        severity: isLimited ? 'high' : undefined,
      };
    }
  },
});
