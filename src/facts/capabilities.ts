/*
 * Capabilities of Linux (capabilities(7)), without `CAP_`, and which of them Docker gives to every container
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

/** With each of these a root process of the container takes the host, or reads all of it. */
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

/** Of these, the ones that need nothing else. */
export const takeoverCapabilities: ReadonlySet<string> = new Set(['ALL', 'SYS_ADMIN', 'SYS_MODULE']);

/** These change or watch what the host shares with its containers. */
export const strongCapabilities: ReadonlySet<string> = new Set([
  'NET_ADMIN',
  'PERFMON',
  'SYSLOG',
  'SYS_TIME',
  'SYS_RESOURCE',
]);
