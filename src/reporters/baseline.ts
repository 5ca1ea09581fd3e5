import type { Report, Suppression } from '../model/report.ts';

/** What a comparison came to: `12 known from the baseline`, `3 of the baseline are fixed`. */
export function baselineWords({ baseline }: Report): readonly string[] {
  if (!baseline) return [];
  const { kind, name, known, fixed } = baseline;
  const before = kind === 'file' ? 'the baseline' : name;
  const gone =
    kind === 'file' ? `${fixed} of the baseline ${fixed === 1 ? 'is' : 'are'} fixed` : `${fixed} fixed since`;
  return [`${known} known from ${before}`, ...(fixed > 0 ? [gone] : [])];
}

/** Why a finding does not count, and where that is said; a commit is named by the reason already. */
export function reasonWithPlace({ reason, where }: Pick<Suppression, 'reason' | 'where'>): string {
  return reason.endsWith(where) ? reason : `${reason} (${where})`;
}
