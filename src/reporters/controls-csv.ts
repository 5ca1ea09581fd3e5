import type { ControlMatrix, ControlResult, Report } from '../model/report.ts';
import { severities } from '../model/severity.ts';
import { line, mark } from './csv.ts';
import { scopeOf } from './scope.ts';

const columns = [
  'standard',
  'version',
  'control',
  'title',
  'result',
  ...severities,
  'accepted',
  'not shown',
  'found by',
  'told with',
  'accepted findings',
  'not assessed',
  'assessable',
  'what is looked at',
  'by hand',
  'rules',
] as const;

/** How many accepted findings of a control are listed; a cell of a spreadsheet holds 32,767 characters. */
const maxAccepted = 100;

/**
 * One row for each control of a standard and its result, for a spreadsheet, like `csvReport`. The written scope comes
 * first, in rows of its own whose result is `scope`: a table that is sorted or cut keeps no note beside it.
 */
export function* controlsCsv(report: Report): Generator<string> {
  const { controls } = report;
  yield `${mark}${columns.join(',')}\r\n`;
  for (const sentence of scopeOf(report)) yield line(columns, { result: 'scope', 'not assessed': sentence });
  for (const result of controls.results) yield line(columns, row(result, controls));
}

function row(result: ControlResult, { standards }: ControlMatrix) {
  const { failures, accepted, reasons, isManual, assessed, about, rules } = result;
  const standard = standards.find(({ key }) => key === result.standard);
  const sum = (count: (failure: ControlResult['failures'][number]) => number): number | undefined =>
    result.result === 'failed' ? failures.reduce((all, failure) => all + count(failure), 0) : undefined;
  return {
    ...{ standard: standard?.name, version: standard?.version, control: result.id, title: result.title },
    result: result.result,
    ...Object.fromEntries(severities.map((severity) => [severity, sum(({ open }) => open[severity])])),
    accepted: sum((failure) => failure.accepted),
    'not shown': sum(({ notShown }) => notShown),
    'found by': [...new Set(failures.map(({ rule }) => rule))].join(' '),
    'told with': failures.flatMap(({ rule, toldWith }) => (toldWith ? [`${rule}: ${toldWith}`] : [])).join('; '),
    'accepted findings': [
      ...accepted
        .slice(0, maxAccepted)
        .map(({ rule, file, line, reason, where }) => `${rule} ${file}:${line}: ${reason} (${where})`),
      ...(accepted.length > maxAccepted ? [`and ${accepted.length - maxAccepted} more`] : []),
    ].join('; '),
    'not assessed': reasons.join('; '),
    ...{ assessable: assessed, 'what is looked at': about, 'by hand': isManual ? 'yes' : '', rules: rules.join(' ') },
  };
}
