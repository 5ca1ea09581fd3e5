import { accountNumbered, ageInDays, dayOf } from '../../analysis/server-repository.ts';
import { groupedBy } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import type { Build, Repository } from '../../model/server.ts';

/** Days for which a job may fail before it counts as forgotten. */
const longest = 30;

export default rule({
  id: 'stale-cron',
  on: 'repository',
  severity: 'low',
  confidence: 'medium',
  title: 'Cron job is forgotten',
  why: 'The job still runs, or will when somebody repairs what stops it, with the current secrets and code that nobody looks after. That it has failed or stood still so long shows that nobody needs it, or that nobody watches.',
  fix: `Repair the job if it is needed. Otherwise disable it, or remove it:

\`\`\`sh
drone cron disable octocat/app nightly
drone cron rm octocat/app nightly
\`\`\``,
  refs: ['harness/drone core/cron.go:34-48', 'harness/drone trigger/cron/cron.go', 'https://docs.drone.io/cron/'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    const idle = whyIdle(repository, installation);
    const ofJobs = (repository.builds ?? []).filter(({ event, finished }) => event === 'cron' && finished > 0);
    const builds = groupedBy(ofJobs, ({ cron }) => cron);
    for (const job of repository.crons ?? []) {
      if (job.disabled) continue;
      const first = idle ? undefined : firstFailureOf(builds.get(job.name) ?? []);
      const age = first && ageInDays(first.created, repository);
      if (first && age === undefined)
        yield { at: job.at, inconclusive: say`nothing tells when the server listed the builds` };
      if (!idle && (age === undefined || age <= longest)) continue;
      yield {
        at: job.at,
        subject: `cron ${job.name}`,
        message: say`cron job "${job.name}" is enabled, ${idle ?? say`and its builds have failed since ${dayOf(first?.created ?? 0)}`}`,
        fills: { 'octocat/app': repository.slug, nightly: job.name },
        related: first ? [{ at: first.at, message: say`build ${first.number} is the first of those that failed` }] : [],
      };
    }
  },
});

/** Why no job of a repository can be wanted. */
function whyIdle({ active, label, userId }: Repository, installation: Installation): Text | undefined {
  if (!active.value) return say`and ${label} is not active`;
  const owner = userId && accountNumbered(userId.value, installation);
  return owner && !owner.listed.active.value
    ? say`and the owner of ${label} in Drone, "${owner.login}", is blocked`
    : undefined;
}

/** The oldest of the newest builds of a job, if all of these failed. */
function firstFailureOf(builds: readonly Build[]): Build | undefined {
  let first: Build | undefined;
  for (const build of builds) {
    if (build.status !== 'failure' && build.status !== 'error') break;
    first = build;
  }
  return first;
}
