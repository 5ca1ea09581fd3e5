import { registrationOf } from '../../analysis/registration.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { scmOf } from '../../drone/scm.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'trusted-by-default',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'Every new repository is trusted',
  why: 'Every repository synchronised from now on may use privileged steps, host volumes and devices: root on the runner host for everyone who can write a pipeline there, even in a pull request from a fork. Repositories that are already known keep their flag.',
  fix: `Remove \`DRONE_REPOSITORY_TRUSTED\`, then clear the flag on repositories that do not need it:

\`\`\`sh
drone repo update --trusted=false NAMESPACE/NAME
\`\`\``,
  refs: [
    'harness/drone service/repo/util.go:37',
    'harness/drone store/batch2/batch.go:241',
    'harness/drone handler/api/repos/update.go:106-109',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-1188', 'CWE-269'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, { site }) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_REPOSITORY_TRUSTED');
    if (!variable || !isOn(settings, variable.name)) return;
    const isPrivate = site.scm === undefined ? scmOf(settings)?.isPublic === false : site.scm === 'private';
    const isClosed = isPrivate && registrationOf(settings).state === 'closed';
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`every repository that is added from now on is trusted: its builds may be root on the runner's host`,
      severity: isClosed ? 'high' : undefined,
    };
  },
});
