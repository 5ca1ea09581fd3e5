import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** What an extension answered to the requests of a probe. */
export function readProbe(_source: Source): Reading {
  return emptyReading;
}
