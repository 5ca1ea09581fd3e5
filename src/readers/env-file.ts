import type { Container } from '../model/container.ts';
import type { Lookup } from '../model/reading.ts';
import type { Problem } from '../model/report.ts';
import type { Settings } from '../model/settings.ts';
import type { Location, Source } from '../model/source.ts';
import { missingFile } from './compose/notes.ts';
import { type EnvDialect, type EnvEntry, parseEnv } from './env.ts';
import type { RawVariable } from './settings.ts';

/** What readers of commands gather while they go through a text. */
export interface Gathered {
  readonly containers: Container[];
  readonly settings: Settings[];
  readonly problems: Problem[];
  readonly unknown: { at: Location; message: string }[];
  readonly secrets: Location[];
  readonly consumed: Source[];
}

/** Nothing gathered yet. */
export function gatherNothing(): Gathered {
  return { containers: [], settings: [], problems: [], unknown: [], secrets: [], consumed: [] };
}

/** Variables of a file that a command names, or why they are not known. */
export type EnvFile = { readonly raw: readonly RawVariable[] } | { readonly gap: string };

export interface EnvFileRequest {
  readonly from: Source;
  readonly lookup: Lookup;
  readonly path: string;
  /** What names it: `--env-file`. */
  readonly named: string;
  readonly usedAt: Location;
  readonly dialect: EnvDialect;
}

/** Fetches and parses a file of variables. Whether it may be missing is for the caller to know. */
export function loadEnvFile(request: EnvFileRequest, gathered: Gathered): EnvFile {
  const { from, path, dialect, usedAt } = request;
  const found = request.lookup(from, path, dialect === 'docker' ? 'docker-env' : 'env');
  if (!('text' in found)) return { gap: missingFile(request.named, path, found) };
  gathered.consumed.push(found);
  const { entries, problems } = parseEnv(found, dialect);
  for (const problem of problems) gathered.problems.push(problem);
  return { raw: entries.map((entry) => rawOf(entry, usedAt)) };
}

/** A line of a file of variables as a variable of the component that reads the file. */
export function rawOf(entry: EnvEntry, usedAt: Location): RawVariable {
  return {
    name: entry.name,
    ...(entry.value ? { value: entry.value } : {}),
    origin: !entry.value || entry.dynamic ? 'unresolved' : entry.fallback ? 'fallback' : 'literal',
    usedAt,
    heldBy: 'env-file',
  };
}
