import { opennessOf } from '../../analysis/runner-access.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'shared-registry-credentials',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  title: 'Registry credentials serve every repository',
  why: 'The runner uses these credentials for any image of that registry in any build. Every repository can therefore run every private image there and copy its contents.',
  fix: `Limit the runner to the repositories that may use the credentials:

\`\`\`env
DRONE_LIMIT_REPOS=your-organisation/*
\`\`\`

Choose credentials that can read only the images that builds need. Stages of other repositories that land on a limited runner fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong here.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-docker-config/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:415-448',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'runner-docker' && settings.role !== 'runner-kube') return;
    const [first, ...others] = ['DRONE_DOCKER_CONFIG', 'DRONE_REGISTRY_PLUGIN_ENDPOINT'].flatMap(
      (name) => setVariable(settings, name) ?? [],
    );
    if (!first) return;
    const openness = opennessOf(settings, ['DRONE_LIMIT_REPOS']);
    if (openness.state === 'unknown') yield { at: first.at, inconclusive: openness.because };
    if (openness.state !== 'open') return;
    yield {
      at: first.at,
      subject: first.name,
      message: say`${settings.label} uses the registry credentials of ${first.name} for every repository`,
      related: others.map(({ at, name }) =>
        alsoAt(at, say`and those of ${name}`, {
          message: say`${settings.label} uses the registry credentials of ${name} for every repository`,
        }),
      ),
    };
  },
});
