/** A service next to Drone, whose callers are on the same network. */
export interface InternalService {
  readonly kind: 'postgres' | 'mysql' | 'redis' | 'registry';
  /** Port it listens on unless told otherwise. */
  readonly port: number;
  /** Where its image keeps the data. */
  readonly data: string;
}

const postgres: InternalService = { kind: 'postgres', port: 5432, data: '/var/lib/postgresql/data' };
const mysql: InternalService = { kind: 'mysql', port: 3306, data: '/var/lib/mysql' };
const redis: InternalService = { kind: 'redis', port: 6379, data: '/data' };

/** By the last part of the image name: `bitnami/postgresql` and `registry.example.com/postgres` are both PostgreSQL. */
export const internalServices: ReadonlyMap<string, InternalService> = new Map<string, InternalService>([
  ['postgres', postgres],
  ['postgresql', postgres],
  ['timescaledb', postgres],
  ['postgis', postgres],
  ['mysql', mysql],
  ['mysql-server', mysql],
  ['mariadb', mysql],
  ['percona', mysql],
  ['percona-server', mysql],
  ['redis', redis],
  ['valkey', redis],
  ['keydb', redis],
  ['registry', { kind: 'registry', port: 5000, data: '/var/lib/registry' }],
]);

/**
 * Variables that make a database image let everybody in. The official images of MySQL and MariaDB take any text that is
 * not empty for yes (docker-library/mysql docker-entrypoint.sh, docker-library/mariadb docker-entrypoint.sh).
 */
export const openDatabaseVariables: ReadonlyMap<string, RegExp> = new Map([
  ['POSTGRES_HOST_AUTH_METHOD', /^trust$/],
  ['MYSQL_ALLOW_EMPTY_PASSWORD', /./],
  ['MARIADB_ALLOW_EMPTY_PASSWORD', /./],
  ['MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', /./],
  ['ALLOW_EMPTY_PASSWORD', /^(?:1|yes|true)$/i],
]);

/** Programs that send logs of other containers elsewhere, by image name or its last part. */
export const logShippers: ReadonlySet<string> = new Set([
  'promtail',
  'alloy',
  'datadog/agent',
  'grafana/agent',
  'fluentd',
  'fluent-bit',
  'filebeat',
  'logstash',
  'vector',
  'telegraf',
  'logspout',
  'opentelemetry-collector',
  'opentelemetry-collector-contrib',
  'splunk-otel-collector',
]);
