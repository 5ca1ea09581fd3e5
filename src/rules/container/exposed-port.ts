import { internalServices, openDatabaseVariables } from '../../facts/internal-services.ts';
import type { Container } from '../../model/container.ts';
import { coversPort, isOnAllAddresses } from '../../model/ports.ts';
import { isRunner } from '../../model/role.ts';
import { ownWords, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'exposed-port',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Port is published on all addresses',
  why: 'A port published without an address is open wherever the host can be reached, and Docker lets it bypass ufw and firewalld. Nobody outside needs to talk to a runner, an extension or a database.',
  fix: `Remove the port mapping; containers on one network reach each other without it. Where the host itself needs the port, bind it to the loopback address:

\`\`\`yaml compose
ports:
  - "127.0.0.1:5432:5432"
\`\`\`

\`\`\`sh docker-run
--publish=127.0.0.1:5432:5432
\`\`\`

\`\`\`yaml kubernetes
type: ClusterIP # of the Service
\`\`\`

Programs on other hosts lose the port: check that none uses it.`,
  refs: [
    'https://docs.docker.com/engine/network/port-publishing/#publishing-ports',
    'https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw',
  ],
  standards: { owasp: ['CICD-SEC-7'], cisDocker: { version: '1.6.0', ids: ['5.14'] }, cwe: ['CWE-668'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(container) {
    const { role, label, ports } = container;
    const service = internalServices.get(container.image?.value.name.split('/').at(-1) ?? '');
    const isInternal = isRunner(role) || role === 'extension' || role === 'autoscaler';
    const open = ports.filter(
      (port) => isOnAllAddresses(port) && (isInternal || (service && coversPort(port, service.port))),
    );
    for (const { hostPort = '', containerPort, protocol, at } of open) {
      const isStore = service !== undefined && service.kind !== 'registry';
      const isOpen = isStore && takesEverybody(container);
      const all = /\D/.test(containerPort) ? 'ports' : 'port';
      yield {
        at,
        subject: `port ${containerPort}`,
        fills: { '5432:5432': `${hostPort}:${containerPort}${protocol === 'udp' ? '/udp' : ''}` },
        message: say`${ownWords(all)} "${containerPort}" of ${label} ${all === 'port' ? say`is` : say`are`} published on all addresses${isOpen ? say`, and it requires no password` : ''}`,
        ...(isOpen ? { severity: 'high' } : isStore || role === 'autoscaler' ? { severity: 'medium' } : {}),
      };
    }
  },
});

/** Whether a database is known to let everybody in without a password. */
function takesEverybody(container: Container): boolean {
  const { environment, image } = container;
  for (const [name, yes] of openDatabaseVariables)
    if (yes.test(environment.variables.get(name)?.value ?? '')) return true;
  return image?.value.name === 'redis' && asksForNothing(container);
}

/** The official image of Redis turns protected mode off; only `requirepass`, an ACL or a configuration file demands a password. */
function asksForNothing({ command, entrypoint, gaps }: Container): boolean {
  if (gaps.length > 0) return false;
  return ![...entrypoint, ...command].some(({ value }) =>
    /requirepass|--user\b|aclfile|\.conf\b|\.acl\b|[${]/.test(value),
  );
}
