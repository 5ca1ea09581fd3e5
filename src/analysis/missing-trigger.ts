import { blocksOf, type ConditionBlock } from '../drone/conditions.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, PipelineStream } from '../model/pipeline.ts';
import type { Context } from '../model/rule.ts';
import { type IgnoredKey, meantBy } from './ignored-keys.ts';
import { ignoredOf, losesRestriction, restrictionsOf } from './restrictions.ts';
import { type StepAssets, stepAssets } from './step-assets.ts';

/** What a pipeline lacks that runs on every event although there is something at stake. */
export interface MissingTrigger {
  /** The trigger without effect. */
  readonly trigger?: ConditionBlock;
  /** The key that was meant to be one. */
  readonly misspelt?: IgnoredKey;
  /** The steps that pull requests reach, at least one; what has most at stake first. */
  readonly open: readonly StepAssets[];
}

export function missingTrigger(pipeline: Pipeline, context: Context): MissingTrigger | undefined {
  if (restrictionsOf(pipeline.trigger).length > 0) return undefined;
  const trigger = blocksOf(pipeline).find(({ kind }) => kind === 'trigger');
  if (trigger && ignoredOf(trigger, context.installation).length > 0) return undefined;
  // A step with conditions of its own says when it runs; `branch` alone and dropped conditions belong to other rules.
  const open = stepAssets(pipeline, context).filter(
    ({ step }) => step.reach.pullRequest && restrictionsOf(step.when).length === 0 && !losesRestriction(step),
  );
  if (open.length === 0) return undefined;
  const misspelt = trigger || pipeline.legacy ? undefined : misspeltTriggers(pipeline.stream).get(pipeline.at.path);
  return { trigger, misspelt, open: open.toSorted((a, b) => stakeOf(b) - stakeOf(a)) };
}

/** The host is more than what a step deploys, and that more than a secret. */
function stakeOf({ privileged, deployments }: StepAssets): number {
  return (privileged ? 2 : 0) + (deployments.length > 0 ? 1 : 0);
}

/** Keys that were meant to be the trigger of a pipeline, by its path. */
const misspeltTriggers = memoizePer(({ unknownKeys }: PipelineStream): ReadonlyMap<string, IgnoredKey> => {
  const keys = unknownKeys.filter((key) => key.candidates.includes('trigger') && meantBy(key) === 'trigger');
  return new Map(keys.map((key) => [key.at.path.slice(0, key.at.path.lastIndexOf('.')), key]));
});
