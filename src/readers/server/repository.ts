import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';

/** A repository with its secrets, cron jobs and newest builds, as the server answered. */
export function readRepository(_source: Source): Reading {
  return emptyReading;
}
