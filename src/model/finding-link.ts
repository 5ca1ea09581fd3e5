import type { Severity } from './severity.ts';

/** A finding of the same audit, as views refer to it. Lines and columns from 1. */
export interface FindingLink {
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly fingerprint: string;
}
