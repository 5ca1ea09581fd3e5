import { buildsPullRequests, isOutsideReach } from '../../drone/server-repository.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { namePattern } from '../../model/pattern.ts';
import { rule, say } from '../../model/rule.ts';

/** From this many active repositories on, a majority that is trusted points to a default. */
const enoughToCompare = 10;

export default rule({
  id: 'trusted-repository',
  on: 'repository',
  severity: 'medium',
  confidence: 'high',
  title: 'Repository is trusted',
  why: 'Whoever can push to a trusted repository, or open a pull request that is built, can ask for privileged steps and volumes of the host, and so take over the runner and what else is built there.',
  fix: `Drop trust:

\`\`\`sh
drone repo update --trusted=false octocat/app
\`\`\`

The few repositories that need it get a runner of their own, with \`DRONE_LIMIT_TRUSTED=true\` and \`DRONE_LIMIT_REPOS\`. Stages of other repositories that land on a limited runner fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong here.

Name these repositories, so that others stand out:

\`\`\`yaml
# drone-audit.yml
site:
  trustedRepositories: [octocat/app]
\`\`\``,
  refs: [
    'harness/drone handler/api/repos/update.go:106-109',
    'harness/drone service/repo/util.go:37',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(repository, { site, installation }) {
    const { active, trusted, slug, label } = repository;
    if (!active.value || !trusted.value) return;
    const name = slug.toLowerCase();
    if (site.trustedRepositories.some((pattern) => namePattern(pattern.toLowerCase())(name))) return;
    const isOpen = buildsPullRequests(repository) && !isOutsideReach(repository);
    const { active: all, trusted: count } = activeOnes(installation);
    const isDefault = all >= enoughToCompare && count > all / 2;
    yield {
      at: trusted.at,
      subject: 'repository',
      message: say`${label} is trusted${isOpen ? say`, and its pull requests are built` : ''}${isDefault ? say`, like ${count} of ${all} active repositories: DRONE_REPOSITORY_TRUSTED probably makes every new one so` : ''}`,
      severity: isOpen ? 'high' : undefined,
      fills: { 'octocat/app': slug },
    };
  },
});

const activeOnes = memoizePer(({ repositories }: Installation) => {
  const active = repositories.filter((each) => each.active.value);
  return { active: active.length, trusted: active.filter((each) => each.trusted.value).length };
});
