import { resolve } from 'node:path';
import { isSameFile } from '../checks/writing.ts';
import { nearest } from '../model/nearest.ts';
import type { Report } from '../model/report.ts';
import type { AnyRule } from '../model/rule.ts';
import { UserError } from '../model/user-error.ts';
import { homepage } from '../version.ts';
import { type Format, formats } from './formats.ts';
import type { LinkTo } from './links.ts';
import { hintFor } from './unknown-word.ts';

export interface Output {
  readonly format: Format;
  readonly file: string;
  /** Several files in a folder of this name. */
  readonly isFolder?: true;
}

const endings: ReadonlyMap<string, Format> = new Map([
  ['txt', 'text'],
  ['json', 'json'],
  ['jsonl', 'jsonl'],
  ['sarif', 'sarif'],
  ['xml', 'junit'],
  ['md', 'markdown'],
  ['html', 'html'],
  ['csv', 'csv'],
]);

export function parseFormat(text: string): Format {
  const format = formats.find((known) => known === text);
  if (format) return format;
  throw new UserError(`unknown format "${text}"`, hintFor({ word: text, known: formats }));
}

/** Takes `report.sarif` or `FORMAT:FILE`. */
export function parseOutput(text: string): Output {
  const named = /^([a-z-]+):(.+)$/s.exec(text);
  if (named?.[1] && named[2] && formats.some((format) => format === named[1]))
    return named[1] === 'html' && /[/\\]$/.test(named[2])
      ? { format: 'html', file: named[2], isFolder: true }
      : { format: parseFormat(named[1]), file: named[2] };
  const dot = text.lastIndexOf('.') + 1;
  const format = endings.get(text.slice(dot).toLowerCase());
  if (format) return { format, file: text };
  throw new UserError(
    `the extension of "${text}" does not say which format to write`,
    meantOutput(text, dot) ?? 'write FORMAT:FILE, such as json:report',
  );
}

/** `jsn:report` and `report.jsn` with the format or the ending that may be meant. */
function meantOutput(text: string, dot: number): string | undefined {
  const [, word = '', file = ''] = /^([A-Za-z-]+):(.+)$/s.exec(text) ?? [];
  const format = word === '' ? undefined : nearest(word.toLowerCase(), formats);
  if (format) return `did you mean "${format}:${file}"?`;
  const ending = dot === 0 ? undefined : nearest(text.slice(dot).toLowerCase(), endings.keys());
  return ending && `did you mean "${text.slice(0, dot)}${ending}"?`;
}

const pageFile = 'index.html';

/** The file of an output that tells what was found: in a folder, the page. */
export function fileOf({ file, isFolder }: Output): string {
  return isFolder ? `${file}${pageFile}` : file;
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
  /** The links of places, where the text goes to a terminal that has them. */
  readonly linkTo?: LinkTo;
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
      { file: `${file}${pageFile}`, text: htmlReport(report, look.rules, { isStyleBeside: true }) },
    ];
  }
  const parts = await render(format, report, look);
  if (format !== 'card' || !/^\/dev\/std(?:out|err)$/.test(file)) return [{ file, text: parts }];
  const { cardInOutput } = await import('../reporters/card.ts');
  // Drone's runner takes a card from the output of a step only in a form of its own, and as one text, written at once.
  return [{ file, text: cardInOutput([...parts].join('')) }];
}

/**
 * Renders a report, in parts that are made while they are written. Whatever is printed in a job may reach a runner that looks
 * for commands in it; those of `github` are ours.
 */
export async function render(format: Format, report: Report, look: Look): Promise<Iterable<string>> {
  const parts = await rendered(format, report, look);
  const { markupWithoutCommands, withoutCommands, withoutOtherCommands } = await import('../reporters/escape.ts');
  if (format === 'html' || format === 'junit') return markupWithoutCommands(parts);
  if (format === 'github') return withoutOtherCommands(parts);
  return ['text', 'unix', 'markdown', 'csv', 'controls-csv'].includes(format) ? withoutCommands(parts) : parts;
}

/** Each reporter is loaded only when it is used. */
async function rendered(format: Format, report: Report, look: Look): Promise<Iterable<string>> {
  switch (format) {
    case 'text': {
      const { textReport, textSummary } = await import('../reporters/text.ts');
      return look.summary ? textSummary(report, look) : textReport(report, look);
    }
    case 'json':
      return (await import('../reporters/json.ts')).jsonReport(report);
    case 'sarif':
      return (await import('../reporters/sarif.ts')).sarifReport(report, look.rules, look.familyOf, homepage);
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
