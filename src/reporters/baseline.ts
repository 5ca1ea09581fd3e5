import type { Finding, Report } from '../model/report.ts';

/** Whether a finding is only known, and nobody accepted it: reports for people count it and leave it out. */
export function isOld({ suppressed }: Finding): boolean {
  return suppressed?.by === 'baseline' && suppressed.accepted !== true;
}

/** Findings that somebody accepted. */
export function acceptedOf({ findings }: Report): readonly Finding[] {
  return findings.filter((finding) => finding.suppressed && !isOld(finding));
}

/** What a comparison came to: `12 known from the baseline`, `3 of the baseline are fixed`. */
export function baselineWords({ baseline }: Report): readonly string[] {
  if (!baseline) return [];
  const { kind, name, known, fixed } = baseline;
  const before = kind === 'file' ? 'the baseline' : name;
  const gone =
    kind === 'file' ? `${fixed} of the baseline ${fixed === 1 ? 'is' : 'are'} fixed` : `${fixed} fixed since`;
  return [`${known} known from ${before}`, ...(fixed > 0 ? [gone] : [])];
}
