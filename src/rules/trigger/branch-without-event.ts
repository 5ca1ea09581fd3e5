import { type StepAssets, stepAssets, stepNames } from '../../analysis/step-assets.ts';
import { asksForPullRequests, blocksOf, filters } from '../../drone/conditions.ts';
import { pullRequestsOf } from '../../drone/server-repository.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

const only =
  '\n\n```yaml conditions\nevent: [push]\n```\n\nCron jobs, promotions and custom builds of the branch then no longer run';

/** Of the `branches` of a file before 1.0. */
const below = `Name the event below the steps with secrets, deployments or privileges, since \`branches\` has none:${only} them: list those in use as well.`;

/** Of a step that came to others. */
const ofStep = `Keep the step off pull requests, which the branch does not:${only} it: list those in use as well.`;
const ofStepOrTrigger = `${ofStep} Or name the event in the trigger, beside the branch.`;

export default rule({
  id: 'branch-without-event',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Branch condition does not keep pull requests out',
  why: "For a pull request, `branch` is the branch it is to be merged into. A pull request from a fork against `main` therefore matches `branch: main`, and what was meant for merged code runs with the pull request's code and its `.drone.yml`.",
  fix: 'Name the event beside the branch:\n\n```yaml conditions\nevent: [push]\n```\n\nCron jobs, promotions and custom builds of the branch then no longer run this: list those in use as well. For tags, too, use `ref` in place of `branch` and `event`; a tag usually has no branch, and a pull request has no such ref:\n\n```yaml refs\nref: [refs/heads/main, refs/tags/**]\n```',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/#by-branch',
    'harness/drone trigger/trigger.go:303-323',
    'harness/drone service/hook/parser/parse.go:138',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-4'] },
  supersedes: ['missing-trigger'],
  since: '0.1.0',
  effort: 'minutes',
  cause: 'always',
  *judge(pipeline, context) {
    const { installation } = context;
    const open = stepAssets(pipeline, context).filter(
      ({ step }) => step.reach.pullRequest && !asksForPullRequests(step.when),
    );
    const forks = pullRequestsOf(pipeline.stream, installation) === 'forks' ? say`, even from forks` : '';
    const byStep = new Map(open.map((assets) => [assets.step, [assets]]));
    for (const { kind, conditions, step, subject, label } of blocksOf(pipeline)) {
      const branch = conditions.conditions.get('branch');
      const own: readonly StepAssets[] = step ? (byStep.get(step) ?? []) : open;
      const [first] = own;
      if (!filters(branch) || !first || asksForPullRequests(conditions)) continue;
      // Such patterns match no branch at all.
      if (branch.include.length > 0 && branch.include.every(({ value }) => value.startsWith('refs/'))) continue;
      const isOfFile = kind === 'trigger' && pipeline.legacy;
      yield {
        at: branch.at,
        subject,
        message: say`"branch" of ${label} lets in pull requests${forks}: for them it is the branch they target; ${stepNames(own.map((assets) => assets.step))} ${own.length === 1 ? first.what : say`hold secrets, deploy or are privileged`}`,
        reach: first.step.reach,
        ...(isOfFile ? { fix: below } : {}),
        related: own.map((assets) =>
          alsoAt(assets.step.nameAt, say`"${assets.step.name}" ${assets.what}`, {
            reach: assets.step.reach,
            ...(kind === 'trigger' ? { fix: isOfFile ? ofStep : ofStepOrTrigger } : {}),
            follows: true,
          }),
        ),
      };
      // The trigger applies to every step.
      if (kind === 'trigger') return;
    }
  },
});
