import { amountOf } from '../model/iterables.ts';
import { exitStatus, type Report } from '../model/report.ts';
import { configInWords } from './config-in-force.ts';
import { DecisionFindings, planned } from './decisions.ts';
import { safeJsonLine, withoutLinks } from './escape.ts';
import { numbered } from './passes.ts';
import { placeOf } from './places.ts';
import { cut } from './prose.ts';
import { isOpen, tallyOf } from './tally.ts';
import { nothing, verdictAlone } from './verdict.ts';

/** A server on MySQL stores 65,535 bytes, and takes no more than 2,000 for the address (harness/drone store/card, 018). */
const mostBytes = 8 * 1024;
const worst = 5;

/**
 * A card of Drone's build page: an Adaptive Card template, by its address, and the data that it shows. Drone masks nothing
 * in cards, so only what is masked already is in it. Texts of a card are Markdown, so no link comes from what was read.
 */
export function cardOf(report: Report, template: string): string {
  const data = dataOf(report);
  for (let count = worst; ; count--) {
    const json = safeJsonLine({ schema: template, data: { ...data, first: data.first.slice(0, count) } });
    if (Buffer.byteLength(json) <= mostBytes || count === 0) return json;
  }
}

function dataOf(report: Report) {
  const { open, shown, accepted, groups } = tallyOf(report);
  const first = new DecisionFindings(groups, planned(groups.asSeen).slice(0, worst), () => 1);
  for (const [ordinal, finding] of numbered(report.findings)) if (isOpen(finding)) first.see(finding, ordinal);
  return {
    tool: `${report.tool.name} ${report.tool.version}`,
    verdict: withoutLinks(shown === 0 ? `${nothing(report)}; ${verdictAlone(report)}` : verdictAlone(report)),
    exit: exitStatus(report),
    ...open,
    total: shown,
    suppressed: accepted,
    ...(report.baseline ? { known: report.baseline.known } : {}),
    notSeen: report.problems.filter(({ incomplete }) => incomplete).length + amountOf(report.coverage.unknown),
    config: cut(withoutLinks(configInWords(report) ?? ''), longest),
    notAsked: cut(report.coverage.notAsked.map(withoutLinks).join('; '), longest),
    first: first.decisions.map(({ first }) => ({
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
