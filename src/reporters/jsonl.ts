import type { Finding, Report } from '../model/report.ts';
import { safeJsonLine, safeJsonLineChunks } from './escape.ts';
import { jsonFinding, jsonParts } from './json.ts';
import { isOpen } from './tally.ts';

/**
 * The report as one value of JSON a line, each with a `type`: first `run`, then `origin`, `pipeline`, `source`, `finding`, `suppressed`,
 * `problem`, `rule`, `control` and, where a server or runners were seen, `ways`, last `summary`. A report without its last line was cut off. Made while it is written.
 */
export function* jsonlReport(report: Report): Generator<string> {
  const { head, population, sources, findings, suppressed, problems, rules, controls, ways, tail } = jsonParts(report);
  yield line('run', head);
  for (const origin of population.origins) yield line('origin', origin);
  for (const pipeline of population.pipelines) yield line('pipeline', pipeline);
  for (const source of sources) yield line('source', source);
  if (report.lines) yield* report.lines;
  else for (const finding of findings) yield line('finding', finding);
  for (const finding of suppressed) yield line('suppressed', finding);
  for (const problem of problems) yield line('problem', problem);
  for (const rule of rules) yield line('rule', rule);
  for (const control of controls.results) yield line('control', control);
  if (ways) yield* chunks('ways', ways);
  yield* chunks('summary', tail);
}

/** What the report says of a finding if it is open. */
export function findingLines(finding: Finding): string {
  return isOpen(finding) ? line('finding', jsonFinding(finding)) : '';
}

/** A line that may be long. */
function* chunks(type: string, value: object): Generator<string> {
  yield* safeJsonLineChunks({ type, ...value });
  yield '\n';
}

function line(type: string, value: object): string {
  return `${safeJsonLine({ type, ...value })}\n`;
}
