import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'blocked-account-with-token',
  on: 'account',
  severity: 'low',
  confidence: 'high',
  title: 'Blocked account keeps its token',
  why: 'Drone tests whether an account is blocked only where it guards private repositories. The token of a blocked account still works elsewhere: it reads the account itself, public and internal repositories, and the names of the organisation secrets of its namespaces.',
  fix: `Give the account another token, which nobody knows (server 2.15.0 or later):

\`\`\`sh
curl -X POST -H "Authorization: Bearer $DRONE_TOKEN" "$DRONE_SERVER/api/users/octocat/token/rotate"
\`\`\`

The answer holds the new token: do not keep it. Or delete the account:

\`\`\`sh
drone user rm octocat
\`\`\`

If the token has been rotated since the account was blocked, accept the finding in \`drone-audit.yml\`; the list of accounts does not show it.`,
  refs: [
    'harness/drone handler/api/acl/check.go:126',
    'harness/drone handler/api/acl/acl.go:29-59',
    'harness/drone handler/api/users/update.go',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-613'] },
  since: '0.1.0',
  *judge({ at, login, listed }) {
    if (!listed || listed.active.value) return;
    yield {
      at,
      subject: `account ${login}`,
      message: say`account "${login}" is blocked, and its token still works unless it was rotated`,
      fills: { octocat: login },
    };
  },
});
