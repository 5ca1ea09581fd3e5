import { type Progress, silently } from '../model/progress.ts';

/** What a command may touch of the process; only cli.ts touches the process itself. */
export interface Io {
  readonly version: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid?: number;
  /** `2026-11-21`, for suppressions that expire; never part of a report. */
  readonly today: string;
  /** How much text of pipelines an audit keeps in memory (UTF-16 units); with 0, it judges each installation by itself. */
  readonly keeps?: number;
  /** Called before several files are judged, and not for few, which are done before it pays. */
  readonly optimiseLater?: () => void;
  /** Makes the process ask for little more memory than it uses, at the cost of some time. */
  readonly saveMemory?: () => void;
  /** Called as soon as a folder is known to hold many files. */
  readonly limitNew?: () => void;
  /** Columns of the terminal; 80 without one. */
  readonly width: number;
  readonly outIsTerminal: boolean;
  /** What the machine calls itself; for links on a terminal, and never part of a report. */
  readonly hostName?: string;
  readonly readStandardInput: (limit: number) => Buffer;
  /** A page of the documentation, by its path below `docs`; undefined where it was not installed. */
  readonly readPage: (path: string) => string | undefined;
  /** Writes to standard output, in parts that are made while they are written. */
  readonly out: (text: string | Iterable<string>) => void;
  /** Tells something in one line on standard error. Whatever stands in it acts on nothing and begins no line of its own. */
  readonly error: (line: string) => void;
  /** Shows what is being done; absent where standard error is no terminal, and in CI. */
  readonly progress?: Progress;
  /** Does something that an interrupt ends early with what there is; a second one ends the process. */
  readonly whileInterruptible?: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/** Whether to use colour, according to the flag, `NO_COLOR`, `FORCE_COLOR` and the terminal. */
export function wantsColor(flag: 'auto' | 'always' | 'never', io: Io): boolean {
  if (flag !== 'auto') return flag === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = io.environment;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  if (NO_COLOR) return false;
  return io.outIsTerminal && TERM !== 'dumb';
}

/** What shows progress, unless the user wants none. */
export function progressOf({ progress, quiet }: { progress?: boolean; quiet?: boolean }, io: Io): Progress {
  return progress === false || quiet === true ? silently : (io.progress ?? silently);
}

/** Does something with the signal of an interrupt, if this process can be interrupted so. */
export function interruptible<T>(
  { whileInterruptible }: Pick<Io, 'whileInterruptible'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return whileInterruptible ? whileInterruptible(work) : work(new AbortController().signal);
}
