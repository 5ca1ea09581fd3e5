import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** A swarm service as the engine describes it, the text of a `docker-service://` source. */
export function readService(_source: Source): Reading {
  return emptyReading;
}
