import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** What is kept of the log of a container, the text of a `docker-log://` source. */
export function readLog(_source: Source): Reading {
  return emptyReading;
}
