import { calledExtensions } from '../../analysis/extensions.ts';
import { hasOwnEntrypoint, secretOfFile } from '../../analysis/secret-file.ts';
import { isComponent } from '../../facts/settings.ts';
import type { Role } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

/** What images start, where it is not the server's. */
const programs: ReadonlyMap<Role, string> = new Map([
  ['runner-docker', '/bin/drone-runner-docker'],
  ['runner-kube', '/bin/drone-runner-kube'],
  ['runner-nomad', '/bin/drone-runner-nomad'],
  ['runner-digitalocean', '/bin/drone-runner-digitalocean'],
  ['agent', '/bin/drone-agent'],
]);

export default rule({
  id: 'ignored-secret-file',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret file variable is not read',
  why: 'Drone has no `*_FILE` convention: nothing reads the file, and the secret is empty. Encryption may be off, runners are refused, or the server does not start.',
  fix: `Export the variable from the file before the program starts:

\`\`\`yaml compose
entrypoint: ["/bin/sh", "-c"]
command:
  - export DRONE_RPC_SECRET="$$(cat /run/secrets/drone_rpc_secret)"; exec /bin/drone-server
\`\`\`

\`\`\`ini systemd
[Service]
EnvironmentFile=/etc/drone/secrets.env
\`\`\`

Or put it in the file that \`env_file\` or \`EnvironmentFile=\` names. Remove \`DRONE_RPC_SECRET_FILE\`.

A database secret that takes effect now leaves what was stored in plain text unreadable. Set it together with \`DRONE_DATABASE_ENCRYPT_USER_TABLE=true\` and, until all secrets have been saved and all users have signed in again, \`DRONE_DATABASE_ENCRYPT_MIXED_MODE=true\`.`,
  refs: [
    'https://docs.drone.io/server/reference/',
    'kelseyhightower/envconfig envconfig.go (Process)',
    'harness/drone cmd/drone-server/config/config.go',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-7'] },
  supersedes: ['unknown-setting', 'missing-rpc-secret'],
  since: '0.1.0',
  *judge(settings) {
    const { role, variables, label } = settings;
    if (!isComponent(role)) return;
    // missing-extension-token reports an extension that is called without its token.
    const tokens = new Set([...calledExtensions(settings)].map(({ fact }) => fact.token));
    for (const variable of variables.values()) {
      const plain = secretOfFile(variable.name, role);
      if (plain === undefined || variable.value === '') continue;
      const isOwn = hasOwnEntrypoint(settings);
      if (isOwn === false) continue;
      if (isOwn === undefined) {
        yield { at: variable.at, inconclusive: say`what starts ${label} may read "${variable.name}"` };
        continue;
      }
      const isMissing = !setVariable(settings, plain);
      if (isMissing && settings.complete && tokens.has(plain)) continue;
      const isOpen = isMissing && plain === 'DRONE_DATABASE_SECRET';
      const consequence = isOpen
        ? ', and secrets are stored in plain text'
        : isMissing
          ? `, and ${plain} is not set`
          : '';
      yield {
        at: variable.at,
        subject: plain,
        message: say`${label} does not read "${variable.name}"${consequence}`,
        severity: isOpen && settings.complete ? 'high' : undefined,
        fills: {
          '/run/secrets/drone_rpc_secret': variable.value ?? '/run/secrets/drone_rpc_secret',
          DRONE_RPC_SECRET: plain,
          '/bin/drone-server': programs.get(role) ?? '/bin/drone-server',
        },
      };
    }
  },
});
