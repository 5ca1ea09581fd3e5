import type { Severity } from '../model/severity.ts';

/*
 * Images that are no longer maintained, and images that did harm. Names are familiar names on Docker Hub; a copy in
 * another registry is a different image.
 */

/** An image without fixes. */
export interface UnmaintainedImage {
  readonly name: string;
  /** The tags concerned; all of them if absent. */
  readonly tags?: RegExp;
  /** For a sentence: `was given up when Bintray closed in 2021`. */
  readonly why: string;
  readonly successor: string;
  readonly source: string;
}

const newerAlpine = 'a supported release of alpine (3.22 or later)';

/** As of 2026-11. */
export const unmaintainedImages: readonly UnmaintainedImage[] = [
  {
    name: 'drillster/drone-volume-cache',
    why: 'is archived',
    successor: 'meltwater/drone-cache',
    source: 'archive of github.com/Drillster/drone-volume-cache, not inspected',
  },
  {
    name: 'plugins/bintray',
    why: 'serves Bintray, which closed in May 2021',
    successor: 'plugins/artifactory, or the client of the registry you moved to',
    source: 'JFrog announcement of 2021-02-03',
  },
  {
    name: 'drone/git',
    why: 'is built on alpine 3.12, which reached its end of life in May 2022; its last release is from 2021',
    successor: 'an image of your own with git, set for all builds with DRONE_RUNNER_CLONE_IMAGE',
    source: 'drone/drone-git docker/Dockerfile.linux.amd64',
  },
  {
    name: 'alpine',
    tags: /^(?:2\.\d|3\.(?:\d|1\d|20))(?:\.\d+)?$/,
    why: 'is a release that no longer gets fixes',
    successor: newerAlpine,
    source: 'alpinelinux.org/releases: 3.20 ended on 2026-04-01',
  },
  {
    name: 'centos',
    why: 'has had no fixes since June 2024 (7) and December 2021 (8)',
    successor: 'rockylinux or almalinux',
    source: 'hub.docker.com/_/centos',
  },
  {
    name: 'openjdk',
    why: 'has been deprecated since 2022 and gets only early access builds',
    successor: 'eclipse-temurin or amazoncorretto',
    source: 'hub.docker.com/_/openjdk',
  },
  {
    name: 'adoptopenjdk',
    why: 'has been deprecated since 2021',
    successor: 'eclipse-temurin',
    source: 'hub.docker.com/_/adoptopenjdk',
  },
  {
    name: 'java',
    why: 'has been deprecated since 2016',
    successor: 'eclipse-temurin',
    source: 'hub.docker.com/_/java',
  },
];

/** An image, or some tags of it, that is known to do harm. */
export interface BadImage {
  readonly name: string;
  readonly tags?: RegExp;
  readonly digests?: readonly string[];
  /** Only where the runner may hold an old copy: `pull: if-not-exists` or `never`. */
  readonly ifCached?: true;
  readonly severity: Severity;
  /** For a sentence: `was pushed by an intruder`. */
  readonly why: string;
  readonly source: string;
}

/** As of 2026-11. */
export const badImages: readonly BadImage[] = [
  {
    name: 'aquasec/trivy',
    tags: /^0\.69\.[456]$/,
    severity: 'critical',
    why: 'was pushed to Docker Hub by an intruder in March 2026 and steals secrets',
    source: 'mrcloudbook.com/trivy-docker-images-compromised',
  },
  {
    name: 'aquasec/trivy',
    tags: /^latest$/,
    ifCached: true,
    severity: 'high',
    why: 'was replaced by an intruder on 2026-03-22, and a runner may still hold that copy',
    source: 'mrcloudbook.com/trivy-docker-images-compromised',
  },
  {
    name: 'plugins/docker',
    // Tags name the Docker daemon in the image; 18.06.0 came out with Drone 1.0.
    tags: /^17(?:\.\d{1,2}){0,2}$/,
    severity: 'medium',
    why: 'dates from Drone 0.8, prints build arguments and contains a Docker daemon from 2017',
    source: 'drone-plugins/drone-docker pull request 251',
  },
];
