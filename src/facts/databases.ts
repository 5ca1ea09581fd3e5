/** Images of databases and stores that run beside a Drone server, by familiar name. */
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

/** Variables that hold the passwords of the official database images. */
export const databasePasswords = {
  postgres: ['POSTGRES_PASSWORD'],
  mysql: ['MYSQL_ROOT_PASSWORD', 'MYSQL_PASSWORD', 'MARIADB_ROOT_PASSWORD', 'MARIADB_PASSWORD'],
} as const;
