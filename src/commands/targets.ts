import { resolve } from 'node:path';
import { pathFrom } from '../checks/file-system.ts';
import { isBelow, nearestBeside } from '../checks/files.ts';
import { isInFleet } from '../checks/git/fleet.ts';
import { readPathBounded } from '../checks/read-bounded.ts';
import type { Look, Targets } from '../gather.ts';
import type { Form } from '../model/source.ts';
import { UserError } from '../model/user-error.ts';
import { keptLine } from '../readers/docker/log.ts';
import { type Io, interruptible, progressOf } from './io.ts';
import { runnerLook, type ServerOptions, serverLook } from './server-look.ts';

/** The options that say what to look at, shared by several commands. */
export interface TargetOptions extends ServerOptions {
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
  /** Repositories that are read without a checkout, and folders of them. */
  readonly git?: readonly string[];
}

/** How large a list of targets may be: one of 100,000 paths has some 5 MiB. */
const maxList = 64 * 1024 * 1024;

/** The targets that a command line names; the current folder if it names none, and nothing that runs. */
export function targetsOf(paths: readonly string[], options: TargetOptions, io: Io): Targets {
  const { form, composeFile, composeEnvFile, withEnvironment, git = [] } = options;
  // An unset variable of a script; the current folder would be audited in its place.
  if (paths.includes('')) throw new UserError('a path is empty', 'is a variable unset? the current folder is "."');
  const live = looksOf(options, io);
  const named = paths.length + composeFile.length + live.length + git.length > 0;
  return {
    cwd: io.cwd,
    paths: named ? paths : ['.'],
    composeFiles: composeFile,
    envFiles: composeEnvFile,
    environment: withEnvironment ? io.environment : undefined,
    standardInput: io.readStandardInput,
    form,
    live,
    further: runnerLook(options, io),
    progress: progressOf(options, io),
  };
}

/** The places where something runs that the command line asks to look at. */
function looksOf(options: TargetOptions, io: Io): readonly Look[] {
  const { docker = [], dockerLogs = false } = options;
  const { environment, home, uid } = io;
  const targets = docker.map((host) => ({
    ...{ environment, home, uid, host: host === '' ? undefined : host },
    keep: dockerLogs ? keptLine : undefined,
  }));
  // One look for all, because only together do they show which of them are the same.
  const look: Look = () => {
    progressOf(options, io)('asking the engine');
    return interruptible(io, async (signal) => (await import('../checks/engine.ts')).lookAtEngines(targets, signal));
  };
  const engines: readonly Look[] = targets.length > 0 ? [look] : [];
  const server = serverLook(options, io);
  return server ? [...engines, server] : engines;
}

/** Whether everything that a pattern of a config means lies in what is audited: in a folder of it, or is a file of it. */
export function coverageOf({
  cwd,
  paths,
  composeFiles = [],
  envFiles = [],
  fleet,
}: Targets): (pattern: string) => boolean {
  const roots = [...paths, ...composeFiles, ...envFiles]
    .filter((path) => path !== '-')
    .map((path) => resolve(cwd, path));
  return (pattern) => {
    const parts = pattern.split('/');
    const star = parts.findIndex((part) => part.includes('*'));
    const full = resolve(cwd, star < 0 ? pattern : parts.slice(0, star).join('/'));
    return roots.some((root) => isBelow(full, root)) || (fleet !== undefined && isInFleet(full, fleet));
  };
}

/** The paths of a list, which is a file or `-`. Throws UserError. */
export function targetsFrom(from: string | undefined, io: Io): readonly string[] {
  if (from === undefined) return [];
  let bytes: Buffer;
  try {
    bytes = from === '-' ? io.readStandardInput(maxList) : readPathBounded(resolve(io.cwd, from), maxList);
  } catch {
    const meant = nearestBeside(from, io.cwd);
    throw new UserError(`the list of targets "${from}" cannot be read`, meant && `did you mean "${meant}"?`);
  }
  if (bytes.length > maxList)
    throw new UserError(
      `the list of targets "${from}" is larger than ${maxList / 1024 / 1024} MiB`,
      'name folders in place of their files',
    );
  const lines = linesOf(bytes);
  if (lines.length === 0) throw new UserError(`the list of targets "${from}" is empty`);
  return lines;
}

/** Paths, one a line, or each with a NUL behind it (`-z`); git puts those with unusual characters in quotes. */
function linesOf(bytes: Buffer): readonly string[] {
  const separator = bytes.includes(0) ? 0 : 10;
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(separator, at);
    const end = found < 0 ? bytes.length : found;
    const text = pathFrom(bytes.subarray(at, end));
    const line = separator === 0 ? text : text.replace(/\r$/, '');
    const quoted = separator === 10 ? /^"(.*)"$/.exec(line)?.[1] : undefined;
    if (line.trim() !== '') lines.push(quoted === undefined ? line : pathFrom(unquoted(quoted)));
    at = end + 1;
  }
  return lines;
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };

/** What git quotes as C does (core.quotePath): bytes as octal digits. */
function unquoted(text: string): Buffer {
  const parts = text.split(/\\([0-7]{3}|.)/s);
  return Buffer.concat(
    parts.map((part, index) => {
      if (index % 2 === 0) return Buffer.from(part);
      return part.length === 3 ? Buffer.from([Number.parseInt(part, 8) & 255]) : Buffer.from(escapes[part] ?? part);
    }),
  );
}
