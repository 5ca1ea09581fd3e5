import { where } from '../model/iterables.ts';
import type { Report } from '../model/report.ts';
import { isAnswer, positionOf } from '../model/source.ts';
import { visible } from './escape.ts';
import { furtherInLine } from './further.ts';
import { isOpen } from './tally.ts';
import { nothing, verdictAlone } from './verdict.ts';

/**
 * One line a finding, `file:line:column: severity rule: message`, as editors and problem matchers take it; then what
 * could not be seen, and last the verdict, which has no place. `schemas/problem-matcher.json` reads it for GitHub.
 */
export function* unixReport(report: Report): Generator<string> {
  let isSilent = true;
  for (const finding of where(report.findings, isOpen)) {
    const { at, severity, rule, message } = finding;
    isSilent = false;
    const { line, column } = positionOf(at.source, at.span.start);
    yield `${fileOf(at.source.name)}:${line}:${column}: ${severity} ${rule}: ${visible(message)}${furtherInLine(finding)}\n`;
  }
  for (const { source, line = 1, column = 1, incomplete, kind, message } of report.problems)
    yield `${fileOf(source)}:${line}:${column}: ${incomplete ? 'incomplete' : 'note'} ${kind}: ${visible(message)}\n`;
  yield `drone-audit: ${isSilent ? `${nothing(report)}; ` : ''}${visible(verdictAlone(report))}\n`;
}

/** The name of a file, in which no `:7` may be taken for the place that follows it. No editor opens what is no file. */
function fileOf(name: string): string {
  return isAnswer(name) ? visible(name) : visible(name).replace(/:(?=\d)/g, '\\u{3A}');
}
