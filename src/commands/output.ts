import { resolve } from 'node:path';
import { isSameFile } from '../checks/writing.ts';
import { nearest } from '../model/nearest.ts';
import type { Report } from '../model/report.ts';
import type { AnyRule } from '../model/rule.ts';
import { UserError } from '../model/user-error.ts';

export const formats = ['text', 'json', 'sarif'] as const;
export type Format = (typeof formats)[number];

export interface Output {
  readonly format: Format;
  readonly file: string;
}

const endings: Readonly<Record<string, Format>> = { txt: 'text', json: 'json', sarif: 'sarif' };

export function parseFormat(text: string): Format {
  const format = formats.find((known) => known === text);
  if (format) return format;
  const meant = nearest(text, formats);
  throw new UserError(`unknown format "${text}"`, meant ? `did you mean "${meant}"?` : `known: ${formats.join(', ')}`);
}

/** Takes `report.sarif` or `FORMAT:FILE`. */
export function parseOutput(text: string): Output {
  const named = /^([a-z]+):(.+)$/.exec(text);
  if (named?.[1] && named[2] && formats.some((format) => format === named[1]))
    return { format: parseFormat(named[1]), file: named[2] };
  const format = endings[text.slice(text.lastIndexOf('.') + 1).toLowerCase()];
  if (!format)
    throw new UserError(
      `the extension of "${text}" does not say which format to write`,
      'write FORMAT:FILE, such as json:report',
    );
  return { format, file: text };
}

/** Of two reports in one file, one would be lost. Throws UserError. */
export function refuseSharedFiles(outputs: readonly Output[], cwd: string): void {
  for (const [index, { format, file }] of outputs.entries())
    for (const earlier of outputs.slice(0, index))
      if (earlier.format !== format && isSameFile(resolve(cwd, earlier.file), resolve(cwd, file)))
        throw new UserError(`two reports go to the same file "${file}"`, 'give each -o a file of its own');
}

export interface Look {
  readonly color: boolean;
  readonly width: number;
  readonly verbose: boolean;
  /** Of the text, its end alone. */
  readonly summary: boolean;
  readonly rules: readonly AnyRule[];
  readonly familyOf: ReadonlyMap<string, string>;
}

/** Renders a report, in parts that are made while they are written; each reporter is loaded only when it is used. */
export async function render(format: Format, report: Report, look: Look): Promise<Iterable<string>> {
  switch (format) {
    case 'text': {
      const { textReport, textSummary } = await import('../reporters/text.ts');
      return [look.summary ? textSummary(report, look) : textReport(report, look)];
    }
    case 'json':
      return (await import('../reporters/json.ts')).jsonReport(report);
    case 'sarif':
      return [(await import('../reporters/sarif.ts')).sarifReport(report, look.rules, look.familyOf)];
  }
}
