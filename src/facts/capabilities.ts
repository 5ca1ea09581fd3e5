/*
 * Linux capabilities (capabilities(7)), without `CAP_`, and those that Docker gives to every container
 * (moby/moby oci/caps/defaults.go).
 */

export const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** With any of these a root process in the container can take over the host, or read all of it. */
export const hostCapabilities: ReadonlySet<string> = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'DAC_READ_SEARCH',
  'BPF',
  'SYS_BOOT',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
]);

/** Those that need nothing else to take over the host. */
export const takeoverCapabilities: ReadonlySet<string> = new Set(['ALL', 'SYS_ADMIN', 'SYS_MODULE']);

/** With these a container can change or watch what the host shares with its containers. */
export const strongCapabilities: ReadonlySet<string> = new Set([
  'NET_ADMIN',
  'PERFMON',
  'SYSLOG',
  'SYS_TIME',
  'SYS_RESOURCE',
]);
