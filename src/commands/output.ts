import { resolve } from 'node:path';
import { isSameFile } from '../checks/writing.ts';
import { nearest } from '../model/nearest.ts';
import type { Report } from '../model/report.ts';
import type { AnyRule } from '../model/rule.ts';
import { UserError } from '../model/user-error.ts';
import { type Format, formats } from './formats.ts';

export interface Output {
  readonly format: Format;
  readonly file: string;
  /** Several files in a folder of this name. */
  readonly isFolder?: true;
}

const endings: Readonly<Record<string, Format>> = {
  txt: 'text',
  json: 'json',
  jsonl: 'jsonl',
  sarif: 'sarif',
  xml: 'junit',
  md: 'markdown',
  html: 'html',
  csv: 'csv',
};

export function parseFormat(text: string): Format {
  const format = formats.find((known) => known === text);
  if (format) return format;
  const meant = nearest(text, formats);
  throw new UserError(`unknown format "${text}"`, meant ? `did you mean "${meant}"?` : `known: ${formats.join(', ')}`);
}

/** Takes `report.sarif` or `FORMAT:FILE`. */
export function parseOutput(text: string): Output {
  const named = /^([a-z-]+):(.+)$/.exec(text);
  if (named?.[1] && named[2] && formats.some((format) => format === named[1]))
    return named[1] === 'html' && /[/\\]$/.test(named[2])
      ? { format: 'html', file: named[2], isFolder: true }
      : { format: parseFormat(named[1]), file: named[2] };
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

/** A browser loads the template of a card, so that there is none without its address. Throws UserError. */
export function refuseCardWithoutTemplate(wanted: readonly Format[], template: string | undefined): void {
  if (!wanted.includes('card')) return;
  if (template === undefined)
    throw new UserError('a card has no template', 'name its address with --card-template, such as that of card.json');
  if (!/^https:\/\/[^\s]{1,1990}$/.test(template))
    throw new UserError('the template of a card is an address with https:// of at most 2,000 characters');
}

export interface Look {
  readonly color: boolean;
  readonly width: number;
  readonly verbose: boolean;
  /** Of the text, its end alone. */
  readonly summary: boolean;
  readonly rules: readonly AnyRule[];
  readonly familyOf: ReadonlyMap<string, string>;
  /** Address of the template of a card. */
  readonly cardTemplate?: string;
}

/** What is written to a file. */
export interface Written {
  readonly file: string;
  readonly text: string | Iterable<string>;
}

/** Renders a report for its file, or its files. */
export async function renderTo(
  { format, file, isFolder }: Output,
  report: Report,
  look: Look,
): Promise<readonly Written[]> {
  if (isFolder) {
    const { htmlReport, styleFile, styleOf } = await import('../reporters/html/page.ts');
    return [
      { file: `${file}${styleFile}`, text: styleOf(report) },
      { file: `${file}index.html`, text: htmlReport(report, look.rules, { isStyleBeside: true }) },
    ];
  }
  const parts = await render(format, report, look);
  if (format !== 'card' || !/^\/dev\/std(?:out|err)$/.test(file)) return [{ file, text: parts }];
  const { cardInOutput } = await import('../reporters/card.ts');
  // Drone's runner takes a card from the output of a step only in a form of its own, and as one text, written at once.
  return [{ file, text: cardInOutput([...parts].join('')) }];
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
    case 'jsonl':
      return (await import('../reporters/jsonl.ts')).jsonlReport(report);
    case 'junit':
      return (await import('../reporters/junit.ts')).junitReport(report);
    case 'gitlab':
      return (await import('../reporters/gitlab.ts')).gitlabReport(report);
    case 'github':
      return (await import('../reporters/github.ts')).githubReport(report);
    case 'markdown':
      return [(await import('../reporters/markdown.ts')).markdownReport(report)];
    case 'html':
      return (await import('../reporters/html/page.ts')).htmlReport(report, look.rules);
    case 'csv':
      return (await import('../reporters/csv.ts')).csvReport(report);
    case 'controls-csv':
      return (await import('../reporters/controls-csv.ts')).controlsCsv(report);
    case 'unix':
      return (await import('../reporters/unix.ts')).unixReport(report);
    case 'card':
      return [(await import('../reporters/card.ts')).cardOf(report, look.cardTemplate ?? '')];
  }
}
