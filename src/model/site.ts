/** What a repository's trusted flag is assumed to be (`--trust`, or proven by evidence). */
export type Trust = 'unknown' | 'trusted' | 'untrusted';

/** What this site says of itself: the `site` section of drone-audit.yml, and what the command line assumes. */
export interface Site {
  readonly trust: Trust;
  /** Pipeline types served by runners of one's own, beside the known ones. */
  readonly pipelineTypes: readonly string[];
  /** `public`: anyone can make an account at the SCM. Absent: told by its address. */
  readonly scm?: 'public' | 'private';
  /** Registry hosts that are one's own. */
  readonly registries: readonly string[];
  /** Image names (familiar, without tag) that are trusted. */
  readonly images: readonly string[];
  /** Logins that are meant to be administrators. */
  readonly administrators: readonly string[];
  /** Networks that are private enough for traffic without TLS. */
  readonly networks: readonly string[];
  /** Hosts that a proxy serves with TLS. */
  readonly tlsHosts: readonly string[];
  /** Whether all runners are part of the audit, so that what none of them serves is served by nobody. */
  readonly allRunners?: boolean;
}

export const unknownSite: Site = {
  trust: 'unknown',
  pipelineTypes: [],
  registries: [],
  images: [],
  administrators: [],
  networks: [],
  tlsHosts: [],
};
