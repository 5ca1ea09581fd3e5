import { firstOf } from '../../model/iterables.ts';
import { firstSentence, listed } from '../../model/prose.ts';
import { exitStatus, type Origin, type Report } from '../../model/report.ts';
import { atLeast, type Severity, severities } from '../../model/severity.ts';
import { isAnswer } from '../../model/source.ts';
import { baselineWords } from '../baseline.ts';
import { byConfig, configInWords } from '../config-in-force.ts';
import { cut } from '../prose.ts';
import { sourcesInAll } from '../read-sources.ts';
import { tallyOf } from '../tally.ts';
import { nothing, unreadFiles, verdict } from '../verdict.ts';
import { escaped, inline } from './escape.ts';
import { type Division, placesOf } from './findings.ts';
import type { Scene } from './picture.ts';
import type { Told } from './told.ts';
import { cutList, type FindingLinks, type WaysOnPage } from './ways.ts';
import { amount, many, option, sign } from './words.ts';

const mostFirst = 5;
/** How many decisions are told, and how many places of one of the first. */
export const mostDecisions = 30;
export const mostPlaces = 3;

const numbers = ['no', 'one', 'two', 'three', 'four', 'five'];
const barColours: Readonly<Record<Severity, string>> = {
  critical: '#a3152f',
  high: '#ad450a',
  medium: '#7d5d07',
  low: '#3a5f8c',
  info: '#59626d',
};

/** Everything that is said of a report before its parts. */
export interface Summary {
  readonly report: Report;
  /** Open findings, and these by severity. */
  readonly shown: number;
  readonly counts: Readonly<Record<Severity, number>>;
  /** How many decisions there are, and those that are told. */
  readonly decisions: number;
  readonly told: readonly Told[];
  /** Who can do what by the findings, as a sentence. */
  readonly abilities: string | undefined;
  readonly subject: string;
  readonly isIncomplete: boolean;
}

/**
 * What the page is about: its folder, else the one file or the address that was asked, else what the SCM calls the one
 * repository. The name of the current folder is not the same in every checkout.
 */
export function subjectOf(report: Report): string {
  const { root, first, amount } = sourcesInAll(report);
  return (
    root || (first && (amount === 1 || isAnswer(first.name)) ? first.name : (slugOf(report) ?? 'Drone installation'))
  );
}

function slugOf({ population: { origins } }: Report): string | undefined {
  const [first, second] = firstPlaces(origins);
  const isSlug = first?.kind === 'repository' && !/^\.\.?(?:\/|$)/.test(first.name);
  return isSlug && !second ? first.name : undefined;
}

/** The first two that are no answers. */
function firstPlaces(origins: Iterable<Origin>): readonly Origin[] {
  const places: Origin[] = [];
  for (const origin of origins) {
    if (origin.kind !== 'answers') places.push(origin);
    if (places.length === 2) break;
  }
  return places;
}

/** `7 critical, 7 high`; what a tab and the subject of a mail show. */
export function countsIn({ counts, report, isIncomplete }: Summary): string {
  const of = severities.flatMap((severity) => {
    const number = counts[severity];
    return number === 0 ? [] : [`${amount(number)} ${severity}`];
  });
  return (isIncomplete ? 'incomplete, ' : '') + (of.length > 0 ? of.join(', ') : nothing(report));
}

/** The verdict in sentences that are made of facts; never that something is secure. */
export function verdictOf(
  { report, shown, counts, told, abilities, isIncomplete }: Summary,
  scene: Scene | undefined,
): { lead: string; rest: string; tone: string } {
  const severe = severeOf(counts);
  const missing = report.problems.filter(({ incomplete }) => incomplete).length;
  const before =
    report.exitCode === 4
      ? 'Incomplete: drone-audit itself failed. '
      : isIncomplete
        ? `Incomplete: ${many(missing, 'place')} could not be audited. `
        : '';
  if (severe > 0) {
    const first = told.slice(0, mostFirst).filter(({ first: { severity } }) => atLeast(severity, 'high'));
    const closed = first.reduce((sum, decision) => sum + severeOf(decision.counts), 0);
    const what = (['critical', 'high'] as const).filter((each) => counts[each] > 0).join(' and ');
    const who = scene?.who.slice(0, 3) ?? [];
    const lead =
      abilities ??
      (who.length > 0
        ? `Ways in are open to ${listed(who)}.`
        : `${many(severe, 'finding')} ${severe === 1 ? 'is' : 'are'} ${what}.`);
    const changes = `${capital(numbers[first.length] ?? '')} ${first.length === 1 ? 'change closes' : 'changes close'}`;
    const of =
      severe === 1
        ? `the one ${what} finding`
        : `${closed === severe ? 'all' : `${amount(closed)} of the`} ${amount(severe)} ${what} findings`;
    return { lead: before + lead, rest: `${changes} ${of}.`, tone: 'bad' };
  }
  const none = capital(nothing(report));
  if (shown === 0 && !none.startsWith('Nothing found')) return { lead: `${before}${none}.`, rest: '', tone: 'warn' };
  const rest = shown > 0 ? `${many(shown, 'finding')} below that.` : '';
  const lead = `Nothing found at or above high in what was seen.`;
  return { lead: before + lead, rest, tone: isIncomplete ? 'warn' : 'calm' };
}

function severeOf({ critical, high }: Readonly<Record<Severity, number>>): number {
  return critical + high;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function* header(summary: Summary, scene: Scene | undefined): Generator<string> {
  const { report, subject, isIncomplete } = summary;
  const { lead, rest, tone } = verdictOf(summary, scene);
  yield `<header class="top${isIncomplete ? ' incomplete' : ''}"><div class="wrap"><p class="brand">drone-audit ${escaped(report.tool.version)}</p><h1>${escaped(cut(subject, 200))}</h1><p class="verdict ${tone}"><strong>${escaped(lead)}</strong> ${escaped(rest)}</p>`;
  yield strip(summary);
  const { seen, unseen } = coverageOf(report);
  yield `<div class="seen"><div><h2>Seen</h2><ul>${seen.map((each) => `<li>${each}</li>`).join('')}</ul></div><div class="${unseen.length > 0 ? 'gap' : ''}"><h2>Not seen</h2><ul>${(unseen.length > 0 ? unseen : ['nothing of what was named']).map((each) => `<li>${each}</li>`).join('')}</ul></div></div><p class="gate">${gate(summary)}</p></div></header>\n`;
}

function strip({ counts }: Summary): string {
  const present = severities.flatMap((severity) => {
    const number = counts[severity];
    return number === 0 ? [] : [{ severity, number }];
  });
  if (present.length === 0) return '';
  const total = present.reduce((sum, { number }) => sum + number, 0);
  const gap = 4;
  // Each has a width that can be seen.
  const room = 1000 - gap * (present.length - 1) - 12 * present.length;
  let x = 0;
  const bars = present.map(({ severity, number }) => {
    const width = 12 + (room * number) / total;
    const bar = `<rect class="bar ${severity}" fill="${barColours[severity]}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="14"/>`;
    x += width + gap;
    return bar;
  });
  const words = present.map(({ severity, number }) => `${amount(number)} ${severity}`).join(', ');
  const legend = present.map(
    ({ severity, number }) =>
      `<li><span class="n ${severity}">${sign(severity)}</span> <b>${amount(number)}</b> ${severity}</li>`,
  );
  return `<svg class="strip" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="${words}">${bars.join('')}</svg><ul class="legend">${legend.join('')}</ul>`;
}

/** What was seen, and as loud, what was not. */
function coverageOf(report: Report): {
  seen: readonly string[];
  unseen: readonly string[];
} {
  const { coverage, problems, config, hiddenBySeverity, controls } = report;
  const { files, pipelines, containers, components, notAsked, unknown, mentions, inconclusive, probed } = coverage;
  const counts = [
    [files, 'file'],
    [pipelines, 'pipeline'],
    [containers, 'container'],
    [components, 'component of Drone'],
  ] as const;
  const seen = [
    counts.map(([number, noun]) => `<b>${amount(number)}</b> ${number === 1 ? noun : plural(noun)}`).join(', '),
    ...(probed.length > 0 ? [`<b>${amount(probed.length)}</b> probed`] : []),
  ];
  const missing = problems.filter(({ incomplete }) => incomplete).length;
  const undecided = new Set<string>();
  for (const { rule } of inconclusive) undecided.add(rule);
  const referred = firstOf(unknown, 0).more;
  const unseen = [
    ...(controls.limits.length > 0
      ? [`<a href="#evidence"><b>not a full assessment</b></a>: ${option(controls.limits.join(' '))}`]
      : []),
    ...(missing > 0 ? [`<a href="#problems"><b>${many(missing, 'place')}</b> could not be audited</a>`] : []),
    ...(notAsked.length > 0 ? [`not asked: ${listed(notAsked.map(option))}`] : []),
    ...(referred > 0 ? [`<a href="#unknown"><b>${many(referred, 'thing')}</b> that files refer to</a>`] : []),
    ...(mentions.length > 0 ? [`<a href="#mentions">${escaped(unreadFiles(coverage))}</a>`] : []),
    ...(undecided.size > 0
      ? [`<a href="#undecided"><b>${many(undecided.size, 'rule')}</b> could not be decided</a>`]
      : []),
    ...(config && config.excluded > 0 ? [`<b>${many(config.excluded, 'file')}</b> left out by the config`] : []),
    ...(hiddenBySeverity > 0
      ? [
          `<b>${many(hiddenBySeverity, 'finding')}</b> more with <code class="o">--min-severity info</code>${escaped(cut(byConfig(report, 'minSeverity'), 300))}`,
        ]
      : []),
  ];
  return { seen, unseen };
}

function plural(noun: string): string {
  return noun.replace(/^\w+/, '$&s');
}

const gateWords = { 0: 'passed', 1: 'failed', 3: 'failed', 4: 'failed itself' } as const;

function gate({ report, isIncomplete }: Summary): string {
  const { exitCode, exitZero, problems } = report;
  const config = configInWords(report);
  const word = exitZero ? 'off' : exitCode === 3 && isIncomplete ? 'incomplete' : gateWords[exitCode];
  const why = verdict(report).replace(/: see the problems above/, '');
  const { accepted: suppressed } = tallyOf(report);
  const accepted = problems.filter((problem) => problem.accepted).length;
  const parts = [
    `Gate: <b>${word}</b>, exit ${exitStatus(report)}: ${option(why)}`,
    suppressed > 0 ? `<a href="#suppressed">${amount(suppressed)} suppressed</a>` : '0 suppressed',
    ...baselineWords(report).map(escaped),
    ...(accepted > 0 ? [`${many(accepted, 'problem')} accepted`] : []),
    config === undefined ? 'no config' : `config ${escaped(cut(config, 400))}`,
  ];
  return parts.map((part) => `<span>${part}</span>`).join(' ');
}

/** What to do first: the changes that close all ways in, then a few decisions, and what each closes. */
export function* firstSection(
  { told, decisions }: Summary,
  division: Division,
  ways: WaysOnPage | undefined,
  links: FindingLinks,
): Generator<string> {
  const hasWays = ways !== undefined && ways.open > 0;
  if (told.length === 0 && !hasWays) return;
  yield '<section id="first"><h2>Do first</h2>';
  if (hasWays) yield* cutList(ways, links);
  const first = told.filter(({ isMended }) => !isMended).slice(0, mostFirst);
  if (first.length > 0) {
    yield `${hasWays ? '<h3>Then, by findings</h3>' : ''}<ol class="todo">`;
    for (const each of first) yield decision(each, division);
    yield '</ol>';
  }
  const further = told.slice(first.length);
  if (further.length > 0) {
    const rest = decisions - told.length;
    yield `<details class="fold"><summary>${many(decisions - first.length, 'further decision')}</summary><ol class="further" start="${first.length + 1}">`;
    for (const { number, first, places, isMended } of further)
      yield `<li id="todo${number}"><span class="n ${first.severity}">${sign(first.severity)} ${first.severity}</span> ${inline(first.task === '' ? first.title : first.task)} <span class="gives">${many(places, 'finding')}${isMended ? ', mended by the changes above' : ''}</span> ${placesOf([first], 1, division)}</li>`;
    yield `</ol>${rest > 0 ? `<p class="more">and ${amount(rest)} more</p>` : ''}</details>`;
  }
  yield '</section>\n';
}

function decision(
  { number, first, findings, counts, files, following, lessened, places, effort }: Told,
  division: Division,
): string {
  const task = first.task === '' ? first.title : first.task;
  const closes = severities.flatMap((severity) =>
    counts[severity] === 0 ? [] : [`<b>${amount(counts[severity])} ${severity}</b>`],
  );
  const effects = [
    `closes ${listed(closes)}`,
    ...(following > 0 ? [`and ${amount(following)} that ${following === 1 ? 'follows' : 'follow'}`] : []),
    ...(lessened > 0 ? [`makes ${amount(lessened)} less severe`] : []),
    ...(places > 1 && files > 1 ? [`in ${many(files, 'file')}`] : []),
    ...(effort ? [`takes ${effort}${files > 1 ? ' each' : ''}`] : []),
  ];
  const whom = first.reach === undefined ? '' : ` <span class="reach">open to ${escaped(first.reach)}</span>`;
  return `<li id="todo${number}" class="${first.severity}"><div class="what"><h3>${inline(cut(task, 300))}</h3><p>${escaped(cut(first.message, 400))}${whom}</p><p class="because">${inline(firstSentence(first.why))}</p></div><div class="locs"><p>${effects.join('<br>')}</p><p>${placesOf(findings.slice(0, mostPlaces), places, division)}</p></div></li>`;
}
