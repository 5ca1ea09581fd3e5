import { resolve } from 'node:path';
import { nameOf } from '../checks/files.ts';
import { normalAddress } from '../checks/server-address.ts';
import type { Asked } from '../model/report.ts';
import type { Confidence, Severity } from '../model/severity.ts';
import type { Trust } from '../model/site.ts';
import { UserError } from '../model/user-error.ts';
import { maskFor } from '../secrets/mask.ts';
import type { Io } from './io.ts';
import type { TargetOptions } from './targets.ts';

/** The options that say what is looked at, assumed and shown. */
export interface AskingOptions extends TargetOptions {
  readonly trust?: Trust;
  readonly pedantic?: boolean;
  readonly minSeverity?: Severity;
  readonly minConfidence?: Confidence;
  readonly config?: string | boolean;
  readonly ignore: boolean;
  readonly allBranches?: boolean;
}

/** What a command line asks for, as the written scope of a report has it: no absolute path, no credential. */
export function askedFor(paths: readonly string[], options: AskingOptions, io: Io): Asked {
  const { composeFile, composeEnvFile, git = [], docker = [], server } = options;
  const mask = maskFor([]);
  const file = (path: string): string =>
    mask.evidence(path === '-' ? 'standard input' : nameOf(io.cwd, resolve(io.cwd, path)));
  const address = server === true ? io.environment.DRONE_SERVER : server;
  const places = [
    ...paths.map((path) => ({ place: file(path) })),
    ...git.map((path) => ({ place: file(path), option: '--git' })),
    ...composeFile.map((path) => ({ place: file(path), option: '--compose-file' })),
    ...composeEnvFile.map((path) => ({ place: file(path), option: '--compose-env-file' })),
    ...docker.map((host) => ({
      place: host === '' ? 'the engine that the docker client uses' : mask.evidence(host),
      option: '--docker',
    })),
    ...(address ? [{ place: mask.evidence(normalAddress(address)), option: '--server' }] : []),
  ];
  return { places, options: [...optionsOf(options)] };
}

/** Options that change what is looked at, assumed or shown. */
function* optionsOf(options: AskingOptions): Iterable<string> {
  const { form, withEnvironment, dockerLogs, buildLogs, probeRunners, probeRpc, trust } = options;
  if (form !== undefined) yield `--form ${form}`;
  if (options.allBranches) yield '--all-branches';
  if (withEnvironment) yield '--with-environment';
  if (dockerLogs) yield '--docker-logs';
  if (buildLogs) yield '--build-logs';
  if (probeRunners) yield '--probe-runners';
  if (probeRpc) yield '--probe-rpc';
  if (trust !== undefined) yield `--trust ${trust}`;
  if (options.pedantic) yield '--pedantic';
  if (options.minSeverity !== undefined) yield `--min-severity ${options.minSeverity}`;
  if (options.minConfidence !== undefined) yield `--min-confidence ${options.minConfidence}`;
  if (options.config === false) yield '--no-config';
  if (!options.ignore) yield '--no-ignore';
}

/** The date that a report has: --timestamp, else SOURCE_DATE_EPOCH, as reproducible builds set it; usually none. */
export function dateOf({ timestamp }: { readonly timestamp?: string }, { environment }: Io): string | undefined {
  const epoch = environment.SOURCE_DATE_EPOCH;
  if (timestamp !== undefined || !epoch) return timestamp;
  if (!/^\d{1,11}$/.test(epoch)) throw new UserError('SOURCE_DATE_EPOCH is no number of seconds since 1970');
  return new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z');
}
