import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'machine-administrator',
  on: 'account',
  severity: 'medium',
  confidence: 'high',
  title: 'Machine account is an administrator',
  why: "A machine account's token never expires, has no scope and belongs to no person. As administrator it can mark repositories as trusted and read every build and its logs. Metrics and most automation do not need admin.",
  fix: `Take the administrator rights from the account; the server applies the flags at its next start:

\`\`\`env
DRONE_USER_CREATE=username:deploy-bot,machine:true,admin:false
\`\`\`

If it does not exist yet, it needs its \`token:\` too. For an account that the variable does not name, use the command line:

\`\`\`sh
drone user update --admin=false deploy-bot
\`\`\`

An account that does need admin (to audit the server, say) can be named in \`drone-audit.yml\`, and is then reported as information only:

\`\`\`yaml
# drone-audit.yml
site:
  administrators: [deploy-bot]
\`\`\``,
  refs: [
    'https://docs.drone.io/server/user/machine/',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:59-65',
    'harness/drone handler/api/acl/check.go:76-79',
    'harness/drone metric/handler.go:43-53',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge({ at, login, admin, machine }, { site }) {
    if (!admin || !machine) return;
    const isMeant = site.administrators.includes(login);
    yield {
      at,
      subject: `account ${login}`,
      message: say`machine account "${login}" is an administrator${isMeant ? say`, as this site intends` : ''}`,
      fills: { 'deploy-bot': login },
      severity: isMeant ? 'info' : undefined,
    };
  },
});
