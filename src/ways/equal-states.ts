import { addTo } from '../model/groups.ts';
import type { Step } from './graph.ts';

/* Repositories that are alike in all that a search looks at are one state for it. */

/** How often states are compared: each time those may turn out equal whose steps begin at states that turned out so before. */
const mostPasses = 12;

/**
 * The state that stands for each of those that steps lead to: the first of all that the same changes close. Two states are equal
 * where steps lead to them from equal states, and fall with the same changes. Those `apart` are equal to no other.
 */
export function equalStates(steps: readonly Step[], apart: ReadonlySet<string>): ReadonlyMap<string, string> {
  const incoming = new Map<string, { readonly from: string; readonly loses: string }[]>();
  const changes = new Map<string, string>();
  for (const step of steps) {
    const keys = losesTo(step);
    const loses = changes.get(keys) ?? `${changes.size}`;
    changes.set(keys, loses);
    addTo(incoming, step.to, { from: step.from, loses });
  }
  const firsts = new Map<string, string>();
  let left = [...incoming];
  for (let pass = 0; pass < mostPasses; pass++) {
    const known = new Map<string, string>();
    const before = firsts.size;
    left = left.filter(([state, all]) => {
      if (apart.has(state)) return false;
      const key = [...new Set(all.map(({ from, loses }) => `${loses} ${firsts.get(from) ?? from}`))].sort().join('\n');
      const first = known.get(key);
      if (first === undefined) known.set(key, state);
      else firsts.set(state, first);
      return first === undefined;
    });
    if (firsts.size === before) break;
  }
  return firsts;
}

/** What a step loses to, the same for the same. */
function losesTo({ closers = [], together = [] }: Step): string {
  if (closers.length === 0 && together.length === 0) return '';
  const each = closers.map(({ key }) => key).sort();
  return JSON.stringify(together.length === 0 ? each : [each, together.map(({ key }) => key).sort()]);
}
