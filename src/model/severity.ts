import type { Trust } from './site.ts';

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** By the scale of docs/severity.md: the weakest attacker who suffices, times what they gain. */
export type Severity = (typeof severities)[number];

export const confidences = ['high', 'medium', 'low'] as const;
/** high: a fact of parser or source; medium: depends on names or heuristics; low: a hint. */
export type Confidence = (typeof confidences)[number];

export function atLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold);
}

/** From which severity on findings fail an audit where nobody says it. */
export const usualFailOn = 'high';

/** How many there are of each severity. */
export function countBySeverity(all: Iterable<{ readonly severity: Severity }>): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of all) counts[severity]++;
  return counts;
}

/** How many there are of all severities together. */
export function totalOf(counts: Readonly<Record<Severity, number>>): number {
  return severities.reduce((total, severity) => total + counts[severity], 0);
}

/** The severity below one; `info` has none. */
export function oneStepLower(severity: Severity): Severity {
  return severities[severities.indexOf(severity) + 1] ?? severity;
}

/** Puts the most severe first. */
export function worstFirst(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return bySeverity(a.severity, b.severity);
}

/** Orders severities, the most severe first. */
export function bySeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}

export function atLeastConfident(confidence: Confidence, threshold: Confidence): boolean {
  return confidences.indexOf(confidence) <= confidences.indexOf(threshold);
}

/** In repositories that are not trusted, what the runner refuses there is merely a fact to know. */
export function trustSeverity(trust: Trust, severity: Severity): Severity {
  return trust === 'untrusted' ? 'info' : severity;
}
