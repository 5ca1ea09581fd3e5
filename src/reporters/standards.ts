import type { Standards } from '../model/rule.ts';

/** A catalogue that rules refer to. */
export interface Standard {
  readonly key: keyof Standards;
  readonly name: string;
  readonly version?: string;
  readonly organization: string;
  readonly url: string;
  readonly summary: string;
  /** Ids of a rule in this catalogue. */
  ids(standards: Standards): readonly string[];
  /** The catalogue's own title of an entry, if it may be quoted. */
  title(id: string): string | undefined;
  /** The page of an entry. */
  page(id: string): string | undefined;
}

/** https://owasp.org/www-project-top-10-ci-cd-security-risks/ */
const owaspTitles: Readonly<Record<string, string>> = {
  'CICD-SEC-1': 'Insufficient Flow Control Mechanisms',
  'CICD-SEC-2': 'Inadequate Identity and Access Management',
  'CICD-SEC-3': 'Dependency Chain Abuse',
  'CICD-SEC-4': 'Poisoned Pipeline Execution (PPE)',
  'CICD-SEC-5': 'Insufficient PBAC (Pipeline-Based Access Controls)',
  'CICD-SEC-6': 'Insufficient Credential Hygiene',
  'CICD-SEC-7': 'Insecure System Configuration',
  'CICD-SEC-8': 'Ungoverned Usage of 3rd Party Services',
  'CICD-SEC-9': 'Improper Artifact Integrity Validation',
  'CICD-SEC-10': 'Insufficient Logging and Visibility',
};

export const knownStandards: readonly Standard[] = [
  {
    key: 'owasp',
    name: 'OWASP Top 10 CI/CD Security Risks',
    organization: 'OWASP Foundation',
    url: 'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
    summary: 'The ten most important risks of systems for continuous integration and delivery.',
    ids: (standards) => standards.owasp ?? [],
    title: (id) => owaspTitles[id],
    page: () => undefined,
  },
  {
    key: 'cisDocker',
    name: 'CIS Docker Benchmark',
    version: '1.6.0',
    organization: 'Center for Internet Security',
    url: 'https://www.cisecurity.org/benchmark/docker',
    summary: 'Recommendations for the secure configuration of Docker.',
    ids: (standards) => standards.cisDocker?.ids ?? [],
    title: () => undefined,
    page: () => undefined,
  },
  {
    key: 'cwe',
    name: 'CWE',
    organization: 'MITRE',
    url: 'https://cwe.mitre.org/',
    summary: 'Common Weakness Enumeration.',
    ids: (standards) => standards.cwe ?? [],
    title: () => undefined,
    page: (id) => `https://cwe.mitre.org/data/definitions/${id.replace('CWE-', '')}.html`,
  },
];
