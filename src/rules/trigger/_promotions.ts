import { blocksOf, type ConditionBlock, namedEvent } from '../../drone/conditions.ts';
import type { DroneEvent, Pipeline } from '../../model/pipeline.ts';
import type { Located } from '../../model/source.ts';

/** A condition block that asks for an event by name. */
export interface NamedEvent {
  readonly block: ConditionBlock;
  readonly name: Located<string>;
  readonly event: DroneEvent;
}

/** Blocks of a pipeline that name one of these events and are reached by it: the trigger first, each block once. */
export function blocksNaming(pipeline: Pipeline, events: readonly DroneEvent[]): readonly NamedEvent[] {
  return blocksOf(pipeline).flatMap((block) => {
    for (const event of events) {
      const name = namedEvent(block.conditions, event);
      if (name && (block.step ?? pipeline).reach.events.has(event)) return [{ block, name, event }];
    }
    return [];
  });
}
