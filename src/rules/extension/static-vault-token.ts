import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder } from '../../secrets/weakness.ts';

export default rule({
  id: 'static-vault-token',
  on: 'settings',
  severity: 'medium',
  confidence: 'medium',
  title: 'Vault extension uses a root or static token',
  why: "Anyone who can read this container's configuration has the token, and a root token opens all of Vault, not only what builds need. A static token that leaks stays valid.",
  fix: `Let the extension log in by itself, with a role whose policy can read only what builds need:

\`\`\`env
VAULT_AUTH_TYPE=approle
VAULT_APPROLE_ID=<output of: vault read -field=role_id auth/approle/role/drone/role-id>
VAULT_APPROLE_SECRET=<output of: vault write -f -field=secret_id auth/approle/role/drone/secret-id>
\`\`\`

Remove \`VAULT_TOKEN\`, and revoke it (\`vault token revoke\`) when the extension works without it. In a cluster:

\`\`\`env
VAULT_AUTH_TYPE=kubernetes
VAULT_AUTH_MOUNT_POINT=kubernetes
VAULT_KUBERNETES_ROLE=drone
\`\`\``,
  refs: [
    'https://docs.drone.io/runner/extensions/vault/',
    'drone/drone-vault main.go:39-52',
    'https://developer.hashicorp.com/vault/docs/concepts/tokens#root-tokens',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-250', 'CWE-798'] },
  supersedes: ['inline-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'extension') return;
    const variable = settings.variables.get('VAULT_TOKEN');
    if (!variable?.secret || isExpectedPlaceholder(variable)) return;
    const isStatic = isUnset(settings, 'VAULT_AUTH_TYPE');
    if (isStatic === undefined) yield { at: variable.at, inconclusive: whyUnknown(settings, 'VAULT_AUTH_TYPE') };
    if (!isStatic) return;
    const isKnown = variable.secret.kind === 'sample' || variable.secret.kind === 'word';
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`${settings.label} signs in to Vault with ${isKnown ? say`a development-mode token` : say`a static token`}`,
      severity: isKnown ? 'high' : undefined,
      related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
    };
  },
});
