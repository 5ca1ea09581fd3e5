import { ignoredConditionText } from '../../analysis/ignored-conditions.ts';
import { misplacedWhen } from '../../analysis/misplaced-when.ts';
import { assetsOfStep, stepAssets } from '../../analysis/step-assets.ts';
import { blocksOf, type ConditionBlock, filters, whenSubject } from '../../drone/conditions.ts';
import { harmlessLegacyConditions } from '../../facts/conditions.ts';
import type { Condition } from '../../model/pipeline.ts';
import { ownWords, type Remark, rule, say } from '../../model/rule.ts';
import { placeFills } from './_fills.ts';

const fix =
  'Write the condition as a string, a list of strings, or `include` and `exclude` with lists, below `trigger` or the `when` of a step:\n\n```yaml\ntrigger:\n  event: push\n  repo: [octocat/hello-world]\n  branch:\n    include: [main, release/*]\n    exclude: [release/old]\n```\n\nBeside `branch` name the event, because the branch of a pull request is the one that it targets.';

export default rule({
  id: 'dropped-condition',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Condition has a form that matches everything',
  why: 'Drone accepts a string, a list of strings, or `include` and `exclude` with lists. Anything else is dropped silently, and a dropped condition matches everything: the restriction does not exist.',
  fix,
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/',
    'drone/runner-go manifest/cond.go:78',
    'drone/drone-yaml yaml/cond.go:78',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  supersedes: ['unknown-field', 'missing-trigger'],
  since: '0.1.0',
  effort: 'minutes',
  cause: 'where decisive',
  *judge(pipeline, context) {
    for (const block of blocksOf(pipeline)) {
      const { conditions, step, subject } = block;
      const atStake = step ? assetsOfStep(pipeline, step, context) : stepAssets(pipeline, context)[0];
      const common = {
        subject,
        fills: placeFills(block),
        reach: (step ?? pipeline).reach,
        severity: atStake ? undefined : ('low' as const),
        // Before 1.0 only steps have conditions.
        fix: pipeline.legacy ? fix.replace('`trigger` or the `when`', 'the `when`') : undefined,
      };
      for (const { at, message } of droppedIn(block)) yield { ...common, at, message };
      for (const unknown of conditions.unknown) {
        if (pipeline.legacy && harmlessLegacyConditions.includes(unknown.value)) continue;
        yield { ...common, at: unknown.at, message: ignoredConditionText(unknown, block.label) };
      }
    }
    for (const step of pipeline.steps) {
      const when = misplacedWhen(step);
      if (!when) continue;
      yield {
        at: when.name.at,
        subject: whenSubject(step),
        fills: placeFills({ kind: 'when' }),
        message: say`"when" of "${step.name}" is below "settings": it goes to the plugin and restricts nothing`,
        reach: step.reach,
        severity: assetsOfStep(pipeline, step, context) ? undefined : ('low' as const),
      };
    }
  },
});

const forms = {
  null: 'is null, which matches everything',
  'scalar include': 'has a string below "include" where a list is needed: it matches everything',
  'scalar exclude': 'has a string below "exclude" where a list is needed: it excludes nothing',
  'nested value': 'holds lists or mappings as items, which are dropped',
  'unknown key': 'has keys other than "include" and "exclude", which are dropped',
} as const;

function* droppedIn({ conditions, label }: ConditionBlock): Iterable<Remark> {
  for (const condition of conditions.conditions.values()) {
    const form = formOf(condition);
    if (form !== undefined) yield { at: condition.at, message: say`"${condition.name}" in ${label} ${ownWords(form)}` };
  }
}

function formOf(condition: Condition) {
  if (condition.dropped === undefined) return filters(condition) ? undefined : 'is empty, which matches everything';
  if (condition.dropped === 'unknown key' && !filters(condition))
    return 'has neither "include" nor "exclude": it matches everything';
  return forms[condition.dropped];
}
