/*
 * Folders of a Linux host that hold its keys, accounts, programs or other people's data: the list of CIS Docker 1.6.0 5.6,
 * with home folders and the folders of container engines added.
 */

/** Folders that expose the host, or let a container change it, when they are mounted whole. */
export const sensitiveFolders: ReadonlySet<string> = new Set([
  '/',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/proc',
  '/root',
  '/sys',
  '/usr',
  '/home',
  '/var',
  '/var/lib/docker',
  '/var/lib/kubelet',
]);

/** Those among them that make whoever can write to them root. */
export const rootFolders: ReadonlySet<string> = new Set(['/', '/etc', '/root', '/proc', '/var/lib/docker']);

/** Keys of SSH, AWS, registries and clusters in somebody's home. */
export const keyFolder = /^(?:~|\$HOME|\$\{HOME\}|\/root|\/(?:home|Users)\/[^/]{1,64})\/\.(?:ssh|aws|docker|kube)$/;

/** Files and folders that reveal nothing: time zone, CA certificates, names. */
export const plainFiles =
  /^\/etc\/(?:localtime|timezone|ssl\/certs(?:\/.*)?|pki\/ca-trust(?:\/.*)?|ca-certificates(?:\/.*)?|hosts|resolv\.conf|machine-id|os-release)$|^\/usr\/share\/(?:zoneinfo|ca-certificates)(?:\/.*)?$/;

/** Folders that belong wholly to the system or a container engine: writing anywhere below them changes the host. */
export const systemFolders: readonly string[] = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/proc',
  '/root',
  '/sbin',
  '/sys',
  '/usr',
  '/var/lib/docker',
  '/var/lib/kubelet',
];

/** Host folders that a build step must not change: those above, everything below the system's own, whole homes, keys, Drone's data. */
export const sensitiveForBuilds =
  /^(?:\/|\/(?:etc|boot|proc|sys|dev|bin|sbin|var\/lib\/(?:docker|kubelet|drone|containerd))(?:\/.*)?|\/(?:root|home|var|usr|lib)|\/home\/[^/]{1,64})$/;
