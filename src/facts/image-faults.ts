import type { Severity } from '../model/severity.ts';

/*
 * Images that nobody looks after any more, and images that did harm. Names are familiar names on Docker Hub; a copy in
 * another registry is another image.
 */

/** An image without fixes. */
export interface UnmaintainedImage {
  readonly name: string;
  /** Tags it is about; all where absent. */
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
    source: 'archive of github.com/Drillster/drone-volume-cache, not looked at',
  },
  {
    name: 'plugins/bintray',
    why: 'serves Bintray, which closed in May 2021',
    successor: 'plugins/artifactory, or the client of the registry you moved to',
    source: 'JFrog announcement of 2021-02-03',
  },
  {
    name: 'drone/git',
    why: 'is built on alpine 3.12, which ended in May 2022; its last release is of 2021',
    successor: 'an image of your own with git, set for all builds with DRONE_RUNNER_CLONE_IMAGE',
    source: 'drone/drone-git docker/Dockerfile.linux.amd64',
  },
  {
    name: 'alpine',
    tags: /^(?:2\.\d|3\.(?:\d|1\d|20))(?:\.\d+)?$/,
    why: 'is of a release that gets no fixes any more',
    successor: newerAlpine,
    source: 'alpinelinux.org/releases: 3.20 ended on 2026-04-01',
  },
  {
    name: 'centos',
    why: 'gets no fixes since June 2024 (7) and December 2021 (8)',
    successor: 'rockylinux or almalinux',
    source: 'hub.docker.com/_/centos',
  },
  {
    name: 'openjdk',
    why: 'is deprecated since 2022 and gets early access builds only',
    successor: 'eclipse-temurin or amazoncorretto',
    source: 'hub.docker.com/_/openjdk',
  },
  {
    name: 'adoptopenjdk',
    why: 'is deprecated since 2021',
    successor: 'eclipse-temurin',
    source: 'hub.docker.com/_/adoptopenjdk',
  },
  {
    name: 'java',
    why: 'is deprecated since 2016',
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
    // Named after the Docker daemon in them; 18.06.0 came out with Drone 1.0.
    tags: /^17(?:\.\d{1,2}){0,2}$/,
    severity: 'medium',
    why: 'is of the time of Drone 0.8, prints build arguments and holds a Docker daemon of 2017',
    source: 'drone-plugins/drone-docker pull request 251',
  },
];
