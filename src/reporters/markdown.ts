import { partsOf } from '../model/fix-markdown.ts';
import { firstOf, where } from '../model/iterables.ts';
import { count } from '../model/prose.ts';
import { byRank } from '../model/rank.ts';
import type { Finding, Report } from '../model/report.ts';
import { atLeast, severities } from '../model/severity.ts';
import { lineOf } from '../model/source.ts';
import { baselineWords } from './baseline.ts';
import { byConfig, configInWords } from './config-in-force.ts';
import { type Decision, DecisionFindings, effectOf, planned } from './decisions.ts';
import { entity, visible, wellFormed } from './escape.ts';
import { furtherOf } from './further.ts';
import { numbered } from './passes.ts';
import { placeOf } from './places.ts';
import { fenced } from './prose.ts';
import { isOpen, tallyOf } from './tally.ts';
import { gateLine, nothing, unreadFiles } from './verdict.ts';

/** GitHub refuses a comment of more than 65,536 characters as a whole (UTF-16 units, to be sure). */
const budget = 60_000;
/** So much is kept for what comes behind the findings. */
const reserve = 6000;
const mostDecisions = 5;
const mostListed = 20;
/** Of the places that belong to one finding. */
const mostFurther = 10;
/** Of a name or message in a list (UTF-16 units). */
const longest = 300;

/**
 * The report as a comment for a pull request: the verdict, what to do first, each finding to open, and what was not seen.
 * Its first line tells a bot which comment to replace. It never exceeds what GitHub takes; findings that do not fit are
 * counted. What was read is escaped so that it mentions nobody and links to nothing.
 */
export function markdownReport(report: Report): string {
  const { groups } = tallyOf(report);
  const first = new DecisionFindings(groups, planned(groups.ranked).slice(0, mostDecisions), () => 1);
  const ranks: number[] = [];
  const lengths: number[] = [];
  for (const [ordinal, finding] of numbered(report.findings)) {
    if (!isOpen(finding)) continue;
    first.see(finding, ordinal);
    ranks.push(finding.rank);
    lengths.push(findingBlock(finding).length);
  }
  const head = [
    '<!-- drone-audit -->',
    `### drone-audit: ${headline(report)}`,
    '',
    escaped(short(gateLine(report))),
    '',
    ...(report.rulesLeftOut.length > 0 ? [escaped(report.rulesLeftOut.join(' ')), ''] : []),
    ...problemLines(report),
    ...decisionLines(first.decisions),
  ].join('\n');
  const tail = coverageLines(report).join('\n');
  const told = fitting(ranks, lengths, budget - reserve - head.length - tail.length);
  let text = head + blocksOf(where(report.findings, isOpen), told).join('');
  const left = ranks.length - told.length;
  if (left > 0) text += `\n${count(left, 'further finding')} not shown: the text and JSON reports have them.\n`;
  return `${wellFormed(`${text}${tail}`.slice(0, budget)).trimEnd()}\n`;
}

/** Which findings there is room for, by their numbers, the first to act on first. */
function fitting(ranks: readonly number[], lengths: readonly number[], room: number): readonly number[] {
  let left = room;
  return byRank(ranks).filter((number) => {
    const length = lengths[number] ?? 0;
    // One that is too long must not keep the others out.
    const isTold = length <= left;
    if (isTold) left -= length;
    return isTold;
  });
}

/** What is said of the findings of these numbers, in the order of the numbers. */
function blocksOf(findings: Iterable<Finding>, numbers: readonly number[]): readonly string[] {
  const blocks = new Map(numbers.map((number) => [number, '']));
  for (const [number, finding] of numbered(findings)) if (blocks.has(number)) blocks.set(number, findingBlock(finding));
  return [...blocks.values()];
}

function headline(report: Report): string {
  const { open } = tallyOf(report);
  const counts = severities.flatMap((severity) => (open[severity] === 0 ? [] : [`${open[severity]} ${severity}`]));
  const incomplete = report.problems.some((problem) => problem.incomplete) ? 'incomplete, ' : '';
  return incomplete + (counts.length > 0 ? counts.join(', ') : nothing(report));
}

function problemLines({ problems }: Report): string[] {
  const incomplete = problems.filter((problem) => problem.incomplete);
  if (incomplete.length === 0) return [];
  const lines = incomplete.slice(0, mostListed).map(({ source, line, message }) => {
    return `- ${code(placeIn(source, line))}: ${escaped(short(message))}`;
  });
  return ['**Could not be audited**', '', ...lines, ...more(incomplete.length - mostListed), ''];
}

function decisionLines(decisions: readonly Decision[]): string[] {
  if (decisions.length === 0) return [];
  const lines = decisions.map((decision, index) => {
    const { first, places } = decision;
    const where =
      places === 1
        ? code(short(placeOf(first.at)))
        : `${count(places, 'place')}, first ${code(short(placeOf(first.at)))}`;
    return `${index + 1}. ${prose(first.task)} (${first.severity}, ${where}; ${effectOf(decision)})`;
  });
  return ['**Do first**', '', ...lines, ''];
}

function findingBlock(finding: Finding): string {
  const { severity, rule, message, at, why, reach, fix, afterwards, confidence } = finding;
  const isOpen = atLeast(severity, 'critical');
  return [
    '',
    `<details${isOpen ? ' open' : ''}><summary><b>${severity}</b> ${html(rule)}: ${html(message)}<br>${html(placeOf(at))}${reach === undefined ? '' : `, open to ${html(reach)}`}${confidence === 'high' ? '' : `, confidence: ${confidence}`}</summary>`,
    // Without an empty line GitHub shows the rest as it is written.
    '',
    prose(why),
    '',
    ...furtherLines(finding),
    '**Fix**',
    '',
    ...partsOf([fix, afterwards ?? ''].join('\n\n')).map((part) =>
      part.kind === 'prose' ? `${prose(part.text)}\n` : `${fenced(part.text, part.language)}\n`,
    ),
    '</details>',
    '',
  ].join('\n');
}

/** What the finding opens and where else it shows: all of it is to be looked at before it is mended. */
function furtherLines(finding: Finding): string[] {
  const further = furtherOf(finding);
  if (further.length === 0) return [];
  const lines = further
    .slice(0, mostFurther)
    .map(({ at, words }) => `- ${code(placeIn(at.source.name, lineOf(at)))} ${escaped(short(words))}`);
  return [...lines, ...more(further.length - mostFurther), ''];
}

function coverageLines(report: Report): string[] {
  const { coverage } = report;
  const lines: string[] = [];
  const { accepted } = tallyOf(report);
  const { first, more: others } = firstOf(coverage.unknown, mostListed);
  for (const { source, line, message } of first)
    lines.push(`- not seen: ${code(placeIn(source, line))}: ${escaped(short(message))}`);
  lines.push(...more(others));
  if (coverage.mentions.length > 0) lines.push(`- ${unreadFiles(coverage)}`);
  if (coverage.notAsked.length > 0)
    lines.push(`- not asked: ${coverage.notAsked.map((each) => escaped(each)).join('; ')}`);
  const undecided = new Set<string>();
  for (const { rule } of coverage.inconclusive) undecided.add(rule);
  if (undecided.size > 0) lines.push(`- undecided: ${count(undecided.size, 'rule')}, because something was not seen`);
  if (accepted > 0) lines.push(`- ${accepted} suppressed`);
  for (const words of baselineWords(report)) lines.push(`- ${escaped(words)}`);
  if (report.hiddenBySeverity > 0)
    lines.push(
      `- ${report.hiddenBySeverity} more with \`--min-severity info\`${escaped(short(byConfig(report, 'minSeverity')))}`,
    );
  const config = configInWords(report);
  if (config !== undefined) lines.push(`- config: ${escaped(short(config))}`);
  if (report.date !== undefined) lines.push(`- date: ${escaped(report.date)}`);
  return lines.length === 0 ? [] : ['', '**What this rests on**', '', ...lines, ''];
}

function placeIn(source: string, line: number | undefined): string {
  return `${short(visible(source))}${line === undefined ? '' : `:${line}`}`;
}

/** In a list a long name must not take the room of what comes behind it. */
function short(text: string): string {
  return text.length <= longest ? text : wellFormed(`${text.slice(0, longest - 1)}…`);
}

function more(amount: number): string[] {
  return amount > 0 ? [`- and ${amount} more`] : [];
}

/** Text that was read, so that none of it is markup, a mention, a reference or a link. */
function escaped(text: string): string {
  return inert(
    visible(text)
      .replace(/[\\`*_{}[\]()#+!|~$^]/g, (sign) => `\\${sign}`)
      .replace(/[&<>]/g, entity),
  );
}

/** A comment between them keeps a name and the sign before it apart. */
function inert(text: string): string {
  return text.replace(/@(?=[\w-])|#(?=\d)|\bGH-(?=\d)|\/(?=\/)|\bwww(?=\.)/gi, '$&<!-- -->');
}

/** The same within HTML. */
function html(text: string): string {
  return inert(visible(text).replace(/[&<>"]/g, entity));
}

/** The Markdown of rules keeps its marks; what stands between is made inert. */
function prose(markdown: string): string {
  return markdown
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : inertProse(part)))
    .join('');
}

function inertProse(text: string): string {
  return text.replace(/[<>]/g, entity).replace(/@(?=[\w-])|#(?=\d)/g, '$&<!-- -->');
}

/** A code span whose backticks are more than those in it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const room = /^`|`$/.test(text) ? ' ' : '';
  return `${ticks}${room}${text}${room}${ticks}`;
}
