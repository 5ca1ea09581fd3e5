import { filters } from '../../drone/conditions.ts';
import { deploymentsOf } from '../../drone/deployment.ts';
import { productionNames } from '../../facts/deployment.ts';
import { type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';
import { branchFills } from './_fills.ts';

const rest =
  'Nothing is deployed any more until somebody promotes a build: `drone build promote octocat/app 42 production`. A build of a pull request can be promoted as well; `promotion-of-any-ref` tells of that, and how to accept what remains.';

/** Before 1.0 a file holds one pipeline. */
const ofLegacy = `Deploy on promotion, to a target that the step names:

\`\`\`yaml refs
event: [promote]
target: [production]
ref: [refs/heads/main, refs/tags/**]
\`\`\`

${rest}`;

export default rule({
  id: 'deploy-without-promotion',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Push deploys to production',
  why: 'One merged commit, or one push by anyone with write access, reaches production without a second pair of eyes. A promotion is a separate act by a person, and it is recorded.',
  fix: `Deploy on promotion, in a pipeline of its own that names its target:

\`\`\`yaml pipeline
trigger:
  event: [promote]
  target: [production]
  ref: [refs/heads/main, refs/tags/**]
\`\`\`

${rest}`,
  refs: ['https://docs.drone.io/promote/', 'harness/drone handler/api/repos/builds/promote.go:63-85'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    if (filters(pipeline.trigger?.conditions.get('target'))) return;
    for (const step of pipeline.steps) {
      const { events } = step.reach;
      const pushed = (['push', 'tag'] as const).filter((event) => events.has(event));
      const [deployment] = deploymentsOf(step).filter(({ does }) => does === 'deploy');
      if (!deployment || pushed.length === 0 || isPromoted(pipeline, step) || !isForProduction(pipeline, step))
        continue;
      yield {
        at: step.nameAt,
        subject: subjectOf(step),
        fills: branchFills(pipeline.trigger, step.when),
        fix: pipeline.legacy ? ofLegacy : undefined,
        message: say`step "${step.name}" deploys to production (${deployment.what}) on ${pushed.join(' and ')}, without a promotion`,
        reach: step.reach,
      };
    }
  },
});

function isPromoted(pipeline: Pipeline, step: Step): boolean {
  return [pipeline.trigger, step.when].some(
    (block) =>
      filters(block?.conditions.get('target')) ||
      block?.conditions.get('event')?.include.some(({ value }) => value === 'promote'),
  );
}

/** Whether production is named by the step, its pipeline, the branch it is for, or its settings. */
function isForProduction(pipeline: Pipeline, step: Step): boolean {
  const branches = [pipeline.trigger, step.when].flatMap((block) => block?.conditions.get('branch')?.include ?? []);
  const settings = step.settings.flatMap(({ scalars }) => scalars);
  const texts = [step.name, pipeline.name, ...[...branches, ...settings].map(({ value }) => value.slice(0, 200))];
  return texts.some((text) => productionNames.test(text));
}
