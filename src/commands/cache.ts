import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { type CacheFolder, cacheFolder } from '../checks/cache-folder.ts';
import { isOfAuthors, realPath } from '../config.ts';
import type { InForce } from '../locks.ts';
import type { AnyRule } from '../model/rule.ts';
import { UserError } from '../model/user-error.ts';
import { visible } from '../model/visible.ts';
import { build } from '../version.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { ruleSet } from './rule-set.ts';

interface CacheOptions {
  /** A folder for what later runs may use. */
  readonly cache?: string;
  /** The report of a run that may have been interrupted, which this one takes up. */
  readonly resume?: string;
}

/** Whether an output is the report that `--resume` names. */
export function isResumed(output: Output, { resume }: CacheOptions, { cwd }: Io): boolean {
  return resume !== undefined && resolve(cwd, output.file) === resolve(cwd, resume);
}

/** What `--resume` keeps until its report is written would stay for ever if none is. Throws UserError. */
export function refuseResume(options: CacheOptions, outputs: readonly Output[], io: Io): void {
  const { cache, resume } = options;
  if (resume === undefined) return;
  if (cache !== undefined) throw new UserError('--cache keeps what --resume would take up: leave out one of them');
  if (!outputs.some((output) => isResumed(output, options, io)))
    throw new UserError(
      `no -o writes "${visible(resume)}", which --resume names`,
      'name the report twice: --resume report.json -o report.json',
    );
}

/**
 * The cache that the options name; that of `--resume` lies beside the report until that is written. It decides what a report
 * says, so that it is refused where whoever wrote what is audited could have put it. `audited` are their folders.
 */
export function openCache(
  { cache, resume }: CacheOptions,
  audited: readonly string[],
  io: Io,
): CacheFolder | undefined {
  const path = resume === undefined ? cache : `${resume}.unfinished`;
  if (path === undefined) return undefined;
  const full = resolve(io.cwd, path);
  if (isOfAuthors(full, audited) || isOfAuthors(endOf(full), audited))
    throw new UserError(
      `"${visible(path)}" lies in what is audited, whose authors could write there what a report is to say`,
      resume === undefined
        ? 'name a folder outside of it and of its repository'
        : 'put the report outside of it and of its repository, such as --resume ../report.json -o ../report.json',
    );
  return cacheFolder(full, path, io.uid);
}

/** Where a path leads of which not all is there yet. */
function endOf(path: string): string {
  const above = dirname(path);
  const real = realPath(path);
  return real !== path || above === path ? real : join(endOf(above), basename(path));
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
