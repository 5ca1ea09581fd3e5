import { accountNumbered, listedAccounts } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'ownerless-repository',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Owner of the repository is gone',
  why: 'Drone builds a repository with the SCM token of the account that owns it in Drone: that of whoever activated it or took it over, not of its owner at the SCM. Once that account is blocked or deleted, nothing is built any more, and nobody who waits for the checks is told; until then builds use the token of someone who has left.',
  fix: `Sign in to Drone as the account that is to own the repository, best one made for this at the SCM that may do no more than builds need, and take it over:

\`\`\`sh
drone repo chown octocat/app
\`\`\``,
  refs: ['harness/drone trigger/trigger.go:97-276', 'https://docs.drone.io/cli/repo/drone-repo-chown/'],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(installation) {
    if (listedAccounts(installation).length === 0) return;
    for (const { active, userId, owner, label, slug } of installation.repositories) {
      if (!active.value || !userId) continue;
      const account = accountNumbered(userId.value, installation);
      if (account?.listed.active.value) continue;
      yield {
        at: userId.at,
        subject: 'owner',
        of: { owner, label },
        message: account
          ? say`the owner of ${label} in Drone, "${account.login}", is blocked`
          : say`the owner of ${label} in Drone, account ${userId.value}, is not on the server's list of accounts`,
        fills: { 'octocat/app': slug },
        related: account ? [{ at: account.listed.active.at, message: say`"${account.login}" is blocked` }] : [],
      };
    }
  },
});
