import { isOn, isStoppedBy, whyUnknown } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

import { fixFor } from './_older-servers.ts';

const fix = `Encrypt the table of users too (server 2.0.0 or later), in mixed mode, without which the server cannot read the accounts it has:

\`\`\`env
DRONE_DATABASE_ENCRYPT_USER_TABLE=true
# drone-audit: ignore[mixed-encryption] until everything is saved again
DRONE_DATABASE_ENCRYPT_MIXED_MODE=true
\`\`\`

Then save every account again:

\`\`\`sh
drone user ls | while read -r login; do drone user update "$login"; done
\`\`\`

Remove \`DRONE_DATABASE_ENCRYPT_MIXED_MODE\` and its comment when that is done.`;

export default rule({
  id: 'unencrypted-user-tokens',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'SCM tokens of users are stored in plain text',
  why: 'DRONE_DATABASE_SECRET alone covers the secrets of repositories and organisations. The OAuth tokens of all users, which can write to their repositories at the SCM, stay readable in the database and its backups.',
  fix,
  refs: [
    'https://docs.drone.io/server/storage/encryption/',
    'harness/drone cmd/drone-server/inject_store.go:157-181',
    'harness/drone store/user/scan.go:27-32',
    'harness/drone handler/api/users/update.go',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-312'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const secret = setVariable(settings, 'DRONE_DATABASE_SECRET');
    const name = 'DRONE_DATABASE_ENCRYPT_USER_TABLE';
    const isCovered = isOn(settings, name);
    if (!secret || isCovered || isStoppedBy(settings, name)) return;
    const at = settings.variables.get(name)?.at ?? secret.at;
    if (isCovered === undefined) {
      yield { at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    yield {
      at,
      fix: fixFor(settings, fix),
      subject: name,
      message: say`${settings.label} encrypts secrets, but not the SCM tokens of its users`,
    };
  },
});
