import type { AnyRule } from '../../model/rule.ts';
import branchWithoutEvent from './branch-without-event.ts';
import deployWithoutPromotion from './deploy-without-promotion.ts';
import droppedCondition from './dropped-condition.ts';
import ignoredCondition from './ignored-condition.ts';
import ineffectivePattern from './ineffective-pattern.ts';
import latestFromAnyBranch from './latest-from-any-branch.ts';
import missingTrigger from './missing-trigger.ts';
import openEventList from './open-event-list.ts';
import promotionOfAnyRef from './promotion-of-any-ref.ts';
import promotionWithoutTarget from './promotion-without-target.ts';
import publishOnPullRequest from './publish-on-pull-request.ts';
import skippedGate from './skipped-gate.ts';
import unknownEvent from './unknown-event.ts';
import unnamedCron from './unnamed-cron.ts';
import variableInCondition from './variable-in-condition.ts';

export default [
  branchWithoutEvent,
  deployWithoutPromotion,
  droppedCondition,
  ignoredCondition,
  ineffectivePattern,
  latestFromAnyBranch,
  missingTrigger,
  openEventList,
  promotionOfAnyRef,
  promotionWithoutTarget,
  publishOnPullRequest,
  skippedGate,
  unknownEvent,
  unnamedCron,
  variableInCondition,
] satisfies readonly AnyRule[];
