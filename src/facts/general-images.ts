/**
 * Images in which anything can be run: a Docker daemon, an operating system, the tools of a language, the base image of a
 * CI system. Familiar names without a registry; a copy in another registry is just as general.
 */
export const generalImages: ReadonlySet<string> = new Set([
  'docker',
  'dind',
  'alpine',
  'busybox',
  'ubuntu',
  'debian',
  'centos',
  'fedora',
  'rockylinux',
  'rockylinux/rockylinux',
  'almalinux',
  'amazonlinux',
  'archlinux',
  'bash',
  'buildpack-deps',
  'golang',
  'node',
  'python',
  'ruby',
  'rust',
  'php',
  'perl',
  'gcc',
  'openjdk',
  'eclipse-temurin',
  'maven',
  'gradle',
  'composer',
  'dotnet/sdk',
  'cimg/base',
  'circleci/buildpack-deps',
  'catthehacker/ubuntu',
]);

/** A Docker daemon in a container, by the last part of any name. */
export const daemonImage = /(?:^|[-_])dind(?:[-_]|$)/;
