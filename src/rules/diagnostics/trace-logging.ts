import { remoteLogDriver } from '../../analysis/log-driver.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'trace-logging',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Server prints its whole configuration at start',
  why: 'With DRONE_LOGS_TRACE the server writes its complete configuration to standard output when it starts, with every secret in clear text: RPC, cookie and client secrets, the data source. Anyone who can read the log controls the installation.',
  fix: `Remove \`DRONE_LOGS_TRACE\`, delete the logs of the server with all their copies, and replace every secret of the server.

Replace the RPC secret on all runners too, and the client secret at the SCM. With another \`DRONE_DATABASE_SECRET\` the server can no longer read what it has encrypted: those secrets have to be entered again.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-logs-trace/',
    'harness/drone cmd/drone-server/main.go:60-62',
    'harness/drone cmd/drone-server/config/config.go:165',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-7'], cwe: ['CWE-532', 'CWE-489'] },
  supersedes: ['debug-logging'],
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_LOGS_TRACE');
    if (!variable || !isOn(settings, variable.name)) return;
    const driver = remoteLogDriver(settings);
    yield {
      at: variable.at,
      message: say`${settings.label} writes all its secrets to the log when it starts${driver ? say`, and the log goes to "${driver}"` : ''}`,
      severity: driver ? 'critical' : undefined,
    };
  },
});
