import { dayOf, isOfFork, secretsFor } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';
import { othersOf, recentOnes } from './_recent.ts';

export default rule({
  id: 'fork-build-with-secrets',
  on: 'repository',
  severity: 'high',
  confidence: 'medium',
  title: 'A fork build may have read secrets',
  why: "The pipeline of a pull request from a fork is its author's own, and this repository releases a secret to pull requests. What the build did with it, only the build tells; that it looks harmless proves little, since a secret can be printed in pieces.",
  fix: `Look at the build's pipeline and log:

\`\`\`sh
drone build info octocat/app 42
\`\`\`

Unless you know what it did, replace the secret at the service that issued it. Then stop releasing it: remove the secret and add it again, with the new value, which clears the flag:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
drone secret rm --name api_key octocat/app
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\``,
  refs: ['harness/drone operator/manager/manager.go:335-348', 'harness/drone core/build.go'],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    const released = secretsFor(repository, installation)?.find(({ pullRequest }) => pullRequest);
    const ran = (repository.builds ?? []).filter(
      (build) => isOfFork(build, repository) && (build.status === 'success' || build.status === 'failure'),
    );
    const [unknown] = ran;
    if (!released || !unknown) return;
    const recent = recentOnes(ran, repository);
    if (!recent) {
      yield { at: unknown.at, inconclusive: say`nothing tells when the server listed the builds` };
      return;
    }
    const [first] = recent;
    if (!first) return;
    const { related = [] } = othersOf(
      recent,
      ({ number, sourceRepo, created }) => say`build ${number} of "${sourceRepo}" on ${dayOf(created)}`,
    );
    yield {
      at: first.at,
      subject: 'fork builds',
      message: say`build ${first.number} of ${repository.label} ran a pull request from "${first.sourceRepo}" on ${dayOf(first.created)}, and secret "${released.name}" is released to such builds${recent.length === 1 ? '' : recent.length === 2 ? say`; one more build did so` : say`; ${recent.length - 1} more builds did so`}`,
      fills: { 'octocat/app': repository.slug, '42': `${first.number}`, api_key: released.name },
      related: [{ at: released.at, message: say`secret "${released.name}" is released to pull requests` }, ...related],
    };
  },
});
