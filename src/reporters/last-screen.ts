import { firstOf, where } from '../model/iterables.ts';
import { count, firstSentence, unmarked } from '../model/prose.ts';
import type { Coverage, Finding, Report, ReportedProblem } from '../model/report.ts';
import { severities } from '../model/severity.ts';
import { baselineWords } from './baseline.ts';
import { byConfig, configInWords, writtenPlace } from './config-in-force.ts';
import { type Decision, DecisionFindings, effectOf, mostOrdinals, type PlannedDecision, planned } from './decisions.ts';
import { displayWidth, wrap, wrapCode } from './display-width.ts';
import { visible } from './escape.ts';
import { headerLines, reachBelow } from './finding-lines.ts';
import { lookedAtLines } from './looked-at.ts';
import { MendedByCut } from './mended.ts';
import { FileCount } from './passes.ts';
import { andMore, besidePlace, listed, namedPlace, type View } from './places.ts';
import { hanging } from './prose.ts';
import { tallyOf } from './tally.ts';
import { gateLine, nothing, unreadFiles } from './verdict.ts';
import { cutLines, type WaysInShort, waysInLines, waysInShort } from './ways-in.ts';

/** `Remove the command` does not say which. */
const shortTask = 20;

const comparison = 'running-differs-from-declared';

/** How many lines the counts by rule take without --verbose. */
const ruleLines = 3;

/** More files than these are counted. */
const mostNames = 10_000;

/** What the last screen tells by findings themselves, taken out of them while they go by. */
export class LastFindings {
  private readonly first: DecisionFindings;
  private readonly mended: MendedByCut;
  private readonly afterwards = new Map<string, { readonly names: Set<string>; readonly files: FileCount }>();
  private readonly acceptedIn = new Set<string>();
  private accepted = 0;
  readonly plans: readonly PlannedDecision[];

  constructor(report: Report) {
    const { groups } = tallyOf(report);
    this.plans = planned(groups.asSeen);
    this.mended = new MendedByCut(report);
    const shown = this.mayBeFirst();
    this.first = new DecisionFindings(groups, shown, (index) =>
      this.mended.tells(shown[index]?.groups[0].rule ?? '') ? mostOrdinals : 1,
    );
  }

  see(finding: Finding, ordinal: number): void {
    const { afterwards, at, suppressed } = finding;
    if (!suppressed) {
      this.first.see(finding, ordinal);
      if (afterwards !== undefined) this.seeAfterwards(afterwards, visible(at.source.name));
    } else if (suppressed.by === 'config' || suppressed.by === 'policy') {
      this.acceptedIn.add(writtenPlace(suppressed.where).source);
      this.accepted++;
    }
  }

  private seeAfterwards(text: string, file: string): void {
    const of = this.afterwards.get(text) ?? { names: new Set(), files: new FileCount() };
    this.afterwards.set(text, of);
    of.files.see(file);
    if (of.names.size < mostNames) of.names.add(file);
  }

  /** The first plans, as many as it takes where those are left out that are done by then. */
  private mayBeFirst(): readonly PlannedDecision[] {
    let sure = 0;
    return this.plans.filter(({ groups: [{ rule }] }) => sure < listed && (this.mended.tells(rule) || ++sure > 0));
  }

  /** What to do first, besides what closes the ways in. */
  get decisions(): readonly Decision[] {
    return this.first.decisions.filter((each) => !this.mended.has(each)).slice(0, listed);
  }

  /** What is to do after changes, with the files that it is about: their names, or the first of them, and how many there are. */
  get toDoAfterwards(): readonly (readonly [text: string, names: readonly string[], files: number])[] {
    return [...this.afterwards].map(([text, { names, files }]) => [
      ...([text, [...names]] as const),
      names.size < mostNames ? names.size : files.amount,
    ]);
  }

  /** How many findings configs and policies accept, and by which of their files. */
  get acceptedByConfig(): { readonly amount: number; readonly files: readonly string[] } {
    return { amount: this.accepted, files: [...this.acceptedIn].sort() };
  }
}

/**
 * What stands last, where the eye is: what could not be read, who gets in, what to do first, counts, what was not seen, the verdict.
 * `last` has seen all findings.
 */
export function* lastScreen(report: Report, last: LastFindings, view: View): Generator<string> {
  if (view.verbose) yield* lookedAtLines(report, view);
  yield* problemLines(report.problems, view);
  const short = waysInShort(report);
  if (short) yield* waysInLines(short, view);
  yield* firstLines(last.decisions, short, view);
  yield* afterwardsLines(last, view);
  yield* countLines(report, last, view);
  yield* byRuleLines(last.plans, view);
  yield* coverageLines(report, view);
  yield* configLines(report, view);
  yield* exitLines(report, view);
}

/** What made the audit incomplete comes first, so that it is not what a long list leaves out. */
function* problemLines(problems: readonly ReportedProblem[], view: View): Generator<string> {
  const { verbose, style } = view;
  if (problems.length === 0) return;
  yield style.strong('problems');
  yield '';
  const sorted = problems.toSorted((a, b) => Number(b.incomplete) - Number(a.incomplete));
  const shown = verbose ? sorted : sorted.slice(0, 2 * listed);
  for (const { source, line, column, incomplete, message } of shown) {
    const place = [visible(source), line, line && column].filter(Boolean).join(':');
    yield* besidePlace(
      namedPlace(place, source, line, view),
      `${incomplete ? 'ERROR' : 'note'}: ${visible(message)}`,
      view,
    );
  }
  if (shown.length < problems.length) yield style.faint(andMore(problems.length - shown.length));
  yield '';
}

/** The changes that close the ways in, then what else is to be done. */
function firstLines(decisions: readonly Decision[], short: WaysInShort | undefined, view: View): string[] {
  const cut = short ? [...cutLines(short, view)] : [];
  if (decisions.length === 0 && cut.length === 0) return [];
  const { strong } = view.style;
  const then = cut.length > 0 && decisions.length > 0 ? [strong('then, by findings'), ''] : [];
  const last = decisions.length > 0 ? [''] : [];
  return [strong('do first'), '', ...cut, ...then, ...decisions.flatMap((each) => decisionLines(each, view)), ...last];
}

/** What is to do after changes, once for all findings of the files that it is about. */
function afterwardsLines({ toDoAfterwards }: LastFindings, view: View): string[] {
  return toDoAfterwards.flatMap(([text, names, files]) => {
    const shown = view.verbose ? names : names.slice(0, listed);
    const more = files > shown.length ? ` ${andMore(files - shown.length)}` : '';
    return [...wrapCode(`${shown.join(', ')}${more}: ${unmarked(text)}`, view.width), ''];
  });
}

/** Where to begin, what to do there, what that removes, and why it is this severe. */
function decisionLines(decision: Decision, view: View): string[] {
  const { first } = decision;
  const room = view.width - 2;
  const reach = reachBelow(first, view.width);
  const why = `why ${first.severity}${reach && `, ${reach}`}: ${reasonOf(decision)}`;
  return [
    ...headerLines(first, view),
    ...[...doing(decision, room), ...wrapCode(why, room)].map((line) => `  ${line}`),
  ];
}

/** What to do, and its effect. */
function doing(decision: Decision, room: number): string[] {
  const { first, places, files } = decision;
  const where = places === 1 ? '' : `${places} places${files === 1 ? '' : ` in ${count(files, 'file')}`}; `;
  return wrapCode(`${doThis(first)} (${where}${effectOf(decision)})`, room);
}

/** The first sentence of the fix; where that is too short to say of what it speaks, with what was found. */
function doThis({ task: written, message }: Finding): string {
  const task = visible(written);
  if (task.length > shortTask || task.includes('`')) return task;
  return [task, visible(message)].filter(Boolean).join(': ');
}

/** The worst of what follows, where that decides how severe it is; else what the rule says of the gain. */
function reasonOf({ first: { severity, why, consequences } }: Decision): string {
  const [worst] = consequences;
  return worst?.severity === severity ? `opens ${worst.rule}: ${visible(worst.message)}` : visible(firstSentence(why));
}

/** Counts by severity, and what is not among them. */
function countLines(report: Report, last: LastFindings, { style, width }: View): string[] {
  const { open, shown } = tallyOf(report);
  const counts = severities.flatMap((severity) => {
    const amount = open[severity];
    const text = `${amount} ${severity}`;
    return amount === 0 ? [] : [{ text, painted: style.severity[severity](text) }];
  });
  if (shown === 0) {
    const text = nothing(report);
    counts.push({ text, painted: style.strong(text) });
  }
  const asides = asidesOf(report, last);
  const left = counts.map(({ text }) => text).join('   ');
  const right = asides.join('   ');
  const painted = ` ${counts.map((part) => part.painted).join('   ')}`;
  if (right === '') return [painted];
  if (displayWidth(left) + displayWidth(right) + 9 <= width) return [`${painted}        ${right}`];
  if (displayWidth(right) + 1 <= width) return [painted, ` ${right}`];
  return [painted, ...asides.flatMap((aside) => wrap(aside, width - 1).map((line) => ` ${line}`))];
}

function asidesOf(report: Report, { acceptedByConfig: { amount, files } }: LastFindings): string[] {
  const asides: string[] = [];
  const { accepted } = tallyOf(report);
  if (accepted > 0) {
    const origin = amount > 0 ? ` (${amount} by ${files.map(visible).join(', ')})` : '';
    asides.push(`${accepted} suppressed${origin}`);
  }
  asides.push(...baselineWords(report).map(visible));
  if (report.hiddenBySeverity > 0)
    asides.push(`${report.hiddenBySeverity} more with --min-severity info${visible(byConfig(report, 'minSeverity'))}`);
  if (report.hiddenPedantic > 0) asides.push(`${report.hiddenPedantic} more with --pedantic`);
  return asides;
}

/** How often each rule found something, the most frequent first. */
function byRuleLines(plans: readonly PlannedDecision[], { verbose, width }: View): string[] {
  const places = new Map<string, number>();
  for (const {
    groups: [{ rule }],
    places: more,
  } of plans)
    places.set(rule, (places.get(rule) ?? 0) + more);
  if (places.size < 2) return [];
  const label = ' by rule: ';
  const indent = ' '.repeat(label.length);
  const entries = [...places].sort(([, a], [, b]) => b - a).map(([rule, amount]) => `${amount} ${rule}`);
  const lines = joinedLines(entries, width - label.length);
  const shown = verbose ? lines : lines.slice(0, ruleLines);
  const left = entries.length - shown.flat().length;
  return [
    ...shown.map((line, index) => (index === 0 ? label : indent) + line.join(', ')),
    ...(left > 0 ? [`${indent}and ${count(left, 'more rule')} (-v lists them)`] : []),
  ];
}

/** Entries in lines of at most `room` columns when joined by commas; none is broken. */
function joinedLines(entries: readonly string[], room: number): string[][] {
  const lines: string[][] = [];
  let used = room;
  for (const entry of entries) {
    used += entry.length + 2;
    if (used > room) {
      lines.push([]);
      used = entry.length;
    }
    lines.at(-1)?.push(entry);
  }
  return lines;
}

/** What was not seen, read, asked or decided, and what probes came to; --verbose has told the most of it above. */
function* coverageLines(report: Report, view: View): Generator<string> {
  const { coverage, rulesLeftOut } = report;
  const { unknown, mentions, notAsked, probed } = coverage;
  if (rulesLeftOut.length > 0) yield* hanging(' not all rules: ', rulesLeftOut.map(visible).join(' '), view.width);
  if (!view.verbose) {
    yield* list(
      'not seen: ',
      unknown,
      ({ message }) => message,
      view,
      ({ source, line }) => `${source}${line === undefined ? '' : `:${line}`}:`,
    );
    if (mentions.length > 0 && hasFindings(report))
      yield* hanging(' not read: ', `${unreadFiles(coverage)} (-v lists them)`, view.width);
  }
  if (notAsked.length > 0) yield* hanging(' not asked: ', notAsked.map(visible).join('; '), view.width);
  yield* list('probed: ', probed, (each) => each, view);
  if (!view.verbose) yield* undecidedLines(coverage, view);
}

function* undecidedLines({ inconclusive }: Coverage, view: View): Generator<string> {
  // That what runs was not compared with what is written is no detail of a rule.
  const comparisons = where(inconclusive, ({ rule }) => rule === comparison);
  yield* list('not compared: ', comparisons, ({ message }) => message, view);
  const rules = new Set<string>();
  for (const { rule } of inconclusive) if (rule !== comparison) rules.add(rule);
  const text = `${count(rules.size, 'rule')}, because something was not seen (-v lists them)`;
  if (rules.size > 0) yield* hanging(' undecided: ', text, view.width);
}

/** What those who wrote a config or policy decided, beside what comes of it. */
function configLines(report: Report, { width }: View): string[] {
  const words = configInWords(report);
  return words === undefined ? [] : hanging(' config: ', visible(words), width);
}

function exitLines(report: Report, { width }: View): string[] {
  const line = visible(gateLine(report));
  if (!hasFindings(report)) return hanging(' ', line, width);
  const more = 'Details: drone-audit explain RULE';
  if (line.length + more.length + 3 <= width) return [` ${line}. ${more}`];
  return [...hanging(' ', line, width), ` ${more}`];
}

/** Whether there are findings, suppressed ones included. */
function hasFindings(report: Report): boolean {
  const { shown, accepted, known } = tallyOf(report);
  return shown + accepted + known > 0;
}

/** Entries one below another after a label, each behind its place, which is never broken; only a few of them unless --verbose. */
function* list<T>(
  label: string,
  entries: Iterable<T>,
  show: (entry: T) => string,
  { width, verbose }: View,
  placeOf?: (entry: T) => string,
): Generator<string> {
  const { first, more } = firstOf(entries, verbose ? Number.POSITIVE_INFINITY : listed);
  const indent = ' '.repeat(label.length + 1);
  for (const [index, entry] of first.entries()) {
    const before = index === 0 ? ` ${label}` : indent;
    const place = visible(placeOf?.(entry) ?? '');
    const words = visible(show(entry));
    if (displayWidth(before + place) <= width) yield* hanging(before, `${place} ${words}`, width);
    else {
      yield before + place;
      yield* hanging(indent, words, width);
    }
  }
  if (more > 0) yield indent + andMore(more);
}
