import { remoteLogDriver } from '../../analysis/log-driver.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'rpc-dump',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'RPC traffic is written to the log',
  why: 'The headers of each request go to standard output, the RPC secret among them; with DRONE_RPC_DUMP_HTTP_BODY so do the secrets of every build. Whoever can read the runner log can fetch the details of all builds.',
  fix: `Remove \`DRONE_RPC_DUMP_HTTP\` and \`DRONE_RPC_DUMP_HTTP_BODY\` and restart the runner. Then delete the logs that it has written, shipped copies too, and rotate \`DRONE_RPC_SECRET\` on the server and all its runners; with bodies in the log, the secrets of all builds too.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-dump-http/',
    'drone/runner-go logger/dumper.go:41-49',
    'drone/runner-go client/http.go:270-275',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-7'], cwe: ['CWE-532'] },
  supersedes: ['debug-logging'],
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    if (!isRunner(settings.role)) return;
    const variable = settings.variables.get('DRONE_RPC_DUMP_HTTP');
    if (!variable || !isOn(settings, variable.name)) return;
    const withBodies = settings.variables.get('DRONE_RPC_DUMP_HTTP_BODY');
    const bodies = withBodies && isOn(settings, withBodies.name) === true;
    const driver = remoteLogDriver(settings);
    yield {
      at: variable.at,
      message: say`${settings.label} logs the RPC secret${bodies ? say` and the secrets of every build` : say` with each request`}${driver ? say`, and the log goes to "${driver}"` : ''}`,
      severity: driver ? 'critical' : undefined,
      related: bodies ? [{ at: withBodies.at, message: say`adds the bodies of requests and responses` }] : undefined,
    };
  },
});
