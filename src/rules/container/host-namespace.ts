import type { Container } from '../../model/container.ts';
import { alsoAt, type Location, rule, type Severity, say, type Text, worstFirst } from '../../model/rule.ts';

export default rule({
  id: 'host-namespace',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Container shares a namespace of the host',
  why: "With the host's process ids a container sees every process and its environment, and so Drone's secrets; with its memory segments or user ids it takes part in what other programs share. The isolation that makes it a container is gone there.",
  fix: `Remove the shared namespace: \`pid\`, \`ipc\`, \`uts\`, \`userns_mode\` in compose, \`--pid\` and the like in \`docker run\`, \`hostPID\` and \`hostIPC\` in a pod. One exception: on an engine with \`userns-remap\`, a runner needs \`userns_mode: host\` to open the mounted socket; accept it there (\`# drone-audit: ignore[host-namespace] engine with userns-remap\`).`,
  refs: ['https://docs.docker.com/reference/cli/docker/container/run/#pid'],
  standards: {
    owasp: ['CICD-SEC-5'],
    cisDocker: { version: '1.6.0', ids: ['5.16', '5.17', '5.21', '5.31'] },
    cwe: ['CWE-250'],
  },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(container) {
    const shared = [...sharedNamespaces(container)];
    shared.sort(worstFirst);
    const [worst, ...others] = shared;
    if (!worst) return;
    yield {
      at: worst.at,
      subject: 'namespace',
      cisDocker: shared.flatMap(({ cisDocker }) => cisDocker),
      message: say`${container.label} ${worst.message}`,
      severity: worst.severity,
      related: others.map(({ at, message, severity }) =>
        alsoAt(at, say`it also ${message}`, { message: say`${container.label} ${message}`, severity }),
      ),
    };
  },
});

interface Shared {
  readonly at: Location;
  readonly message: Text;
  readonly severity: Severity;
  /** Recommendations of CIS Docker 1.6.0: they are about namespaces of the host, not of another container. */
  readonly cisDocker: readonly string[];
}

function* sharedNamespaces({ pidMode, ipcMode, utsMode, usernsMode }: Container): Iterable<Shared> {
  if (pidMode?.value === 'host')
    yield { at: pidMode.at, message: say`sees the processes of the host`, severity: 'high', cisDocker: ['5.16'] };
  else if (pidMode && /^(?:container|service):/.test(pidMode.value))
    yield { at: pidMode.at, message: say`sees the processes of "${pidMode.value}"`, severity: 'high', cisDocker: [] };
  if (ipcMode?.value === 'host')
    yield {
      at: ipcMode.at,
      message: say`shares the memory segments of the host`,
      severity: 'medium',
      cisDocker: ['5.17'],
    };
  if (utsMode?.value === 'host')
    yield { at: utsMode.at, message: say`shares the host name`, severity: 'low', cisDocker: ['5.21'] };
  if (usernsMode?.value === 'host')
    yield { at: usernsMode.at, message: say`shares the user ids of the host`, severity: 'low', cisDocker: ['5.31'] };
}
