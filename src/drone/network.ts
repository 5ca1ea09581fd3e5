import type { Container } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Settings } from '../model/settings.ts';

/**
 * How far away an address is: in the same container or on the same host (`local`), on a network of the same engine or
 * cluster (`project`), or anywhere else (`remote`).
 */
export type Endpoint = 'local' | 'project' | 'remote';

/**
 * The host of an address as settings write it (`https://ci.example.com:8443/path`, `drone:80`, `[::1]:80`), in lower
 * case; undefined for paths, unix sockets, placeholders and empty texts.
 */
export function hostOf(address: string): string | undefined {
  const text = address.trim();
  if (text === '' || text.startsWith('/') || /^unix:/i.test(text)) return undefined;
  const [authority = ''] = text.replace(/^[a-z][a-z0-9+.-]{0,30}:\/\//i, '').split(/[/?#]/, 1);
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]*)\]/.exec(place)?.[1];
  const host = bracketed ?? (place.split(':').length > 2 ? place : place.replace(/:.*$/s, ''));
  // A blank that a guide leaves to be filled in (`<ip address>`) is not a host.
  return /[<>\s]/.test(host) ? undefined : host.toLowerCase().replace(/\.$/, '') || undefined;
}

/** Whether an address can be reached only from its own host: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|::1|(?:0{1,4}:){7}0{0,3}1)$/i.test(host);
}

/** Names by which a container reaches its own host, and names that only a cluster resolves. */
const ownHost = /^(?:host\.docker\.internal|gateway\.docker\.internal|host\.containers\.internal|172\.17\.0\.1)$/;
const ownCluster = /\.(?:svc|svc\.[\w.-]+|cluster\.local|pod\.[\w.-]+)$/;

/** Whether a name stands for the host that a container runs on, so that what it reaches there is a published port. */
export function isOwnHost(host: string): boolean {
  return ownHost.test(host) || host === '0.0.0.0' || isLoopback(host);
}

/**
 * How far a host is from a component. Only the engine or cluster resolves a name without a dot, so it counts as
 * `project` even if the container behind it is not part of the audit.
 */
export function endpointOf(host: string, from: Settings, installation: Installation): Endpoint {
  if (isLoopback(host) || host === '0.0.0.0' || host === '::') return 'local';
  const isDotless = !host.includes('.') && !host.includes(':');
  if (isDotless || ownHost.test(host) || ownCluster.test(host)) return 'project';
  const { container } = from;
  return container && containersNamed(host, container, installation).length > 0 ? 'project' : 'remote';
}

/**
 * Containers that `from` reaches by a name: a service or container name, an alias, the name of a Kubernetes Service.
 */
export function containersNamed(
  name: string,
  from: Container,
  { containers }: Pick<Installation, 'containers'>,
): readonly Container[] {
  return (namesOf(containers).get(name.toLowerCase()) ?? []).filter((container) => reaches(from, container));
}

const namesOf = memoizePer((containers: readonly Container[]): ReadonlyMap<string, readonly Container[]> => {
  const index = new Map<string, Container[]>();
  for (const container of containers)
    for (const name of new Set([container.name, ...container.aliases].map((each) => each.toLowerCase())))
      addTo(index, name, container);
  return index;
});

/** Networks on which Docker resolves no names. */
const namelessNetworks: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/**
 * Whether two containers share a network on which names are resolved. Containers without networks are pods, or use the
 * network of another container: for them, being in the same namespace or project decides.
 */
export function reaches(from: Container, to: Container): boolean {
  if (from.live !== to.live) return false;
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

/** Whether anyone in the world may resolve and reach a host: a domain name or address that is not private. */
export function isPublicHost(host: string): boolean {
  if (isLoopback(host) || !host.includes('.')) return false;
  if (/\.(?:local|localdomain|lan|home|internal|intranet|corp|test|invalid|home\.arpa|svc)$/.test(host)) return false;
  const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'];
  return !privateRanges.some((range) => isInRange(host, range));
}

function isInRange(host: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/');
  const address = addressOf(host);
  const start = addressOf(base);
  const length = Number(bits);
  if (address === undefined || start === undefined || !/^\d{1,2}$/.test(bits) || length > 32) return false;
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(start / size);
}

function addressOf(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0);
}
