import type { ConditionBlock } from '../../drone/conditions.ts';
import { isLiteral } from '../../drone/glob.ts';
import type { Conditions } from '../../model/pipeline.ts';

/** What a fix has in place of `refs/heads/main`: the ref of the one branch that these conditions name. */
export function branchFills(...blocks: readonly (Conditions | undefined)[]): Readonly<Record<string, string>> {
  const branches = new Set(
    blocks.flatMap((block) => block?.conditions.get('branch')?.include ?? []).map(({ value }) => value),
  );
  const [branch = ''] = branches;
  return branches.size === 1 && isLiteral(branch) ? { 'refs/heads/main': `refs/heads/${branch}` } : {};
}

/** The key that a snippet of conditions stands below, in place of `trigger:` in the fix. */
export function placeFills({ kind }: Pick<ConditionBlock, 'kind'>): Readonly<Record<string, string>> {
  return kind === 'when' ? { 'trigger:': 'when:' } : {};
}
