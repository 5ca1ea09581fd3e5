import type { Finding, Report, ReportedProblem } from '../model/report.ts';
import type { Standards } from '../model/rule.ts';
import type { Severity } from '../model/severity.ts';
import { type Location, positionOf } from '../model/source.ts';
import { safeJson } from './escape.ts';

/**
 * The report as schemas/report.schema.json describes it, in the order of its findings. Scripts depend on it: fields are
 * added, never changed.
 */
export function jsonReport(report: Report): string {
  const { tool, coverage, config } = report;
  const shown = report.findings.filter((finding) => !finding.suppressed);
  const json = {
    version: 1,
    tool: { name: tool.name, version: tool.version },
    summary: {
      ...countBySeverity(shown),
      suppressed: report.findings.length - shown.length,
      hiddenBySeverity: report.hiddenBySeverity,
      hiddenPedantic: report.hiddenPedantic,
      failOn: report.failOn,
      exitCode: report.exitCode,
      config: config ? { file: config.name, suppressed: config.suppressed } : null,
    },
    findings: shown.map(jsonFinding),
    problems: report.problems.map(jsonProblem),
    coverage: {
      ...coverage,
      unknown: coverage.unknown.map(({ source, line, message }) => ({ file: source, line: line ?? null, message })),
      inconclusive: coverage.inconclusive.map(({ rule, source, line, message }) => ({
        rule,
        file: source,
        line,
        message,
      })),
    },
    suppressed: report.findings.flatMap((finding) =>
      finding.suppressed ? [{ ...jsonFinding(finding), suppression: finding.suppressed }] : [],
    ),
  };
  return safeJson(json);
}

/** The standards of a rule or finding, every key present. */
export function jsonStandards({ owasp, cisDocker, cwe }: Standards) {
  return {
    owasp: owasp ?? [],
    cisDocker: cisDocker ? { version: cisDocker.version, ids: cisDocker.ids } : null,
    cwe: cwe ?? [],
  };
}

function jsonFinding(finding: Finding) {
  return {
    rule: finding.rule,
    severity: finding.severity,
    confidence: finding.confidence,
    title: finding.title,
    message: finding.message,
    why: finding.why,
    fix: finding.fix,
    ...place(finding.at),
    reach: finding.reach ?? null,
    related: finding.related.map(({ at, message }) => ({ ...place(at), message })),
    standards: jsonStandards(finding.standards),
    fingerprint: finding.fingerprint,
  };
}

/** Lines and columns start at 1, columns count UTF-16 units, the end is exclusive. */
function place({ source, span, path }: Location) {
  const start = positionOf(source, span.start);
  const end = positionOf(source, span.end);
  return {
    file: source.name,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    path,
  };
}

function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** A problem as all JSON of the tool has it. */
export function jsonProblem({ kind, source, line, column, message, incomplete }: ReportedProblem) {
  return { kind, file: source, line: line ?? null, column: column ?? null, message, incomplete };
}
