import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'mixed-encryption',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Unencrypted values are still accepted',
  why: 'Values that cannot be decrypted are used as they are: old plain text stays in the database, and whoever can write there can insert secrets of their own. Mixed mode is meant for migration only.',
  fix: `Save again what is still in plain text, then remove \`DRONE_DATABASE_ENCRYPT_MIXED_MODE\`. As an administrator, with drone-cli; each command keeps the value:

\`\`\`sh
drone secret update --name api_key octocat/app # each secret of each repository
drone orgsecret update octocat api_key # each secret of each organisation
drone user ls | while read -r login; do drone user update "$login"; done
\`\`\`

The last line is for servers with \`DRONE_DATABASE_ENCRYPT_USER_TABLE\`. Whatever is left out cannot be read afterwards: builds with such a secret fail, and such an account cannot sign in.`,
  refs: [
    'https://docs.drone.io/server/storage/encryption/',
    'harness/drone handler/api/repos/secrets/update.go',
    'harness/drone handler/api/users/update.go',
    'harness/drone-cli drone/secret/secret_set.go',
    'harness/drone store/shared/encrypt/aesgcm.go:54-78',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-312'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' || !setVariable(settings, 'DRONE_DATABASE_SECRET')) return;
    const variable = settings.variables.get('DRONE_DATABASE_ENCRYPT_MIXED_MODE');
    if (!variable || !isOn(settings, variable.name)) return;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`${settings.label} still accepts unencrypted values from the database`,
    };
  },
});
