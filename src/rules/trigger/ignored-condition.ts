import { ignoredOf, restrictionsOf } from '../../analysis/restrictions.ts';
import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { blocksOf } from '../../drone/conditions.ts';
import { alsoAt, ownWords, rule, say } from '../../model/rule.ts';
import { placeFills } from './_fills.ts';

export default rule({
  id: 'ignored-condition',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Condition is never evaluated',
  why: 'Drone parses `paths`, and `instance` in a trigger, but nothing evaluates them: the pipeline runs on every server and for all files. `instance` works in the `when` of a step; `paths` needs a conversion extension that rewrites the file.',
  fix: 'Restrict by `repo`, `branch`, `event` or `ref` in its place:\n\n```yaml\ntrigger:\n  repo: [octocat/hello-world]\n  branch: [main]\n  event: [push]\n```\n\nOr move `instance` into the `when` of each step, where it works. For `paths` set up a conversion extension that rewrites the file (`DRONE_CONVERT_PLUGIN_ENDPOINT` on the server).',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/',
    'harness/drone trigger/trigger.go:303-323',
    'harness/drone trigger/skip.go:40',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:266-275',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  cause: 'where decisive',
  *judge(pipeline, context) {
    const { installation } = context;
    const atStake = stepAssets(pipeline, context).filter(hasSecretsOrDeploys);
    const byStep = new Map(atStake.map((assets) => [assets.step, [assets]]));
    for (const block of blocksOf(pipeline)) {
      const { kind, conditions, step, subject, label } = block;
      const isOnly = restrictionsOf(conditions).length === 0 && restrictionsOf(pipeline.trigger).length === 0;
      const own = step ? (byStep.get(step) ?? []) : atStake;
      for (const condition of ignoredOf(block, installation)) {
        const what = kind === 'trigger' ? 'the pipeline' : 'the step';
        const scope = condition.name === 'paths' ? 'whatever files change' : 'on every server';
        yield {
          at: condition.at,
          fills: placeFills(block),
          subject: `${condition.name} of ${subject}`,
          message: say`"${condition.name}" of ${label} is never evaluated: ${ownWords(what)} runs ${ownWords(scope)}`,
          severity: isOnly && own.length > 0 ? 'high' : undefined,
          reach: (step ?? pipeline).reach,
          related: own.map((assets) =>
            alsoAt(assets.step.nameAt, say`"${assets.step.name}" ${assets.what}`, {
              reach: assets.step.reach,
              follows: true,
            }),
          ),
        };
      }
    }
  },
});
