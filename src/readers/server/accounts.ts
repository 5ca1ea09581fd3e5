import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** The accounts of a server, the answer of `/api/users`. */
export function readAccounts(_source: Source): Reading {
  return emptyReading;
}
