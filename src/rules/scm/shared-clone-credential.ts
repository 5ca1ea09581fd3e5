import { isOn } from '../../analysis/setting-state.ts';
import { runnersOf } from '../../drone/topology.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'shared-clone-credential',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'One clone credential for all repositories',
  why: 'Every build of every private repository clones with this one account, whose credential is in the environment of its steps unless the runners limit it to the clone step. Whoever can write one pipeline can read every repository that the account can.',
  fix: `Make sure that the account can only read, and only the repositories that are built here.

Give its credential to the clone step only, on each runner; the finding is then low, and can be accepted:

\`\`\`ini
DRONE_NETRC_CLONE_ONLY=true
\`\`\``,
  refs: [
    'https://docs.drone.io/server/reference/drone-git-username/',
    'harness/drone service/netrc/netrc.go:53-90',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:260-292',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(settings, { installation }) {
    if (settings.role !== 'server') return;
    const user = setVariable(settings, 'DRONE_GIT_USERNAME');
    const password = setVariable(settings, 'DRONE_GIT_PASSWORD');
    if (!user || !password) return;
    const runners = runnersOf(settings, installation);
    const isLimited = runners.length > 0 && runners.every((runner) => isOn(runner, 'DRONE_NETRC_CLONE_ONLY'));
    yield {
      at: user.at,
      subject: user.name,
      message: say`${settings.label} gives all builds one clone credential${isLimited ? say`, in the clone step only` : ''}`,
      severity: isLimited ? 'low' : undefined,
    };
  },
});
