import type { Report } from '../model/report.ts';
import { visible } from './escape.ts';
import { placeOf } from './places.ts';
import { nothing, verdict } from './verdict.ts';

/**
 * One line a finding, `file:line:column: severity rule: message`, as editors and problem matchers take it; then what
 * could not be seen, and last the verdict, which has no place.
 */
export function* unixReport(report: Report): Generator<string> {
  for (const { at, severity, rule, message, suppressed } of report.findings)
    if (!suppressed) yield `${placeOf(at)}: ${severity} ${rule}: ${visible(message)}\n`;
  for (const { source, line = 1, column = 1, incomplete, kind, message } of report.problems)
    yield `${visible(source)}:${line}:${column}: ${incomplete ? 'incomplete' : 'note'} ${kind}: ${visible(message)}\n`;
  const isSilent = report.findings.every(({ suppressed }) => suppressed);
  yield `drone-audit: ${isSilent ? `${nothing(report)}; ` : ''}${verdict(report)}\n`;
}
