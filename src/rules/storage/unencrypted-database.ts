import { databaseOf } from '../../analysis/database.ts';
import { isBuilder } from '../../analysis/embedded-runner.ts';
import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { engineSocketBeside, socketMountOf } from '../../analysis/same-host.ts';
import { isLeftInFile } from '../../analysis/secret-file.ts';
import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { endpointOf } from '../../drone/network.ts';
import { type Context, rule } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';

export default rule({
  id: 'unencrypted-database',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secrets are stored in plain text',
  why: 'Repository and organisation secrets lie readable in the database, in its backups and on the data volume. Whoever copies one of them has the credentials of all repositories.',
  fix: `The secret has exactly 32 bytes; \`openssl rand -hex 16\` makes one:

\`\`\`
DRONE_DATABASE_SECRET=\${DRONE_DATABASE_SECRET:?set it in .env}
DRONE_DATABASE_ENCRYPT_MIXED_MODE=true
\`\`\`

The second line lets the server read what is stored in plain text; save all secrets again, then remove it.`,
  refs: [
    'https://docs.drone.io/server/storage/encryption/',
    'harness/drone store/shared/encrypt/encrypt.go:34-47',
    'harness/drone store/shared/encrypt/aesgcm.go:54-78',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-312'] },
  since: '0.1.0',
  *judge(settings, context) {
    if (settings.role !== 'server') return;
    const name = 'DRONE_DATABASE_SECRET';
    const isMissing = isUnset(settings, name);
    // What the server reads in place of the secret is the cause, and told by ignored-secret-file; 0.8 cannot encrypt.
    if (isMissing === false || isLeftInFile(settings, name) || isOfDrone08(settings)) return;
    const at = settings.variables.get(name)?.at ?? settings.at;
    if (isMissing === undefined) {
      yield { at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    const aggravation = aggravationOf(settings, context);
    yield {
      at,
      subject: name,
      message: `${settings.label} stores secrets in plain text: DRONE_DATABASE_SECRET is ${settings.variables.has(name) ? 'empty' : 'not set'}${aggravation ? `, and ${aggravation.message}` : ''}`,
      ...(aggravation ? { severity: 'high', related: [aggravation] } : {}),
    };
  },
});

/** What brings others near the database: a network, or builds on the same host. */
function aggravationOf(server: Settings, { installation }: Context): { at: Location; message: string } | undefined {
  const host = databaseOf(server)?.source.host;
  const datasource = server.variables.get('DRONE_DATABASE_DATASOURCE');
  if (host !== undefined && datasource && endpointOf(host, server, installation) === 'remote')
    return { at: datasource.at, message: `the database is on another host` };
  const own = isBuilder(server) && server.container ? socketMountOf(server.container) : undefined;
  if (own) return { at: own.at, message: 'it runs the builds itself, with the engine of its host' };
  const socket = engineSocketBeside(server, installation);
  return socket && { at: socket.mount.at, message: `${socket.runner.label} has the engine's socket on the same host` };
}
