import { count } from '../model/prose.ts';
import { type Coverage, exitStatus, type Report } from '../model/report.ts';
import { atLeast, severities, usualFailOn } from '../model/severity.ts';
import { byConfig, settingInWords } from './config-in-force.ts';
import { sourcesInAll } from './read-sources.ts';
import { tallyOf } from './tally.ts';

/** What to say where no finding is shown. Findings below --min-severity count for the exit status but are not in the report. */
export function nothing(report: Report): string {
  const { baseline, coverage, exitCode, hiddenBySeverity, problems } = report;
  const isIncomplete = problems.some(({ incomplete }) => incomplete);
  if (exitCode === 1 || hiddenBySeverity > 0) return 'nothing shown';
  const audited =
    coverage.files + coverage.containers + coverage.components + coverage.pipelines > 0 ||
    sourcesInAll(report).hasOthers;
  const unread = coverage.mentions.length > 0 ? `; ${unreadFiles(coverage)}` : '';
  if (!audited) return `nothing was audited${unread}`;
  if (baseline && baseline.known > 0) return `nothing new${isIncomplete ? ' in what was read' : ''}${unread}`;
  if (report.shard) return `nothing found in part ${report.shard.index} of ${report.shard.of}${unread}`;
  const isAll = !isIncomplete && unread === '' && !problems.some(({ kind }) => notLookedAt.has(kind));
  return isAll ? 'nothing found' : `nothing found in what was read${unread}`;
}

/** Problems of what was not looked at, whether or not it makes the audit incomplete. */
const notLookedAt: ReadonlySet<string> = new Set(['unreadable', 'too-large', 'binary']);

export function unreadFiles({ mentions }: Coverage): string {
  const one = mentions.length === 1;
  return `${count(mentions.length, 'file')} ${one ? 'mentions' : 'mention'} Drone and ${one ? 'was' : 'were'} not read`;
}

/** What the process ends with, and why: `exit 0: nothing at or above high`. */
export function gateLine(report: Report): string {
  const gate = report.exitZero ? ' (--exit-zero): the gate is off;' : ':';
  return `exit ${exitStatus(report)}${gate} ${verdict(report)}`;
}

/** The verdict where nothing else tells that a config keeps findings from being shown. */
export function verdictAlone(report: Report): string {
  const by = byConfig(report, 'minSeverity');
  const { hiddenBySeverity: hidden } = report;
  return verdict(report) + (hidden > 0 && by !== '' ? `; ${hidden} more with --min-severity info${by}` : '');
}

/** What the audit comes to at its gate, in words. */
export function verdict(report: Report): string {
  const { exitCode, failOn, problems } = report;
  const incomplete = problems.some((problem) => problem.incomplete);
  const threshold = thresholdOf(report);
  if (exitCode === 1) return `findings at or above ${threshold}${incomplete ? ', and the audit is incomplete' : ''}`;
  if (exitCode === 4) return 'a fault of drone-audit itself: see the problems above';
  const never = neverFails(report);
  if (exitCode === 3) {
    const why = incomplete
      ? 'incomplete: see the problems above'
      : 'the audit is complete, but an output could not be written';
    return never === undefined ? why : `${why}; ${never}`;
  }
  if (never !== undefined) return never;
  const { open } = tallyOf(report);
  const failing = severities.some((each) => open[each] > 0 && failOn !== 'never' && atLeast(each, failOn));
  return failing ? `findings at or above ${threshold} do not fail this audit` : `nothing at or above ${threshold}`;
}

/** Where no finding fails the audit, that this is so, and who says so. */
export function neverFails(report: Report): string | undefined {
  return report.failOn === 'never' ? `findings do not fail this audit (${thresholdSaidBy(report)})` : undefined;
}

/** From which severity on findings fail, and who says so unless it is usual: `low (failOn: low in drone-audit.yml)`. */
export function thresholdOf(report: Report): string {
  const saidBy = thresholdSaidBy(report);
  return report.failOn + (saidBy === undefined ? '' : ` (${saidBy})`);
}

/** A config may be written by those whose work is audited, so that nobody must take its word for that of the command line. */
function thresholdSaidBy({ config, failOn }: Report): string | undefined {
  return settingInWords(config, 'failOn') ?? (failOn === usualFailOn ? undefined : `--fail-on ${failOn}`);
}
