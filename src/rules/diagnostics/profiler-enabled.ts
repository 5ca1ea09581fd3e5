import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'profiler-enabled',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Profiler is open without login',
  why: '`/debug` is outside any authentication: anyone who reaches the server can keep its CPU busy with profiles and read its stacks, counters and command line. Contents of its memory are not shown.',
  fix: `Remove \`DRONE_PPROF_ENABLED\`. While you need it, let the proxy refuse the path to others, and accept the finding:

\`\`\`nginx
location /debug/ { return 404; }
\`\`\``,
  refs: [
    'harness/drone cmd/drone-server/inject_server.go:94-103',
    'harness/drone cmd/drone-server/config/config.go:257',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-306', 'CWE-489'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_PPROF_ENABLED');
    if (!variable || !isOn(settings, variable.name)) return;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`${settings.label} lets anyone profile it and read its stacks under "/debug"`,
    };
  },
});
