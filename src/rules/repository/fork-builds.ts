import { knowsSecrets, secretsFor } from '../../analysis/server-repository.ts';
import { buildsForks } from '../../drone/server-repository.ts';
import { rule, say } from '../../model/rule.ts';
import { forkRunnersOf } from './_fork-runners.ts';

export default rule({
  id: 'fork-builds',
  on: 'repository',
  severity: 'low',
  confidence: 'high',
  title: 'Fork pull requests are built without approval',
  why: 'Anyone who can open a pull request has their own pipeline run on your runners at once: to mine, to look around the network, and to use the plugins that docker and kubernetes runners run privileged because of their name.',
  fix: `Do not build pull requests from forks:

\`\`\`sh
drone repo update --ignore-forks=true octocat/app
\`\`\`

Or have a person approve them. Builds wait for that as long as the pipeline file has no valid signature:

\`\`\`sh
drone repo update --protected=true octocat/app
drone sign --save octocat/app
\`\`\`

What strangers may build belongs on a runner of its own, with \`DRONE_LIMIT_REPOS=octocat/app\` and \`DRONE_LIMIT_EVENTS=pull_request\`. Other stages that land on it fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong there. A pull request can change \`node:\`, so limit the other runners, too (\`DRONE_LIMIT_REPOS\`, \`DRONE_LIMIT_EVENTS\`).`,
  refs: [
    'harness/drone trigger/trigger.go:97-276',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:555-600',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-5'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    const { label, slug, trusted, visibility, ignoreForks, protected: isProtected } = repository;
    if (!buildsForks(repository) || visibility.value !== 'public' || isProtected.value || trusted.value) return;
    if ((secretsFor(repository, installation) ?? []).length > 0) return;
    // With secrets it would be another finding, and a worse one.
    if (!knowsSecrets(repository, installation)) {
      yield { at: ignoreForks.at, inconclusive: say`it is not known whether ${label} has secrets` };
      return;
    }
    const runners = forkRunnersOf(repository, installation);
    const where = {
      privileging: say`, on a runner that takes them and makes some plugins privileged`,
      open: say`, on a runner that takes builds of all repositories`,
      unknown: '',
      limited: '',
    }[runners];
    yield {
      at: ignoreForks.at,
      subject: 'repository',
      message: say`${label} builds pull requests from forks without approval${where}`,
      severity: runners === 'privileging' ? 'high' : runners === 'limited' ? undefined : 'medium',
      fills: { 'octocat/app': slug },
    };
  },
});
