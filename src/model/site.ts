/** What the trusted flag of a repository is assumed to be (`--trust`, or proven by evidence). */
export type Trust = 'unknown' | 'trusted' | 'untrusted';

/** What this site says about itself: the `site` section of drone-audit.yml, and what the command line assumes. */
export interface Site {
  readonly trust: Trust;
  /** Pipeline types that runners of their own serve, besides the known ones. */
  readonly pipelineTypes: readonly string[];
  /** `public`: anyone can create an account on the SCM. If absent, its address decides. */
  readonly scm?: 'public' | 'private';
  /** Registry hosts that belong to the site. */
  readonly registries: readonly string[];
  /** Image names (familiar, without tag) that are trusted. */
  readonly images: readonly string[];
  /** Image names (familiar, without tag) that are trusted as plugins. */
  readonly plugins: readonly string[];
  /** Logins that are supposed to be administrators. */
  readonly administrators: readonly string[];
  /** Logins that accounts of the server may have. */
  readonly accounts: readonly string[];
  /** Domains that the e-mail addresses of accounts may have. */
  readonly accountDomains: readonly string[];
  /** Repositories that need to be trusted, `octocat/images`; patterns in which `*` stands for any part of a name. */
  readonly trustedRepositories: readonly string[];
  /** Names of runners that may take jobs; patterns likewise. */
  readonly runners: readonly string[];
  /** Networks private enough for traffic without TLS. */
  readonly networks: readonly string[];
  /** Hosts for which a proxy provides TLS. */
  readonly tlsHosts: readonly string[];
  /** Hosts that builds may send secrets to. */
  readonly secretHosts: readonly string[];
  /** Whether the audit sees all runners, so that what none of them serves is served by nobody. */
  readonly allRunners?: boolean;
}

export const unknownSite: Site = {
  trust: 'unknown',
  pipelineTypes: [],
  registries: [],
  images: [],
  plugins: [],
  administrators: [],
  accounts: [],
  accountDomains: [],
  trustedRepositories: [],
  runners: [],
  networks: [],
  tlsHosts: [],
  secretHosts: [],
};
