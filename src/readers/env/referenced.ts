import type { Container } from '../../model/container.ts';
import type { Lookup } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location, Source } from '../../model/source.ts';
import { say, type Text, textKey } from '../../model/text.ts';
import { assignedSecrets } from '../../secrets/assignments.ts';
import { missingFile } from '../compose/notes.ts';
import { type EnvDialect, type EnvEntry, parseEnv, rawOf } from './file.ts';
import type { RawVariable } from './settings.ts';

/** What readers of commands gather from a text. */
export interface Gathered {
  readonly containers: Container[];
  readonly settings: Settings[];
  readonly problems: Problem[];
  readonly unknown: Remark[];
  readonly secrets: Location[];
  readonly consumed: Source[];
  /** Parsed files of variables by dialect: a text may name one file many times. */
  readonly parsed: Map<EnvDialect, Map<Source, readonly EnvEntry[]>>;
  /** How many variables may still be taken from files, and from what a script set before. */
  variablesLeft: number;
}

/** How many variables all commands of a text may take from elsewhere: a small text can name a large file many times. */
const maxVariables = 50_000;

export function emptyGathered(): Gathered {
  return {
    containers: [],
    settings: [],
    problems: [],
    unknown: [],
    secrets: [],
    consumed: [],
    parsed: new Map(),
    variablesLeft: maxVariables,
  };
}

/** Variables of a file that a command names, or why they are unknown. */
export type EnvFile = { readonly raw: readonly RawVariable[] } | { readonly gap: Text };

export interface EnvFileRequest {
  readonly from: Source;
  readonly lookup: Lookup;
  readonly path: string;
  /** What names it: `--env-file`. */
  readonly named: string;
  readonly usedAt: Location;
  readonly dialect: EnvDialect;
}

/** Fetches and parses a file of variables. The caller knows whether it may be missing. */
export function loadEnvFile(request: EnvFileRequest, gathered: Gathered): EnvFile {
  const { from, path, dialect, usedAt } = request;
  const found = request.lookup(from, path, dialect === 'docker' ? 'docker-env' : 'env');
  if (!('text' in found)) return { gap: missingFile(request.named, path, found) };
  const entries = entriesOf(found, dialect, gathered);
  if (!withinBudget(entries.length, gathered)) return { gap: tooManyVariables };
  return { raw: entries.map((entry) => rawOf(entry, usedAt)) };
}

/** Why variables are left out. */
export const tooManyVariables = say`the variables of all commands together are more than ${maxVariables}`;

/** Whether one command may take this many more variables from elsewhere; if so, they are counted. */
export function withinBudget(amount: number, gathered: Gathered): boolean {
  gathered.variablesLeft -= amount;
  return gathered.variablesLeft >= 0;
}

function entriesOf(source: Source, dialect: EnvDialect, gathered: Gathered): readonly EnvEntry[] {
  const { parsed, consumed, problems, secrets } = gathered;
  const files = parsed.get(dialect) ?? new Map<Source, readonly EnvEntry[]>();
  parsed.set(dialect, files);
  const cached = files.get(source);
  if (cached) return cached;
  consumed.push(source);
  const read = parseEnv(source, dialect);
  for (const problem of read.problems) problems.push(problem);
  // Lines that the program ignores may hold secrets, too.
  const starts = new Set(read.entries.map(({ value }) => value?.at.span.start));
  for (const secret of assignedSecrets(source)) if (!starts.has(secret.span.start)) secrets.push(secret);
  files.set(source, read.entries);
  return read.entries;
}

/** Whether the last that stayed unknown is this: it is said once in a row. */
export function isLastUnknown({ unknown }: Gathered, message: Text): boolean {
  const last = unknown.at(-1)?.message;
  return last !== undefined && textKey(last) === textKey(message);
}
