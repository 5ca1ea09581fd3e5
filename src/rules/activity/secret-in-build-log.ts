import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'secret-in-build-log',
  on: 'repository',
  severity: 'high',
  confidence: 'medium',
  title: 'Build log holds a credential',
  why: 'Whoever reads the log has the credential: everyone with read access to the repository, and with a public one everyone who reaches the server. Drone masks only the secrets that it gave to the step itself, in the form that it gave them.',
  fix: `Replace the credential at the service that issued it: treat it as known to others. Then remove the log of the step, as an administrator of the repository:

\`\`\`sh
drone log purge octocat/app 42 1 2
\`\`\`

The numbers are those of build, stage and step. Find what printed it: \`set -x\`, a verbose tool, a dump of the environment.`,
  refs: ['https://docs.drone.io/cli/log/drone-log-purge/', 'drone/runner-go livelog/extractor'],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-10'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge({ label, slug, logHits, visibility }) {
    for (const { build, stage, step, form, at } of logHits ?? [])
      yield {
        at,
        subject: `log of build ${build} ${stage} ${step} ${form}`,
        message: say`the log of step ${step} in stage ${stage} of build ${build} of ${label} holds what looks like ${form}${visibility.value === 'public' ? say`, and anyone may read it` : ''}`,
        fills: { 'octocat/app 42 1 2': `${slug} ${build} ${stage} ${step}` },
      };
  },
});
