import { blocksOf, namedEvent } from '../../drone/conditions.ts';
import type { DroneEvent, Pipeline } from '../../model/pipeline.ts';

/** Blocks of a pipeline that name one of these events and are reached by it: the trigger first, each block once. */
export function blocksNaming(pipeline: Pipeline, events: readonly DroneEvent[]) {
  return blocksOf(pipeline).flatMap((block) => {
    for (const event of events) {
      const name = namedEvent(block.conditions, event);
      if (name && (block.step ?? pipeline).reach.events.has(event)) return [{ block, name, event }];
    }
    return [];
  });
}
