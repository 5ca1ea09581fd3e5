import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { namedEvent } from '../../drone/conditions.ts';
import { events } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';
import { isUnknownWord } from './_unknown-words.ts';

export default rule({
  id: 'open-event-list',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Events are listed by what is left out',
  why: 'A list of excluded events lets in all others, even those that nobody thought of: cron jobs, promotions, rollbacks, and custom builds, which anyone with write access can start on any commit with variables of their choice.',
  fix: 'List the events that are wanted:\n\n```yaml conditions\nevent: [push]\n```\n\nAll others then no longer start this pipeline: add `tag`, `cron` or `promote` where they are in use. Beside a `branch` a `tag` never matches; give tags a pipeline of their own there.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/#by-event',
    'harness/drone core/event.go',
    'drone/runner-go manifest/cond.go:42-53',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  effort: 'minutes',
  cause: 'always',
  *judge(pipeline, context) {
    const { trigger, reach } = pipeline;
    const event = trigger?.conditions.get('event');
    if (!event || !stepAssets(pipeline, context).some(hasSecretsOrDeploys)) return;
    const custom = namedEvent(trigger, 'custom');
    // Where no event is left out at all, unknown-event says why.
    const isOpen = event.include.length === 0 && event.exclude.some(({ value }) => !isUnknownWord(value, events));
    if (!custom && !isOpen) return;
    const others = events.filter((name) => reach.events.has(name) && name !== 'push').map((name) => `"${name}"`);
    yield {
      at: custom?.at ?? event.at,
      subject: 'trigger.event',
      message: custom
        ? say`"${custom.value}" lets anyone with write access start this pipeline on any commit, with variables of their choice`
        : say`events are listed by what is left out: besides pushes, ${others.join(', ')} start this pipeline`,
      reach,
    };
  },
});
