import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { containersNamed, endpointOf } from '../../drone/network.ts';
import { hostOf, isOwnHost, isPublicHost } from '../../model/hosts.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'plain-docker-host',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Runner uses a Docker daemon without TLS',
  why: 'The daemon at that address requires no login, so anyone who reaches it is root on its host. Images, variables and secrets of all builds travel in clear text.',
  fix: `Give the Docker daemon certificates (\`dockerd --tlsverify\`, port 2376; the certificate has to name \`engine.example.com\`), then on the runner, with the client's certificates mounted there:

\`\`\`env
DOCKER_HOST=tcp://engine.example.com:2376
DOCKER_TLS_VERIFY=1
DOCKER_CERT_PATH=/certs/client
\`\`\`

Close port 2375; other clients of the daemon need certificates too. Rotate the secrets of builds, which passed in clear text, and \`DRONE_RPC_SECRET\` if the runner's own container is on that daemon.`,
  refs: [
    'https://docs.docker.com/engine/security/protect-access/',
    'https://docs.drone.io/runner/docker/configuration/reference/',
    'moby/moby client/options.go FromEnv',
  ],
  standards: {
    owasp: ['CICD-SEC-5', 'CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['2.7'] },
    cwe: ['CWE-306', 'CWE-319'],
  },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, { installation }) {
    const variable = setVariable(settings, 'DOCKER_HOST');
    if (!isRunner(settings.role) || !variable?.value || !/^tcp:\/\//i.test(variable.value)) return;
    const host = hostOf(variable.value);
    if (host === undefined) return;
    const endpoint = endpointOf(host, settings, installation);
    // A daemon of the same project is judged by its own container, unless the audit has not got it.
    const { container } = settings;
    const isUnseen =
      endpoint === 'project' &&
      container &&
      !isOwnHost(host) &&
      containersNamed(host, container, installation).length === 0;
    if (isUnseen && isUnset(settings, 'DOCKER_TLS_VERIFY') !== false) {
      yield { at: variable.at, inconclusive: say`no container that was read is called "${host}"` };
      return;
    }
    if (endpoint !== 'remote') return;
    // Certificates alone make the client speak TLS (moby client/options.go WithTLSClientConfigFromEnv).
    for (const name of ['DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']) {
      const isEmpty = isUnset(settings, name);
      if (isEmpty === false) return;
      if (isEmpty === undefined) {
        yield { at: variable.at, inconclusive: whyUnknown(settings, name) };
        return;
      }
    }
    const isPublic = /^[\d.]+$/.test(host) && isPublicHost(host);
    yield {
      at: variable.at,
      subject: 'DOCKER_HOST',
      fills: { 'engine.example.com': host.includes(':') ? `[${host}]` : host },
      message: say`${settings.label} uses the Docker daemon of "${host}"${isPublic ? say`, a public address,` : ''} without TLS`,
      severity: isPublic ? 'critical' : undefined,
    };
  },
});
