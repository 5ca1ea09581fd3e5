import type { Report } from '../../src/model/report.ts';
import type { ListedReport } from '../support/listed-report.ts';
import { passing } from '../support/passing.ts';
import { masked } from '../support/text.ts';

/** The report with lists that can only be passed over, and how often each was. */
export function streamed(of: Report): { readonly report: Report; readonly passes: Readonly<Record<string, number>> } {
  const passes: Record<string, number> = {};
  const list = <T>(name: string, items: Iterable<T>): readonly T[] =>
    passing(function* () {
      passes[name] = (passes[name] ?? 0) + 1;
      // What an item holds twice is one thing in its copy, too.
      for (const item of items) yield structuredClone(item);
    });
  const { findings, sources, population, coverage } = of;
  return {
    passes,
    report: {
      ...of,
      findings: list('findings', findings),
      sources: list('sources', sources),
      population: { ...population, pipelines: list('pipelines', population.pipelines) },
      coverage: {
        ...coverage,
        unknown: list('unknown', coverage.unknown),
        inconclusive: list('inconclusive', coverage.inconclusive),
      },
    },
  };
}

/** Files with these names as a report lists them, each with a pipeline. */
export function filesNamed(names: readonly string[]): Pick<ListedReport, 'sources' | 'population'> {
  return {
    sources: names.map((name) => ({
      ...{ name, form: 'drone', gave: { pipelines: 1 }, sha256: '0'.repeat(64), hashOf: 'original', bytes: 4 },
    })),
    population: {
      origins: [],
      repositories: 0,
      pipelines: names.map((name, index) => ({
        ...{ source: name, line: index + 1, name: masked('default'), type: masked('docker'), origin: '.' },
      })),
    },
  };
}
