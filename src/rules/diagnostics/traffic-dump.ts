import { isOn } from '../../analysis/setting-state.ts';
import { scmOf } from '../../drone/scm.ts';
import { rule, say } from '../../model/rule.ts';

const providers = ['github', 'gitlab', 'gitea', 'gitee', 'gogs', 'stash', 'bitbucket'] as const;

export default rule({
  id: 'traffic-dump',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'SCM traffic is dumped with its secrets',
  why: 'Webhooks from GitLab and Bitbucket carry the webhook secret of the repository itself, and exchanges with the API of the SCM carry the tokens of users. Anyone who can read the log can forge webhooks, and so start builds, or act at the SCM as those users.',
  fix: `Remove \`DRONE_DEBUG_DUMP_HOOK\`, and clear the logs of the server with all their copies.

If exchanges with the SCM were dumped, revoke the tokens of users there. If webhooks of GitLab or Bitbucket were, replace their secrets in the database (here SQLite), because \`drone repo repair\` alone sends the old ones again:

\`\`\`sql
UPDATE repos SET repo_signer = lower(hex(randomblob(16))) WHERE repo_active = 1;
\`\`\`

Then register each webhook again; until then the server refuses it:

\`\`\`sh
drone repo repair OWNER/NAME
\`\`\``,
  refs: [
    'https://docs.drone.io/server/reference/drone-github-debug/',
    'harness/drone handler/web/hook.go:52-57',
    'harness/drone cmd/drone-server/config/config.go:350',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-7'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const hooks = settings.variables.get('DRONE_DEBUG_DUMP_HOOK');
    if (hooks && isOn(settings, hooks.name))
      yield {
        at: hooks.at,
        subject: hooks.name,
        message: say`${settings.label} writes every webhook with its secret to the log`,
      };
    const scm = scmOf(settings);
    for (const provider of providers) {
      const variable = settings.variables.get(`DRONE_${provider.toUpperCase()}_DEBUG`);
      // Only the client of the SCM in use is created (cmd/drone-server/inject_client.go:51-69).
      if (!variable || !isOn(settings, variable.name) || (scm && scm.provider !== provider)) continue;
      yield {
        at: variable.at,
        subject: variable.name,
        fills: { DRONE_DEBUG_DUMP_HOOK: variable.name },
        message: say`${settings.label} writes its exchanges with the SCM to the log`,
      };
    }
  },
});
