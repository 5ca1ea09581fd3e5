import { filters } from '../../model/conditions.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import { blocksNaming } from './promotions.ts';

const promoting = ['promote', 'rollback'] as const;

export default rule({
  id: 'promotion-without-target',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Promotion to any target runs this',
  why: 'The target of a promotion is a free text of whoever promotes. Without a condition on it a promotion to staging runs what is meant for production too, and so does one with a spelling mistake.',
  fix: 'Name the target:\n\n```yaml\ntrigger:\n  event: [promote]\n  target: [production]\n```',
  refs: ['https://docs.drone.io/promote/', 'harness/drone handler/api/repos/builds/promote.go:63-85'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    if (filters(pipeline.trigger?.conditions.get('target'))) return;
    const open = blocksNaming(pipeline, promoting).filter(
      ({ block }) => !filters(block.conditions.conditions.get('target')),
    );
    const [first, ...others] = open;
    if (!first) return;
    const isOnly = pipeline.stream.pipelines.every(
      (other) => other === pipeline || blocksNaming(other, promoting).length === 0,
    );
    const what = first.event === 'promote' ? 'a promotion' : 'a rollback';
    yield {
      at: first.name.at,
      subject: 'promotion',
      message: `${what} to any target runs ${first.block.step ? `"${first.block.step.name}"` : pipeline.label}: nothing asks for its "target"`,
      ...(isOnly ? { severity: 'low' } : {}),
      reach: reachOf((first.block.step ?? pipeline).reach),
      related: others.map(({ block, name }) => ({ at: name.at, message: `so does ${block.label}` })),
    };
  },
});
