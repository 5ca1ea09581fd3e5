/*
 * Folders of a Linux host that hold its keys, accounts, programs or other people's data. The list is that of CIS Docker
 * 1.6.0 5.6 with the homes and the folders of container engines added.
 */

/** Folders that give away or change the host when they are mounted whole. */
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

/** Of these, the ones with which whoever writes to them is root. */
export const rootFolders: ReadonlySet<string> = new Set(['/', '/etc', '/root', '/proc', '/var/lib/docker']);

/** Keys of SSH, AWS, registries and clusters in somebody's home. */
export const keyFolder = /^(?:~|\$HOME|\$\{HOME\}|\/root|\/(?:home|Users)\/[^/]{1,64})\/\.(?:ssh|aws|docker|kube)$/;

/** Files and folders that tell nothing when they are read: time zone, certificates of authorities, names. */
export const plainFiles =
  /^\/etc\/(?:localtime|timezone|ssl\/certs(?:\/.*)?|pki\/ca-trust(?:\/.*)?|ca-certificates(?:\/.*)?|hosts|resolv\.conf|machine-id|os-release)$|^\/usr\/share\/(?:zoneinfo|ca-certificates)(?:\/.*)?$/;

/** Folders of which every part belongs to the system or a container engine: writing anywhere below changes the host. */
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

/** Folders of a host whose contents a build step must not change: those above, all below the system's own, whole homes, keys, Drone's data. */
export const sensitiveForBuilds =
  /^(?:\/|\/(?:etc|boot|proc|sys|dev|bin|sbin|var\/lib\/(?:docker|kubelet|drone|containerd))(?:\/.*)?|\/(?:root|home|var|usr|lib)|\/home\/[^/]{1,64})$/;
