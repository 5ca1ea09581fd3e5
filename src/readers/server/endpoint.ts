import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** What an address answered to somebody without a login. */
export function readEndpoint(_source: Source): Reading {
  return emptyReading;
}
