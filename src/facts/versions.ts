import type { Severity } from '../model/severity.ts';

/*
 * Releases of Drone's programs, according to their git tags and changelogs. No advisory is known for any of them; the floors
 * are the releases after which fixes stopped or before which a protection is missing.
 */

/** Year and month in which the list was made: later releases are not in it. */
export const asOf = '2026-11';

/** What everything below a release has in common. */
export interface Floor {
  readonly below: string;
  readonly severity: Severity;
  /** What it lacks, for a sentence "before 1.8.4: ...". */
  readonly why: string;
  /** Whether it was seen in source or changelog. */
  readonly verified: boolean;
}

export interface Product {
  /** Familiar names of its images. */
  readonly images: readonly string[];
  readonly newest: {
    readonly version: string;
    /** `2026-04-20` */
    readonly date: string;
    readonly source: string;
    /** Whether the release itself was seen, and not only a list that names it. */
    readonly verified: boolean;
  };
  /** Dates of releases, though not of every one. */
  readonly releases?: ReadonlyMap<string, string>;
  /** What `/version` answers where it is not the tag, by the tag (version/version.go of the tags, and measured). */
  readonly reportedAs?: ReadonlyMap<string, string>;
  /** The lowest first. */
  readonly floors: readonly Floor[];
}

/** The source code of the server that the facts were read in: harness/drone, the last commit of that repository. */
export const readIn = { drone: '2.25.0', commit: '3e7ecf161' } as const;

/** harness/drone until 2.25.0, harness/harness (branch drone) afterwards. */
export const server: Product = {
  images: ['drone/drone'],
  newest: {
    version: '2.28.2',
    date: '2026-04-20',
    source: 'git tags of the repository harness/harness; published image not inspected',
    verified: false,
  },
  releases: new Map([
    ['0.8.0', '2017-09-20'],
    ['0.8.10', '2018-12-05'],
    ['1.0.0', '2019-03-19'],
    ['1.2.0', '2019-05-30'],
    ['1.4.0', '2019-09-12'],
    ['1.5.0', '2019-09-26'],
    ['1.6.0', '2019-10-04'],
    ['1.7.0', '2020-03-27'],
    ['1.8.0', '2020-06-10'],
    ['1.9.0', '2020-07-12'],
    ['1.9.1', '2020-09-15'],
    ['1.10.0', '2020-11-20'],
    ['1.10.1', '2020-12-22'],
    ['2.0.0', '2021-05-13'],
    ['2.1.0', '2021-08-24'],
    ['2.4.0', '2021-09-23'],
    ['2.5.0', '2021-11-17'],
    ['2.7.3', '2021-12-30'],
    ['2.10.0', '2022-03-03'],
    ['2.12.0', '2022-05-16'],
    ['2.12.1', '2022-06-15'],
    ['2.13.0', '2022-09-21'],
    ['2.15.0', '2022-10-28'],
    ['2.16.0', '2022-12-15'],
    ['2.17.0', '2023-04-25'],
    ['2.18.0', '2023-07-04'],
    ['2.19.0', '2023-08-15'],
    ['2.20.0', '2023-08-21'],
    ['2.21.0', '2023-12-07'],
    ['2.22.0', '2024-01-02'],
    ['2.23.0', '2024-04-29'],
    ['2.24.0', '2024-05-10'],
    ['2.25.0', '2024-11-21'],
    ['2.26.0', '2025-02-28'],
    ['2.27.0', '2026-01-16'],
    ['2.27.1', '2026-02-24'],
    ['2.27.2', '2026-03-11'],
    ['2.28.0', '2026-03-27'],
    ['2.28.1', '2026-03-30'],
    ['2.28.2', '2026-04-20'],
  ]),
  reportedAs: new Map([
    ['1.10.0', '1.9.2'],
    ['2.0.5', '2.0.4'],
    ['2.7.1', '2.7.0'],
    ['2.26.0', '2.25.0'],
    ['2.27.2', '2.27.1'],
    ['2.28.2', '2.28.1'],
  ]),
  floors: [
    { below: '1.0.0', severity: 'high', why: 'end of life, different protocol and variables', verified: true },
    { below: '2.0.0', severity: 'high', why: 'end of life', verified: true },
    { below: '2.23.0', severity: 'medium', why: 'end-of-life base image (alpine 3.11) and Go 1.14', verified: true },
    { below: '2.27.0', severity: 'low', why: 'dependencies before the 2026 update', verified: true },
  ],
};

/** Runners with images, and the autoscaler, which runs them. The exec runner is a binary; macstadium, nomad and aws have no known releases. */
export const runners: readonly Product[] = [
  {
    images: ['drone/drone-runner-docker'],
    newest: {
      version: '1.8.5',
      date: '2026-01-13',
      source: 'pkg.go.dev and Arch package list; the tag itself was not seen',
      verified: false,
    },
    releases: new Map([
      ['1.0.0', '2019-11-01'],
      ['1.1.0', '2019-12-11'],
      ['1.2.0', '2020-01-21'],
      ['1.3.0', '2020-04-15'],
      ['1.4.0', '2020-06-21'],
      ['1.5.0', '2020-08-13'],
      ['1.6.0', '2020-11-11'],
      ['1.6.1', '2020-11-17'],
      ['1.6.3', '2021-01-18'],
      ['1.7.0', '2021-11-02'],
      ['1.8.0', '2021-11-18'],
      ['1.8.1', '2022-04-19'],
      ['1.8.2', '2022-06-14'],
      ['1.8.3', '2023-01-06'],
      ['1.8.4', '2025-01-29'],
    ]),
    floors: [
      { below: '1.5.0', severity: 'medium', why: 'does not know DRONE_NETRC_CLONE_ONLY', verified: true },
      {
        below: '1.6.3',
        severity: 'high',
        why: 'automatically privileged plugins could be given volumes and environment variables',
        verified: true,
      },
      {
        below: '1.7.0',
        severity: 'medium',
        why: 'volume path check can be evaded, authorised keys of tmate unknown',
        verified: true,
      },
      {
        below: '1.8.4',
        severity: 'medium',
        why: 'secrets masked only in the step that asked for them',
        verified: true,
      },
    ],
  },
  {
    images: ['drone/drone-runner-kube'],
    newest: { version: '1.0.0-rc.5', date: '2025-02-27', source: 'git tags of the repository', verified: true },
    releases: new Map([
      ['1.0.0-beta.1', '2020-01-15'],
      ['1.0.0-rc.1', '2021-09-21'],
      ['1.0.0-rc.2', '2021-10-20'],
      ['1.0.0-rc.3', '2022-03-15'],
      ['1.0.0-rc.4', '2024-11-22'],
      ['1.0.0-rc.5', '2025-02-27'],
    ]),
    floors: [
      { below: '1.0.0-beta.9', severity: 'medium', why: 'clone credential in every step', verified: true },
      { below: '1.0.0-rc.4', severity: 'medium', why: 'incomplete masking (completed in rc.5)', verified: true },
    ],
  },
  {
    images: ['drone/drone-runner-ssh', 'drone/drone-runner-digitalocean'],
    newest: { version: '1.0.1', date: '2019-11-15', source: 'git tags of the repository', verified: true },
    floors: [],
  },
  {
    images: ['drone/autoscaler'],
    newest: { version: '1.14.0', date: '2025-11-21', source: 'git tags of the repository', verified: true },
    releases: new Map([
      ['1.11.0', '2024-06-18'],
      ['1.13.0', '2024-10-18'],
      ['1.14.0', '2025-11-21'],
    ]),
    floors: [],
  },
];

/** Extensions of the drone organisation. */
export const extensions: readonly Product[] = [
  {
    images: ['drone/vault'],
    newest: { version: '1.3.0', date: '2023-04-25', source: 'git tags of the repository', verified: true },
    floors: [{ below: '1.3.0', severity: 'medium', why: 'no DRONE_DISALLOW_FORKS (pull request 25)', verified: true }],
  },
];

/** Programs that ended with 2.0.0, and when (harness/drone CHANGELOG.md 2.0.0). */
export const endedImages: ReadonlySet<string> = new Set(['drone/agent', 'drone/controller']);

/** Gitness and Harness Open Source, which were also published as drone/drone with tags from 3 on. */
export const gitnessImages: ReadonlySet<string> = new Set(['harness/gitness', 'harness/harness']);
