import { isOlderRelease } from '../../drone/release.ts';
import type { Host, Listener } from '../../model/engine.ts';
import { hostOf, isLoopback } from '../../model/hosts.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'exposed-docker-daemon',
  on: 'host',
  severity: 'critical',
  confidence: 'high',
  title: 'Docker API is open on the network',
  why: 'Whoever reaches the address starts a container with the whole disk of the host in it, without any login: root on the host, with every secret of every build.',
  fix: `Remove the address from \`hosts\` in \`/etc/docker/daemon.json\` and \`-H tcp://…\` from the unit (\`systemctl cat docker\`), and restart Docker. Clients on other machines come in by SSH:

\`\`\`sh
docker -H ssh://operator@engine.example.com info
\`\`\`

drone-audit itself takes no \`ssh://\`, because it would not check the key of the host; forward the socket for it:

\`\`\`sh
ssh -fNL /tmp/docker.sock:/var/run/docker.sock operator@engine.example.com
drone-audit scan --docker unix:///tmp/docker.sock
\`\`\`

If there has to be a port, demand certificates of its clients:

\`\`\`json
{
  "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2376"],
  "tlsverify": true,
  "tlscacert": "/etc/docker/ca.pem",
  "tlscert": "/etc/docker/server-cert.pem",
  "tlskey": "/etc/docker/server-key.pem"
}
\`\`\`

The unit of Docker's packages has \`-H fd://\`, and with addresses in both places Docker does not start. Clear that option in a drop-in (\`systemctl edit docker\`) that keeps the others of \`systemctl cat docker\`, then restart Docker:

\`\`\`ini
[Service]
ExecStart=
ExecStart=/usr/bin/dockerd --containerd=/run/containerd/containerd.sock
\`\`\`

If the address could be reached from outside, treat the host as taken over: look for containers that nobody started, and replace the secrets of all builds.`,
  refs: [
    'https://docs.docker.com/engine/security/protect-access/',
    'https://docs.docker.com/engine/security/#docker-daemon-attack-surface',
    'moby/moby daemon/info.go fillAPIInfo',
  ],
  standards: {
    owasp: ['CICD-SEC-7'],
    cisDocker: { version: '1.6.0', ids: ['2.7'] },
    cwe: ['CWE-306'],
  },
  since: '0.1.0',
  effort: 'hours',
  *judge(host) {
    const open = host.listeners.filter(({ verifiesClients }) => !verifiesClients);
    const told = open.filter((listener) => !isBehindProxy(listener, host));
    const found = [...told].sort((one, other) => Number(isLocal(one)) - Number(isLocal(other)));
    const [worst, ...others] = found;
    if (!worst) return;
    const toldOf = (listener: Listener) => ({
      message: say`${host.label} ${whatOf(listener)}${isLocal(listener) ? say`, though only from its own host` : ''}`,
      severity: isLocal(listener) ? ('high' as const) : undefined,
      fills: { 'engine.example.com': host.at.source.form === 'docker-engine' ? (nameOf(listener) ?? '') : '' },
    });
    yield {
      at: worst.address.at,
      subject: 'listener',
      ...toldOf(worst),
      related: others.map((other) => alsoAt(other.address.at, say`it ${whatOf(other)}`, toldOf(other))),
    };
  },
});

function whatOf({ address, told }: Listener): Text {
  if (told === 'by its answer') return say`answered API requests at "${address.value}" without TLS`;
  if (told === 'by a file') return say`is configured to listen at "${address.value}" without client certificates`;
  const isPlain = !/^https:/i.test(address.value);
  return isPlain
    ? say`accepts API requests at "${address.value}" without TLS`
    : say`accepts API requests at "${address.value}" without a client certificate`;
}

function isLocal({ address }: Listener): boolean {
  return isLoopback(hostOf(address.value) ?? '');
}

function nameOf(listener: Listener): string | undefined {
  const name = hostOf(listener.address.value);
  return name === undefined || isLocal(listener) || name === '0.0.0.0' || name.includes(':') ? undefined : name;
}

/**
 * Whether the audit came in on the own host at an address that the engine does not know of, although it would name one (since
 * 19.03, moby/moby 37684): that of a socket proxy or a tunnel, which is judged by its own container.
 */
function isBehindProxy(listener: Listener, { product, version, warnings, listeners }: Host): boolean {
  if (listener.told !== 'by its answer' || !isLocal(listener)) return false;
  const tells = product === 'docker' && version !== undefined && !isOlderRelease(version.value, '19.3.0');
  return (
    tells &&
    !listeners.some(({ told }) => told === 'by the engine') &&
    !warnings.some(({ value }) => /API is accessible/.test(value))
  );
}
