import { missingTrigger } from '../../analysis/missing-trigger.ts';
import { isKeptFromPullRequests } from '../../analysis/secret-release.ts';
import { stepNames } from '../../analysis/step-assets.ts';
import { pullRequestsOf } from '../../drone/server-repository.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

const renamed =
  'Rename the key `triggers` to `trigger`: Drone ignores a key that it does not know, with all conditions below it. Then see that they leave out pull requests, with `event: [push, tag]` for example, and test those in another pipeline.';

const only = '\n\n```yaml conditions\nevent: [push, tag]\n```\n\nCron jobs, promotions and custom builds no longer run';

/** Before 1.0 a pipeline has no trigger. */
const below = `Keep the steps with secrets, deployments or privileges off pull requests:${only} them: list those in use as well.`;

/** Of a step that came to others. */
const ofStep = `Keep the step off pull requests:${only} it: list those in use as well.`;
const ofStepOrTrigger = `${ofStep} Or say in a \`trigger\` when the pipeline should run, and test pull requests in another one.`;

export default rule({
  id: 'missing-trigger',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Pipeline with secrets or deployment runs on every event',
  why: 'Without a trigger a pipeline runs for everything: pushes to any branch, tags, cron jobs, custom builds, promotions, and pull requests, even from forks. A pull request brings its own `.drone.yml` and its own scripts.',
  fix: 'Say when the pipeline should run, and test pull requests in another one:\n\n```yaml conditions\nevent: [push, tag]\n```\n\nPushes to all branches still start it, limited by the `when` of each step. Cron jobs, promotions and custom builds no longer do: list those in use as well. Or keep only the steps with secrets or deployments off pull requests, with the same below their `when`.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/',
    'harness/drone trigger/trigger.go:303-323',
    'drone/runner-go manifest/cond.go:42-53',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-4'] },
  since: '0.1.0',
  effort: 'minutes',
  cause: 'always',
  *judge(pipeline, context) {
    const { installation } = context;
    const missing = missingTrigger(pipeline, context);
    const [first] = missing?.open ?? [];
    if (!missing || !first) return;
    const { trigger, misspelt, open } = missing;
    const isKept = open.every(
      ({ secrets, privileged, deployments }) =>
        !privileged &&
        deployments.length === 0 &&
        secrets.every((name) => isKeptFromPullRequests(name, pipeline, context)),
    );
    const alone = misspelt ? renamed : pipeline.legacy ? ofStep : ofStepOrTrigger;
    yield {
      at: trigger?.conditions.keyAt ?? misspelt?.at ?? pipeline.nameAt,
      subject: 'trigger',
      message: say`${pipeline.label} runs on every event${included[pullRequestsOf(pipeline.stream, installation)]}${misspelt ? say`, because "${misspelt.value}" is not "trigger" and is ignored` : ''}: ${stepNames(open.map(({ step }) => step))} ${open.length === 1 ? first.what : say`hold secrets, deploy or are privileged`}`,
      ...(misspelt ? { fix: renamed, fills: { triggers: misspelt.value } } : pipeline.legacy ? { fix: below } : {}),
      severity: isKept ? 'medium' : undefined,
      reach: pipeline.reach,
      related: open.map(({ step, what }) =>
        alsoAt(step.nameAt, say`"${step.name}" ${what}`, { reach: step.reach, fix: alone, follows: true }),
      ),
    };
  },
});

/** What else starts it, by whose pull requests are built. */
const included = {
  forks: say`, pull requests from forks included`,
  writers: say`, pull requests included`,
  nobody: '',
} as const;
