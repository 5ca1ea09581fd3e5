import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'secret-served-to-pull-requests',
  on: 'extension',
  severity: 'high',
  confidence: 'high',
  title: 'Extension gives a secret to a fork pull request',
  why: 'Runners do not filter what an extension gives them: every pull request can ask for the secret, and print it. The canary is meant for pushes only, so its filter does not work, or the extension knows none.',
  fix: `Say on each secret whom it is for; in Vault (KV version 2; AWS takes the same keys in the secret, Kubernetes as annotations):

\`\`\`sh
vault kv patch secret/app X-Drone-Events=push,tag X-Drone-Repos=octocat/app
\`\`\`

Refuse forks as well, on drone/vault 1.3.0 or later; the other extensions have no such filter:

\`\`\`ini
DRONE_DISALLOW_FORKS=true
\`\`\`

An extension of your own compares \`build.event\`, \`repo.slug\` and \`build.source_repo\` of the request. Then probe again.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/runner-go secret/external.go:59-86',
    'drone/drone-vault 6496086 plugin/plugin.go:113-118',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-862'] },
  since: '0.1.0',
  *judge(probe) {
    for (const [name, fork] of probe.outcomes) {
      const number = /^canary-fork-(\d+)$/.exec(name)?.[1];
      if (number === undefined) continue;
      const push = probe.outcomes.get(`canary-push-${number}`)?.verdict;
      const canary = fork.secret?.value ?? '';
      const { at, value } = fork.verdict;
      // A name that is wrong, or a store that is down, gives nothing to anybody.
      if (push?.value !== 'data') yield { at, inconclusive: say`the canary "${canary}" is not given to a push` };
      else if (value === 'data')
        yield {
          at,
          subject: canary,
          message: say`${probe.label} gives the canary "${canary}" to a pull request from a fork`,
        };
      else if (value === 'unknown')
        yield { at, inconclusive: say`the answer does not tell whether a pull request from a fork gets "${canary}"` };
    }
  },
});
