import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** The secrets of whole organisations without their values, the answer of `/api/secrets`. */
export function readOrganizationSecrets(_source: Source): Reading {
  return emptyReading;
}
