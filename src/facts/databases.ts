/** Images of databases and stores that stand beside a Drone server, by familiar name. */
export const databaseImages: ReadonlySet<string> = new Set([
  'postgres',
  'bitnami/postgresql',
  'timescale/timescaledb',
  'mysql',
  'mysql/mysql-server',
  'bitnami/mysql',
  'percona',
  'mariadb',
  'bitnami/mariadb',
  'linuxserver/mariadb',
  'redis',
  'bitnami/redis',
  'valkey/valkey',
  'minio/minio',
]);
