import { extensionSecrets, isOfDrone } from '../../analysis/purpose.ts';
import { extensionFacts } from '../../facts/extensions.ts';
import { isComponent, settingFor } from '../../facts/settings.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import { isExpectedPlaceholder, isMerelyShort, isWeak, weaknessOf } from '../../secrets/weakness.ts';

/** Names at the callers; older names are aliases of these. */
const callerSecrets: readonly string[] = extensionFacts.map(({ token }) => token);

export default rule({
  id: 'weak-extension-token',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Extension token is short or well known',
  why: 'The token signs every request to the extension. Anyone who guesses it can read all secrets behind the extension, or call it in the name of the server. Encrypted answers need 32 bytes or more.',
  fix: `Make a random token for each extension, and set it on both sides:

\`\`\`env
DRONE_SECRET_PLUGIN_TOKEN=<output of: openssl rand -hex 32>
\`\`\`

The caller has it as \`..._TOKEN\` (runners) or \`..._SECRET\` (server), the extension as \`DRONE_SECRET\` or under a name of its own. Until both have the new one, requests are refused: builds fail, or go on without their secrets.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/drone-go plugin/internal/aesgcm/aesgcm.go',
    'drone/drone-go plugin/internal/client/client.go:94-115',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-8'], cwe: ['CWE-521', 'CWE-1392'] },
  supersedes: ['sample-secret', 'inline-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (!isOfDrone(settings)) return;
    for (const name of settings.role === 'extension' ? extensionSecrets : callerSecrets) {
      if (isForOthers(name, settings)) continue;
      const variable = settings.variables.get(name);
      const secret = variable?.secret;
      if (!variable || !secret || !isWeak(secret, 32) || isExpectedPlaceholder(variable)) continue;
      yield {
        at: variable.at,
        subject: name,
        message: say`${name} of ${settings.label} ${weaknessOf(secret, 32)}`,
        fills: { DRONE_SECRET_PLUGIN_TOKEN: variable.via ?? name },
        severity: isMerelyShort(secret) ? 'medium' : undefined,
        related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
      };
    }
  },
});

/**
 * Whether a component does not read a token, as setting-without-effect says. An env file on its own may be that of
 * several, and a nomad runner hands everything to a docker runner (drone-runner-nomad config.go:118-140).
 */
function isForOthers(name: string, { role, container }: Settings): boolean {
  return container !== undefined && isComponent(role) && role !== 'runner-nomad' && !settingFor(name, role);
}
