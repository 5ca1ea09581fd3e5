import { unlessWritten } from '../../analysis/named-values.ts';
import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { isRunner } from '../../model/role.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'plain-http-rpc',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Runner talks to the server without TLS',
  why: 'Every request from the runner carries the RPC secret, and the responses carry build secrets and SCM tokens. Without TLS a neighbour on the network can read both and, with the RPC secret, fetch the rest.',
  fix: `Give the server TLS (a reverse proxy, or \`DRONE_TLS_CERT\` and \`DRONE_TLS_KEY\`), then on the runner:

\`\`\`env
DRONE_RPC_PROTO=https
\`\`\`

\`DRONE_RPC_HOST\` has to be a name of the certificate, with the port of TLS. Rotate \`DRONE_RPC_SECRET\` afterwards.

If the network between them is private enough, name it in \`drone-audit.yml\` (\`site: networks: [10.20.0.0/16]\`), and accept the note that remains: \`# drone-audit: ignore[plain-http-rpc] network of their own\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-proto/',
    'drone-runners/drone-runner-docker command/daemon/config.go:20-28',
    'drone/runner-go client/http.go:270-275',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, { installation, site }) {
    if (!isRunner(settings.role)) return;
    const address = setVariable(settings, 'DRONE_RPC_HOST');
    const proto = settings.variables.get('DRONE_RPC_PROTO');
    if (!address || (proto?.value !== undefined && proto.value !== 'http')) return;
    const host = address.value === undefined ? undefined : hostOf(address.value);
    const place = proto ?? address;
    if (host === undefined) {
      if (proto?.value === 'http')
        yield { at: place.at, inconclusive: say`the value of DRONE_RPC_HOST is not known: it may be this host` };
      return;
    }
    const endpoint = endpointOf(host, settings, installation);
    if (endpoint === 'local') return;
    if (proto ? proto.value === undefined : !settings.complete) {
      const gap = settings.gaps[0] ?? say`the environment is not wholly known`;
      if (endpoint === 'remote')
        yield { at: place.at, inconclusive: proto ? say`the value of DRONE_RPC_PROTO is not known` : gap };
      return;
    }
    const isNear = endpoint === 'project' || isOnPrivateNetwork(host, settings, site.networks);
    const how = proto ? 'over plain http' : 'over plain http, the default without DRONE_RPC_PROTO';
    yield {
      at: place.at,
      subject: 'DRONE_RPC_PROTO',
      about: unlessWritten(place.at, host),
      fills: { '10.20.0.0/16': host },
      message: say`${settings.label} talks to "${host}" ${ownWords(how)}${isNear ? say`, within a private network` : ''}`,
      severity: isNear ? 'info' : undefined,
    };
  },
});
