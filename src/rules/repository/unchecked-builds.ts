import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unchecked-builds',
  on: 'repository',
  severity: 'info',
  confidence: 'high',
  title: 'Protected repository has builds that protected does not check',
  why: 'Drone checks the signature of a protected repository only for builds that a webhook starts. Cron jobs, promotions and builds that a person starts run whatever pipeline their commit holds, signed or not.',
  fix: `A validation extension sees every build, whoever starts it. It is not given the key of the repository, so it can tell that a signature is there and not that it is valid: have it judge what the pipeline does, and refuse what is not allowed.

\`\`\`env
DRONE_VALIDATE_PLUGIN_ENDPOINT=https://policy.example.com
DRONE_VALIDATE_PLUGIN_SECRET=<output of: openssl rand -hex 32>
\`\`\`

While it does not answer, all builds fail. A community build of Drone asks no extension: limit who may write to the repository there, and accept the finding.`,
  refs: [
    'harness/drone trigger/trigger.go:266',
    'harness/drone trigger/cron/cron.go',
    'https://docs.drone.io/extensions/validation/',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge({ label, protected: isProtected, crons, builds }) {
    if (!isProtected.value) return;
    const cron = crons?.find(({ disabled }) => !disabled);
    const build = builds?.find(({ trigger }) => trigger !== '' && trigger !== '@hook');
    const seen = cron ?? build;
    if (!seen) return;
    const what = cron
      ? say`cron job "${cron.name}"`
      : build
        ? say`build ${build.number}, which ${build.trigger} started`
        : '';
    yield {
      at: isProtected.at,
      subject: 'repository',
      message: say`${label} is protected, but the signature is not checked for ${what}`,
      related: [
        ...(cron ? [{ at: cron.at, message: say`cron job "${cron.name}"` }] : []),
        ...(build ? [{ at: build.at, message: say`build ${build.number} was started by ${build.trigger}` }] : []),
      ],
    };
  },
});
