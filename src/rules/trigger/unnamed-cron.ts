import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { filters, namedEvent } from '../../drone/conditions.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unnamed-cron',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Any cron job runs this',
  why: 'Anyone with write access can create a cron job, on any branch, and start it at once. Without a condition on its name it runs this pipeline as it is on that branch; signature protection covers only builds that a webhook started.',
  fix: 'Name the cron job:\n\n```yaml conditions\nevent: [cron]\ncron: [nightly]\n```\n\n`drone cron ls octocat/app` prints the names. Only cron jobs have one: give pushes and other events a pipeline of their own.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/#by-cron',
    'https://docs.drone.io/cron/',
    'harness/drone trigger/trigger.go:266',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    const { trigger, reach } = pipeline;
    const name = namedEvent(trigger, 'cron');
    if (!name || filters(trigger?.conditions.get('cron'))) return;
    const [assets] = stepAssets(pipeline, context).filter(
      (each) => hasSecretsOrDeploys(each) && each.step.reach.events.has('cron'),
    );
    if (!assets) return;
    yield {
      at: name.at,
      subject: 'trigger.cron',
      message: say`any cron job runs ${pipeline.label}, even one that somebody makes for their own branch; "${assets.step.name}" ${assets.what}`,
      reach,
      related: [{ at: assets.step.nameAt, message: say`"${assets.step.name}" ${assets.what}` }],
    };
  },
});
