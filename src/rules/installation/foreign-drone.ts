import { hostNamedBy, serverHost } from '../../drone/topology.ts';
import type { Container } from '../../model/container.ts';
import { groupedBy } from '../../model/groups.ts';
import { hostOf, isOwnHost } from '../../model/hosts.ts';
import type { Installation } from '../../model/installation.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, type Located, rule, say } from '../../model/rule.ts';
import { originOf } from '../../model/source.ts';

export default rule({
  id: 'foreign-drone',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Another Drone uses this host',
  why: 'Its builds share the engine, its cache of images and the kernel with yours, and rules of a server that you do not administer decide who may start them. A step of theirs that gets to the engine has the secrets of your builds.',
  fix: `Find who runs it: the labels name its server and the repositories that it builds.

\`\`\`sh
docker ps --all --filter label=io.drone.system.host=other.example.com --format '{{.Names}} {{.Label "io.drone.repo.slug"}}'
\`\`\`

A runner for it is on this host, or reaches this engine over the network. Give each Drone a host of its own. If the server merely has two names, or has had another one, set \`DRONE_SERVER_HOST\` to the one that counts and remove what the old builds left.`,
  refs: [
    'drone/runner-go d12a958 labels/labels.go',
    'drone-runners/drone-runner-docker 9ea626a engine/compiler/compiler.go',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(installation) {
    const steps = installation.containers.flatMap((container) => systemOf(container) ?? []);
    const [some] = steps;
    if (!some) return;
    const own = ownHosts(installation);
    if (own.size === 0) {
      yield { at: some.system.at, inconclusive: say`the address of your own server is not known` };
      return;
    }
    const foreign = steps.filter(({ system }) => !own.has(hostOf(system.value) ?? ''));
    const byHost = groupedBy(
      foreign,
      ({ system }) => `${originOf(system.at.source.name)} ${hostOf(system.value) ?? ''}`,
    );
    for (const [first, ...others] of byHost.values()) {
      if (!first) continue;
      const { container, system } = first;
      yield {
        at: system.at,
        subject: `server ${system.value}`,
        of: container,
        fills: { 'other.example.com': system.value },
        message: say`${container.label}${others.length === 0 ? say` belongs` : say` and ${others.length} more belong`} to builds of "${system.value}", which is not your server`,
        related: others.map((other) =>
          alsoAt(other.system.at, say`${other.container.label} belongs to that server too`, {
            message: say`${other.container.label} belongs to builds of "${system.value}", which is not your server`,
            label: other.container.label,
            follows: true,
          }),
        ),
      };
    }
  },
});

/** The server that a container of a build was made for, as it calls itself (DRONE_SERVER_HOST). */
function systemOf(container: Container): { container: Container; system: Located<string> } | undefined {
  const system = container.live && container.role === 'step' ? container.labels.get('io.drone.system.host') : undefined;
  return system && hostOf(system.value) !== undefined ? { container, system } : undefined;
}

/** By which names the audited servers are known: their own, those that were asked, and full ones that runners call. */
function ownHosts({ settings, endpoints }: Installation): ReadonlySet<string> {
  const servers = settings.filter(({ role }) => role === 'server').map(serverHost);
  const asked = endpoints.filter(({ role }) => role === 'server').map(({ address }) => hostOf(address.value));
  const named = settings.filter(({ role }) => isRunner(role)).map(hostNamedBy);
  const full = [...asked, ...named].filter((host) => host?.includes('.') && !isOwnHost(host));
  return new Set([...servers, ...full].flatMap((host) => host ?? []));
}
