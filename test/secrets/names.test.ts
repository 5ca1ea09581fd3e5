import { describe, expect, it } from 'vitest';
import { holdsSecret, namesSecret } from '../../src/secrets/names.ts';

describe('a name', () => {
  it.each(['BUNDLE_GEMS__EXAMPLE__COM', 'LDAP_BINDPW', 'TOTP_SEED', 'UNITY_SERIAL', 'DB_SENHA', 'KENNWORT'])(
    'says that it holds a secret: %s',
    (name) => {
      expect(namesSecret(name)).toBe(true);
    },
  );

  it.each(['BUNDLE_BUILD__NOKOGIRI', 'BUNDLE_PATH', 'SESSION_NAME', 'SEEDS', 'LOGIN'])('says of none: %s', (name) => {
    expect(namesSecret(name)).toBe(false);
  });

  it.each([
    ['FASTLANE_SESSION', 'hunter2x', true],
    ['FASTLANE_SESSION', 'production', false],
    ['STRIPE_SK', 'hunter2x', true],
    ['NEXUS_LOGIN', 'octocat:hunter2x', true],
    ['NEXUS_LOGIN', 'octocat2x', false],
    ['NEXUS_LOGIN', 'https://example.org/login2x', false],
    ['KUBE_CONFIG', '~/.kube/config2x', false],
  ])('%s with the value %s: %s', (name, value, holds) => {
    expect(holdsSecret(name, value)).toBe(holds);
  });
});
