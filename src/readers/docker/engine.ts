import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** A container engine as it answers `/version`, `/info`, `/networks` and `/volumes`, the text of a `docker-engine://` source. */
export function readEngine(_source: Source): Reading {
  return emptyReading;
}
