import type { Report } from '../model/report.ts';
import { safeJsonLine } from './escape.ts';
import { jsonParts } from './json.ts';

/**
 * The report as one value of JSON a line, each with a `type`: first `run`, then `source`, `finding`, `suppressed` and
 * `problem`, last `summary`. A report without its last line was cut off. Made while it is written.
 */
export function* jsonlReport(report: Report): Generator<string> {
  const { head, sources, findings, suppressed, problems, tail } = jsonParts(report);
  const line = (type: string, value: object): string => `${safeJsonLine({ type, ...value })}\n`;
  yield line('run', head);
  for (const source of sources) yield line('source', source);
  for (const finding of findings) yield line('finding', finding);
  for (const finding of suppressed) yield line('suppressed', finding);
  for (const problem of problems) yield line('problem', problem);
  yield line('summary', tail);
}
