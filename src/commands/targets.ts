import { lookAtEngines } from '../checks/engine.ts';
import { lookAtServer } from '../checks/server.ts';
import type { Look, Targets } from '../gather.ts';
import type { Form } from '../model/source.ts';
import { UserError } from '../model/user-error.ts';
import { keptLine } from '../readers/docker/log.ts';
import type { Io } from './io.ts';

/** The options that say what to look at, shared by several commands. */
export interface TargetOptions {
  readonly form?: Form;
  /** Compose files of one project, the base first. */
  readonly composeFile: readonly string[];
  /** Not called `--env-file`, because Node itself takes that option, wherever it occurs. */
  readonly composeEnvFile: readonly string[];
  /** Whether Compose files are also filled in from the environment of this process. */
  readonly withEnvironment: boolean;
  /** Addresses of engines; an empty one: find the engine as the docker client does. */
  readonly docker?: readonly string[];
  /** Whether to look at the newest lines of the logs of Drone's containers, too. */
  readonly dockerLogs?: boolean;
  /** Address of a Drone server; `true`: that of DRONE_SERVER. */
  readonly server?: string | true;
  /** Requests a second to a server, at most. */
  readonly rate?: number;
  readonly probeRunners?: boolean;
  readonly probeRpc?: boolean;
  /** Hosts that the user says are theirs, so that probes may address them. */
  readonly iOwnThis?: readonly string[];
  /** Whether long work says on standard error how far it has come. */
  readonly progress?: boolean;
}

/** How many requests a second a server gets, unless --rate says otherwise. */
const usualRate = 20;

/** The targets that a command line names; the current folder if it names none, and nothing that runs. */
export function targetsOf(paths: readonly string[], options: TargetOptions, io: Io): Targets {
  const { form, composeFile, composeEnvFile, withEnvironment } = options;
  // An unset variable of a script; the current folder would be audited in its place.
  if ([...paths, ...composeFile, ...composeEnvFile].includes(''))
    throw new UserError('a path is empty', 'is a variable unset? the current folder is "."');
  const live = looksOf(options, io);
  const named = paths.length > 0 || composeFile.length > 0 || live.length > 0;
  return {
    cwd: io.cwd,
    paths: named ? paths : ['.'],
    composeFiles: composeFile,
    envFiles: composeEnvFile,
    environment: withEnvironment ? io.environment : undefined,
    standardInput: io.readStandardInput,
    form,
    live,
  };
}

/** The places where something runs that the command line asks to look at. */
function looksOf(options: TargetOptions, io: Io): readonly Look[] {
  const { docker = [], dockerLogs = false, server, rate = usualRate, probeRpc = false, iOwnThis = [] } = options;
  const { environment, home, uid } = io;
  const targets = docker.map((host) => ({
    ...{ environment, home, uid, host: host === '' ? undefined : host },
    keep: dockerLogs ? keptLine : undefined,
  }));
  // One look for all, because only together do they show which of them are the same.
  const engines: readonly Look[] = targets.length > 0 ? [() => lookAtEngines(targets)] : [];
  if (server === undefined) return engines;
  const address = server === true ? environment.DRONE_SERVER : server;
  if (!address) throw new UserError('--server has no address', 'name it, or set DRONE_SERVER');
  const progress = options.progress === false ? () => {} : io.error;
  const token = environment.DRONE_TOKEN || undefined;
  return [...engines, () => lookAtServer({ address, token, rate, probeRpc, owned: iOwnThis, progress })];
}
