import { databaseOf } from '../../analysis/database.ts';
import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { isLeftInFile } from '../../analysis/secret-file.ts';
import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { endpointOf } from '../../drone/network.ts';
import { type Context, type Remark, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import { fixFor } from './_older-servers.ts';

const fix = `Give the server a database secret of exactly 32 bytes, which \`openssl rand -hex 16\` prints, and mixed mode, without which it cannot read what it has stored:

\`\`\`env
DRONE_DATABASE_SECRET=<output of: openssl rand -hex 16>
DRONE_DATABASE_ENCRYPT_USER_TABLE=true
# drone-audit: ignore[mixed-encryption] until everything is saved again
DRONE_DATABASE_ENCRYPT_MIXED_MODE=true
\`\`\`

Back up the database before, and keep a copy of the secret away from it: nothing can be read without it. Then save again what is in plain text; each command keeps the value:

\`\`\`sh
drone secret update --name api_key octocat/app # each secret of each repository
drone orgsecret update octocat api_key # each secret of each organisation
drone user ls | while read -r login; do drone user update "$login"; done
\`\`\`

Remove \`DRONE_DATABASE_ENCRYPT_MIXED_MODE\` and its comment when all of that is done.`;

export default rule({
  id: 'unencrypted-database',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secrets are stored in plain text',
  why: 'Repository and organisation secrets are readable in the database, in its backups and on the data volume. Whoever copies one of these has the credentials of all repositories.',
  fix,
  refs: [
    'https://docs.drone.io/server/storage/encryption/',
    'harness/drone handler/api/repos/secrets/update.go',
    'harness/drone handler/api/users/update.go',
    'harness/drone-cli drone/secret/secret_set.go',
    'harness/drone store/shared/encrypt/encrypt.go:34-47',
    'harness/drone store/shared/encrypt/aesgcm.go:54-78',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-312'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, context) {
    if (settings.role !== 'server') return;
    const name = 'DRONE_DATABASE_SECRET';
    const isMissing = isUnset(settings, name);
    // A secret left in a file that nothing reads is reported by ignored-secret-file; 0.8 cannot encrypt.
    if (isMissing === false || isLeftInFile(settings, name) || isOfDrone08(settings)) return;
    const at = settings.variables.get(name)?.at ?? settings.at;
    if (isMissing === undefined) {
      yield { at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    const aggravation = elsewhere(settings, context);
    yield {
      at,
      subject: name,
      fix: fixFor(settings, fix),
      message: say`${settings.label} stores secrets in plain text: DRONE_DATABASE_SECRET is ${settings.variables.has(name) ? say`empty` : say`not set`}${aggravation ? say`, and ${aggravation.message}` : ''}`,
      ...(aggravation ? { severity: 'high', related: [aggravation] } : {}),
    };
  },
});

/** The database, if it is on another host, whose users can read it, too. */
function elsewhere(server: Settings, { installation }: Context): Remark | undefined {
  const host = databaseOf(server)?.source.host;
  const datasource = server.variables.get('DRONE_DATABASE_DATASOURCE');
  if (host === undefined || !datasource || endpointOf(host, server, installation) !== 'remote') return undefined;
  return { at: datasource.at, message: say`the database is on another host` };
}
