import { hostOf, isBridgeGateway, isLoopback, isOwnHost, portOf } from '../model/hosts.ts';
import { field, textIn } from './answer-fields.ts';
import { textsOf } from './engine-texts.ts';

/** What the list of containers says about one. */
export interface Listed {
  readonly id: string;
  readonly names: readonly string[];
  readonly image: string;
  readonly imageId: string;
  readonly networks: readonly string[];
  /** Whether a runner made it for a step. */
  readonly isStep: boolean;
}

/** An entry of `/containers/json`; undefined without an id. */
export function listedOf(entry: unknown): Listed | undefined {
  const id = field(entry, 'Id');
  // The id becomes part of a request's path.
  if (typeof id !== 'string' || !/^[0-9a-f]{12,64}$/.test(id)) return undefined;
  return {
    id,
    names: textsOf(field(entry, 'Names')).map((name) => name.replace(/^\//, '')),
    image: textIn(entry, 'Image'),
    imageId: textIn(entry, 'ImageID'),
    networks: Object.keys(Object(field(entry, 'NetworkSettings', 'Networks'))),
    isStep: field(entry, 'Labels', 'io.drone') === 'true',
  };
}

/** What tells whether a container or service is Drone's, or goes with it. */
export interface Traits {
  readonly name: string;
  /** Names of its image. */
  readonly images: readonly string[];
  readonly networks: readonly string[];
  /** Names and addresses by which others on its networks reach it, in lower case. */
  readonly reachedAs: readonly string[];
  /** Hosts that its settings send it to, in lower case. */
  readonly calls: readonly string[];
  /** Ports of this host, as bridges of it show them, that its settings send it to. */
  readonly callsPorts: readonly string[];
  /** Ports of the host that lead to it, and whether one of them is open beyond the host. */
  readonly published: readonly string[];
  readonly isOpen: boolean;
  /** Compose project or stack; empty if none. */
  readonly project: string;
  readonly isStep: boolean;
  /** Whether something but its image says that it is Drone's, and how many weak signs do. */
  readonly strong: boolean;
  readonly weak: number;
}

/** The traits of an inspected container. */
export function traitsOfContainer(answer: object, listed: Listed, name: string): Traits {
  const labels = field(answer, 'Config', 'Labels');
  const entrypoint = field(answer, 'Config', 'Entrypoint');
  const environment = textsOf(field(answer, 'Config', 'Env'));
  const program = textsOf(entrypoint)[0] ?? (textIn(entrypoint) || textIn(answer, 'Path'));
  return {
    name,
    images: [textIn(answer, 'Config', 'Image') || listed.image, listed.image],
    networks: listed.networks,
    reachedAs: lowered([name, ...Object.values(Object(field(answer, 'NetworkSettings', 'Networks'))).flatMap(namesOn)]),
    calls: hostsIn(environment),
    callsPorts: portsOfHostIn(environment, textIn(answer, 'HostConfig', 'NetworkMode') === 'host'),
    ...publishedBy(answer),
    project: projectIn(labels),
    isStep: field(labels, 'io.drone') === 'true',
    ...signsIn(name, program, environment, listed.networks),
  };
}

/** The names and the address that a container has on a network. */
function namesOn(network: unknown): readonly string[] {
  return [...textsOf(field(network, 'Aliases')), ...textsOf(field(network, 'DNSNames')), textIn(network, 'IPAddress')];
}

function lowered(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== '').map((name) => name.toLowerCase()))];
}

/** Settings that hold addresses of other components: of extensions and stores, the server, a database, Redis, an engine. */
const addressSetting =
  /^(?:(?:[A-Z]+_)?DRONE_(?:[A-Z0-9_]*_ENDPOINT|RPC_HOST|[A-Z_]*DATASOURCE|REDIS_ADDR|REDIS_CONNECTION)|DOCKER_HOST)=/;

/** The settings that hold addresses, each with its text. */
function addressesIn(environment: readonly string[]): readonly string[] {
  return environment.flatMap((item) => {
    const name = addressSetting.exec(item)?.[0];
    return name === undefined ? [] : item.slice(name.length, maxAddresses).split(',');
  });
}

/** The ports in such settings with which a container calls its own host: `tcp://172.17.0.1:2375`. */
function portsOfHostIn(environment: readonly string[], isOnNetworkOfHost: boolean): readonly string[] {
  return addressesIn(environment).flatMap((address) => {
    const host = hostOf(address);
    const isHost =
      host !== undefined && (isLoopback(host) ? isOnNetworkOfHost : isOwnHost(host) || isBridgeGateway(host));
    const port = isHost ? portOf(address) : undefined;
    return port === undefined ? [] : [port];
  });
}

/** What is published of a container, by what it has or, while it does not run, by what it asked for. */
function publishedBy(answer: object): { published: readonly string[]; isOpen: boolean } {
  const lists = [field(answer, 'NetworkSettings', 'Ports'), field(answer, 'HostConfig', 'PortBindings')];
  const bindings = lists
    .flatMap((ports): readonly unknown[] => Object.values(Object(ports)))
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []));
  return {
    published: [...new Set(bindings.map((binding) => textIn(binding, 'HostPort')))].filter((port) => port !== ''),
    isOpen: bindings.some((binding) => !isLoopback(textIn(binding, 'HostIp'))),
  };
}

/** The hosts in such settings: `http://secrets:3000`, `drone:80`, `user@tcp(db:3306)/drone`, `host=db dbname=drone`. */
function hostsIn(environment: readonly string[]): readonly string[] {
  return lowered(
    addressesIn(environment).flatMap((value) => [
      hostOf(value) ?? '',
      ...[...value.matchAll(/\btcp\(([\w.-]{1,255})|\bhost=([\w.-]{1,255})/g)].map(
        ([, one = '', other = '']) => one || other,
      ),
    ]),
  );
}

/** More of a setting than so many characters is not looked at. */
const maxAddresses = 10_000;

/** The traits of a swarm service, on networks of these names. */
export function traitsOfService(service: unknown, networks: readonly string[]): Traits {
  const spec = field(service, 'Spec', 'TaskTemplate', 'ContainerSpec');
  const name = textIn(service, 'Spec', 'Name');
  const environment = textsOf(field(spec, 'Env'));
  const ports = field(service, 'Spec', 'EndpointSpec', 'Ports');
  const publishedPorts = (Array.isArray(ports) ? ports : []).flatMap((port): string[] => {
    const number: unknown = field(port, 'PublishedPort');
    return typeof number === 'number' ? [String(number)] : [];
  });
  const attached = [field(service, 'Spec', 'TaskTemplate', 'Networks'), field(service, 'Spec', 'Networks')];
  return {
    name,
    images: [textIn(spec, 'Image')],
    networks,
    reachedAs: lowered([
      ...[name, `tasks.${name}`],
      ...attached.flatMap((list) => (Array.isArray(list) ? list.flatMap(namesOn) : [])),
    ]),
    calls: hostsIn(environment),
    callsPorts: portsOfHostIn(environment, false),
    published: publishedPorts,
    isOpen: publishedPorts.length > 0,
    project: projectIn(field(service, 'Spec', 'Labels')),
    isStep: false,
    ...signsIn(name, textsOf(field(spec, 'Command'))[0] ?? '', environment, networks),
  };
}

function projectIn(labels: unknown): string {
  return textIn(labels, 'com.docker.compose.project') || textIn(labels, 'com.docker.stack.namespace');
}

function signsIn(
  name: string,
  program: string,
  environment: readonly string[],
  networks: readonly string[],
): { strong: boolean; weak: number } {
  return {
    strong:
      /(?:^|[/\\])drone-[a-z-]+(?:\.exe)?$/.test(program.split(' ')[0] ?? '') ||
      environment.some((item) => /^(?:[A-Z]+_)?DRONE_RPC_SECRET=/.test(item)),
    weak:
      Number(/drone/i.test(name)) +
      Number(environment.some((item) => item.startsWith('DRONE_'))) +
      Number(networks.some((network) => /^drone[-_]/.test(network))),
  };
}

/** Drone's own images, and copies in other registries, by the end of their name. */
const droneImage =
  /(?:^|\/)(?:drone\/[^/:@]+|drone|drone-runner(?:-[a-z]+)?|drone-(?:server|agent|autoscaler|controller|vault|amazon-secrets|kubernetes-secrets|tree-config|convert-[a-z-]+|gc))(?:[:@]|$)/;

/** One strong mark, or two weak ones: a single weak one also occurs in containers that merely have to do with Drone. */
export function isDrone({ images, isStep, strong, weak }: Traits, image?: object): boolean {
  const names = [...images, ...textsOf(field(image, 'RepoTags')), ...textsOf(field(image, 'RepoDigests'))];
  if (isStep || strong || names.some((name) => droneImage.test(name))) return true;
  return weak + Number(names.some((name) => /(?:^|\/)drone[^/]*$/.test(name))) >= 2;
}

/**
 * Of these containers and services Drone's own, as `drones` tells them, with everything in their compose projects and
 * stacks, what serves them on their networks, what their settings name there or by a port of the host, and proxies of the
 * engine's socket that are open beyond the host, on whatever network.
 */
export function withCompanions<T extends { readonly traits: Traits }>(
  all: readonly T[],
  drones: (one: T) => boolean,
): readonly T[] {
  const known = new Set(all.filter(drones));
  const control = [...known].filter(({ traits }) => !traits.isStep);
  if (control.length === 0) return [...known];
  const projects = new Set(control.map(({ traits }) => traits.project).filter((project) => project !== ''));
  const theirs = new Set(control.flatMap(({ traits }) => traits.networks));
  const called = new Set(control.flatMap(({ traits }) => traits.calls));
  const calledPorts = new Set(control.flatMap(({ traits }) => traits.callsPorts));
  return all.filter((one) => {
    const { project, images, networks, reachedAs, published, isOpen } = one.traits;
    if (known.has(one) || projects.has(project) || watcher.test(images[0] ?? '')) return true;
    if (isOpen && socketProxy.test(images[0] ?? '')) return true;
    if (calledPorts.size > 0 && published.some((port) => calledPorts.has(port))) return true;
    const shared = networks.filter((network) => theirs.has(network));
    if (shared.length > 0 && reachedAs.some((name) => called.has(name))) return true;
    return companion.test(images[0] ?? '') && shared.some((network) => !sharedByAll.has(network));
  });
}

/** Being on one of these networks says nothing. */
const sharedByAll: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'podman', 'ingress', 'docker_gwbridge']);
/** Programs that Drone is used with: daemons for builds, socket proxies, databases, reverse proxies. */
const companion =
  /(?:^|\/)(?:docker|docker-socket-proxy|socket-proxy|postgres|postgresql|mysql|mariadb|redis|valkey|traefik|caddy|nginx|nginx-proxy|haproxy|registry|vault)(?:[:@]|$)|-socket-proxy(?:[:@]|$)/;
/** Whoever reaches one has the engine. */
const socketProxy = /(?:^|\/)socket-proxy(?:[:@]|$)|-socket-proxy(?:[:@]|$)/;
/** Programs that replace containers anywhere on the engine. */
const watcher = /(?:^|\/)(?:watchtower|ouroboros)(?:[:@]|$)/;
