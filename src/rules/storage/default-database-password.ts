import type { Container } from '../../model/container.ts';
import { containersNamed, endpointOf, isLoopback } from '../../model/endpoint.ts';
import type { Installation } from '../../model/installation.ts';
import { rule } from '../../model/rule.ts';
import { isTemplateFile } from '../../model/secrets.ts';
import type { SecretTraits, Settings } from '../../model/settings.ts';
import type { Severity } from '../../model/severity.ts';
import type { Location } from '../../model/source.ts';
import { type Database, databaseOf } from './database.ts';

export default rule({
  id: 'default-database-password',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Database password is empty or a default',
  why: 'Whoever reaches the database and guesses this password owns the accounts, tokens and secrets of the server: he makes himself an administrator and reads all repositories.',
  fix: `Set a random password at the database (\`ALTER USER drone PASSWORD '...'\`) and in both places:

\`\`\`yaml
services:
  drone:
    environment:
      - DRONE_DATABASE_DATASOURCE=postgres://drone:\${DB_PASSWORD:?set it in .env}@db/drone?sslmode=disable
  db:
    environment:
      - POSTGRES_PASSWORD=\${DB_PASSWORD:?set it in .env}
\`\`\`

A changed variable alone does not change the password of a database that exists.`,
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
    const container = host === undefined ? undefined : databaseContainer(host, settings, installation);
    const faults = [...ownFault(database), ...(container ? containerFaults(container, database.driver) : [])];
    const [first, ...others] = faults;
    if (!first) return;
    yield {
      at: first.at,
      subject: database.variable.name,
      message: `the password of the database ${first.message}`,
      severity: severityOf(host, container, settings, installation),
      related: others.map(({ at, message }) => ({ at, message: `here too it ${message}` })),
    };
  },
});

interface Fault {
  readonly at: Location;
  readonly message: string;
}

function ownFault({ source, variable }: Database): readonly Fault[] {
  const password = variable.parts?.find(({ name }) => name === 'password');
  if (source.password === 'empty') {
    // On its own host a database may know users by other means.
    return source.user === undefined || source.host === undefined ? [] : [{ at: variable.at, message: 'is empty' }];
  }
  if (source.password === 'user') return [{ at: password?.at ?? variable.at, message: 'is the name of its user' }];
  return password ? faultOf(password.secret, password.at) : [];
}

const passwordNames = {
  postgres: ['POSTGRES_PASSWORD'],
  mysql: ['MYSQL_ROOT_PASSWORD', 'MYSQL_PASSWORD', 'MARIADB_ROOT_PASSWORD', 'MARIADB_PASSWORD'],
} as const;

function containerFaults({ settings }: Container, driver: Database['driver']): readonly Fault[] {
  return passwordNames[driver].flatMap((name) => {
    const variable = settings.variables.get(name);
    if (variable?.value === '') return [{ at: variable.at, message: 'is empty' }];
    // That a fallback is used is told by secret-fallback.
    return variable?.secret && variable.origin !== 'fallback' ? faultOf(variable.secret, variable.at) : [];
  });
}

function faultOf({ known }: SecretTraits, at: Location): readonly Fault[] {
  if (known === 'none' || (known === 'placeholder' && isTemplateFile(at.source.name))) return [];
  const message = {
    sample: 'is a documented sample value',
    word: 'is a common word that is guessed first',
    placeholder: 'is a placeholder that was never filled in',
  }[known];
  return [{ at, message }];
}

function databaseContainer(host: string, settings: Settings, installation: Installation): Container | undefined {
  return settings.container && containersNamed(host, settings.container, installation)[0];
}

function severityOf(
  host: string | undefined,
  container: Container | undefined,
  settings: Settings,
  installation: Installation,
): Severity {
  const endpoint = host === undefined ? 'local' : endpointOf(host, settings, installation);
  const isPublished = container?.ports.some(({ hostAddress }) => hostAddress !== undefined && !isLoopback(hostAddress));
  if (endpoint === 'remote' || isPublished) return 'high';
  return endpoint === 'project' && container ? 'low' : 'medium';
}
