import { extensionsBehind } from '../../analysis/extensions.ts';
import { isOwnScmPublic } from '../../analysis/public-scm.ts';
import { isOn, isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { matchGlob } from '../../drone/glob.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'unfiltered-secret-extension',
  on: 'installation',
  severity: 'medium',
  confidence: 'medium',
  title: 'Secret extension may serve pull requests',
  why: 'Runners ignore the pull request flag of external secrets, the reference extensions allow everything, and any pipeline can name any path. Only the extension itself can refuse: without filters on each secret, a pull request from a fork can read the secrets of every repository.',
  fix: `Say on each secret whom it is for; in Vault (KV version 2; other extensions use the same keys):

\`\`\`sh
vault kv patch secret/app X-Drone-Repos=octocat/app X-Drone-Events=push,tag
\`\`\`

Refuse forks as well, on drone/vault 1.3.0 or later:

\`\`\`ini
DRONE_DISALLOW_FORKS=true
\`\`\`

The filters cannot be seen from here: accept the finding with \`# drone-audit: ignore[unfiltered-secret-extension] each secret names its repositories and events\`.

Or keep pull requests off the runner. Their builds fail there, unless labels lead them to another one.

\`\`\`env
DRONE_LIMIT_EVENTS=push,tag,promote,rollback,cron,custom
\`\`\``,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/runner-go secret/external.go:59-85',
    'drone/drone-vault plugin/plugin.go:113-118',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-862'] },
  since: '0.1.0',
  *judge(installation, { site }) {
    for (const runner of installation.settings) {
      if (!isRunner(runner.role)) continue;
      const endpoint = setVariable(runner, 'DRONE_SECRET_PLUGIN_ENDPOINT');
      const takes = endpoint && takesPullRequests(runner);
      if (!endpoint || takes === false) continue;
      if (takes === undefined) {
        yield { at: endpoint.at, inconclusive: whyUnknown(runner, 'DRONE_LIMIT_EVENTS') };
        continue;
      }
      const guarded = extensionsBehind(runner, endpoint.value, installation).find((extension) =>
        isOn(extension, 'DRONE_DISALLOW_FORKS'),
      );
      const flag = guarded?.variables.get('DRONE_DISALLOW_FORKS');
      const isPublic = isOwnScmPublic(runner, { installation, site });
      yield {
        at: endpoint.at,
        of: runner,
        message: guarded
          ? say`${runner.label} asks its secret extension in pull requests too; it refuses those of forks`
          : say`${runner.label} asks its secret extension in pull requests too${isPublic ? say`, and the SCM is public` : ''}`,
        ...(guarded ? { severity: 'info' } : isPublic ? { severity: 'high' } : {}),
        related: flag ? [{ at: flag.at, message: say`forks are refused here` }] : undefined,
      };
    }
  },
});

/** Decided by DRONE_LIMIT_EVENTS, a list of patterns; undefined if that is not known. */
function takesPullRequests(runner: Settings): boolean | undefined {
  const name = 'DRONE_LIMIT_EVENTS';
  const isMissing = isUnset(runner, name);
  const value = runner.variables.get(name)?.value;
  if (isMissing !== false || value === undefined) return isMissing === true ? true : undefined;
  return value.split(',').some((pattern) => matchGlob(pattern, 'pull_request') === 'match');
}
