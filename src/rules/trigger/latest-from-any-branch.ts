import { filters } from '../../drone/conditions.ts';
import { deploymentsOf, isAutoTagged } from '../../drone/deployment.ts';
import { type Conditions, type Step, subjectOf } from '../../model/pipeline.ts';
import { type Located, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'latest-from-any-branch',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Any branch publishes latest',
  why: 'A push to any branch, reviewed or not, overwrites the image that everyone gets by default.',
  fix: 'Publish `latest` from the default branch only:\n\n```yaml conditions\nevent: [push]\nbranch: [main]\n```\n\nOr from tags, which the trigger of the pipeline has to let in, too:\n\n```yaml conditions\nevent: [tag]\n```',
  refs: [
    'https://plugins.drone.io/plugins/docker',
    'https://docs.drone.io/pipeline/docker/syntax/conditions/#by-branch',
  ],
  standards: { owasp: ['CICD-SEC-9'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const step of pipeline.steps) {
      const isImage = deploymentsOf(step).some(({ does, by }) => does === 'image' && by === 'plugin');
      if (!isImage || isAutoTagged(step) || !step.reach.events.has('push')) continue;
      const latest = latestTag(step);
      if (!latest || choosesBranch(pipeline.trigger) || choosesBranch(step.when)) continue;
      yield {
        at: latest.at,
        subject: subjectOf(step),
        message: say`a push to any branch makes "${step.name}" publish the tag "${latest.value}"`,
        reach: step.reach,
      };
    }
  },
});

/** The tag latest, even in a list of tags that is written as one string. */
function latestTag({ settings }: Step): Located<string> | undefined {
  const found = settings
    .filter(({ name }) => name.value === 'tags' || name.value === 'tag')
    .flatMap(({ scalars }) => scalars)
    .find(({ value }) => value.split(',').some((tag) => tag.trim() === 'latest'));
  return found && { value: 'latest', at: found.at };
}

function choosesBranch(conditions: Conditions | undefined): boolean {
  return ['branch', 'ref'].some((name) => filters(conditions?.conditions.get(name)));
}
