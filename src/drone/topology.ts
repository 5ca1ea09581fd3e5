import { type Container, isPod, namesOf } from '../model/container.ts';
import type { Variable } from '../model/environment.ts';
import { addTo } from '../model/groups.ts';
import { hostOf, isLoopback, isPublicHost } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import { isRunner } from '../model/role.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import type { Site } from '../model/site.ts';
import { type Located, type Location, originOf } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { reaches } from './network.ts';

/*
 * Which components of an audit belong together. No configuration says so outright; addresses, networks, projects and
 * files do.
 */

/**
 * The server of a runner: the one whose container DRONE_RPC_HOST names on a common network; or else the one with that
 * DRONE_SERVER_HOST; or else the only one of its file, of its project, or of the audit, unless the addresses contradict
 * that. Undefined if several fit equally well. Running components are joined with running ones where possible.
 */
export function serverOf(runner: Settings, installation: Installation): Settings | undefined {
  return serverIn(installation)(runner);
}

const serverIn = memoizePer((installation: Installation) =>
  memoizePer((runner: Settings) => findServer(runner, installation)),
);

/** How many servers of one name are looked at; people have one or two. */
const maxNamesakes = 100;

function findServer(runner: Settings, installation: Installation): Settings | undefined {
  const { servers, byName, byHost, byGroup } = serverIndex(installation);
  const only = (...found: readonly (readonly Settings[])[]): Settings | undefined => onlyOne(found, runner.live);
  const host = hostNamedBy(runner);
  if (host !== undefined && !isLoopback(host)) {
    const { container } = runner;
    const named = (byName.get(host) ?? [])
      .slice(0, maxNamesakes)
      .filter((server) => container && server.container && reaches(container, server.container));
    const found = only(named) ?? only(byHost.get(host) ?? []);
    if (found) return found;
  }
  // A folder may hold several files that each describe a whole installation, so the file is asked before the project.
  for (const group of groupsOf(runner)) {
    const members = byGroup.get(group);
    if (members) return only(members);
  }
  const last = only(servers);
  const isElsewhere = host?.includes('.') && !isLoopback(host) && last && serverHost(last) !== undefined;
  return isElsewhere ? undefined : last;
}

/** The server of a runner; if several of one file fit, behind a balancer for example, all of them. */
export function serversOf(runner: Settings, installation: Installation): readonly Settings[] {
  const server = serverOf(runner, installation);
  if (server) return [server];
  return serverIndex(installation).byGroup.get(`file ${runner.at.source.name}`)?.slice(0, maxServers) ?? [];
}

/** How many servers of one file are looked at; people have two or three. */
const maxServers = 20;

/** The only server in the lists; those that run, or are declared, like the runner come first. Undefined for several. */
function onlyOne(lists: readonly (readonly Settings[])[], live: boolean): Settings | undefined {
  let alike: Settings | undefined;
  let other: Settings | undefined;
  let hasMore = false;
  for (const list of lists)
    for (const settings of list) {
      if (settings.live !== live) {
        hasMore ||= other !== undefined && other !== settings;
        other = settings;
      } else if (alike === undefined) alike = settings;
      else if (settings !== alike) return undefined;
    }
  return alike ?? (hasMore ? undefined : other);
}

export function runnersOf(server: Settings, installation: Installation): readonly Settings[] {
  return runnersByServer(installation).get(server) ?? [];
}

const runnersByServer = memoizePer((installation: Installation): ReadonlyMap<Settings, readonly Settings[]> => {
  const runners = new Map<Settings, Settings[]>();
  for (const settings of installation.settings) {
    const owner = isRunner(settings.role) ? serverOf(settings, installation) : undefined;
    if (owner) addTo(runners, owner, settings);
  }
  return runners;
});

/** The host of DRONE_SERVER_HOST without scheme and port; undefined if its value is unknown. */
export function serverHost(server: Settings): string | undefined {
  const value = server.variables.get('DRONE_SERVER_HOST')?.value;
  return value === undefined ? undefined : hostOf(value);
}

/** The public address of a server, with its port, for fixes on other hosts; undefined if only some hosts know its name. */
export function publicAddress(server: Settings): string | undefined {
  const value = server.variables.get('DRONE_SERVER_HOST')?.value ?? '';
  return isPublicHost(hostOf(value) ?? '') && !value.includes('/') ? value : undefined;
}

/** By which others may name a server: its public address, its container and the services before it. */
export function namesOfServer(server: Settings): ReadonlySet<string> {
  const host = serverHost(server);
  return new Set([...(server.container ? namesOf(server.container) : []), ...(host === undefined ? [] : [host])]);
}

/** The host of the server that a runner names, without scheme and port; undefined if its value is unknown. */
export function hostNamedBy({ variables }: Settings): string | undefined {
  const value = variables.get('DRONE_RPC_HOST')?.value;
  return value === undefined ? undefined : hostOf(value);
}

/** Whether two components are on one host: both seen on one engine, or declared in one file or project. */
export function shareHost(one: Settings, other: Settings): boolean {
  if (one.live !== other.live) return false;
  if (one.live) return originOf(one.at.source.name) === originOf(other.at.source.name);
  const project = one.container?.project;
  return one.at.source.name === other.at.source.name || (project !== undefined && project === other.container?.project);
}

/**
 * The components that take a variable from the same place: an env file, a block that YAML repeats, a ConfigMap. A value
 * that is interpolated from one place into several does not count, because each component names the variable itself.
 */
export function sharersOf(variable: Variable, installation: Installation): readonly Settings[] {
  return settingsByPlace(installation).get(placeKey(variable.keyAt)) ?? [];
}

const settingsByPlace = memoizePer(({ settings }: Installation): ReadonlyMap<string, readonly Settings[]> => {
  const places = new Map<string, Settings[]>();
  for (const each of settings) for (const { keyAt } of each.variables.values()) addTo(places, placeKey(keyAt), each);
  return places;
});

function placeKey({ source, span }: Location): string {
  return `${span.start} ${source.name}`;
}

/** All servers, also by the name of their container, by DRONE_SERVER_HOST, and by project and file. */
const serverIndex = memoizePer(({ settings }: Installation) => {
  const servers = settings.filter(({ role }) => role === 'server');
  return {
    servers,
    byName: grouped(servers, ({ container }) => (container ? [...namesOf(container)] : [])),
    byHost: grouped(servers, (server) => [serverHost(server) ?? '']),
    byGroup: grouped(servers, groupsOf),
  };
});

function groupsOf({ at, container }: Settings): readonly string[] {
  const project = container?.project;
  return [`file ${at.source.name}`, ...(project === undefined ? [] : [`project ${project}`])];
}

function grouped<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) for (const key of new Set(keysOf(item))) addTo(groups, key, item);
  return groups;
}

/** A reverse proxy in front of a server. */
export interface ReverseProxy {
  /** For messages: `Traefik (label "traefik.http.routers.drone.tls")`, `service "nginx"`. */
  readonly by: Text;
  /** Whether it terminates TLS. */
  readonly tls: boolean;
  /** Whether it is known to lead to this server: something in the evidence says so, not only that it is near. */
  readonly leadsHere: boolean;
  /** Whether it is known to set response headers; undefined if only its own configuration could tell. */
  readonly headers?: boolean;
  readonly at: Location;
}

/**
 * The reverse proxy in front of a server, preferably one that terminates TLS: recognised by labels (Traefik, Caddy) and
 * variables (nginx-proxy) of the server's container, by an Ingress, by a proxy container on a common network, or by the
 * site (`tlsHosts`).
 */
export function proxyOf(server: Settings, installation: Installation, site: Site): ReverseProxy | undefined {
  const found = [...proxiesOf(server, installation, site)];
  return found.find(({ tls, leadsHere }) => tls && leadsHere) ?? found.find(({ tls }) => tls) ?? found[0];
}

/** Whether the site says that a proxy terminates TLS for a server, which may then be reached in no other way. */
export function isTlsHost(server: Settings, site: Site): boolean {
  const host = serverHost(server);
  return host !== undefined && site.tlsHosts.some((each) => hostOf(each) === host);
}

function* proxiesOf(server: Settings, installation: Installation, site: Site): Iterable<ReverseProxy> {
  if (isTlsHost(server, site))
    yield { by: say`the proxy that this site names`, tls: true, leadsHere: true, at: server.at };
  const { container } = server;
  if (!container) return;
  yield* traefikOf(container);
  yield* caddyOf(container);
  yield* nginxProxyOf(server);
  // An Ingress leads to pods of its cluster and namespace, and to no other container of that name.
  for (const { host: served, tls, service, namespace, at } of isPod(container) ? (installation.ingresses ?? []) : []) {
    if (service === undefined || !container.aliases.includes(service)) continue;
    if (namespace !== undefined && container.project !== undefined && namespace !== container.project) continue;
    yield { by: say`the Ingress of "${served}"`, tls, leadsHere: true, at };
  }
  for (const proxy of proxiesNear(container, installation)) {
    if (proxy === container || !reaches(proxy, container)) continue;
    const isNamed = names(proxy, server);
    const isHttps = server.variables.get('DRONE_SERVER_PROTO')?.value === 'https';
    // A proxy that takes its routes from labels has none to a server without them, but for a file that is not seen.
    const needsLabels = ledByLabels.has(proxy.image?.value.name ?? '');
    if (needsLabels && !isNamed && !isHttps) continue;
    const leadsHere = isNamed || (isHttps && !needsLabels);
    yield { by: proxy.label, tls: endsTls(proxy), leadsHere, at: proxy.at };
  }
}

const proxiesBySurrounding = memoizePer(({ containers }: Installation) =>
  grouped(
    containers.filter(({ role }) => role === 'proxy'),
    surroundingsOf,
  ),
);

/** How many proxy containers of one network or project are looked at. */
const maxProxies = 200;

function proxiesNear(container: Container, installation: Installation): ReadonlySet<Container> {
  const proxies = proxiesBySurrounding(installation);
  const near = surroundingsOf(container).flatMap((key) => proxies.get(key)?.slice(0, maxProxies) ?? []);
  return new Set(near);
}

/** What two containers must have in common for one to reach the other. */
function surroundingsOf({ networks, project, at }: Container): readonly string[] {
  return [...networks.map(({ value }) => `network ${value}`), `project ${project ?? ''}`, `file ${at.source.name}`];
}

/** Proxies that take their routes from the labels or variables of the containers behind them. */
const ledByLabels: ReadonlySet<string> = new Set([
  'traefik',
  'lucaslorentz/caddy-docker-proxy',
  'jwilder/nginx-proxy',
  'nginxproxy/nginx-proxy',
]);

/** Whether the configuration of a proxy, as far as it is seen, names a server: its container, or its public address. */
function names(proxy: Container, server: Settings): boolean {
  const wanted = namesOfServer(server);
  const texts = [
    ...[...proxy.environment.variables.values()].map(({ value }) => value ?? ''),
    ...[...proxy.labels.values(), ...proxy.command].map(({ value }) => value),
    ...proxy.mounts.flatMap(({ source, target }) => [source ?? '', target ?? '']),
  ];
  return texts.some((text) =>
    text
      .toLowerCase()
      .split(/[^a-z0-9_.-]+/)
      .some((word) => wanted.has(word.replace(/\.(?:conf|ya?ml|toml)$/, ''))),
  );
}

/** Whether a proxy listens on the https port, or is a tunnel that always terminates TLS. */
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
  // In Traefik 2 and later the router says so; in Traefik 1 the entry points do.
  const secure = own.find(
    ([key, { value }]) =>
      (/^traefik\.http\.routers\.[^.]+\.tls$/.test(key) && value === 'true') ||
      /^traefik\.http\.routers\.[^.]+\.tls\./.test(key) ||
      (/\.entrypoints?$/.test(key) && /https|secure|443|tls/i.test(value)),
  );
  const [key, label] = secure ?? first;
  const headers = own.some(([name]) => name.includes('.headers.'));
  yield {
    by: say`Traefik (label "${key}")`,
    tls: secure !== undefined,
    leadsHere: true,
    headers: headers || undefined,
    at: label.at,
  };
}

function* caddyOf({ labels }: Container): Iterable<ReverseProxy> {
  const [first] = [...labels].filter(([key]) => /^caddy(?:_\d+|\.address)?$/.test(key));
  if (!first) return;
  const [key, label] = first;
  const headers = [...labels.keys()].some((name) => /^caddy(?:_\d+)?\.(?:[^.]+\.)?header/.test(name));
  // Caddy gets a certificate for every name that is not written with http:// or port 80.
  const tls = label.value !== '' && !/^http:\/\/|^:80$|:80$/.test(label.value);
  yield { by: say`Caddy (label "${key}")`, tls, leadsHere: true, headers: headers || undefined, at: label.at };
}

/** jwilder/nginx-proxy and its companion; it sends Strict-Transport-Security by itself. */
function* nginxProxyOf(server: Settings): Iterable<ReverseProxy> {
  const virtual = setVariable(server, 'VIRTUAL_HOST');
  if (!virtual) return;
  const certificate = setVariable(server, 'LETSENCRYPT_HOST') ?? setVariable(server, 'CERT_NAME');
  yield {
    by: say`nginx-proxy ("VIRTUAL_HOST")`,
    tls: certificate !== undefined,
    leadsHere: true,
    headers: certificate ? true : undefined,
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
