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

/** Folders that are the host's own, and everything below them (CIS Docker 1.6.0 5.6, and the folders of engines and of init). */
const ownFolders =
  /^\/(?:boot|dev|etc|lib|lib64|proc|root|sys|usr|var\/lib\/(?:docker|kubelet|containerd)|run\/(?:systemd|dbus|libvirt|docker))(?:\/|$)/;
/** Those that are too wide when they are mounted whole. */
const wideFolders: ReadonlySet<string> = new Set(['/', '/home', '/var']);
/** Keys and logins in somebody's home. */
const homeFolder =
  /^(?:~|\$HOME|\$\{HOME\}|\/root|\/(?:home|Users)\/[^/]{1,64})\/\.(?:ssh|aws|docker|kube|config\/gcloud|gnupg)$/;
/** Files that hold a login, a key or the passwords of the host, wherever they lie. */
const credentialFile =
  /(?:^|\/)(?:kubeconfig(?:\.ya?ml)?|k3s\.yaml|\.?kube\/config|\.ssh\/(?!(?:known_hosts|config|authorized_keys)$)[^/.]{1,64}|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|\.git-credentials|\.npmrc|\.pypirc|\.docker\/config\.json|\.aws\/credentials|application_default_credentials\.json|gcloud\/credentials\.db)$|^\/.{0,300}(?:privkey\d{0,3}\.pem|[-_.]key\.pem)$/;

/** Whether mounting a host path gives a container the host's own files, somebody's keys or a login. */
export function isSensitivePath(path: string): boolean {
  return ownFolders.test(path) || wideFolders.has(path) || homeFolder.test(path) || isHostCredential(path);
}

/** Whether a host path is a file that holds a login or a key. */
export function isHostCredential(path: string): boolean {
  return path.length < 500 && credentialFile.test(path);
}
