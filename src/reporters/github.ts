import { where } from '../model/iterables.ts';
import { count } from '../model/prose.ts';
import type { Finding, Report } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { positionOf } from '../model/source.ts';
import { visible } from './escape.ts';
import { furtherInLine } from './further.ts';
import { isOpen } from './tally.ts';
import { nothing, verdictAlone } from './verdict.ts';

/** actions/toolkit docs/commands.md; GitHub shows ten of each kind for a step and drops the rest without a word. */
type Kind = 'error' | 'warning' | 'notice';
const most = 10;

const kinds: Readonly<Record<Severity, Kind>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

interface Annotation {
  readonly properties: Readonly<Record<string, string | number>>;
  readonly text: string;
}

/** Workflow commands of GitHub Actions: the worst ten of each kind, the tenth saying how many more there are. */
export function* githubReport(report: Report): Generator<string> {
  const annotations: Record<Kind, Annotation[]> = { error: [], warning: [], notice: [] };
  const missed = report.problems.filter(({ incomplete }) => incomplete);
  const amounts: Record<Kind, number> = { error: 0, warning: 0, notice: 0 };
  const worst: Record<Kind, Finding[]> = { error: [], warning: [], notice: [] };
  let shown = 0;
  for (const finding of where(report.findings, isOpen)) {
    const kind = kinds[finding.severity];
    shown++;
    amounts[kind]++;
    insert(finding, worst[kind]);
  }
  // One at least, and no more than leave what was found its places.
  const told = missed.slice(0, Math.max(1, most - amounts.error));
  amounts.error += told.length;
  for (const [index, { source, line, column, kind, message }] of told.entries()) {
    const place = line === undefined ? {} : { line, ...(column === undefined ? {} : { col: column }) };
    const left = index === told.length - 1 ? missed.length - told.length : 0;
    annotations.error.push({
      properties: { file: source, ...place, title: `not audited: ${kind}` },
      text: `${message}${left > 0 ? ` (and ${left} more that could not be audited)` : ''}`,
    });
  }
  for (const finding of Object.values(worst).flat()) {
    const { at, severity, rule, message } = finding;
    const start = positionOf(at.source, at.span.start);
    const end = positionOf(at.source, at.span.end);
    // Columns count only within a line.
    const columns: Annotation['properties'] =
      end.line === start.line ? { col: start.column, endColumn: end.column } : {};
    annotations[kinds[severity]].push({
      properties: {
        ...{ file: at.source.name, line: start.line, endLine: end.line, ...columns },
        title: `${severity}: ${rule}`,
      },
      text: message + furtherInLine(finding),
    });
  }
  for (const kind of ['error', 'warning', 'notice'] as const) {
    const of = annotations[kind];
    for (const [index, { properties, text }] of of.slice(0, most).entries()) {
      const more = amounts[kind] - most;
      const rest = index === most - 1 && more > 0 ? ` (and ${more} more of this kind)` : '';
      yield `::${kind} ${shownProperties(properties)}::${escaped(visible(text) + rest)}\n`;
    }
  }
  yield `drone-audit: ${shown === 0 ? `${nothing(report)}; ` : `${count(shown, 'finding')}; `}${visible(verdictAlone(report))}\n`;
}

/** Puts a finding where its rank belongs, behind equal ones, and drops the last one of too many. */
function insert(finding: Finding, worst: Finding[]): void {
  const behind = worst.findIndex(({ rank }) => rank < finding.rank);
  worst.splice(behind < 0 ? worst.length : behind, 0, finding);
  if (worst.length > most) worst.pop();
}

function shownProperties(properties: Annotation['properties']): string {
  return Object.entries(properties)
    .map(
      ([name, value]) =>
        `${name}=${escaped(visible(String(value)))
          .replaceAll(':', '%3A')
          .replaceAll(',', '%2C')}`,
    )
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
