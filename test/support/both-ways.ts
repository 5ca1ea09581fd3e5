import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Format, formats } from '../../src/commands/formats.ts';
import type { Io } from '../../src/commands/io.ts';
import { type ScanOptions, scan } from '../../src/commands/scan.ts';

/** Every format but the card, which is too short to tell much. */
export const compared: readonly Format[] = formats.filter((format) => format !== 'card');

/** What a scan wrote and ended with. */
export interface Said {
  /** By format; `stdout` is a text with `--verbose`. */
  readonly written: ReadonlyMap<string, string>;
  readonly errors: readonly string[];
  readonly status: number;
  /** Whether installations were judged one by one. */
  readonly inBatches: boolean;
}

/** How a scan is run. */
export interface Run {
  readonly paths?: readonly string[];
  readonly options?: Partial<ScanOptions>;
  /** The formats that are written; by default all. */
  readonly formats?: typeof compared;
  /** How much text of pipelines is kept in memory; by default all of it. */
  readonly keeps?: number;
  readonly environment?: Io['environment'];
  /** Hears what the scan is doing. */
  readonly progress?: Io['progress'];
}

const usual: ScanOptions = {
  composeFile: [],
  composeEnvFile: [],
  withEnvironment: false,
  color: 'never',
  verbose: true,
  format: 'text',
  output: [],
  failOn: 'high',
  rule: [],
  skip: [],
  ignore: true,
  exitZero: false,
  summary: false,
  quiet: false,
};

/** Scans a folder within this process, and writes every format. */
export async function scanned(
  cwd: string,
  { paths = [], options, formats = compared, keeps, environment = {}, progress }: Run = {},
): Promise<Said> {
  const outside = mkdtempSync(join(tmpdir(), 'drone-audit-test-'));
  const pieces: string[] = [];
  const errors: string[] = [];
  let inBatches = true;
  const io: Io = {
    version: '0.0.0',
    cwd,
    environment,
    home: cwd,
    today: '2026-11-21',
    keeps: keeps ?? Number.POSITIVE_INFINITY,
    width: 100,
    outIsTerminal: false,
    readStandardInput: () => Buffer.alloc(0),
    readPage: () => undefined,
    out: (text) => pieces.push(typeof text === 'string' ? text : [...text].join('')),
    error: (text) => errors.push(text.replace(/^[0-9a-f]{64} {2}.*/, '')),
    progress: (doing, count) => {
      // All findings are sorted together only where all is judged at once.
      if (doing === 'sorting findings') inBatches = false;
      progress?.(doing, count);
    },
  };
  try {
    const output = formats.map((format) => `${format}:${join(outside, format)}`);
    const status = await scan(paths, { ...usual, ...options, output }, io);
    const written = new Map(formats.map((format) => [format as string, readFileSync(join(outside, format), 'utf8')]));
    written.set('stdout', pieces.join(''));
    return { written, errors, status, inBatches };
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
}

/** The first line in which what was said at once and one by one differs, by format; nothing where all is the same. */
export function differences(atOnce: Said, oneByOne: Said): readonly string[] {
  const found: string[] = [];
  for (const [format, text] of atOnce.written) {
    const other = oneByOne.written.get(format) ?? '';
    if (text === other) continue;
    const [lines, others] = [text.split('\n'), other.split('\n')];
    const line = lines.findIndex((each, index) => each !== others[index]);
    found.push(`${format}:${line + 1}\n  ${shown(lines[line], others[line])}\n  ${shown(others[line], lines[line])}`);
  }
  if (atOnce.status !== oneByOne.status) found.push(`status ${atOnce.status} and ${oneByOne.status}`);
  if (atOnce.errors.join('\n') !== oneByOne.errors.join('\n'))
    found.push(`errors ${JSON.stringify([atOnce.errors, oneByOne.errors])}`);
  return found;
}

/** What stands in a line where another begins to differ. */
function shown(line = '(no such line)', other = ''): string {
  let start = 0;
  while (start < line.length && line[start] === other[start]) start++;
  return line.slice(Math.max(0, start - 60), start + 200);
}
