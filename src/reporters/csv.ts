import { type Finding, isOld, type Report, type ReportedProblem } from '../model/report.ts';
import { positionOf } from '../model/source.ts';
import { reasonWithPlace } from './baseline.ts';
import { visible } from './escape.ts';
import { alsoInLine, opensInLine } from './further.ts';

/** Excel takes UTF-8 only behind this mark. */
export const mark = '\ufeff';

const columns = [
  'status',
  'severity',
  'rule',
  'file',
  'line',
  'column',
  'component',
  'message',
  'title',
  'reach',
  'confidence',
  'owasp',
  'cis docker',
  'cwe',
  'path',
  'fingerprint',
  'reason',
  'opens',
  'see also',
] as const;

/** Excel has no room for more than 32,767 characters in a cell. */
const mostPlaces = 50;

type Row = Partial<Record<(typeof columns)[number], string | number | undefined>>;

/**
 * One row a finding for a spreadsheet (RFC 4180, UTF-8 with its mark): `open` and `suppressed` ones, with the reason,
 * and those that are merely `known` from a baseline; and
 * one row for each problem, `not audited` where it makes the audit incomplete. Programs take jsonl.
 */
export function* csvReport(report: Report): Generator<string> {
  yield `${mark}${columns.join(',')}\r\n`;
  for (const finding of report.findings) yield line(columns, findingRow(finding));
  for (const problem of report.problems) yield line(columns, problemRow(problem));
}

function findingRow(finding: Finding): Row {
  const { at, severity, rule, message, title, reach, confidence, standards, fingerprint, label, suppressed } = finding;
  const start = positionOf(at.source, at.span.start);
  return {
    ...{
      status: isOld(finding) ? 'known' : suppressed ? 'suppressed' : 'open',
      severity,
      rule,
      file: at.source.name,
      ...start,
    },
    ...{ component: label, message, title, reach, confidence, path: at.path, fingerprint },
    owasp: standards.owasp?.join(' '),
    'cis docker': standards.cisDocker && `${standards.cisDocker.version}: ${standards.cisDocker.ids.join(' ')}`,
    cwe: standards.cwe?.join(' '),
    opens: opensInLine(finding, mostPlaces),
    'see also': alsoInLine(finding, mostPlaces),
    reason: suppressed && reasonWithPlace(suppressed),
  };
}

function problemRow({ source, line, column, kind, message, incomplete }: ReportedProblem): Row {
  return { status: incomplete ? 'not audited' : 'note', rule: kind, file: source, line, column, message };
}

/** A row of a table. */
export function line<Column extends string>(
  columns: readonly Column[],
  row: Partial<Record<Column, string | number | undefined>>,
): string {
  return `${columns.map((column) => cell(row[column])).join(',')}\r\n`;
}

/** What a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV Injection). */
export function cell(value: string | number | undefined): string {
  if (typeof value === 'number') return String(value);
  const text = visible(value ?? '');
  const harmless = /^[=+\-@\t\r\n]/.test(value ?? '') || /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
