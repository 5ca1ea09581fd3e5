import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'archived-repository',
  on: 'repository',
  severity: 'low',
  confidence: 'high',
  title: 'Archived repository is still active',
  why: 'Nobody maintains the repository any more, but its webhook, its secrets and its cron jobs are still alive in Drone: old code runs with current secrets, and nobody watches.',
  fix: `Disable it in Drone. Its builds, secrets and cron jobs are kept until it is removed:

\`\`\`sh
drone repo disable octocat/app
\`\`\``,
  refs: ['harness/drone core/repo.go:34-69', 'https://docs.drone.io/cli/repo/drone-repo-disable/'],
  standards: { owasp: ['CICD-SEC-2'] },
  since: '0.1.0',
  *judge({ active, archived, slug, label }) {
    if (!archived.value || !active.value) return;
    yield {
      at: archived.at,
      subject: 'archived',
      message: say`${label} is archived at the SCM but still active in Drone`,
      fills: { 'octocat/app': slug },
    };
  },
});
