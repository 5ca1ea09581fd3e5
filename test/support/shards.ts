import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Format } from '../../src/commands/formats.ts';
import type { Io } from '../../src/commands/io.ts';
import { merge } from '../../src/commands/merge.ts';
import { type ScanOptions, scan } from '../../src/commands/scan.ts';

/** The formats in which what several processes say is compared with what one says. */
export const compared = [
  ...(['json', 'jsonl', 'sarif', 'text', 'html', 'markdown', 'junit', 'csv'] as const),
] satisfies readonly Format[];

/** What a command came to: its exit status, and each report by its format. */
export interface Ran {
  readonly status: number;
  readonly reports: Readonly<Record<string, string>>;
}

const usual: ScanOptions = {
  ...{ composeFile: [], composeEnvFile: [], withEnvironment: false, rule: [], skip: [], ignore: true },
  ...{ format: 'text', output: [], color: 'never', verbose: false, exitZero: false, summary: false, quiet: false },
};

/** Scans in a folder, within this process; reports of these formats are written into another one. */
export async function scanIn(
  cwd: string,
  into: string,
  paths: readonly string[],
  options: Partial<ScanOptions> = {},
  formats: readonly Format[] = compared,
): Promise<Ran> {
  const output = formats.map((format) => `${format}:${join(into, format)}`);
  return ran(into, formats, (io) => scan(paths, { ...usual, output, ...options }, io), cwd);
}

/** Scans one part; the path of its report. */
export async function scanPart(
  cwd: string,
  into: string,
  paths: readonly string[],
  shard: string,
  options: Partial<ScanOptions> = {},
): Promise<string> {
  const file = join(into, `part-${shard.replace('/', '-of-')}.json`);
  await scan(paths, { ...usual, output: [`json:${file}`], ...options, shard }, ioIn(cwd));
  return file;
}

/** All parts of an audit, by the paths of their reports. */
export async function scanParts(
  cwd: string,
  into: string,
  paths: readonly string[],
  of: number,
  options: Partial<ScanOptions> = {},
): Promise<readonly string[]> {
  const files: string[] = [];
  for (let index = 1; index <= of; index++) files.push(await scanPart(cwd, into, paths, `${index}/${of}`, options));
  return files;
}

/** Merges parts within this process. */
export function mergeIn(
  cwd: string,
  into: string,
  files: readonly string[],
  { verbose = false, formats = compared }: { verbose?: boolean; formats?: readonly Format[] } = {},
): Promise<Ran> {
  const output = formats.map((format) => `${format}:${join(into, format)}`);
  const options = { format: 'text', output, color: 'never', summary: false, quiet: false, verbose } as const;
  return ran(into, formats, (io) => merge(files, options, io), cwd);
}

async function ran(
  into: string,
  formats: readonly Format[],
  command: (io: Io) => Promise<number>,
  cwd: string,
): Promise<Ran> {
  const printed: string[] = [];
  const status = await command(ioIn(cwd, printed));
  const reports = Object.fromEntries(formats.map((format) => [format, readFileSync(join(into, format), 'utf8')]));
  return { status, reports: { ...reports, printed: printed.join('') } };
}

export function ioIn(cwd: string, printed: string[] = [], more: Partial<Io> = {}): Io {
  return {
    ...{ version: '0.0.0', cwd, environment: {}, home: cwd, today: '2026-11-21', width: 80, outIsTerminal: false },
    readStandardInput: () => Buffer.alloc(0),
    readPage: () => undefined,
    out: (text) => printed.push(typeof text === 'string' ? text : [...text].join('')),
    error: () => {},
    ...more,
  };
}
