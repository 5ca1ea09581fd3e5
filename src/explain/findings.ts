import type { FindingLink } from '../model/finding-link.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Finding } from '../model/report.ts';
import { positionOf } from '../model/source.ts';

/** The link to a finding, with what says where it is. */
export interface PlacedLink {
  readonly link: FindingLink;
  /** As it is shown: names in it are masked. */
  readonly path: string;
  /** Of its component or pipeline, as it is shown. */
  readonly label: string;
}

/** The open findings of an audit, and what they take with them when they are mended, in the order of a report. */
export const linksOf = memoizePer((findings: readonly Finding[]): readonly PlacedLink[] =>
  findings
    .filter(({ suppressed }) => !suppressed)
    .flatMap((finding) =>
      [finding, ...finding.consequences.filter(({ remains }) => remains === undefined)].map(
        ({ rule, severity, at, fingerprint }) => ({
          link: { rule, severity, file: at.source.name, ...positionOf(at.source, at.span.start), fingerprint },
          path: at.path,
          label: finding.label,
        }),
      ),
    ),
);
