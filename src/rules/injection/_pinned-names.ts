import { isLiteral } from '../../drone/glob.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';

/** Variables whose text Drone matches with a condition (drone/runner-go manifest/cond.go:42-53). */
const conditionOf: ReadonlyMap<string, 'branch' | 'ref' | 'target'> = new Map([
  ['DRONE_BRANCH', 'branch'],
  // Of a pull request it is the branch of its author, which is another rule's.
  ['DRONE_SOURCE_BRANCH', 'branch'],
  ['DRONE_TARGET_BRANCH', 'branch'],
  ['DRONE_COMMIT_BRANCH', 'branch'],
  ['CI_COMMIT_BRANCH', 'branch'],
  ['DRONE_COMMIT_REF', 'ref'],
  ['CI_COMMIT_REF', 'ref'],
  ['DRONE_DEPLOY_TO', 'target'],
  ['CI_BUILD_TARGET', 'target'],
]);

/** Whether a condition admits only names that are written out, so that nobody chooses the text of the variable. */
export function isPinned(name: string, { trigger }: Pipeline, { when }: Step): boolean {
  const condition = conditionOf.get(name);
  if (!condition) return false;
  return [trigger, when].some((conditions) => {
    const include = conditions?.conditions.get(condition)?.include ?? [];
    return include.length > 0 && include.every(({ value }) => isLiteral(value));
  });
}
