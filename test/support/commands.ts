import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { effective } from '../../src/commands/effective.ts';
import { explainFile } from '../../src/commands/explain-file.ts';
import type { Io } from '../../src/commands/io.ts';
import { scan } from '../../src/commands/scan.ts';
import { UserError } from '../../src/model/user-error.ts';
import { temporaryFolder } from './cli.ts';

export type Files = Readonly<Record<string, string>>;

/** Names that explain --file takes. */
const pipelineFile = /\.drone\.(?:ya?ml|star|jsonnet)$/;

/**
 * All that the commands say of a folder with these files, with everything shown and wide enough to cut nothing, by the
 * command and format. Nothing is started for it: the commands run within this process.
 */
export async function everythingSaidOf(files: Files): Promise<ReadonlyMap<string, string>> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const said = new Map<string, string>();
  const run = async (as: string, command: (io: Io) => Promise<unknown>): Promise<void> => {
    const pieces: string[] = [];
    try {
      await command(ioIn(cwd, pieces));
    } catch (error) {
      // As the command line prints it.
      if (!(error instanceof UserError)) throw error;
      pieces.push(error.message, error.hint ?? '');
    }
    // Digests of reports say nothing that the reports do not say.
    said.set(as, pieces.join('\n').replace(/^[0-9a-f]{64} {2}.*\n/gm, ''));
  };

  const shared = {
    composeFile: [],
    composeEnvFile: [],
    withEnvironment: false,
    color: 'never',
    verbose: true,
  } as const;
  // Written beside the folder, so that they are not audited.
  const outside = temporaryFolder();
  const evidence = join(outside, 'evidence');
  await run('scan', (io) =>
    scan(
      [],
      {
        ...shared,
        saveEvidence: evidence,
        format: 'text',
        output: [`json:${outside}/report`, `sarif:${outside}/sarif`],
        failOn: 'high',
        minSeverity: 'info',
        minConfidence: 'low',
        pedantic: true,
        rule: [],
        skip: [],
        ignore: true,
        exitZero: false,
        summary: false,
        quiet: false,
      },
      io,
    ),
  );
  for (const entry of readdirSync(outside, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) said.set(entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  for (const format of ['text', 'json'] as const) {
    await run(`explain --effective ${format}`, (io) => effective([], { ...shared, format }, io));
    for (const name of Object.keys(files).filter((each) => pipelineFile.test(each)))
      await run(`explain --file ${name} ${format}`, (io) => explainFile(name, { format, color: 'never' }, io));
  }
  return said;
}

function ioIn(cwd: string, pieces: string[]): Io {
  return {
    version: '0.0.0',
    cwd,
    environment: {},
    home: cwd,
    today: '2026-11-21',
    width: 5000,
    outIsTerminal: false,
    readStandardInput: () => Buffer.alloc(0),
    readPage: () => undefined,
    out: (text) => pieces.push(typeof text === 'string' ? text : [...text].join('')),
    error: (text) => pieces.push(text),
  };
}
