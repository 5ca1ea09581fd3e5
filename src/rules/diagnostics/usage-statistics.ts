import { whyUnknown } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'usage-statistics',
  on: 'settings',
  severity: 'info',
  confidence: 'high',
  pedantic: true,
  title: 'Server sends usage statistics',
  why: 'Once a day the server sends the numbers of its users, repositories and builds, and the e-mail address of the licence, to stats.drone.ci. The official image turns this on.',
  fix: `Switch it off:

\`\`\`env
DRONE_DATADOG_ENABLED=false
\`\`\``,
  refs: [
    'harness/drone docker/Dockerfile.server.linux.amd64',
    'harness/drone cmd/drone-server/config/config.go:138-140',
  ],
  standards: { owasp: ['CICD-SEC-8'], cwe: ['CWE-200'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1])) return;
    const variable = settings.variables.get('DRONE_DATADOG_ENABLED');
    const at = variable?.at ?? settings.at;
    if (variable ? variable.value === undefined : !settings.complete) {
      yield { at, inconclusive: whyUnknown(settings, 'DRONE_DATADOG_ENABLED') };
      return;
    }
    if (variable ? parseGoBool(variable.value ?? '') !== true : isWithoutImage(settings)) return;
    yield {
      at,
      subject: 'DRONE_DATADOG_ENABLED',
      message: say`${settings.label} sends usage statistics${variable ? '' : say`, the default of its image`}`,
    };
  },
});

/** The program alone does not send them: only the image sets the variable. */
function isWithoutImage({ at, container }: Settings): boolean {
  return !container && at.source.form === 'systemd';
}
