import { addTo, groupedBy } from '../model/groups.ts';
import { where } from '../model/iterables.ts';
import { count } from '../model/prose.ts';
import { byRank } from '../model/rank.ts';
import { type Finding, isOld, type Report, type ReportedProblem } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { lineOf, positionOf } from '../model/source.ts';
import { entity, visible } from './escape.ts';
import { furtherInLine, furtherOf } from './further.ts';
import { numbered } from './passes.ts';
import { isOpen } from './tally.ts';

/* JUnit's XML as GitLab and Jenkins read it (gitlabhq lib/gitlab/ci/parsers/test/junit.rb; Jenkins' junit-10.xsd). */

/** GitLab refuses a file of more than 30 MB or 250,000 objects of XML (elements, attributes and texts; a case has ten at most). */
const mostBytes = 28_000_000;
const mostCases = 24_000;
/** So many problems come before all findings, and the others behind them: neither may take all the room. */
const firstProblems = 2000;
/** So many places are listed with a finding. */
const mostFurther = 20;

interface Case {
  readonly file: string;
  readonly line?: number;
  readonly name: string;
  /** Tells cases of one name apart. */
  readonly fingerprint: string;
  readonly kind: 'passed' | 'failed' | 'skipped' | 'error';
  /** The element within, ready to be written; empty for a case that passes. */
  readonly result: string;
}

/**
 * One suite a file. Findings at or above the gate fail, the others are skipped; problems that make the audit incomplete are
 * errors; a file with nothing to fail for passes. What is more than GitLab takes is left out, the least severe first, and counted
 * in a case of its own. Made while it is written.
 */
export function* junitReport(report: Report): Generator<string> {
  const told = fitting(casesOf(report));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="drone-audit" ${counts(told).replace(/ skipped=.*/, '')}>\n`;
  for (const [file, cases] of groupedBy(told, (each) => each.file)) {
    yield `  <testsuite name="${attribute(file)}" ${counts(cases)}>\n`;
    for (const each of distinctlyNamed(cases)) yield `    ${element(each)}\n`;
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}

/**
 * The most important first: what was not audited, findings by rank, files without open ones. In place of a case that has no
 * room in any case stands that it has none.
 */
function* casesOf(report: Report): Generator<Case | 'no room'> {
  const { findings, problems, sources, failOn } = report;
  const ranks: number[] = [];
  const named = new Set<string>();
  const closed = new Map<string, Closed>();
  for (const finding of findings) {
    const { name } = finding.at.source;
    if (isOpen(finding)) {
      ranks.push(finding.rank);
      named.add(name);
    } else {
      const { known, accepted } = closed.get(name) ?? nothingClosed;
      closed.set(name, isOld(finding) ? { known: known + 1, accepted } : { known, accepted: accepted + 1 });
    }
  }
  const missed = problems.filter(({ incomplete }) => incomplete);
  for (const { source } of missed) named.add(source);
  for (const problem of missed.slice(0, firstProblems)) yield errorOf(problem);
  yield* rankedCases(where(findings, isOpen), ranks, failOn);
  for (const problem of missed.slice(firstProblems)) yield errorOf(problem);
  for (const { name } of sources) if (!named.has(name)) yield passed(name, closed.get(name) ?? nothingClosed, report);
}

/** The cases of findings, by their ranks; only as many are kept as have room where nothing else is. */
function* rankedCases(
  findings: Iterable<Finding>,
  ranks: readonly number[],
  failOn: Report['failOn'],
): Generator<Case | 'no room'> {
  const placeOf = new Map(
    byRank(ranks)
      .slice(0, mostCases)
      .map((number, place) => [number, place]),
  );
  const cases = Array.from(placeOf, (): Case | 'no room' => 'no room');
  let bytes = 0;
  for (const [number, finding] of numbered(findings)) {
    const place = placeOf.get(number);
    if (place === undefined || place >= cases.length) continue;
    const each = caseOf(finding, failOn);
    cases[place] = each;
    bytes += bytesOf(each);
    if (bytes > 2 * mostBytes) bytes = shorten(cases);
  }
  yield* cases;
  for (let rest = cases.length; rest < ranks.length; rest++) yield 'no room';
}

/**
 * Drops the cases behind those that fill a report already, however few of these are there yet, and says how many bytes the
 * others take.
 */
function shorten(cases: (Case | 'no room')[]): number {
  let bytes = 0;
  for (const [place, each] of cases.entries()) {
    if (bytes > mostBytes) {
      cases.length = place;
      break;
    }
    if (each !== 'no room') bytes += bytesOf(each);
  }
  return bytes;
}

/** As many of the first as a reader takes, and before them how many there are besides. */
function fitting(cases: Iterable<Case | 'no room'>): readonly Case[] {
  const kept: Case[] = [];
  let bytes = 0;
  let left = 0;
  for (const each of cases) {
    if (left === 0 && each !== 'no room' && kept.length < mostCases) bytes += bytesOf(each);
    if (left > 0 || each === 'no room' || kept.length === mostCases || bytes > mostBytes) left++;
    else kept.push(each);
  }
  return left > 0 ? [leftOut(left), ...kept] : kept;
}

/** At most so many, with what may tell a name from others and what may begin its suite. */
function bytesOf(each: Case): number {
  return Buffer.byteLength(element(each)) + Buffer.byteLength(attribute(each.file)) + 200;
}

/** How many findings of a file are known, and how many accepted. */
interface Closed {
  readonly known: number;
  readonly accepted: number;
}

const nothingClosed: Closed = { known: 0, accepted: 0 };

function passed(file: string, { known, accepted }: Closed, { hiddenBySeverity }: Report): Case {
  const counts = [...(known > 0 ? [`${known} known`] : []), ...(accepted > 0 ? [`${accepted} suppressed`] : [])];
  const what = known > 0 ? 'nothing new' : accepted > 0 ? 'nothing open' : 'nothing found';
  // Which files the less severe ones are in is not known.
  const told = hiddenBySeverity > 0 ? 'nothing shown' : what;
  const name = `${told} ${file}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`;
  return { name, file, fingerprint: '', result: '', kind: 'passed' };
}

/** Readers have no place for a remark but a case. */
function leftOut(amount: number): Case {
  const message = `${count(amount, 'further case')} left out: a report of JUnit cannot be larger. JSON has all of them.`;
  const result = `<skipped message="${attribute(message)}"/>`;
  return { name: 'left out', file: 'drone-audit', fingerprint: '', result, kind: 'skipped' };
}

function caseOf(finding: Finding, failOn: Report['failOn']): Case {
  const { rule, severity, message, at, why, fix, fingerprint } = finding;
  const { line } = positionOf(at.source, at.span.start);
  const file = at.source.name;
  const found = { name: `${rule} ${file}:${line}`, file, line, fingerprint } as const;
  if (failOn === 'never' || !atLeast(severity, failOn))
    return {
      ...found,
      kind: 'skipped',
      result: `<skipped message="${attribute(`below the gate: ${severity}: ${message}${furtherInLine(finding)}`)}"/>`,
    };
  const told = [
    visible(`${file}:${line}`),
    visible(message),
    ...furtherLines(finding),
    why,
    `Fix: ${fix}`,
    `Fingerprint: ${fingerprint}`,
  ].join('\n\n');
  return {
    ...found,
    kind: 'failed',
    result: `<failure type="${severity}" message="${attribute(message)}">${content(told)}</failure>`,
  };
}

/** What the finding opens and where else it shows, a line for each. */
function furtherLines(finding: Finding): readonly string[] {
  const further = furtherOf(finding);
  const lines = further
    .slice(0, mostFurther)
    .map(({ at, words }) => visible(`${at.source.name}:${lineOf(at)}: ${words}`));
  if (further.length > mostFurther) lines.push(`and ${further.length - mostFurther} more`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function errorOf({ kind, source, line, message }: ReportedProblem): Case {
  return {
    name: `not audited: ${kind} ${source}${line === undefined ? '' : `:${line}`}`,
    ...{ file: source, line, fingerprint: '', kind: 'error' },
    result: `<error type="${kind}" message="${attribute(message)}"/>`,
  };
}

/** GitLab keeps one case of a name: of several, each gets its fingerprint, and its number where that is the same, too. */
function* distinctlyNamed(cases: readonly Case[]): Generator<Case> {
  const named = groupedBy(cases, ({ name }) => name);
  const seen = new Map<string, Case[]>();
  for (const each of cases) {
    const isAlone = named.get(each.name)?.length === 1;
    const name = isAlone || each.fingerprint === '' ? each.name : `${each.name} ${each.fingerprint}`;
    addTo(seen, name, each);
    const nth = seen.get(name)?.length ?? 1;
    yield { ...each, name: nth === 1 ? name : `${name} (${nth})` };
  }
}

function counts(cases: readonly Case[]): string {
  const of = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function element({ name, file, line, result }: Case): string {
  const at = line === undefined ? '' : ` line="${line}"`;
  const start = `<testcase classname="drone-audit" name="${attribute(name)}" file="${attribute(file)}"${at}`;
  return result === '' ? `${start}/>` : `${start}>${result}</testcase>`;
}

function content(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(line))
    .join('\n')
    .replace(/[&<>"']/g, entity);
}

/** On one line: what is written as `&#10;` is a line of its own again for whoever prints it. */
function attribute(text: string): string {
  return content(visible(text));
}
