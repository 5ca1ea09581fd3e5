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
  fix: 'Save the secrets that are still in plain text again (or have their owners do so), then remove `DRONE_DATABASE_ENCRYPT_MIXED_MODE`. With `DRONE_DATABASE_ENCRYPT_USER_TABLE` the server then cannot read accounts that are still in plain text: all users must have signed in again before, and machine accounts need `drone user update LOGIN`.',
  refs: ['https://docs.drone.io/server/storage/encryption/', 'harness/drone store/shared/encrypt/aesgcm.go:54-78'],
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
