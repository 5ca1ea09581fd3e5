import { linesSaying, refusedByServer, timesOf } from '../../analysis/log-lines.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'rpc-secret-sent-in-clear',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Runner has sent the RPC secret over plain http',
  why: 'The server redirects http to https, and the runner does not follow: it tries again every second, and each attempt carries the RPC secret in clear text. Anyone on the way can fetch the secrets of all builds with it.',
  fix: `Have the runner use https from the start:

\`\`\`env
DRONE_RPC_PROTO=https
\`\`\`

Then replace \`DRONE_RPC_SECRET\` on the server and all its runners: this one has been on the network in clear text.`,
  refs: [
    'drone/runner-go d12a958 client/http.go:39-43',
    'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:226-238',
    'https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-proto/',
  ],
  standards: { owasp: ['CICD-SEC-6', 'CICD-SEC-7'], cwe: ['CWE-319'] },
  since: '0.1.0',
  *judge(container) {
    if (!isRunner(container.role)) return;
    const lines = linesSaying(container, refusedByServer).filter(
      ({ fields }) => fields.get('error')?.value === 'redirect',
    );
    const [first] = lines;
    if (!first) return;
    yield {
      at: first.message.at,
      subject: 'redirect',
      message: say`${container.label} was redirected to https ${timesOf(lines)}, and each of those requests carried the RPC secret in clear text`,
    };
  },
});
