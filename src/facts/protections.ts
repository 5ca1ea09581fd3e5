/*
 * Settings that protect something when they are set as their names say: when they are missing or have no effect, the
 * protection is gone.
 */
export const protections: ReadonlySet<string> = new Set([
  'DRONE_COOKIE_SECURE',
  'DRONE_CPU_QUOTA',
  'DRONE_CPU_SHARES',
  'DRONE_DATABASE_ENCRYPT_USER_TABLE',
  'DRONE_HTTP_CONTENT_TYPE_NO_SNIFF',
  'DRONE_HTTP_SSL_REDIRECT',
  'DRONE_HTTP_STS_SECONDS',
  'DRONE_LIMIT_TRUSTED',
  'DRONE_MEMORY_LIMIT',
  'DRONE_MEMORY_SWAP_LIMIT',
  'DRONE_MIN_AGE',
  'DRONE_NETRC_CLONE_ONLY',
  'DRONE_REGISTRATION_CLOSED',
  'DRONE_TLS_AUTOCERT',
]);
