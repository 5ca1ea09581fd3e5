import { opensDebugShells } from '../../analysis/debug-shells.ts';
import { dayOf } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';
import { othersOf, recentOnes } from './_recent.ts';

export default rule({
  id: 'debug-build',
  on: 'repository',
  severity: 'medium',
  confidence: 'high',
  title: 'Builds were started with a debug shell',
  why: 'On a runner with tmate enabled, a build in debug mode opens a shell in its step, with the secrets of the step, for whoever has the address that its log shows. Only those with write access can start one.',
  fix: `Ask who started it, and why. Turn debug shells off on the runners:

\`\`\`env
DRONE_TMATE_ENABLED=false
\`\`\`

If nobody knows, replace the secrets of the repository.`,
  refs: [
    'harness/drone handler/api/repos/builds/retry.go:87',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:249-258',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-10'], cwe: ['CWE-489'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    const debugged = (repository.builds ?? []).filter(({ debug }) => debug);
    const [unknown] = debugged;
    if (!unknown) return;
    const recent = recentOnes(debugged, repository);
    if (!recent) {
      yield { at: unknown.at, inconclusive: say`nothing tells when the server listed the builds` };
      return;
    }
    const [first] = recent;
    if (!first) return;
    const runner = installation.settings.find((settings) => opensDebugShells(settings) === true);
    yield {
      at: first.at,
      subject: 'debug builds',
      message: say`build ${first.number} of ${repository.label} was started in debug mode${/^@?$|^@/.test(first.trigger) ? '' : say` by "${first.trigger}"`} on ${dayOf(first.created)}${runner ? say`, and ${runner.label} opens shells for that` : say`; no runner in this audit is known to open shells for that`}${recent.length === 1 ? '' : recent.length === 2 ? say`; so was one more build` : say`; so were ${recent.length - 1} more builds`}`,
      severity: runner ? undefined : 'info',
      ...othersOf(recent, ({ number, created }) => say`build ${number} on ${dayOf(created)}`),
    };
  },
});
