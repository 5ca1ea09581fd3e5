import type { Container } from './container.ts';
import { hostOf, isLoopback, reaches } from './endpoint.ts';
import type { Installation } from './installation.ts';
import { given } from './registration.ts';
import { isRunner, type Settings, type Variable } from './settings.ts';
import type { Site } from './site.ts';
import type { Located, Location } from './source.ts';

/*
 * Which components of an audit belong together. Nothing in a configuration says so outright; addresses, networks,
 * projects and files do.
 */

/**
 * The server of a runner: the one whose container DRONE_RPC_HOST names on a common network, else the one whose
 * DRONE_SERVER_HOST it is, else the only one of the same project or file, else the only one of the audit unless the
 * addresses speak against it. Undefined where several fit equally. What runs is joined with what runs, where it can be.
 */
export function serverOf(runner: Settings, installation: Installation): Settings | undefined {
  const { servers, byName, byHost, byGroup } = serversOf(installation);
  if (servers.length === 0) return undefined;
  const address = runner.variables.get('DRONE_RPC_HOST')?.value;
  const host = address === undefined ? undefined : hostOf(address);
  const only = (found: readonly Settings[]): Settings | undefined => {
    const alike = found.filter(({ live }) => live === runner.live);
    const [first, second] = alike.length > 0 ? alike : found;
    return second ? undefined : first;
  };
  if (host !== undefined && !isLoopback(host)) {
    const { container } = runner;
    const named = (byName.get(host) ?? []).filter(
      (server) => container && server.container && reaches(container, server.container),
    );
    const found = only(named) ?? only(byHost.get(host) ?? []);
    if (found) return found;
  }
  const together = [...new Set(groupsOf(runner).flatMap((group) => byGroup.get(group) ?? []))];
  if (together.length > 0) return only(together);
  const last = only(servers);
  const isElsewhere = host?.includes('.') && !isLoopback(host) && last && serverHost(last) !== undefined;
  return isElsewhere ? undefined : last;
}

/** The runners whose server this is. */
export function runnersOf(server: Settings, installation: Installation): readonly Settings[] {
  return installation.settings.filter(
    (settings) => isRunner(settings.role) && serverOf(settings, installation) === server,
  );
}

/** The host of DRONE_SERVER_HOST without scheme and port; undefined when its value is not known. */
export function serverHost(server: Settings): string | undefined {
  const value = server.variables.get('DRONE_SERVER_HOST')?.value;
  return value === undefined ? undefined : hostOf(value);
}

/** Whether two components are on one host: both seen on the engine, or declared in one file or project. */
export function shareHost(one: Settings, other: Settings): boolean {
  if (one.live !== other.live) return false;
  if (one.live) return true;
  const groups = new Set(groupsOf(one));
  return groupsOf(other).some((group) => groups.has(group));
}

/**
 * The components that take a variable from the same place: an env file, a block that YAML repeats, a ConfigMap. What is
 * interpolated from one place into several is not meant: there each component names it for itself.
 */
export function sharersOf(variable: Variable, installation: Installation): readonly Settings[] {
  let places = shared.get(installation);
  if (!places) {
    places = new Map();
    for (const settings of installation.settings)
      for (const { keyAt } of settings.variables.values()) {
        const key = placeKey(keyAt);
        const same = places.get(key);
        if (same) same.push(settings);
        else places.set(key, [settings]);
      }
    shared.set(installation, places);
  }
  return places.get(placeKey(variable.keyAt)) ?? [];
}

const shared = new WeakMap<Installation, Map<string, Settings[]>>();

function placeKey({ source, span }: Location): string {
  return `${span.start} ${source.name}`;
}

interface Servers {
  readonly servers: readonly Settings[];
  /** By the names of their containers. */
  readonly byName: ReadonlyMap<string, readonly Settings[]>;
  /** By DRONE_SERVER_HOST. */
  readonly byHost: ReadonlyMap<string, readonly Settings[]>;
  /** By project and file. */
  readonly byGroup: ReadonlyMap<string, readonly Settings[]>;
}

const known = new WeakMap<Installation, Servers>();

function serversOf(installation: Installation): Servers {
  const found = known.get(installation);
  if (found) return found;
  const servers = installation.settings.filter(({ role }) => role === 'server');
  const index: Servers = {
    servers,
    byName: grouped(servers, ({ container }) => (container ? [container.name, ...container.aliases] : [])),
    byHost: grouped(servers, (server) => [serverHost(server) ?? '']),
    byGroup: grouped(servers, groupsOf),
  };
  known.set(installation, index);
  return index;
}

function groupsOf({ at, container }: Settings): readonly string[] {
  const project = container?.project;
  return [`file ${at.source.name}`, ...(project === undefined ? [] : [`project ${project}`])];
}

function grouped<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items)
    for (const key of new Set(keysOf(item).map((each) => each.toLowerCase()))) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  return groups;
}

/** A reverse proxy that stands before a server. */
export interface ReverseProxy {
  /** For messages: `Traefik (label "traefik.http.routers.drone.tls")`, `service "nginx"`. */
  readonly by: string;
  /** Whether it is known to end TLS. */
  readonly tls: boolean;
  /** Whether it is known to set response headers; undefined where its own configuration would have to be read. */
  readonly headers?: boolean;
  readonly at: Location;
}

/**
 * The reverse proxy before a server, the one that ends TLS first: told by labels (Traefik, Caddy) and variables
 * (nginx-proxy) of the server's container, by an Ingress, by a proxy container on a common network, or by the site
 * (`tlsHosts`).
 */
export function proxyOf(server: Settings, installation: Installation, site: Site): ReverseProxy | undefined {
  const found = [...proxiesOf(server, installation, site)];
  return found.find(({ tls }) => tls) ?? found[0];
}

function* proxiesOf(server: Settings, installation: Installation, site: Site): Iterable<ReverseProxy> {
  const host = serverHost(server);
  if (host !== undefined && site.tlsHosts.some((each) => hostOf(each) === host))
    yield { by: 'the proxy that this site names', tls: true, at: server.at };
  const { container } = server;
  if (!container) return;
  yield* traefikOf(container);
  yield* caddyOf(container);
  yield* nginxProxyOf(server);
  for (const { host: served, tls, service, namespace, at } of installation.ingresses ?? []) {
    if (service === undefined || !container.aliases.includes(service)) continue;
    if (namespace !== undefined && container.project !== undefined && namespace !== container.project) continue;
    yield { by: `the Ingress of "${served}"`, tls, at };
  }
  for (const proxy of proxiesOn(installation)) {
    if (proxy === container || !reaches(proxy, container)) continue;
    yield { by: proxy.label, tls: endsTls(proxy), at: proxy.at };
  }
}

const proxyContainers = new WeakMap<Installation, readonly Container[]>();

function proxiesOn(installation: Installation): readonly Container[] {
  const found = proxyContainers.get(installation);
  if (found) return found;
  const proxies = installation.containers.filter(({ role }) => role === 'proxy');
  proxyContainers.set(installation, proxies);
  return proxies;
}

/** A proxy with a listener on the port of https, or a tunnel that always ends TLS. */
function endsTls({ ports, image }: Container): boolean {
  if (image?.value.name === 'cloudflare/cloudflared') return true;
  return ports.some(
    ({ hostAddress, hostPort, containerPort }) =>
      hostAddress !== undefined && [hostPort, containerPort].some((port) => port === '443' || port === '8443'),
  );
}

function* traefikOf({ labels }: Container): Iterable<ReverseProxy> {
  const own = labelsUnder(labels, 'traefik.');
  const [first] = own;
  if (!first || own.some(([key, { value }]) => key === 'traefik.enable' && value === 'false')) return;
  // Of version 2 and later the router says it; of version 1 the entry points do.
  const secure = own.find(
    ([key, { value }]) =>
      (/^traefik\.http\.routers\.[^.]+\.tls$/.test(key) && value === 'true') ||
      /^traefik\.http\.routers\.[^.]+\.tls\./.test(key) ||
      (/\.entrypoints?$/.test(key) && /https|secure|443|tls/i.test(value)),
  );
  const [key, label] = secure ?? first;
  const headers = own.some(([name]) => name.includes('.headers.'));
  yield { by: `Traefik (label "${key}")`, tls: secure !== undefined, ...(headers ? { headers } : {}), at: label.at };
}

function* caddyOf({ labels }: Container): Iterable<ReverseProxy> {
  const [first] = [...labels].filter(([key]) => /^caddy(?:_\d+|\.address)?$/.test(key));
  if (!first) return;
  const [key, label] = first;
  const headers = [...labels.keys()].some((name) => /^caddy(?:_\d+)?\.(?:[^.]+\.)?header/.test(name));
  // Caddy gets a certificate for every name that is not written with http:// or port 80.
  const tls = label.value !== '' && !/^http:\/\/|^:80$|:80$/.test(label.value);
  yield { by: `Caddy (label "${key}")`, tls, ...(headers ? { headers } : {}), at: label.at };
}

/** jwilder/nginx-proxy and its companion; it sends Strict-Transport-Security by itself. */
function* nginxProxyOf(server: Settings): Iterable<ReverseProxy> {
  const virtual = given(server, 'VIRTUAL_HOST');
  if (!virtual) return;
  const certificate = given(server, 'LETSENCRYPT_HOST') ?? given(server, 'CERT_NAME');
  yield {
    by: 'nginx-proxy ("VIRTUAL_HOST")',
    tls: certificate !== undefined,
    ...(certificate ? { headers: true } : {}),
    at: virtual.at,
  };
}

function labelsUnder(
  labels: Container['labels'],
  prefix: string,
): readonly (readonly [key: string, label: Located<string>])[] {
  return [...labels].flatMap(([key, label]) => {
    const lower = key.toLowerCase();
    return lower.startsWith(prefix) ? [[lower, label] as const] : [];
  });
}
