import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'cron-on-side-branch',
  on: 'repository',
  severity: 'medium',
  confidence: 'medium',
  title: 'Cron job builds another branch',
  why: 'What is on a side branch has often been reviewed by nobody, and whoever may push to it decides what the job runs, by the clock and with the secrets of the repository. Drone does not check the signature of protected repositories for cron jobs.',
  fix: `Build the default branch. A job cannot be moved; add another one, with the schedule that \`drone cron info\` shows:

\`\`\`sh
drone cron info octocat/app nightly
drone cron rm octocat/app nightly
drone cron add --branch main octocat/app nightly "0 0 3 * * *"
\`\`\`

A branch that is protected at the SCM (a release branch, say) is as good: accept the finding in \`drone-audit.yml\`.`,
  refs: [
    'harness/drone core/cron.go:34-48',
    'harness/drone trigger/cron/cron.go',
    'harness/drone trigger/trigger.go:266',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge({ defaultBranch, crons, label, slug }) {
    const { value: main } = defaultBranch;
    for (const { name, branch, disabled } of crons ?? []) {
      if (disabled || main === '' || branch.value === '' || branch.value === main) continue;
      yield {
        at: branch.at,
        subject: `cron ${name}`,
        message: say`cron job "${name}" of ${label} builds branch "${branch.value}", not the default branch "${main}"`,
        fills: { 'octocat/app': slug, nightly: name, main },
      };
    }
  },
});
