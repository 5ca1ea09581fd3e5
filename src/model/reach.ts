import type { Reach } from './pipeline.ts';
import { listed } from './prose.ts';
import { say, type Text } from './text.ts';

/**
 * Whom a place is open to, the weakest first: `fork pull requests`, `writers by push`, `promotion`. Pull requests that no fork
 * can open are the writers'.
 */
export function reachOf({ events, pullRequest }: Pick<Reach, 'events' | 'pullRequest'>): Text {
  if (pullRequest) return say`fork pull requests`;
  const writers = (['push', 'tag', 'custom', 'pull_request'] as const).filter((event) => events.has(event));
  if (writers.length > 0) return say`writers by ${listed(writers).replace('_', ' ')}`;
  const others = (['promote', 'rollback', 'cron'] as const).filter((event) => events.has(event));
  return others.length > 0 ? say`whoever may start ${listed(others.map((event) => occasions[event]))}` : say`nobody`;
}

const occasions = { promote: 'promotions', rollback: 'rollbacks', cron: 'cron jobs' } as const;
