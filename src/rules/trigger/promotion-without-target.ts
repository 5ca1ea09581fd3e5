import { stepAssets } from '../../analysis/step-assets.ts';
import { filters } from '../../drone/conditions.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { alsoAt, type Context, ownWords, rule, say, type Text } from '../../model/rule.ts';
import { blocksNaming } from './_promotions.ts';

const promoting = ['promote', 'rollback'] as const;

export default rule({
  id: 'promotion-without-target',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Promotion to any target runs this',
  why: 'The target of a promotion is free text, typed by whoever promotes. Without a condition on it, a promotion to staging also runs what is meant for production, and so does one to a misspelt target.',
  fix: 'Name the target that this is for:\n\n```yaml conditions\nevent: [promote]\ntarget: [production]\n```\n\nOnly promotions and rollbacks have a target: give pushes and other events a pipeline or step of their own.',
  refs: ['https://docs.drone.io/promote/', 'harness/drone handler/api/repos/builds/promote.go:63-85'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (filters(pipeline.trigger?.conditions.get('target'))) return;
    const isAskedInSteps = stepsAskForTarget(pipeline, context);
    const open = blocksNaming(pipeline, promoting).filter(
      ({ block }) => !filters(block.conditions.conditions.get('target')) && !(isAskedInSteps && !block.step),
    );
    const [first, ...others] = open;
    if (!first) return;
    // A file in the 0.8 format holds one pipeline, whatever its matrix makes of it.
    const isOnly =
      pipeline.legacy ||
      pipeline.stream.pipelines.every((other) => other === pipeline || blocksNaming(other, promoting).length === 0);
    const messageOf = ({ event, block }: typeof first): Text =>
      say`${ownWords(event === 'promote' ? 'a promotion' : 'a rollback')} to any target runs ${block.step ? say`"${block.step.name}"` : pipeline.label}: nothing asks for its "target"`;
    yield {
      at: first.name.at,
      subject: 'promotion',
      fills: { promote: first.event },
      message: messageOf(first),
      severity: isOnly ? 'low' : undefined,
      reach: (first.block.step ?? pipeline).reach,
      related: others.map((other) =>
        alsoAt(other.name.at, say`so does ${other.block.label}`, {
          message: messageOf(other),
          fills: { promote: other.event },
          reach: (other.block.step ?? pipeline).reach,
        }),
      ),
    };
  },
});

/** Whether all that matters in a pipeline has a target of its own, so that the trigger need not name one. */
function stepsAskForTarget(pipeline: Pipeline, context: Context): boolean {
  const atStake = stepAssets(pipeline, context);
  return atStake.length > 0 && atStake.every(({ step }) => filters(step.when?.conditions.get('target')));
}
