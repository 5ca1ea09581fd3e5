import { covers, keepsDatabase, usesDefaultDatabase } from '../../analysis/kept-data.ts';
import { remoteLogDriver } from '../../analysis/log-driver.ts';
import { linesSaying, timesOf } from '../../analysis/log-lines.ts';
import type { Container } from '../../model/container.ts';
import { groupedBy } from '../../model/groups.ts';
import { type Hit, rule, say, type Text } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';

const replaced = `Replace the credential first. Of an account, an administrator can force a new token (from Drone 2.15 on); the RPC secret is changed on the server and all its runners; after a dump of the configuration, every secret of the server is.

\`\`\`sh
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/users/octocat/token/rotate"
\`\`\`

Then remove what wrote it (\`token:\` in \`DRONE_USER_CREATE\`, \`DRONE_RPC_DUMP_HTTP\`, \`DRONE_LOGS_TRACE\`, \`DRONE_LOGS_DEBUG\`), and the log with its copies: that of a container goes when the container is re-created.`;

/** The last part of a fix: how the container is re-created without losing what it keeps. */
function recreated(how: string): string {
  return `${replaced} ${how}`;
}

const byHand =
  recreated(`No labels tell how this one was made, so stop and remove it, and run the command again that made it:

\`\`\`sh
docker stop drone-server-1
docker rm drone-server-1
\`\`\``);

const ofSwarm = recreated(`The swarm does so; what is left of the old one has to be removed for its log to go:

\`\`\`sh
docker service update --force SERVICE_NAME
docker container prune --filter label=com.docker.swarm.service.name=SERVICE_NAME
\`\`\``);

const withData =
  recreated(`Its database would go, too: it is in no volume with a name. Take it out before you remove the container:

\`\`\`sh
docker stop drone-server-1
docker cp drone-server-1:/data ./saved-data
docker rm drone-server-1
\`\`\`

Then make the container with the command that made it, but with \`docker create\` and \`--volume=drone-data:/data\`, put the database back, and start it:

\`\`\`sh
docker cp ./saved-data/. drone-server-1:/data
docker start drone-server-1
\`\`\``);

const movedBack = ` up --no-start --force-recreate COMPOSE_SERVICE
docker cp ./saved-data/. drone-server-1:/data
docker start drone-server-1`;

/** Whether the database of a server may go with its container. */
function mayLoseDatabase(container: Container): boolean {
  return container.role === 'server' && usesDefaultDatabase(container) !== false && !keepsDatabase(container);
}

/** More files than this are not named. */
const maxFiles = 5;

/** How Compose re-creates a container, as its labels tell (docker/compose pkg/api/labels.go); undefined without them. */
function ofCompose(container: Container): Pick<Hit, 'fix' | 'fills'> | undefined {
  const label = (name: string): string => container.labels.get(`com.docker.compose.${name}`)?.value ?? '';
  const service = label('service');
  if (service === '') return undefined;
  const folder = label('project.working_dir');
  const files = label('project.config_files')
    .split(',')
    .filter((file) => file !== '' && file !== '-')
    .map((file) => (file.startsWith('/') || folder === '' ? file : `${folder}/${file}`))
    .slice(0, maxFiles);
  const words = files.map((file, index) => [`COMPOSE_FILE_${index + 1}`, file] as const);
  const isInside = mayLoseDatabase(container) && !container.mounts.some((mount) => covers(mount, '/data'));
  const how = isInside
    ? 'Its database would go, too: it is in no volume. Mount one at `/data`, take the database out, and put it back into the new container:'
    : 'Compose does so, and keeps its volumes:';
  const [before, after] = isInside
    ? ['docker cp drone-server-1:/data ./saved-data\n', movedBack]
    : ['', ' up --detach --force-recreate COMPOSE_SERVICE'];
  const fix = recreated(`${how}

\`\`\`sh
${before}docker compose${label('project') === '' ? '' : ' --project-name COMPOSE_PROJECT'}${words.map(([word]) => ` --file ${word}`).join('')}${after}
\`\`\``);
  return {
    fix,
    fills: {
      ...Object.fromEntries(words),
      'drone-server-1': container.name,
      COMPOSE_PROJECT: label('project'),
      COMPOSE_SERVICE: service,
    },
  };
}

/** How a container is re-created, by what is known of how it was made. */
function fixFor(container: Container): Pick<Hit, 'fix' | 'fills'> {
  const fills = { 'drone-server-1': container.name };
  const ofService = container.labels.get('com.docker.swarm.service.name')?.value;
  const own = ofCompose(container);
  if (own) return own;
  if (mayLoseDatabase(container)) return { fix: withData, fills };
  return ofService === undefined ? { fix: byHand, fills } : { fix: ofSwarm, fills: { SERVICE_NAME: ofService } };
}

export default rule({
  id: 'token-in-log',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Log holds a credential of Drone',
  why: 'Logs have many readers, go to other systems and stay for years, and none of these credentials expires. Whoever reads this log acts as that account, or as a runner, which gets the secrets of all builds.',
  fix: `${replaced} Compose does so, and keeps its volumes:

\`\`\`sh
docker compose up --detach --force-recreate drone-server-1
\`\`\``,
  refs: [
    'harness/drone 3e7ecf161 cmd/drone-server/bootstrap/bootstrap.go:86-87',
    'harness/drone 3e7ecf161 cmd/drone-server/main.go:60-62',
    'drone/runner-go d12a958 logger/dumper.go',
    'https://docs.drone.io/server/reference/drone-logs-trace/',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-10'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(container) {
    const driver = remoteLogDriver(settingsOf(container));
    const { fix, fills } = fixFor(container);
    const lines = linesSaying(container, new Set(whats.keys())).filter(
      ({ message, fields }) => !message.value.startsWith('bootstrap:') || fields.has('token'),
    );
    for (const [said, told] of groupedBy(lines, ({ message }) => message.value)) {
      const what = whats.get(said);
      const [first] = told;
      if (!what || !first) continue;
      const login = first.fields.get('login')?.value;
      yield {
        at: first.message.at,
        subject: said,
        fix,
        fills: { ...fills, octocat: login ?? '' },
        message: say`the log of ${container.label} holds ${what}${login === undefined ? '' : say` of "${login}"`} (${timesOf(told)})${driver ? say`, and goes to "${driver}"` : ''}`,
        severity: driver ? 'critical' : undefined,
      };
    }
  },
});

const accountToken = say`the API token`;

/** What stands in the log, by the message that was kept of it (facts/log-lines.ts). */
const whats: ReadonlyMap<string, Text> = new Map([
  ['bootstrap: account created', accountToken],
  ['bootstrap: found updated user token', accountToken],
  ['dump of a request with X-Drone-Token', say`the RPC secret in dumped requests`],
  ['dump of the configuration', say`the whole configuration of the server with its secrets`],
  ['request with access_token', say`API tokens in request URLs`],
]);
