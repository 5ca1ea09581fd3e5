import { count } from '../model/prose.ts';
import type { Coverage, Report } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';

/** What to say where no finding is shown. Findings below --min-severity count for the exit status but are not in the report. */
export function nothing({ baseline, coverage, exitCode, hiddenBySeverity, problems, sources }: Report): string {
  if (exitCode === 1 || hiddenBySeverity > 0) return 'nothing shown';
  const audited =
    coverage.files + coverage.containers + coverage.components + coverage.pipelines > 0 ||
    sources.some(({ gave }) => (gave.others ?? 0) > 0);
  const unread = coverage.mentions.length > 0 ? `; ${unreadFiles(coverage)}` : '';
  if (!audited) return `nothing was audited${unread}`;
  if (baseline && baseline.known > 0) return `nothing new${exitCode === 3 ? ' in what was read' : ''}${unread}`;
  const isAll = exitCode !== 3 && unread === '' && !problems.some(({ kind }) => notLookedAt.has(kind));
  return isAll ? 'nothing found' : `nothing found in what was read${unread}`;
}

/** Problems of what was not looked at, whether or not it makes the audit incomplete. */
const notLookedAt: ReadonlySet<string> = new Set(['unreadable', 'too-large', 'binary']);

export function unreadFiles({ mentions }: Coverage): string {
  const one = mentions.length === 1;
  return `${count(mentions.length, 'file')} ${one ? 'mentions' : 'mention'} Drone and ${one ? 'was' : 'were'} not read`;
}

/** What the audit comes to at its gate, in words. */
export function verdict({ exitCode, failOn, findings, problems }: Report): string {
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
