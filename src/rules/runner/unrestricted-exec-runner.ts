import { rule } from '../../model/rule.ts';
import { opennessOf } from './limits.ts';
import { waysOfStrangers } from './strangers.ts';

export default rule({
  id: 'unrestricted-exec-runner',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Exec runner takes jobs of every repository',
  why: 'The exec runner runs commands on the host itself, as its own user, without container and without any check of trust. Whoever can start a build of any repository, a fork pull request included, has that account.',
  fix: `\`\`\`
DRONE_LIMIT_REPOS=your-organisation/one-repository
DRONE_LIMIT_EVENTS=push,tag
\`\`\`

or use the docker runner.`,
  refs: [
    'https://docs.drone.io/runner/exec/configuration/reference/drone-limit-repos/',
    'drone-runners/drone-runner-exec runtime/runner.go:158-200',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  supersedes: ['unrestricted-runner'],
  since: '0.1.0',
  *judge(settings, context) {
    if (settings.role !== 'runner-exec') return;
    const openness = opennessOf(settings, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED']);
    if (openness.state === 'unknown') yield { at: settings.at, inconclusive: openness.because };
    if (openness.state !== 'open') return;
    const way = waysOfStrangers(settings, context);
    yield {
      at: settings.at,
      subject: 'limits',
      message: `${settings.label} runs commands of every repository on its host${way ? `, and ${way}` : ''}`,
      ...(way ? { severity: 'critical' } : {}),
    };
  },
});
