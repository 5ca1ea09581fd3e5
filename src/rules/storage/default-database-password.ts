import { buildsBeside } from '../../analysis/build-networks.ts';
import { type Database, databaseOf } from '../../analysis/database.ts';
import { containersNamed, endpointOf } from '../../drone/network.ts';
import { internalServices } from '../../facts/internal-services.ts';
import type { Container } from '../../model/container.ts';
import { isLoopback, isOwnHost } from '../../model/hosts.ts';
import type { Installation } from '../../model/installation.ts';
import { alsoAt, type Remark, rule, type Severity, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { faultsOfContainer, loginFaults } from './_password-faults.ts';

export default rule({
  id: 'default-database-password',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Database password is empty or a default',
  why: 'Whoever can reach the database and guesses this password owns the accounts, tokens and secrets of the server: they can make themselves an administrator and read all repositories.',
  fix: `Change the password in the database to a random one (\`openssl rand -hex 24\`):

\`\`\`sql
-- PostgreSQL
ALTER USER drone_ci PASSWORD '...';
-- MySQL, MariaDB
ALTER USER 'drone_ci'@'%' IDENTIFIED BY '...';
\`\`\`

Then put it into \`DRONE_DATABASE_DATASOURCE\` and into the variable of the database container (\`POSTGRES_PASSWORD\`, \`MYSQL_PASSWORD\`, \`MYSQL_ROOT_PASSWORD\`), in compose as \`\${DB_PASSWORD:?set it in .env}\` in both places. The variable alone changes nothing in a database that exists, and the server cannot log in until its data source has the new password.`,
  refs: [
    'https://docs.drone.io/server/storage/database/',
    'harness/drone cmd/drone-server/config/config.go:119',
    'https://hub.docker.com/_/postgres',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-1392'] },
  supersedes: ['inline-secret'],
  since: '0.1.0',
  *judge(settings, { installation }) {
    if (settings.role !== 'server') return;
    const database = databaseOf(settings);
    if (!database) return;
    const { host } = database.source;
    const container = host === undefined ? undefined : databaseContainer(host, database.driver, settings, installation);
    const faults = [...loginFaults(database), ...(container ? faultsOfContainer(container, database.driver) : [])];
    const [first, ...others] = faults;
    if (!first) return;
    const toldOf = ({ at, message }: Remark) => ({
      message: say`the password of the database ${message}`,
      fills: { drone_ci: ownerOf(at, container) ?? database.source.user ?? '' },
    });
    yield {
      at: first.at,
      subject: database.variable.name,
      ...toldOf(first),
      severity: severityOf(host, container, settings, installation),
      related: others.map(({ at, message }) => alsoAt(at, say`here too it ${message}`, toldOf({ at, message }))),
    };
  },
});

/** The user whose password a container is given at this place, if that is not the one that the server logs in as. */
function ownerOf(at: Location, container: Container | undefined): string | undefined {
  const names = ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'];
  return names.some((name) => container?.environment.variables.get(name)?.at === at) ? 'root' : undefined;
}

/** The container behind a host: the one of that name or, for the host itself, the only database the project publishes. */
function databaseContainer(
  host: string,
  driver: Database['driver'],
  { container: server }: Settings,
  installation: Installation,
): Container | undefined {
  if (!server) return undefined;
  const [named] = containersNamed(host, server, installation);
  if (named || !isOwnHost(host)) return named;
  const published = installation.containers.filter(
    ({ live, project, image, ports }) =>
      live === server.live &&
      project === server.project &&
      internalServices.get(image?.value.name.split('/').at(-1) ?? '')?.kind === driver &&
      ports.some(({ hostAddress }) => hostAddress !== undefined),
  );
  return published.length === 1 ? published[0] : undefined;
}

function severityOf(
  host: string | undefined,
  container: Container | undefined,
  settings: Settings,
  installation: Installation,
): Severity {
  const endpoint = host === undefined ? 'local' : endpointOf(host, settings, installation);
  const isPublished = container?.ports.some(({ hostAddress }) => hostAddress !== undefined && !isLoopback(hostAddress));
  const isBesideBuilds = container && buildsBeside(container, installation);
  if (endpoint === 'remote' || isPublished || isBesideBuilds) return 'high';
  return endpoint === 'project' && container ? 'low' : 'medium';
}
