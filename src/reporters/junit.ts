import { addTo, groupedBy } from '../model/groups.ts';
import { count } from '../model/prose.ts';
import { type Finding, isOld, type Report, type ReportedProblem } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { lineOf, positionOf } from '../model/source.ts';
import { entity, visible } from './escape.ts';
import { furtherInLine, furtherOf } from './further.ts';

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
  readonly result: () => string;
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

/** The most important first: what was not audited, findings by rank, files without open ones. */
function* casesOf(report: Report): Generator<Case> {
  const { findings, problems, sources, failOn } = report;
  const open = findings.filter(({ suppressed }) => !suppressed).toSorted((a, b) => b.rank - a.rank);
  const missed = problems.filter(({ incomplete }) => incomplete);
  const named = new Set([...open.map(({ at }) => at.source.name), ...missed.map(({ source }) => source)]);
  for (const problem of missed.slice(0, firstProblems)) yield errorOf(problem);
  for (const finding of open) yield caseOf(finding, failOn);
  for (const problem of missed.slice(firstProblems)) yield errorOf(problem);
  const closed = groupedBy(
    findings.filter(({ suppressed }) => suppressed),
    ({ at }) => at.source.name,
  );
  for (const { name } of sources) if (!named.has(name)) yield passed(name, closed.get(name) ?? [], report);
}

/** As many of the first as a reader takes, and before them how many there are besides. */
function fitting(cases: Iterable<Case>): readonly Case[] {
  const kept: Case[] = [];
  let bytes = 0;
  let left = 0;
  for (const each of cases) {
    if (left === 0 && kept.length < mostCases) bytes += bytesOf(each);
    if (left > 0 || kept.length === mostCases || bytes > mostBytes) left++;
    else kept.push(each);
  }
  return left > 0 ? [leftOut(left), ...kept] : kept;
}

/** At most so many, with what may tell a name from others and what may begin its suite. */
function bytesOf(each: Case): number {
  return Buffer.byteLength(element(each)) + Buffer.byteLength(attribute(each.file)) + 200;
}

/** `closed` are the findings of the file that are known or accepted. */
function passed(file: string, closed: readonly Finding[], { hiddenBySeverity }: Report): Case {
  const known = closed.filter(isOld).length;
  const accepted = closed.length - known;
  const counts = [...(known > 0 ? [`${known} known`] : []), ...(accepted > 0 ? [`${accepted} suppressed`] : [])];
  const what = known > 0 ? 'nothing new' : accepted > 0 ? 'nothing open' : 'nothing found';
  // Which files the less severe ones are in is not known.
  const told = hiddenBySeverity > 0 ? 'nothing shown' : what;
  const name = `${told} ${file}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`;
  return { name, file, fingerprint: '', result: () => '', kind: 'passed' };
}

/** Readers have no place for a remark but a case. */
function leftOut(amount: number): Case {
  const message = `${count(amount, 'further case')} left out: a report of JUnit cannot be larger. JSON has all of them.`;
  const result = (): string => `<skipped message="${attribute(message)}"/>`;
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
      result: () =>
        `<skipped message="${attribute(`below the gate: ${severity}: ${message}${furtherInLine(finding)}`)}"/>`,
    };
  return {
    ...found,
    kind: 'failed',
    result: () => {
      const told = [
        visible(`${file}:${line}`),
        visible(message),
        ...furtherLines(finding),
        why,
        `Fix: ${fix}`,
        `Fingerprint: ${fingerprint}`,
      ].join('\n\n');
      return `<failure type="${severity}" message="${attribute(message)}">${content(told)}</failure>`;
    },
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
    result: () => `<error type="${kind}" message="${attribute(message)}"/>`,
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
  const within = result();
  return within === '' ? `${start}/>` : `${start}>${within}</testcase>`;
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
