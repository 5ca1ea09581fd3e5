import { databaseOf } from '../../analysis/database.ts';
import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { rule, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'plain-storage-connection',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Stored data travels without TLS',
  why: 'A neighbour on the network can read or change secrets, tokens, logs and build events on their way to another host. Drone itself encrypts neither logs nor events, and a check that accepts any certificate stops nobody.',
  fix: `Use TLS to the storage; switch it on there first, then on the server:

- PostgreSQL: \`sslmode=verify-full\` in \`DRONE_DATABASE_DATASOURCE\`, and \`sslrootcert=/etc/drone/ca.pem\` for a CA of your own.
- MySQL: \`tls=true\` in \`DRONE_DATABASE_DATASOURCE\`.
- Build logs: \`DRONE_S3_ENDPOINT=https://s3.example.com\`.
- Redis: \`DRONE_REDIS_CONNECTION=rediss://:PASSWORD@redis.example.com:6379\`; \`DRONE_REDIS_ADDR\` knows no TLS.

The certificate has to name the host, and its CA has to be known (\`SSL_CERT_FILE=/etc/drone/ca.pem\` for MySQL, S3 and Redis), or the server does not start; with S3 it starts and loses build logs.

If the network is private enough, name it in \`drone-audit.yml\`:

\`\`\`yaml
# drone-audit.yml
site:
  networks: [10.20.0.0/16]
\`\`\``,
  refs: [
    'https://docs.drone.io/server/storage/database/',
    'harness/drone store/logs/s3.go:25-40',
    'harness/drone cmd/drone-server/config/config.go:179-180',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319', 'CWE-295'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(settings, { installation, site }) {
    if (settings.role !== 'server') return;
    for (const { variable, host, what } of plainConnections(settings)) {
      if (host === undefined || endpointOf(host, settings, installation) !== 'remote') continue;
      if (isOnPrivateNetwork(host, settings, site.networks)) continue;
      yield {
        at: variable.at,
        subject: variable.name,
        fills: { [sampleHosts.get(variable.name) ?? 'db.example.com']: host, '10.20.0.0/16': host },
        message: say`${what} "${host}"`,
        severity: variable.name === 'DRONE_S3_ENDPOINT' ? 'low' : undefined,
      };
    }
  },
});

/** The hosts of the fix, by the variable that names them; the database's otherwise. */
const sampleHosts: ReadonlyMap<string, string> = new Map([
  ['DRONE_S3_ENDPOINT', 's3.example.com'],
  ['DRONE_REDIS_CONNECTION', 'redis.example.com'],
  ['DRONE_REDIS_ADDR', 'redis.example.com'],
]);

function* plainConnections(settings: Settings) {
  const database = databaseOf(settings);
  if (database) {
    const { driver, source, variable } = database;
    const { host, tls } = source;
    if (driver === 'postgres' && tls !== undefined && /^(?:disable|allow|prefer)$/.test(tls))
      yield { variable, host, what: `sslmode "${tls}" does not protect the connection to the database at` };
    if (driver === 'mysql' && (tls === undefined || /^(?:false|0|skip-verify|preferred)$/i.test(tls)))
      yield {
        variable,
        host,
        what: `${tls === undefined ? 'without "tls" nothing protects' : `tls "${tls}" does not protect`} the connection to the database at`,
      };
  }
  const s3 = setVariable(settings, 'DRONE_S3_ENDPOINT');
  if (s3?.value !== undefined && !s3.value.startsWith('https://'))
    yield { variable: s3, host: hostOf(s3.value), what: 'build logs go without TLS to' };
  const redis = setVariable(settings, 'DRONE_REDIS_CONNECTION') ?? setVariable(settings, 'DRONE_REDIS_ADDR');
  if (redis?.value !== undefined && !/^(?:rediss|unix):/i.test(redis.value))
    yield { variable: redis, host: hostOf(redis.value), what: 'build events and logs go without TLS to redis at' };
}
