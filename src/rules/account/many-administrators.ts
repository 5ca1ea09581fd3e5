import { listedAccounts } from '../../analysis/server-repository.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

/** More administrators than these are many, whatever the size of the installation. */
const few = 3;
/** From this many accounts on, the share of administrators counts, too. */
const enoughToCompare = 20;

export default rule({
  id: 'many-administrators',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Many administrators',
  why: 'Every administrator can trust repositories, and so get at the secrets of every build and the hosts of the runners. Each of their accounts at the SCM, and each of their tokens, opens the whole installation.',
  fix: `Keep administrators to the people who operate the server, and drop the flag of the others:

\`\`\`sh
drone user update --admin=false octocat
\`\`\`

An account that \`DRONE_USER_CREATE\` names gets the flag back at the next start if \`admin:true\` stands there: take that out, too.`,
  refs: ['https://docs.drone.io/server/user/admins/', 'harness/drone handler/api/acl/check.go:76-79'],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(installation) {
    const accounts = listedAccounts(installation);
    const administrators = accounts.filter(({ admin, listed }) => admin && listed.active.value);
    const [first, ...others] = administrators;
    const isLargeShare = accounts.length >= enoughToCompare && administrators.length > accounts.length / 10;
    if (!first || (administrators.length <= few && !isLargeShare)) return;
    yield {
      at: first.at,
      subject: 'administrators',
      of: { owner: first.owner, label: say`the accounts of the server` },
      message: say`${administrators.length} of ${accounts.length} accounts are administrators`,
      fills: { octocat: first.login },
      related: others.map(({ at, login }) =>
        alsoAt(at, say`"${login}" is another`, {
          message: say`"${login}" is one of ${administrators.length} administrators`,
          fills: { octocat: login },
          follows: true,
        }),
      ),
    };
  },
});
