import type { Report } from '../../src/model/report.ts';
import { passing } from '../support/passing.ts';

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
