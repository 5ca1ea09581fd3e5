import { type Container, isPod, namesOf } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import { hostOf, isBridgeGateway, isInRange, isLoopback, isOwnHost, portOf } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Settings } from '../model/settings.ts';
import { originOf } from '../model/source.ts';

/**
 * How far away an address is: in the same container or on the same host (`local`), on a network of the same engine or
 * cluster (`project`), or anywhere else (`remote`).
 */
export type Endpoint = 'local' | 'project' | 'remote';

/** Names that only a cluster resolves. */
const ownCluster = /\.(?:svc|cluster\.local)$|[\w.-]$(?<=\.(?:svc|pod)\.[\w.-]+)/;

/**
 * How far a host is from a component. Only the engine or cluster resolves a name without a dot, so it counts as
 * `project` even if the container behind it is not part of the audit.
 */
export function endpointOf(host: string, from: Settings, installation: Installation): Endpoint {
  if (isLoopback(host) || host === '0.0.0.0' || host === '::') return 'local';
  const isDotless = !host.includes('.') && !host.includes(':');
  if (isDotless || isOwnHost(host) || ownCluster.test(host)) return 'project';
  const { container } = from;
  return container && containersNamed(host, container, installation).length > 0 ? 'project' : 'remote';
}

/** Containers that `from` reaches by the name of a service or container, an alias, or a Kubernetes Service. */
export function containersNamed(
  name: string,
  from: Container,
  { containers }: Pick<Installation, 'containers'>,
): readonly Container[] {
  return (byName(containers).get(name.toLowerCase()) ?? []).filter((container) => reaches(from, container));
}

const byName = memoizePer((containers: readonly Container[]): ReadonlyMap<string, readonly Container[]> => {
  const index = new Map<string, Container[]>();
  for (const container of containers) for (const name of namesOf(container)) addTo(index, name, container);
  return index;
});

/** Containers that `from` reaches by a port that they publish on the host of all of them: `tcp://172.17.0.1:2375`. */
export function containersPublishing(
  address: string,
  from: Container,
  { containers }: Pick<Installation, 'containers'>,
): readonly Container[] {
  const [host, port] = [hostOf(address), portOf(address)];
  if (host === undefined || port === undefined) return [];
  // Its own loopback is the host's only on the network of the host.
  const isHost = isLoopback(host) ? from.networkMode?.value === 'host' : isOwnHost(host) || isBridgeGateway(host);
  if (!isHost) return [];
  return (byHostPort(containers).get(port) ?? []).filter((to) =>
    from.live
      ? to.live && originOf(from.at.source.name) === originOf(to.at.source.name)
      : !to.live && from.at.source.name === to.at.source.name,
  );
}

const byHostPort = memoizePer((containers: readonly Container[]): ReadonlyMap<string, readonly Container[]> => {
  const index = new Map<string, Container[]>();
  for (const container of containers)
    for (const { hostPort, hostAddress } of container.ports)
      if (hostPort !== undefined && hostAddress !== undefined) addTo(index, hostPort, container);
  return index;
});

/**
 * Containers whose loopback address is that of `from` too: those of its pod, and those that take their network from each other
 * (`network_mode: service:docker`) or from the host.
 */
export function containersSharingLoopback(
  from: Container,
  { containers }: Pick<Installation, 'containers'>,
): readonly Container[] {
  const { stackOf, byStack } = networkStacks(containers);
  return (byStack.get(stackOf(from)) ?? []).filter((each) => each !== from);
}

/** How often a network is followed that a container takes from another; in a circle there is no end. */
const maxTaken = 10;

/** The owner of a container without what tells it from others of its pod. */
function ofPod(owner: string): string {
  const end = ['.initContainers', '.containers'].map((part) => owner.lastIndexOf(part)).find((at) => at >= 0);
  return end === undefined ? owner : owner.slice(0, end);
}

const networkStacks = memoizePer((containers: readonly Container[]) => {
  const named = new Map<string, Container>();
  for (const container of containers)
    for (const name of namesOf(container)) {
      const key = `${placeOf(container)} ${name}`;
      if (!named.has(key)) named.set(key, container);
    }
  const stackOf = (container: Container): string => {
    let last = container;
    for (let taken = 0; taken < maxTaken; taken++) {
      if (isPod(last)) return `pod ${ofPod(last.owner)}`;
      const mode = last.networkMode?.value ?? '';
      const name = /^(?:service|container):(.+)/.exec(mode)?.[1];
      const key = `${placeOf(last)} ${name?.toLowerCase() ?? mode}`;
      const next = named.get(key);
      if (name === undefined) return mode === 'host' ? key : last.owner;
      if (!next) return key;
      last = next;
    }
    return last.owner;
  };
  const byStack = new Map<string, Container[]>();
  for (const container of containers) addTo(byStack, stackOf(container), container);
  return { stackOf, byStack };
});

/** What stands for the engine that a container is on. */
function placeOf({ live, at }: Container): string {
  return live ? originOf(at.source.name) : at.source.name;
}

/** Networks on which Docker resolves no names. */
const namelessNetworks: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/**
 * Whether two containers share a network of one engine on which names are resolved. Containers without networks are pods, or use the
 * network of another container: for them, being in the same namespace or project decides.
 */
export function reaches(from: Container, to: Container): boolean {
  if (from.live !== to.live || (from.live && originOf(from.at.source.name) !== originOf(to.at.source.name)))
    return false;
  if (from.networks.length > 0 && to.networks.length > 0)
    return to.networks.some(
      ({ value }) => !namelessNetworks.has(value) && from.networks.some((network) => network.value === value),
    );
  if (from.project !== undefined && to.project !== undefined) return from.project === to.project;
  return from.at.source.name === to.at.source.name;
}

/**
 * Whether a host belongs to a network that the site calls private enough for traffic without TLS: `10.0.0.0/8`, a host,
 * a domain (`.lan`, `*.lan`), or the name of a network of the container that asks.
 */
export function isOnPrivateNetwork(host: string, from: Settings, networks: readonly string[]): boolean {
  return networks.some((network) => {
    const text = network.trim().toLowerCase();
    if (text.includes('/')) return isInRange(host, text);
    if (/^\*?\./.test(text)) return host.endsWith(text.replace('*', ''));
    return host === text || from.container?.networks.some(({ value }) => value.toLowerCase() === text) === true;
  });
}
