import { remoteLogDriver } from '../../analysis/log-driver.ts';
import { linesSaying, timesOf } from '../../analysis/log-lines.ts';
import { groupedBy } from '../../model/groups.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';

export default rule({
  id: 'token-in-log',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Log holds a credential of Drone',
  why: 'Logs have many readers, go to other systems and stay for years, and none of these credentials expires. Whoever reads this log acts as that account, or as a runner, which gets the secrets of all builds.',
  fix: `Replace the credential first. Of an account, an administrator can force a new token (from Drone 2.15 on); the RPC secret is changed on the server and all its runners; after a dump of the configuration, every secret of the server is.

\`\`\`sh
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/users/octocat/token/rotate"
\`\`\`

Then remove what wrote it (\`token:\` in \`DRONE_USER_CREATE\`, \`DRONE_RPC_DUMP_HTTP\`, \`DRONE_LOGS_TRACE\`, \`DRONE_LOGS_DEBUG\`), and the log with its copies: that of a container goes when the container is made anew.

\`\`\`sh
docker rm -f drone-server-1 && docker compose up -d
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
        fills: { octocat: login ?? '', 'drone-server-1': container.name },
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
