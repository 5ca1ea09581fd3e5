import { isReportedAsObsolete } from '../../analysis/obsolete.ts';
import { buildMaps, extensionSecrets, isOfDrone, purposeOf } from '../../analysis/purpose.ts';
import { settingsNamed } from '../../facts/settings.ts';
import type { SecretTraits, Variable } from '../../model/environment.ts';
import { type Location, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import { isExpectedPlaceholder, isTemplateFile, weaknessOf } from '../../secrets/weakness.ts';

export default rule({
  id: 'sample-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret is a sample or placeholder',
  why: 'A value that documentation prints, or a word that everyone tries, is guessed first. A placeholder means that the real value is missing, and whatever needs it does not work.',
  fix: `Set the real value of \`DRONE_WEBHOOK_SECRET\`: the one that the other side issued (client secret, access key, password) or, for a secret of your own choice, the output of

\`\`\`sh
openssl rand -hex 32
\`\`\`

\`DRONE_DATABASE_SECRET\` has exactly 32 characters (\`openssl rand -hex 16\`). Once there are secrets in the database it cannot simply be changed: with another value the server cannot read them.`,
  refs: [
    'https://docs.drone.io/server/reference/',
    'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-1392'] },
  supersedes: ['inline-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (!isOfDrone(settings)) return;
    for (const variable of settings.variables.values()) {
      if (
        buildMaps.has(variable.name) ||
        hasOwnRule(variable, settings) ||
        isReportedAsObsolete(variable.name, settings)
      )
        continue;
      const found = secretsIn(variable).find(({ secret }) => secret.kind !== 'none');
      if (!found) continue;
      const isPlaceholder = found.secret.kind === 'placeholder';
      const isOfOthers = settingsNamed(variable.name).length === 0 && isTemplateFile(found.at.source.name);
      if (isExpectedPlaceholder(found) || isOfOthers) continue;
      yield {
        at: found.at,
        subject: variable.name,
        message: say`${found.what} ${weaknessOf(found.secret, 0)}`,
        severity: isPlaceholder ? 'low' : undefined,
        fills: { DRONE_WEBHOOK_SECRET: variable.via ?? variable.name },
        related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
      };
    }
  },
});

const namesWithRules =
  /^(?:DRONE_RPC_SECRET|DRONE_COOKIE_SECRET|DRONE_DATABASE_(?:SECRET|DATASOURCE)|DRONE_USER_CREATE|DRONE_UI_PASSWORD|DRONE_FEATURE_SERVER_PROXY_SECRET|VAULT_TOKEN)$/;

/** Whether another rule reports weak values of this variable. */
function hasOwnRule(variable: Variable, { role }: Settings): boolean {
  const { name } = variable;
  if (role === 'extension') return extensionSecrets.has(name) || name === 'VAULT_TOKEN';
  if (name === 'DRONE_AGENT_TOKEN') return role === 'autoscaler';
  if (name === 'DRONE_VM_PASSWORD') return role === 'runner-macstadium' && variable.secret?.kind !== 'placeholder';
  // The rules for these look at servers only.
  if (role === 'unknown' && /^DRONE_(?:COOKIE_SECRET|DATABASE_(?:SECRET|DATASOURCE))$/.test(name)) return false;
  return namesWithRules.test(name) || purposeOf(variable, role) === 'extension';
}

/** The secrets of a value: its parts where it has some, else the whole. */
function secretsIn({
  name,
  secret,
  parts = [],
  at,
}: Variable): readonly { readonly what: string; readonly secret: SecretTraits; readonly at: Location }[] {
  if (parts.length > 0)
    return parts.map((part) => ({
      what: part.name === '' ? name : `"${part.name}" in ${name}`,
      secret: part.secret,
      at: part.at,
    }));
  return secret ? [{ what: name, secret, at }] : [];
}
