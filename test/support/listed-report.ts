import type { Finding, Origin, Population, ReadSource, Report, SeenPipeline } from '../../src/model/report.ts';

/** A report whose lists are held, as they are when all is judged at once. */
export interface ListedReport extends Report {
  readonly findings: readonly Finding[];
  readonly sources: readonly ReadSource[];
  readonly population: Population & {
    readonly origins: readonly Origin[];
    readonly pipelines: readonly SeenPipeline[];
  };
}

/** The report of an audit that judged all at once. */
export function listed(report: Report): ListedReport {
  return report as ListedReport;
}
