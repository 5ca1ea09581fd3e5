import type { Severity } from '../model/severity.ts';
import type { Floor } from './versions.ts';

/* Releases of container engines and of what they run containers with: from which on a known fault is mended. */

/** Docker's own releases; the lowest first. Builds of distributions live on, and so do those that a vendor sells. */
export const engineFloors: readonly Floor[] = [
  { below: '24.0', severity: 'high', why: 'end of life', verified: false },
  { below: '27.0', severity: 'medium', why: 'end of life', verified: false },
];

/** A fault of a runtime that lets builds out of their containers, or harms the host. */
export interface RuntimeFault {
  /** As engines report the component, in lower case. */
  readonly component: 'runc' | 'containerd' | 'buildkit';
  /** The release of each maintained line that mends it; what is older than the first, or than that of its line, has it. */
  readonly fixed: readonly [string, ...string[]];
  readonly cves: readonly string[];
  /** For a sentence: `a working directory can lead out of the container`. */
  readonly what: string;
  readonly severity: Severity;
  readonly verified: boolean;
  readonly source: string;
}

export const runtimeFaults: readonly RuntimeFault[] = [
  {
    component: 'runc',
    fixed: ['1.0.0-rc7'],
    cves: ['CVE-2019-5736'],
    what: 'a container can overwrite runc itself',
    severity: 'high',
    verified: true,
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2019-5736',
  },
  {
    component: 'runc',
    fixed: ['1.1.12'],
    cves: ['CVE-2024-21626'],
    what: 'the working directory of an image or step can lead out of the container',
    severity: 'high',
    verified: true,
    source: 'https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv',
  },
  {
    component: 'runc',
    fixed: ['1.2.8', '1.3.3', '1.4.0-rc.3'],
    cves: ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'],
    what: 'raced mounts give a container write access to /proc of the host',
    severity: 'high',
    verified: false,
    source: 'https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2',
  },
  {
    component: 'buildkit',
    fixed: ['0.12.5'],
    cves: ['CVE-2024-23651', 'CVE-2024-23652', 'CVE-2024-23653'],
    what: 'a crafted build can reach files of the host or run privileged',
    severity: 'high',
    verified: true,
    source: 'https://github.com/moby/buildkit/releases/tag/v0.12.5',
  },
];

/**
 * Whether a version is that of a build which gets fixes under its old number: of Debian (`20.10.24+dfsg1`, `1.1.5+ds1`),
 * Ubuntu (`24.0.7-0ubuntu2`), Fedora and Red Hat (`1.1.12-3.el9`).
 */
export function isDistributionBuild(version: string): boolean {
  return /\+(?:dfsg|ds)|ubuntu|\+?deb\d|\.(?:el|fc|amzn)\d/i.test(version);
}

/** Whether an engine is part of a product whose vendor mends old releases: Mirantis Container Runtime. */
export function isVendorBuild(platform: string): boolean {
  return /\bMirantis\b/i.test(platform);
}

/** From 20.10.9 on, the data directory of Docker lets no other account through (CVE-2021-41091; moby/moby daemon/daemon_unix.go). */
export const closedDataRootSince = '20.10.9';
