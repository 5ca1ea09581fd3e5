import type { Shard } from '../model/shard.ts';
import { UserError } from '../model/user-error.ts';

/** With more, each process would spend its time on finding out what the others do. */
const mostShards = 1000;

/**
 * A share as `--shard` names it: `2/3`, or `auto/3` for the share of this pod of an Indexed Job, which Kubernetes counts from 0
 * in JOB_COMPLETION_INDEX.
 */
export function parseShard(text: string, environment: Readonly<Record<string, string | undefined>>): Shard {
  const [, named = '', all = ''] = /^(auto|\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const of = Number(all);
  if (named === '' || of < 1 || of > mostShards)
    throw new UserError(`--shard takes I/N or auto/N, with N from 1 to ${mostShards}, and not "${text}"`);
  if (named !== 'auto') {
    const index = Number(named);
    if (index < 1 || index > of) throw new UserError(`--shard ${text}: parts are counted from 1 to ${of}`);
    return { index, of };
  }
  const { JOB_COMPLETION_INDEX: given = '' } = environment;
  if (!/^\d{1,5}$/.test(given))
    throw new UserError(
      given === ''
        ? `--shard ${text} takes its number from JOB_COMPLETION_INDEX, which is not set`
        : `JOB_COMPLETION_INDEX is "${given}", and no number`,
    );
  const index = Number(given) + 1;
  if (index > of)
    throw new UserError(`JOB_COMPLETION_INDEX is ${given}, and --shard ${text} counts to ${of - 1} there`);
  return { index, of };
}

/** Options that are about everything at once. */
interface WholeOptions {
  readonly docker?: unknown;
  readonly server?: unknown;
  readonly diff?: unknown;
  readonly baseline?: unknown;
  readonly writeBaseline?: unknown;
  readonly saveEvidence?: unknown;
  readonly probeRunners?: boolean;
  readonly composeFile: readonly string[];
}

export function refuseWithShard(options: WholeOptions): void {
  const { docker, server, diff, baseline, writeBaseline, saveEvidence, probeRunners, composeFile } = options;
  const named = [
    ...Object.entries({
      '--docker': docker,
      '--server': server,
      '--diff': diff,
      '--baseline': baseline,
      '--write-baseline': writeBaseline,
      '--save-evidence': saveEvidence,
    }).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...(probeRunners ? ['--probe-runners'] : []),
    ...(composeFile.length > 0 ? ['--compose-file'] : []),
  ];
  if (named.length > 0) throw new UserError(`${named.join(' and ')} cannot be divided: leave out --shard`);
}
