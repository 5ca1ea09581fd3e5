import { exitStatus, type Report } from '../model/report.ts';
import { countBySeverity } from '../model/severity.ts';
import { acceptedOf } from './baseline.ts';
import { configInWords } from './config-in-force.ts';
import { decisionsOf } from './decisions.ts';
import { safeJsonLine, withoutLinks } from './escape.ts';
import { placeOf } from './places.ts';
import { cut } from './prose.ts';
import { nothing, verdictAlone } from './verdict.ts';

/** A server on MySQL stores 65,535 bytes, and takes no more than 2,000 for the address (harness/drone store/card, 018). */
const mostBytes = 8 * 1024;
const worst = 5;

/**
 * A card of Drone's build page: an Adaptive Card template, by its address, and the data that it shows. Drone masks nothing
 * in cards, so only what is masked already is in it. Texts of a card are Markdown, so no link comes from what was read.
 */
export function cardOf(report: Report, template: string): string {
  for (let count = worst; ; count--) {
    const json = safeJsonLine({ schema: template, data: dataOf(report, count) });
    if (Buffer.byteLength(json) <= mostBytes || count === 0) return json;
  }
}

function dataOf(report: Report, count: number) {
  const shown = report.findings.filter(({ suppressed }) => !suppressed);
  return {
    tool: `${report.tool.name} ${report.tool.version}`,
    verdict: withoutLinks(shown.length === 0 ? `${nothing(report)}; ${verdictAlone(report)}` : verdictAlone(report)),
    exit: exitStatus(report),
    ...countBySeverity(shown),
    total: shown.length,
    suppressed: acceptedOf(report).length,
    ...(report.baseline ? { known: report.baseline.known } : {}),
    notSeen: report.problems.filter(({ incomplete }) => incomplete).length + report.coverage.unknown.length,
    config: cut(withoutLinks(configInWords(report) ?? ''), longest),
    notAsked: cut(report.coverage.notAsked.map(withoutLinks).join('; '), longest),
    first: decisionsOf(shown)
      .slice(0, count)
      .map(({ first }) => ({
        severity: first.severity,
        rule: first.rule,
        place: cut(withoutLinks(placeOf(first.at)), longest),
        message: cut(withoutLinks(first.message), longest),
      })),
  };
}

/** Longest text of one field, in characters. */
const longest = 300;

/**
 * A card as the runner takes it from the output of a step (drone/runner-go livelog/extractor/writer.go): it must begin a
 * write of its own, and nothing may come after it.
 */
export function cardInOutput(card: string): string {
  return `\u001b]1338;${Buffer.from(card).toString('base64')}\u001b]0m\n`;
}
