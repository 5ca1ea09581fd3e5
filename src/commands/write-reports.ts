import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { makeFolder, writeReport } from '../checks/writing.ts';
import { isOutputError } from '../model/output-error.ts';
import type { Report } from '../model/report.ts';
import type { AnyRule } from '../model/rule.ts';
import { tallyOf } from '../reporters/tally.ts';
import { familyOf } from '../rules/all.ts';
import { type Format, lineFormats } from './formats.ts';
import { type Io, progressOf, wantsColor } from './io.ts';
import { fileLinks } from './links.ts';
import { type Output, render, renderTo } from './output.ts';
import { withoutCredentials } from './without-credentials.ts';

/** What is written, and what must not be written over. */
export interface Writing {
  /** Of standard output. */
  readonly format: Format;
  readonly outputs: readonly Output[];
  /** The rules that ran. */
  readonly rules: readonly AnyRule[];
  /** Absolute paths of files that no report replaces. */
  readonly kept: Iterable<string>;
  /** What is written before the reports. */
  readonly before?: readonly (() => void | Promise<void>)[];
  /** Called with each of the outputs when all of it is written. */
  readonly whenWritten?: (output: Output) => void;
}

export interface WritingOptions {
  readonly color: 'auto' | 'always' | 'never';
  readonly summary: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress?: boolean;
  readonly cardTemplate?: string;
}

/** Writes a report in all its formats; the report with the exit status that this leads to. One output that fails costs no other. */
export async function writeReports(
  audited: Report,
  { format, outputs, rules, kept, before = [], whenWritten }: Writing,
  options: WritingOptions,
  io: Io,
): Promise<Report> {
  const progress = progressOf(options, io);
  let report = audited;
  const faults: unknown[] = [];
  const attempt = async (write: () => void | Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (isOutputError(error)) io.error(`drone-audit: ${withoutCredentials(error.message)}`);
      else faults.push(error);
      if (report.exitCode === 0) report = { ...report, exitCode: 3 };
    }
  };
  for (const write of before) await attempt(write);
  const look = {
    color: wantsColor(options.color, io),
    width: io.width,
    linkTo: fileLinks(options.color, io),
    verbose: options.verbose,
    summary: options.summary,
    rules,
    familyOf,
    cardTemplate: options.cardTemplate,
  };
  const inFile = { ...look, color: false, linkTo: undefined, width: 80, summary: false };
  const write = (output: Output): Promise<void> => {
    progress(`writing ${output.format}`);
    return attempt(async () => {
      if (output.isFolder) makeFolder(resolve(io.cwd, output.file), output.file);
      for (const { file, text } of await renderTo(output, report, inFile)) {
        const digest = createHash('sha256');
        const isFile = writeReport(resolve(io.cwd, file), file, digested(text, digest), kept);
        // Nobody can check a digest against a device or a pipe.
        if (options.verbose && isFile) io.error(`${digest.digest('hex')}  ${file}`);
      }
      whenWritten?.(output);
    });
  };
  for (const output of outputs) if (output.format !== 'card') await write(output);
  progress('writing the report');
  const card = format === 'card' ? io.environment.DRONE_CARD_PATH : undefined;
  if (card === undefined && (!options.quiet || !lineFormats.has(format) || !isSilent(report)))
    await attempt(async () => io.out(await render(format, report, look)));
  // Whatever came behind a card on the same stream would be swallowed with it.
  const cards: readonly Output[] = card === undefined ? [] : [{ format: 'card', file: card }];
  for (const output of [...outputs, ...cards]) if (output.format === 'card') await write(output);
  if (faults.length > 0) throw faults[0];
  return report;
}

/** Whether there is nothing to report. An output that could not be written was said already. */
function isSilent(report: Report): boolean {
  // What somebody accepted, or is known from a baseline, is nothing to report.
  return report.exitCode !== 1 && report.problems.length === 0 && tallyOf(report).shown === 0;
}

/** A text in its parts, whose digest is known once all are taken. */
function* digested(text: string | Iterable<string>, digest: { update(part: string): unknown }): Iterable<string> {
  for (const part of typeof text === 'string' ? [text] : text) {
    digest.update(part);
    yield part;
  }
}
