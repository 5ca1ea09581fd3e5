import { createHash } from 'node:crypto';
import { where } from '../model/iterables.ts';
import type { Report, ReportedProblem } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { positionOf } from '../model/source.ts';
import { Each, safeJsonChunks, visible } from './escape.ts';
import { furtherInLine } from './further.ts';
import { isOpen } from './tally.ts';

/** gitlabhq lib/gitlab/ci/reports/codequality_reports.rb, json_schemas/codeclimate.json */
type Level = 'blocker' | 'critical' | 'major' | 'minor' | 'info';

const levels: Readonly<Record<Severity, Level>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
};

interface Entry {
  readonly type: 'issue';
  readonly check_name: string;
  readonly description: string;
  readonly severity: Level;
  /** Entries of one fingerprint are kept once, so each has its own. */
  readonly fingerprint: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number; readonly end: number } };
}

/**
 * A report of GitLab's Code Quality, all that was found and what could not be seen. GitLab compares it with that of the
 * target branch, so that both must run it.
 */
export function gitlabReport(report: Report): Iterable<string> {
  return safeJsonChunks(new Each(entriesOf(report)));
}

function* entriesOf(report: Report): Generator<Entry> {
  const seen = new Map<string, number>();
  /** What was there already is told apart by how often. */
  const own = (fingerprint: string): string => {
    const before = seen.get(fingerprint) ?? 0;
    seen.set(fingerprint, before + 1);
    return before === 0 ? fingerprint : `${fingerprint}-${before + 1}`;
  };
  for (const finding of where(report.findings, isOpen)) {
    const { rule, message, severity, fingerprint, at } = finding;
    const begin = positionOf(at.source, at.span.start).line;
    const end = Math.max(begin, positionOf(at.source, at.span.end).line);
    yield {
      type: 'issue',
      check_name: rule,
      description: visible(message) + furtherInLine(finding),
      severity: levels[severity],
      fingerprint: own(fingerprint),
      location: { path: pathOf(at.source.name), lines: { begin, end } },
    };
  }
  for (const problem of report.problems) if (problem.incomplete) yield entryOf(problem, own);
}

/** What could not be looked at is as much a result as what was found. */
function entryOf({ kind, source, line = 1, message }: ReportedProblem, own: (fingerprint: string) => string): Entry {
  return {
    type: 'issue',
    check_name: `incomplete-${kind}`,
    description: `not audited: ${visible(message)}`,
    severity: 'major',
    // Not of the message, whose words may change, and which may quote what was read.
    fingerprint: own(createHash('sha256').update(`${kind}\0${source}`).digest('hex').slice(0, 16)),
    location: { path: pathOf(source), lines: { begin: line, end: line } },
  };
}

/** GitLab takes paths as they are within the repository, and has none for what lies outside. */
function pathOf(name: string): string {
  return visible(name).replace(/^(?:\.{0,2}\/)+/, '');
}
