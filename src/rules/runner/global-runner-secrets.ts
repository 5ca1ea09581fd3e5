import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import { opennessOf } from '../../analysis/runner-access.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'global-runner-secrets',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Runner secrets are open to every repository',
  why: 'Any pipeline of any repository can name a secret from DRONE_RUNNER_SECRETS in `from_secret` (though not in a pull request), so that everyone who can write to any repository can read it. A value with a comma or colon breaks the map, and the runner prints it in the error message.',
  fix: `Remove \`DRONE_RUNNER_SECRETS\`, and keep its values as secrets of the organisation that needs them:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
printf %s "$VALUE" | drone orgsecret add your-organisation NAME @/dev/stdin
\`\`\`

Or limit the runner to repositories that may have it:

\`\`\`env
DRONE_LIMIT_REPOS=your-organisation/*
\`\`\`

Stages of other repositories that land on a limited runner fail: keep them off it with \`DRONE_RUNNER_LABELS\`, and name the labels under \`node:\` in the pipelines that belong here.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-secrets/',
    'drone/runner-go secret/static.go:53-57',
    'drone-runners/drone-runner-docker command/daemon/config.go:50',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(settings) {
    if (!takesRunnerSettings(settings) || settings.role === 'server') return;
    const variable = setVariable(settings, 'DRONE_RUNNER_SECRETS');
    if (!variable) return;
    const openness = opennessOf(settings, ['DRONE_LIMIT_REPOS']);
    if (openness.state === 'unknown') yield { at: variable.at, inconclusive: openness.because };
    if (openness.state !== 'open') return;
    const names = variable.parts?.map(({ name }) => `"${name}"`) ?? [];
    const what = names.length === 0 ? 'its secrets' : names.slice(0, 5).join(', ');
    const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
    yield {
      at: variable.at,
      subject: variable.name,
      fills: { NAME: variable.parts?.[0]?.name ?? '' },
      message: say`${settings.label} gives ${what}${more} to any repository that asks`,
    };
  },
});
