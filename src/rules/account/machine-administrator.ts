import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { rule, say } from '../../model/rule.ts';

const meant = `An account that does need admin (to audit the server, say) can be named in \`drone-audit.yml\`, and is then reported as information only:

\`\`\`yaml
# drone-audit.yml
site:
  administrators: [deploy-bot]
\`\`\``;

/** Of an account that no configuration names. */
const byCommand = `Take the administrator rights from the account:

\`\`\`sh
drone user update --admin=false deploy-bot
\`\`\`

${meant}`;

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

${meant}`,
  refs: [
    'https://docs.drone.io/server/user/machine/',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:59-65',
    'harness/drone handler/api/acl/check.go:76-79',
    'harness/drone metric/handler.go:43-53',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge({ at, login, admin, machine, listed }, { site, installation }) {
    if (!admin || !machine) return;
    const { declared, asking } = machinesOf(installation);
    // Where configuration makes it so, that is the place to mend it.
    if (listed && declared.has(login)) return;
    const isMeant = site.administrators.includes(login);
    const isAsking = asking.has(login);
    yield {
      at,
      subject: `account ${login}`,
      message: say`machine account "${login}" is an administrator${isMeant ? say`, as this site intends` : isAsking ? say`; this audit uses its token` : ''}`,
      fix: listed ? byCommand : undefined,
      fills: { 'deploy-bot': login },
      severity: isMeant || isAsking ? 'info' : undefined,
    };
  },
});

/** The logins of machine accounts that configuration makes administrators, and of the account that the audit uses. */
const machinesOf = memoizePer(({ accounts }: Installation) => ({
  declared: new Set(accounts.flatMap(({ listed, login, admin }) => (!listed && admin ? [login] : []))),
  asking: new Set(accounts.flatMap(({ listed, login }) => (listed?.isAsking ? [login] : []))),
}));
