import { Chalk } from 'chalk';
import { addTo } from '../model/groups.ts';
import { type Coverage, exitStatus, type Finding, type Report, type ReportedProblem } from '../model/report.ts';
import { atLeast, type Severity, severities, worstFirst } from '../model/severity.ts';
import { type Location, lineOf } from '../model/source.ts';
import { displayWidth, wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { type FrameLine, frame } from './frame.ts';
import { count, firstSentence, hanging, proseLines } from './prose.ts';

type Paint = (text: string) => string;

/** How parts of a text look; without colour, each returns the text unchanged. */
export interface Styles {
  readonly severity: Readonly<Record<Severity, Paint>>;
  readonly strong: Paint;
  readonly faint: Paint;
  readonly place: Paint;
}

/** The styles of everything that the tool prints for people, with or without colour. */
export function styles(color: boolean): Styles {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return {
    severity: {
      critical: (text) => chalk.red.bold.inverse(text),
      high: (text) => chalk.red.bold(text),
      medium: (text) => chalk.yellow.bold(text),
      low: (text) => chalk.blue.bold(text),
      info: (text) => chalk.cyan(text),
    },
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
    place: (text) => chalk.bold.underline(text),
  };
}

/** How something is written for people: `width` in columns of the terminal. */
export interface TextOptions {
  readonly color: boolean;
  readonly width: number;
  readonly verbose: boolean;
}

interface View extends TextOptions {
  readonly style: Styles;
  /** Why and fix of rules, formatted once. */
  readonly explanations: Map<string, readonly string[]>;
}

const bar = '  │ ';
/** How many places of one kind are listed without --verbose. */
const listed = 5;

/** The report for people: findings, worst first in each file and component, what was not seen, counts, exit status. */
export function textReport(report: Report, options: TextOptions): string {
  const width = Math.max(options.width, 40);
  const view: View = { ...options, width, style: styles(options.color), explanations: new Map() };
  const lines = [...head(report, view), ''];
  for (const file of groupBy(
    report.findings.filter((finding) => !finding.suppressed),
    (finding) => finding.at.source.name,
  ))
    for (const line of fileLines(file, view)) lines.push(line);
  const problems = problemLines(report.problems, view);
  return `${[...lines, ...problems, ...(problems.length > 0 ? [''] : []), ...footLines(report, view)].join('\n')}\n`;
}

function head(report: Report, view: View): string[] {
  const { files, pipelines, containers, components } = report.coverage;
  const parts = [`${report.tool.name} ${report.tool.version}`, count(files, 'file')];
  if (pipelines > 0) parts.push(count(pipelines, 'pipeline'));
  if (containers > 0) parts.push(count(containers, 'container'));
  else if (components > 0) parts.push(count(components, 'component'));
  return wrap(parts.join(' · '), view.width).map(view.style.strong);
}

/** All findings of one file by component, the worst first in each. */
function fileLines(findings: readonly Finding[], view: View): string[] {
  const lines: string[] = [];
  /** Rules that this file's part has already explained, with the line. */
  const explained = new Map<string, number>();
  for (const component of groupBy(findings, (finding) => finding.label)) {
    const first = component[0];
    if (!first) continue;
    lines.push(...placeLines(first, view), '');
    const sorted = component.toSorted(worstFirst);
    for (const alike of groupBy(sorted, (finding) => `${finding.severity} ${finding.rule}`)) {
      const [finding, ...more] = alike;
      if (!finding) continue;
      const knownAt = explained.get(finding.rule);
      explained.set(finding.rule, knownAt ?? lineOf(finding.at));
      for (const line of findingLines(finding, more, knownAt, view)) lines.push(line);
      lines.push('');
    }
  }
  return lines;
}

function placeLines({ at, label }: Finding, { width, style }: View): string[] {
  const name = visible(at.source.name);
  const component = label === at.source.name ? '' : visible(label);
  if (displayWidth(name) + 2 + displayWidth(component) <= width)
    return [`${style.place(name)}  ${component}`.trimEnd()];
  return [...wrap(name, width).map(style.place), ...wrap(component, width - 2).map((line) => `  ${line}`)];
}

/** One finding; `more` are others of its rule in its component, `knownAt` is the line that explains the rule. */
function findingLines(finding: Finding, more: readonly Finding[], knownAt: number | undefined, view: View): string[] {
  const { width, style } = view;
  const room = width - bar.length;
  const body: string[] = [];
  const reach = finding.reach === undefined ? '' : `open to ${visible(finding.reach)}`;
  const line = `line ${lineOf(finding.at)}`;
  const title = `  ${finding.severity.toUpperCase().padEnd(8)}  ${finding.rule}`;
  const fits = displayWidth(title) + displayWidth(reach) + line.length + 8 <= width;
  const right = reach !== '' && fits ? `${reach}    ${line}` : line;
  const gap = ' '.repeat(Math.max(2, width - displayWidth(title) - displayWidth(right)));
  const header = `  ${style.severity[finding.severity](finding.severity.toUpperCase())}${' '.repeat(8 - finding.severity.length)}  ${style.strong(finding.rule)}${gap}${right}`;

  const doubt = finding.confidence === 'high' ? '' : ` (confidence: ${finding.confidence})`;
  body.push(...wrap(visible(finding.message) + doubt, room));
  if (reach !== '' && !fits) body.push(...wrap(reach, room));

  const short = knownAt !== undefined;
  if (!short) body.push('');
  body.push(...frameLines(frame(finding.at, room - 10, !short), style.severity[finding.severity], view));
  if (!short) body.push('');

  if (knownAt === undefined) {
    body.push(...explanation(finding, room, view));
  } else {
    body.push(style.faint(`why and fix: see line ${knownAt}`));
  }
  const all = [
    ...body,
    ...consequenceLines(finding, room, view),
    ...relatedLines(finding, room, view),
    ...moreLines(finding, more, room, view),
  ];
  return [header, ...all.map((text) => (text === '' ? style.faint(bar.trimEnd()) : style.faint(bar) + text))];
}

function explanation({ rule, why, fix }: Finding, room: number, { verbose, explanations }: View): readonly string[] {
  const cached = explanations.get(rule);
  if (cached) return cached;
  const lines = [...proseLines(verbose ? why : firstSentence(why), room), ...fixLines(fix, room)];
  explanations.set(rule, lines);
  return lines;
}

function frameLines(lines: readonly FrameLine[], paint: Paint, { style }: View): string[] {
  const digits = Math.max(3, ...lines.map(({ line }) => String(line).length));
  return lines.flatMap(({ line, text, mark }) => {
    const quoted = `${style.faint(`${String(line).padStart(digits)} │`)} ${text}`;
    if (!mark) return [quoted];
    const carets = paint('^'.repeat(mark.to - mark.from));
    return [quoted, `${' '.repeat(digits)} ${style.faint('│')} ${' '.repeat(mark.from)}${carets}`];
  });
}

function fixLines(fix: string, room: number): string[] {
  const lines = proseLines(fix, room - 5);
  if (fix.trimStart().startsWith('```')) return ['Fix:', ...lines];
  return lines.map((line, index) => (index === 0 ? `Fix: ${line}` : `     ${line}`));
}

/** What the same condition opens: its fix removes it, or leaves a finding that is less severe. */
function consequenceLines({ consequences, at }: Finding, room: number, { verbose }: View): string[] {
  const places = verbose ? consequences : consequences.slice(0, listed);
  const lines = places.flatMap(({ rule, severity, message, at: place }) =>
    hanging('opens: ', `${severity} ${rule}: ${visible(message)}, ${whereFrom(place, at)}`, room),
  );
  if (places.length < consequences.length)
    lines.push(`       and ${consequences.length - places.length} more (-v lists them)`);
  return lines;
}

/** A place, as it is told beside another. */
function whereFrom(place: Location, other: Location): string {
  const line = lineOf(place);
  return place.source.name === other.source.name ? `line ${line}` : `${visible(place.source.name)}:${line}`;
}

function relatedLines({ related, at }: Finding, room: number, { verbose }: View): string[] {
  const places = verbose ? related : related.slice(0, listed);
  const lines = places.flatMap((place) =>
    hanging('also: ', `${visible(place.message)}, ${whereFrom(place.at, at)}`, room),
  );
  if (places.length < related.length) lines.push(`      and ${related.length - places.length} more (-v lists them)`);
  return lines;
}

/** Further places of the same rule in the same component; what they share with the first is not repeated. */
function moreLines(first: Finding, more: readonly Finding[], room: number, { verbose, style }: View): string[] {
  if (more.length === 0) return [];
  const places = verbose ? more : more.slice(0, listed);
  const digits = places.reduce((most, { at }) => Math.max(most, String(lineOf(at)).length), 0);
  const lines = places.flatMap((finding) => {
    const reach =
      finding.reach === undefined || finding.reach === first.reach ? '' : `, open to ${visible(finding.reach)}`;
    return hanging(`  line ${String(lineOf(finding.at)).padStart(digits)}  `, visible(finding.message) + reach, room);
  });
  if (places.length < more.length) lines.push(style.faint(`  and ${more.length - places.length} more (-v lists them)`));
  return ['', 'the same in this component:', ...lines];
}

function problemLines(problems: readonly ReportedProblem[], view: View): string[] {
  if (problems.length === 0) return [];
  const shown = view.verbose ? problems : problems.slice(0, 4 * listed);
  const lines = shown.flatMap((problem) => {
    const where = [visible(problem.source), problem.line, problem.line && problem.column].filter(Boolean).join(':');
    return hanging(problem.incomplete ? '  ERROR  ' : '  note   ', `${where}: ${visible(problem.message)}`, view.width);
  });
  if (shown.length < problems.length) lines.push(`  and ${problems.length - shown.length} more (-v lists them)`);
  return [view.style.strong('problems'), '', ...lines];
}

function footLines(report: Report, view: View): string[] {
  const { coverage } = report;
  const lines = [...summaryLines(report, view)];
  if (view.verbose) for (const line of suppressedLines(report, view)) lines.push(line);

  const unseen = coverage.unknown.map(
    ({ source, line, message }) => `${visible(source)}${line === undefined ? '' : `:${line}`}: ${visible(message)}`,
  );
  for (const line of list('not seen: ', unseen, view)) lines.push(line);
  if (view.verbose) {
    const mentions = coverage.mentions.map(({ source, line, what }) => `${visible(source)}:${line}: ${what}`);
    for (const line of list('not read: ', mentions, view)) lines.push(line);
  } else if (coverage.mentions.length > 0 && report.findings.length > 0)
    lines.push(...hanging(' not read: ', `${unreadFiles(coverage)} (-v lists them)`, view.width));
  if (coverage.notAsked.length > 0)
    lines.push(...hanging(' not asked: ', coverage.notAsked.map(visible).join('; '), view.width));
  if (coverage.inconclusive.length > 0) {
    if (view.verbose) {
      const undecided = coverage.inconclusive.map(
        ({ rule, source, line, message }) => `${visible(source)}:${line}: ${rule}: ${visible(message)}`,
      );
      for (const line of list('undecided: ', undecided, view)) lines.push(line);
    } else {
      const rules = new Set(coverage.inconclusive.map(({ rule }) => rule));
      const undecided = `${count(rules.size, 'rule')}, because something was not seen (-v lists them)`;
      lines.push(...hanging(' undecided: ', undecided, view.width));
    }
  }
  const gate = report.exitZero ? ' (--exit-zero): the gate is off;' : ':';
  const verdictLine = `exit ${exitStatus(report)}${gate} ${verdict(report)}`;
  const more = report.findings.length > 0 ? 'Details: drone-audit explain RULE' : '';
  if (more !== '' && verdictLine.length + more.length + 3 <= view.width) lines.push(` ${verdictLine}. ${more}`);
  else lines.push(...hanging(' ', verdictLine, view.width), ...(more === '' ? [] : [` ${more}`]));
  return lines;
}

function summaryLines(report: Report, { style, width }: View): string[] {
  const shown = report.findings.filter(({ suppressed }) => !suppressed);
  const suppressed = report.findings.length - shown.length;
  const counts: { text: string; painted: string }[] = [];
  for (const severity of severities) {
    const amount = shown.filter((finding) => finding.severity === severity).length;
    if (amount > 0)
      counts.push({ text: `${amount} ${severity}`, painted: style.severity[severity](`${amount} ${severity}`) });
  }
  if (shown.length === 0) {
    const text = nothing(report);
    counts.push({ text, painted: style.strong(text) });
  }
  const asides: string[] = [];
  if (suppressed > 0) {
    const byConfig = report.config?.suppressed ?? 0;
    const origin = report.config && byConfig > 0 ? ` (${byConfig} by ${visible(report.config.name)})` : '';
    asides.push(`${suppressed} suppressed${origin}`);
  }
  if (report.config && report.config.excluded > 0) asides.push(`${count(report.config.excluded, 'file')} left out`);
  if (report.config && report.config.accepted > 0) asides.push(`${count(report.config.accepted, 'problem')} accepted`);
  if (report.hiddenBySeverity > 0) asides.push(`${report.hiddenBySeverity} less severe`);
  if (report.hiddenPedantic > 0) asides.push(`${report.hiddenPedantic} more with --pedantic`);
  const left = counts.map(({ text }) => text).join('   ');
  const right = asides.join('   ');
  const painted = ` ${counts.map((part) => part.painted).join('   ')}`;
  if (right === '') return [painted];
  if (displayWidth(left) + displayWidth(right) + 9 <= width) return [`${painted}        ${right}`];
  return [painted, ...asides.flatMap((aside) => wrap(aside, width - 1).map((line) => ` ${line}`))];
}

/** Why no finding is shown. Findings below --min-severity count for the exit status but are not in the report. */
function nothing({ coverage, exitCode, hiddenBySeverity, problems }: Report): string {
  if (exitCode === 1 || hiddenBySeverity > 0) return 'nothing shown';
  const audited = coverage.files + coverage.containers + coverage.components + coverage.pipelines > 0;
  const unread = coverage.mentions.length > 0 ? `; ${unreadFiles(coverage)}` : '';
  if (!audited) return `nothing was audited${unread}`;
  const isAll = exitCode !== 3 && unread === '' && !problems.some(({ kind }) => notLookedAt.has(kind));
  return isAll ? 'nothing found' : `nothing found in what was read${unread}`;
}

/** Problems of what was not looked at, whether or not it makes the audit incomplete. */
const notLookedAt: ReadonlySet<string> = new Set(['unreadable', 'too-large', 'binary']);

function unreadFiles({ mentions }: Coverage): string {
  const one = mentions.length === 1;
  return `${count(mentions.length, 'file')} ${one ? 'mentions' : 'mention'} Drone and ${one ? 'was' : 'were'} not read`;
}

function suppressedLines(report: Report, view: View): string[] {
  const entries = report.findings.flatMap(({ rule, at, suppressed }) =>
    suppressed
      ? [
          `${visible(at.source.name)}:${lineOf(at)}: ${rule}: ${visible(suppressed.reason)} (${visible(suppressed.where)})`,
        ]
      : [],
  );
  return list('suppressed: ', entries, view);
}

function verdict({ exitCode, failOn, findings, problems }: Report): string {
  const incomplete = problems.some((problem) => problem.incomplete);
  if (exitCode === 1) return `findings at or above ${failOn}${incomplete ? ', and the audit is incomplete' : ''}`;
  if (exitCode === 4) return 'a fault of drone-audit itself: see the problems above';
  const never = 'findings do not fail this audit (--fail-on never)';
  if (exitCode === 3) {
    const why = incomplete ? 'incomplete: see the problems above' : 'an output could not be written';
    return failOn === 'never' ? `${why}; ${never}` : why;
  }
  if (failOn === 'never') return never;
  const failing = findings.some((finding) => !finding.suppressed && atLeast(finding.severity, failOn));
  return failing ? `findings at or above ${failOn} do not fail this audit` : `nothing at or above ${failOn}`;
}

/** Entries one below another after a label; only a few of them unless --verbose. */
function list(label: string, entries: readonly string[], { width, verbose }: View): string[] {
  const shown = verbose ? entries : entries.slice(0, listed);
  const indent = ' '.repeat(label.length + 1);
  const lines = shown.flatMap((entry, index) => hanging(index === 0 ? ` ${label}` : indent, entry, width));
  if (shown.length < entries.length) lines.push(`${indent}and ${entries.length - shown.length} more (-v lists them)`);
  return lines;
}

/** Groups items by key, in the order in which the keys first occur. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) addTo(groups, key(item), item);
  return [...groups.values()];
}
