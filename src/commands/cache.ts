import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { type CacheFolder, cacheFolder } from '../checks/cache-folder.ts';
import type { InForce } from '../locks.ts';
import type { AnyRule } from '../model/rule.ts';
import { UserError } from '../model/user-error.ts';
import { build } from '../version.ts';
import type { Io } from './io.ts';
import { ruleSet } from './rule-set.ts';

interface CacheOptions {
  /** A folder for what later runs may use. */
  readonly cache?: string;
  /** The report of a run that may have been interrupted, which this one takes up. */
  readonly resume?: string;
}

/** Whether a file, by its name, is part of the cache that the options name. */
export function isOfCache({ cache, resume }: CacheOptions, io: Io): (name: string) => boolean {
  const path = resume === undefined ? cache : `${resume}.unfinished`;
  if (path === undefined) return () => false;
  const folder = `${resolve(io.cwd, path)}${sep}`;
  return (name) => resolve(io.cwd, name).startsWith(folder);
}

/** The cache that the options name. That of `--resume` lies beside the report until that is written. */
export function openCache({ cache, resume }: CacheOptions, io: Io): CacheFolder | undefined {
  if (cache !== undefined && resume !== undefined)
    throw new UserError('--cache keeps what --resume would take up: leave out one of them');
  const path = resume === undefined ? cache : `${resume}.unfinished`;
  return path === undefined ? undefined : cacheFolder(resolve(io.cwd, path), path, io.uid);
}

/** Everything that what is said of a pipeline depends on, besides its file. */
export function cacheTerms(
  { config, allows }: InForce,
  shown: { readonly trust?: string; readonly ignore: boolean } & Readonly<
    Record<'minSeverity' | 'minConfidence' | 'pedantic', unknown>
  >,
  rules: readonly AnyRule[],
  io: Io,
): string {
  const ends = [...(config?.ignores ?? []), ...(config?.severities ?? []), ...(config?.acceptances ?? [])].some(
    ({ until }) => until !== undefined,
  );
  const terms = [
    ...[io.version, build, ruleSet().sha256, rules.map(({ id }) => id)],
    ...[shown.trust, shown.ignore, shown.minSeverity, shown.minConfidence, shown.pedantic],
    config?.files.map(({ name, by, isAudited, source: { text } }) => [name, by, isAudited, text]),
    ...[allows.config, allows.comment, allows.baseline, allows.upTo],
    ends ? io.today : undefined,
  ];
  return createHash('sha256').update(JSON.stringify(terms)).digest('hex');
}
