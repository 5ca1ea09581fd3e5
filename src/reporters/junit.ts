import type { Finding, Report, ReportedProblem } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { positionOf } from '../model/source.ts';
import { entity, visible } from './escape.ts';

/* JUnit's XML as GitLab and Jenkins read it (gitlabhq lib/gitlab/ci/parsers/test/junit.rb; Jenkins' junit-10.xsd). */

interface Case {
  readonly name: string;
  readonly file: string;
  readonly line?: number;
  /** The element within, ready to be written; empty for a case that passes. */
  readonly result: string;
  readonly kind: 'passed' | 'failed' | 'skipped' | 'error';
}

/**
 * One suite a file. Findings at or above the gate fail, the others are skipped; problems that make the audit incomplete are
 * errors; a file with nothing found passes.
 */
export function* junitReport(report: Report): Generator<string> {
  const suites = suitesOf(report);
  const all = [...suites.values()].flat();
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="drone-audit" ${counts(all).replace(/ skipped=.*/, '')}>\n`;
  for (const [file, cases] of suites) {
    yield `  <testsuite name="${attribute(file)}" ${counts(cases)}>\n`;
    for (const each of distinctlyNamed(cases)) {
      const at = each.line === undefined ? '' : ` line="${each.line}"`;
      const start = `    <testcase classname="drone-audit" name="${attribute(each.name)}" file="${attribute(each.file)}"${at}`;
      yield each.result === '' ? `${start}/>\n` : `${start}>${each.result}</testcase>\n`;
    }
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}

function suitesOf(report: Report): ReadonlyMap<string, readonly Case[]> {
  const suites = new Map<string, Case[]>();
  const add = (one: Case): void => {
    const cases = suites.get(one.file);
    if (cases) cases.push(one);
    else suites.set(one.file, [one]);
  };
  for (const { name } of report.sources) suites.set(name, []);
  for (const finding of report.findings) if (!finding.suppressed) add(caseOf(finding, report.failOn));
  for (const problem of report.problems) if (problem.incomplete) add(errorOf(problem));
  for (const [file, cases] of suites)
    if (cases.length === 0) cases.push({ name: `nothing found ${file}`, file, result: '', kind: 'passed' });
  return suites;
}

function caseOf({ rule, severity, message, at, why, fix, fingerprint }: Finding, failOn: Report['failOn']): Case {
  const { line } = positionOf(at.source, at.span.start);
  const file = at.source.name;
  const name = `${rule} ${file}:${line}`;
  if (failOn === 'never' || !atLeast(severity, failOn))
    return {
      ...{ name, file, line, kind: 'skipped' },
      result: `<skipped message="${attribute(`below the gate: ${severity}: ${message}`)}"/>`,
    };
  const told = [`${file}:${line}`, message, why, `Fix: ${fix}`, `Fingerprint: ${fingerprint}`].join('\n\n');
  return {
    ...{ name, file, line, kind: 'failed' },
    result: `<failure type="${severity}" message="${attribute(message)}">${content(told)}</failure>`,
  };
}

function errorOf({ kind, source, line, message }: ReportedProblem): Case {
  const name = `not audited: ${kind} ${source}${line === undefined ? '' : `:${line}`}`;
  const result = `<error type="${kind}" message="${attribute(message)}"/>`;
  return { name, file: source, line, kind: 'error', result };
}

/** GitLab keeps one case of a name, so that of several each gets its number. */
function* distinctlyNamed(cases: readonly Case[]): Generator<Case> {
  const seen = new Map<string, number>();
  for (const each of cases) {
    const before = seen.get(each.name) ?? 0;
    seen.set(each.name, before + 1);
    yield before === 0 ? each : { ...each, name: `${each.name} (${before + 1})` };
  }
}

function counts(cases: readonly Case[]): string {
  const of = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function content(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(line))
    .join('\n')
    .replace(/[&<>"']/g, entity)
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}

function attribute(text: string): string {
  return content(text).replaceAll('\n', '&#10;');
}
