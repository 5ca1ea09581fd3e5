import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { compare } from '../model/compare.ts';
import type { Problem } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { joinTexts, say, type Text } from '../model/text.ts';
import { maxBytes } from './files.ts';

/** Which engine to look at, and the surroundings in which to find it. Nothing here is read from the process itself. */
export interface EngineTarget {
  /** An address that the user gave; if absent, the engine is found as the docker client does. */
  readonly host?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid?: number;
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** An address where an engine may be. */
export interface EngineCandidate {
  /** As shown in messages: without user information, the home folder as `~`. */
  readonly name: string;
  /** Where it comes from: `--docker`, `DOCKER_HOST`, `context "build"`, `default`. */
  readonly from: string;
  readonly way: Way | { readonly refused: Text };
}

type Way =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https'; readonly tls?: Tls };

/** PEM texts for a connection with TLS and a client certificate. */
interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The source named in problems of the engine as a whole. */
const engineName = 'docker://';
const defaultTimeout = 10_000;
/** How long to wait for all answers, as a multiple of the timeout for one: an engine that hangs must not hang us. */
const maxPatience = 12;
/** On a host with more containers, the rest are not inspected. */
const maxContainers = 5000;
/** How many inspections may be under way at a time. */
const inParallel = 8;

/** What was seen, one source per container, sorted by name, and what could not be seen. */
export interface EngineEvidence {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

/**
 * Asks a Docker Engine (or Podman) about Drone's containers. Makes only GET requests: /version, /info,
 * /containers/json, /containers/ID/json and /images/ID/json. Never throws.
 */
export function lookAtEngine(target: EngineTarget): Promise<EngineEvidence> {
  return lookAtFirst(findCandidates(target), target.timeoutMs ?? defaultTimeout);
}

/** Looks at the first of several addresses where an engine answers; `timeout` is in milliseconds, for one answer. */
export async function lookAtFirst(candidates: readonly EngineCandidate[], timeout: number): Promise<EngineEvidence> {
  const failures: { readonly failure: Text; readonly closed: boolean }[] = [];
  for (const candidate of candidates) {
    const outcome = await knock(candidate, timeout);
    if ('engine' in outcome) {
      // A socket that exists but is closed to this user may be the engine that was meant.
      const passed = failures
        .filter(({ closed }) => closed)
        .map(({ failure }) => unreadable(engineName, say`${failure}; "${candidate.name}" was asked instead`));
      const seen = await lookAround(outcome.engine, outcome.version, timeout);
      return { sources: seen.sources, problems: [...passed, ...outcome.problems, ...seen.problems] };
    }
    failures.push({ failure: say`"${candidate.name}" (${candidate.from}) ${outcome.reason}`, closed: outcome.closed });
  }
  const reasons = joinTexts(
    failures.map(({ failure }) => failure),
    '; ',
  );
  return { sources: [], problems: [unreadable(engineName, say`no Docker Engine answered: ${reasons}`)] };
}

function unreadable(source: string, message: Text): Problem {
  return { kind: 'unreadable', source, message, incomplete: true };
}

/**
 * The addresses to try, in order. As with the docker client, an address that somebody chose is the only one; the
 * sockets of rootless Docker, Docker Desktop and Podman are tried only if nothing is chosen (docker/cli
 * cli/command/cli.go resolveContextName).
 */
export function findCandidates(target: EngineTarget): readonly EngineCandidate[] {
  const { environment } = target;
  if (target.host) return [candidateAt(target.host, '--docker', target, tlsOfEnvironment(target))];
  const host = environment.DOCKER_HOST;
  if (host) return [candidateAt(host, 'DOCKER_HOST', target, tlsOfEnvironment(target))];

  const folder = configFolder(target);
  let context = environment.DOCKER_CONTEXT;
  let from = 'DOCKER_CONTEXT';
  if (!context) {
    const current = field(parseJson(readSmall(join(folder, 'config.json'))), 'currentContext');
    context = typeof current === 'string' ? current : '';
    from = 'currentContext of the docker client';
  }
  if (context && context !== 'default') return [candidateOfContext(context, from, folder, target)];
  return defaultSockets(target);
}

function configFolder({ environment, home }: EngineTarget): string {
  return environment.DOCKER_CONFIG || join(home, '.docker');
}

function defaultSockets(target: EngineTarget): readonly EngineCandidate[] {
  if (platform() === 'win32') return [candidateAt('npipe:////./pipe/docker_engine', 'default', target, undefined)];
  const runtime = target.environment.XDG_RUNTIME_DIR;
  const mine = target.uid === undefined ? undefined : `/run/user/${target.uid}`;
  const paths = [
    '/var/run/docker.sock',
    join(target.home, '.docker/run/docker.sock'),
    runtime && join(runtime, 'docker.sock'),
    mine && join(mine, 'docker.sock'),
    runtime && join(runtime, 'podman/podman.sock'),
    mine && join(mine, 'podman/podman.sock'),
    '/run/podman/podman.sock',
  ];
  return [...new Set(paths)].flatMap((path) =>
    path ? [candidateAt(`unix://${path}`, 'default', target, undefined)] : [],
  );
}

/** The docker client keeps a context in a folder named by the hash of its name (docker/cli cli/context/store). */
function candidateOfContext(context: string, from: string, folder: string, target: EngineTarget): EngineCandidate {
  const origin = `context "${context}", ${from}`;
  const id = createHash('sha256').update(context).digest('hex');
  const meta = readSmall(join(folder, 'contexts/meta', id, 'meta.json'));
  const refused = (reason: Text): EngineCandidate => ({ name: context, from: origin, way: { refused: reason } });
  if (meta === undefined) return refused(say`is a context that is not there`);
  const host = field(parseJson(meta), 'Endpoints', 'docker', 'Host');
  if (typeof host !== 'string' || host === '') return refused(say`is a context without a Docker address`);
  return candidateAt(host, origin, target, readTls(join(folder, 'contexts/tls', id, 'docker')));
}

/** Undefined if no TLS is requested. */
function tlsOfEnvironment(target: EngineTarget): Tls | undefined {
  const { environment } = target;
  // The client would read DOCKER_TLS as "do not verify the engine"; an audit always verifies.
  if (!environment.DOCKER_TLS_VERIFY && !environment.DOCKER_TLS) return undefined;
  return readTls(environment.DOCKER_CERT_PATH || configFolder(target)) ?? {};
}

function readTls(folder: string): Tls | undefined {
  const ca = readSmall(join(folder, 'ca.pem'));
  const cert = readSmall(join(folder, 'cert.pem'));
  const key = readSmall(join(folder, 'key.pem'));
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  return cert === undefined || key === undefined ? { ca } : { ca, cert, key };
}

const sshHint = say`is refused, because the keys of SSH hosts would not be checked; forward the socket with "ssh -L /tmp/docker.sock:/var/run/docker.sock HOST" and give --docker unix:///tmp/docker.sock`;

/** What an address means; like the docker client, takes a bare `host:port` as tcp. */
function candidateAt(address: string, from: string, target: EngineTarget, tls: Tls | undefined): EngineCandidate {
  const shown = shownAddress(address, target);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  const refused = (reason: Text): EngineCandidate => ({ name: shown, from, way: { refused: reason } });
  if (scheme === 'unix' || (scheme === undefined && address.startsWith('/'))) {
    const socketPath = address.replace(/^unix:\/\//i, '') || '/var/run/docker.sock';
    return socketPath.startsWith('/')
      ? { name: shown, from, way: { socketPath } }
      : refused(say`is not the absolute path of a socket`);
  }
  if (scheme === 'npipe')
    return { name: shown, from, way: { socketPath: address.slice('npipe://'.length) || '//./pipe/docker_engine' } };
  if (scheme === 'ssh') return refused(sshHint);
  if (scheme !== undefined && !['tcp', 'http', 'https'].includes(scheme))
    return refused(say`has an unsupported scheme (supported: unix, tcp, http, https, npipe)`);

  let url: URL;
  try {
    url = new URL(`${scheme === 'https' ? 'https' : 'http'}://${address.replace(/^[a-z]+:\/\//i, '')}`);
  } catch {
    return { name: 'an address', from, way: { refused: say`cannot be understood` } };
  }
  if (url.pathname !== '/' || url.search !== '') return refused(say`has a path, which is not supported`);
  const protocol = scheme === 'https' || (scheme !== 'http' && tls !== undefined) ? 'https' : 'http';
  const usual = scheme === 'http' ? 80 : scheme === 'https' ? 443 : protocol === 'https' ? 2376 : 2375;
  // URL drops the default ports of its scheme, which are not those of tcp.
  const written = /:(\d{1,5})\/?$/.exec(address)?.[1];
  const port = written === undefined ? usual : Number(written);
  const way: Way = { host: url.hostname, port, protocol, tls: protocol === 'https' ? tls : undefined };
  return { name: shown, from, way };
}

/** Without user information, which may be a password; folders of the user of this machine by name. */
function shownAddress(address: string, { home, environment }: EngineTarget): string {
  const plain = address.includes('@')
    ? address.replace(/\/\/.*@|^[^/]*@/s, (part) => (part.startsWith('/') ? '//' : ''))
    : address;
  const path = plain.replace(/^unix:\/\//, '');
  const runtime = environment.XDG_RUNTIME_DIR;
  for (const [folder, name] of [
    [home, '~'],
    [runtime, '$XDG_RUNTIME_DIR'],
  ])
    if (folder && folder !== '/' && path.startsWith(`${folder}/`)) return `unix://${name}${path.slice(folder.length)}`;
  return plain;
}

/** Answers one GET request with parsed JSON. Rejects with what went wrong. */
type Get = (request: Request) => Promise<unknown>;

type Request = 'version' | 'info' | 'containers' | { readonly container: string } | { readonly image: string };

async function knock(
  candidate: EngineCandidate,
  timeout: number,
): Promise<
  { engine: Get; version: string | undefined; problems: readonly Problem[] } | { reason: Text; closed: boolean }
> {
  if ('refused' in candidate.way) return { reason: candidate.way.refused, closed: false };
  let engine: Get;
  try {
    engine = await connect(candidate.way, timeout);
  } catch {
    // The library reads the environment on its own, even if an explicit address makes that needless.
    return { reason: say`cannot be asked: DOCKER_HOST or DOCKER_CERT_PATH in the environment is wrong`, closed: false };
  }
  try {
    const version = await engine('version');
    if (field(version, 'Version') === undefined && field(version, 'ApiVersion') === undefined)
      return { reason: say`does not answer like a Docker Engine`, closed: true };
    const text = field(version, 'Version');
    return { engine, version: typeof text === 'string' ? text : undefined, problems: [] };
  } catch (error) {
    const failure = failureOf(error, timeout);
    if (failure.status === 403)
      return { engine, version: undefined, problems: [notPermitted('its version', 'VERSION')] };
    return { reason: failure.reason, closed: failure.closed };
  }
}

function notPermitted(what: string, variable: string): Problem {
  const message = say`not permitted by the engine or its proxy (403): ${what}; a docker-socket-proxy allows it with ${variable}=1`;
  return unreadable(engineName, message);
}

/** The one place that knows dockerode. Every request is a GET, follows no redirect and ends within the timeout. */
async function connect(way: Way, timeout: number): Promise<Get> {
  const { default: Docker } = await import('dockerode');
  const tls = 'tls' in way ? way.tls : undefined;
  const open = (signal: AbortSignal) => {
    const address =
      'socketPath' in way
        ? { socketPath: way.socketPath, host: undefined, port: undefined, protocol: 'http' as const }
        : { socketPath: undefined, host: way.host, port: way.port, protocol: way.protocol };
    // All options are passed, even undefined ones, because the library would fill them in from the environment.
    const docker = new Docker({ ...address, ca: tls?.ca, cert: tls?.cert, key: tls?.key, timeout });
    // The library has no option for this: an engine must not redirect us, and a late answer is cut off.
    const send: unknown = Reflect.get(docker.modem, 'buildRequest');
    if (typeof send !== 'function') throw new Error('the library has changed');
    const sendHere = (options: object, ...rest: readonly unknown[]): unknown =>
      Reflect.apply(send, docker.modem, [{ ...options, signal, maxRedirects: 0 }, ...rest]);
    Reflect.set(docker.modem, 'buildRequest', sendHere);
    return docker;
  };
  open(new AbortController().signal);
  return (request) =>
    within(timeout, (signal) => {
      const docker = open(signal);
      if (request === 'version') return docker.version();
      if (request === 'info') return docker.info();
      if (request === 'containers') return docker.listContainers({ all: true });
      if ('container' in request) return docker.getContainer(request.container).inspect();
      return docker.getImage(request.image).inspect();
    });
}

/** The library never settles a request whose answer breaks off, so its promise may stay pending. */
function within<T>(timeout: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      reject(new TooSlow());
      controller.abort();
    }, timeout);
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

class TooSlow extends Error {}

interface Failure {
  readonly reason: Text;
  readonly status?: number;
  /** Whether something is there, even though it gave no answer. */
  readonly closed: boolean;
}

const reasons: Readonly<Record<string, readonly [reason: Text, closed: boolean]>> = {
  ENOENT: [say`is not there`, false],
  ENOTDIR: [say`is not there`, false],
  EACCES: [say`may not be opened by this user`, true],
  EPERM: [say`may not be opened by this user`, true],
  ECONNREFUSED: [say`refuses the connection`, false],
  ENOTSOCK: [say`is not a socket`, false],
  ENOTFOUND: [say`is a host that is not known`, false],
  EAI_AGAIN: [say`is a host that is not known`, false],
  EHOSTUNREACH: [say`is a host that cannot be reached`, false],
  ENETUNREACH: [say`is a host that cannot be reached`, false],
  ECONNRESET: [say`closes the connection`, true],
  EPIPE: [say`closes the connection`, true],
  EPROTO: [say`does not speak TLS`, true],
};

/** In our words, because messages of the library may quote what the engine sent. */
function failureOf(error: unknown, timeout: number): Failure {
  const status = field(error, 'statusCode');
  if (typeof status === 'number') {
    const isRefused = status === 403 || status === 401;
    const reason = isRefused ? say`does not permit it (${status})` : say`answers with status ${status}`;
    return { reason, status, closed: true };
  }
  const code = field(error, 'code');
  if (error instanceof TooSlow || code === 'ETIMEDOUT' || code === 'ABORT_ERR')
    return { reason: say`did not answer within ${timeout / 1000} s`, closed: true };
  const known = typeof code === 'string' ? reasons[code] : undefined;
  if (known) return { reason: known[0], closed: known[1] };
  if (typeof code === 'string' && /CERT|SELF_SIGNED|ISSUER|_SIGNATURE|ERR_TLS|ERR_SSL|ERR_OSSL/.test(code))
    return { reason: say`cannot be trusted: its certificate or ours is not accepted (${code})`, closed: true };
  if (typeof code === 'string' && code.startsWith('HPE_')) return { reason: say`does not speak HTTP`, closed: true };
  const shown = typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? ` (${code})` : '';
  return { reason: say`cannot be asked${shown}`, closed: true };
}

interface Inspected {
  readonly id: string;
  readonly name: string;
  readonly answer: object;
  readonly listed: Listed;
}

async function lookAround(engine: Get, version: string | undefined, timeout: number): Promise<EngineEvidence> {
  const problems: Problem[] = [];
  const deadline = Date.now() + timeout * maxPatience;
  const ask: Ask = async (request) => {
    if (Date.now() > deadline)
      return { failure: { reason: say`takes longer than ${(timeout * maxPatience) / 1000} s in all`, closed: true } };
    try {
      return { answer: await engine(request) };
    } catch (error) {
      return { failure: failureOf(error, timeout) };
    }
  };

  const info = await ask('info');
  if ('failure' in info)
    problems.push(
      info.failure.status === 403
        ? notPermitted('its system information', 'INFO')
        : unreadable(engineName, say`its system information: it ${info.failure.reason}`),
    );
  const list = await ask('containers');
  if ('failure' in list || !Array.isArray(list.answer)) {
    const reason = 'failure' in list ? list.failure : undefined;
    problems.push(
      reason?.status === 403
        ? notPermitted('the list of its containers', 'CONTAINERS')
        : unreadable(engineName, say`the list of containers: it ${reason?.reason ?? say`is not a list`}`),
    );
    return { sources: [], problems };
  }
  const listed = list.answer.flatMap((entry: unknown) => listedOf(entry) ?? []);
  const lost = list.answer.length - listed.length;
  if (lost > 0)
    problems.push(unreadable(engineName, say`the list of containers: ${plural(lost, 'entry')} without an id`));
  if (listed.length > maxContainers) {
    const message = say`has ${listed.length} containers, but only ${maxContainers} were looked at`;
    problems.push({ kind: 'too-large', source: engineName, message, incomplete: true });
  }

  const inspected = await inspectAll(listed.slice(0, maxContainers), ask, problems);
  const images = await inspectImages(inspected, ask, problems);
  const drones = withCompanions(inspected, images);
  const engineFacts = factsOf('answer' in info ? info.answer : undefined, version);
  const sources: Source[] = [];
  const taken = new Set<string>();
  for (const one of drones.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id))) {
    const source = sourceOf(one, images.get(one.listed.imageId), engineFacts, taken);
    if (source.text.length > maxBytes) {
      const message = say`its inspection is larger than ${maxBytes / 1024 / 1024} MiB and was not read`;
      problems.push({ kind: 'too-large', source: source.name, message, incomplete: true });
    } else sources.push(source);
  }
  if (drones.length === 0 && problems.length === 0) {
    const message = say`has no Drone container (${plural(listed.length, 'container')} looked at)`;
    problems.push({ kind: 'empty', source: engineName, message, incomplete: false });
  }
  return { sources, problems };
}

/** What the list says about a container. */
type Listed = NonNullable<ReturnType<typeof listedOf>>;

function listedOf(entry: unknown) {
  const id = field(entry, 'Id');
  // The id becomes part of a request's path.
  if (typeof id !== 'string' || !/^[0-9a-f]{12,64}$/.test(id)) return undefined;
  return {
    id,
    names: textsOf(field(entry, 'Names')).map((name) => name.replace(/^\//, '')),
    image: textOf(field(entry, 'Image')),
    imageId: textOf(field(entry, 'ImageID')),
    networks: Object.keys(Object(field(entry, 'NetworkSettings', 'Networks'))),
  };
}

type Ask = (request: Request) => Promise<{ answer: unknown } | { failure: Failure }>;

/**
 * Inspects every container, because only its environment reveals a server in a renamed image; answers about containers
 * that are not Drone's are dropped again.
 */
async function inspectAll(listed: readonly Listed[], ask: Ask, problems: Problem[]): Promise<readonly Inspected[]> {
  const inspected: Inspected[] = [];
  const request = ({ id }: Listed): Request => ({ container: id });
  await askForAll(listed, request, 'container', ask, problems, (one, answer) => {
    if (typeof answer !== 'object' || answer === null || typeof field(answer, 'Config') !== 'object')
      return say`does not answer like a Docker Engine`;
    const name = textOf(field(answer, 'Name')).replace(/^\//, '') || one.names[0] || one.id.slice(0, 12);
    inspected.push({ id: one.id, name, answer, listed: one });
    return undefined;
  });
  return inspected;
}

/** Hands each answer to `take`, which says what is wrong with it, and counts the requests that were in vain. */
async function askForAll<T>(
  items: readonly T[],
  request: (item: T) => Request,
  noun: 'container' | 'image',
  ask: Ask,
  problems: Problem[],
  take: (item: T, answer: unknown) => Text | undefined,
): Promise<void> {
  let refused = 0;
  let unanswered = 0;
  let reason: Text | undefined;
  await inTurns(items, async (item) => {
    const result = await ask(request(item));
    if ('failure' in result && result.failure.status === 403) refused++;
    // What ended or was removed since the list was made is not missing.
    if ('failure' in result && (result.failure.status === 403 || result.failure.status === 404)) return;
    const wrong = 'answer' in result ? take(item, result.answer) : result.failure.reason;
    if (wrong) unanswered++;
    reason = wrong ?? reason;
  });
  const permission = noun === 'container' ? 'CONTAINERS' : 'IMAGES';
  if (refused > 0) problems.push(notPermitted(`inspecting ${plural(refused, noun)}`, permission));
  if (reason)
    problems.push(unreadable(engineName, say`${plural(unanswered, noun)} could not be inspected: it ${reason}`));
}

/** The images, by id, of Drone's containers and of those whose image has only an id for a name. */
async function inspectImages(
  inspected: readonly Inspected[],
  ask: Ask,
  problems: Problem[],
): Promise<ReadonlyMap<string, object>> {
  const images = new Map<string, object>();
  const ids = new Set<string>();
  const wanted = new Set(withCompanions(inspected, images).map(({ id }) => id));
  for (const one of inspected)
    if (/^(?:sha256:)?[0-9a-f]{64}$/.test(one.listed.imageId) && (wanted.has(one.id) || isBareImage(imageNameOf(one))))
      ids.add(one.listed.imageId);
  await askForAll(
    [...ids],
    (image): Request => ({ image }),
    'image',
    ask,
    problems,
    (id, answer) => {
      if (typeof answer === 'object' && answer !== null) images.set(id, answer);
      return undefined;
    },
  );
  return images;
}

function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : noun.replace(/y$/, 'ie').concat('s')}`;
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(inParallel, items.length) }, worker));
}

/** Drone's containers, everything in their compose projects, and what serves them on their networks. */
function withCompanions(inspected: readonly Inspected[], images: ReadonlyMap<string, object>): Inspected[] {
  const drones = inspected.filter((one) => isDrone(one, images.get(one.listed.imageId)));
  const control = drones.filter((one) => !isStep(one));
  const projects = new Set(control.map(projectOf).filter((project) => project !== ''));
  const networks = new Set(
    control.flatMap((one) => one.listed.networks).filter((network) => !sharedByAll.has(network)),
  );
  const known = new Set(drones);
  return inspected.filter(
    (one) =>
      known.has(one) ||
      (control.length > 0 &&
        (projects.has(projectOf(one)) ||
          watcher.test(imageNameOf(one)) ||
          (companion.test(imageNameOf(one)) && one.listed.networks.some((network) => networks.has(network))))),
  );
}

/** Being on one of these networks says nothing. */
const sharedByAll: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'podman', 'ingress']);
/** Programs that Drone is used with: daemons for builds, socket proxies, databases, reverse proxies. */
const companion =
  /(?:^|\/)(?:docker|docker-socket-proxy|socket-proxy|postgres|postgresql|mysql|mariadb|redis|valkey|traefik|caddy|nginx|nginx-proxy|haproxy|registry|vault)(?:[:@]|$)|-socket-proxy(?:[:@]|$)/;
/** Programs that replace containers anywhere on the engine. */
const watcher = /(?:^|\/)(?:watchtower|ouroboros)(?:[:@]|$)/;

function projectOf({ answer }: Inspected): string {
  return textOf(field(answer, 'Config', 'Labels', 'com.docker.compose.project'));
}

function isStep({ answer }: Inspected): boolean {
  return field(answer, 'Config', 'Labels', 'io.drone') === 'true';
}

function imageNameOf({ answer, listed }: Inspected): string {
  return textOf(field(answer, 'Config', 'Image')) || listed.image;
}

function isBareImage(name: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name);
}

/** Drone's own images, and copies in other registries, by the end of their name. */
const droneImage =
  /(?:^|\/)(?:drone\/[^/:@]+|drone|drone-runner(?:-[a-z]+)?|drone-(?:server|agent|autoscaler|controller|vault|amazon-secrets|kubernetes-secrets|tree-config|convert-[a-z-]+|gc))(?:[:@]|$)/;

/** One strong mark, or two weak ones: a single weak one also occurs in containers that merely have to do with Drone. */
function isDrone(one: Inspected, image: object | undefined): boolean {
  const { answer, listed } = one;
  const names = [
    imageNameOf(one),
    listed.image,
    ...textsOf(field(image, 'RepoTags')),
    ...textsOf(field(image, 'RepoDigests')),
  ];
  const environment = textsOf(field(answer, 'Config', 'Env'));
  const entrypoint = field(answer, 'Config', 'Entrypoint');
  const program = textsOf(entrypoint)[0] ?? (textOf(entrypoint) || textOf(field(answer, 'Path')));
  const strong =
    isStep(one) ||
    names.some((name) => droneImage.test(name)) ||
    /(?:^|[/\\])drone-[a-z-]+(?:\.exe)?$/.test(program.split(' ')[0] ?? '') ||
    environment.some((item) => /^(?:[A-Z]+_)?DRONE_RPC_SECRET=/.test(item));
  const weak =
    Number(/drone/i.test(one.name)) +
    Number(environment.some((item) => item.startsWith('DRONE_'))) +
    Number(listed.networks.some((network) => /^drone[-_]/.test(network))) +
    Number(names.some((name) => /(?:^|\/)drone[^/]*$/.test(name)));
  return strong || weak >= 2;
}

function factsOf(info: unknown, version: string | undefined): object {
  const options = field(info, 'SecurityOptions');
  const securityOptions = Array.isArray(options) ? textsOf(options) : null;
  return {
    version: version ?? (textOf(field(info, 'ServerVersion')) || null),
    rootless: securityOptions?.some((option) => /^name=rootless(?:,|$)/.test(option)) ?? false,
    securityOptions,
  };
}

/** A name by the engine's own grammar, so that it can neither break a report nor lead out of a folder. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 255);
}

function sourceOf(one: Inspected, image: object | undefined, engine: object, taken: Set<string>): Source {
  const short = one.id.slice(0, 12);
  const plain = safeName(one.name);
  const name = plain === '' || taken.has(plain) ? `${plain}-${short}` : plain;
  taken.add(name);
  const droneAudit = {
    image: image
      ? {
          RepoTags: field(image, 'RepoTags') ?? [],
          RepoDigests: field(image, 'RepoDigests') ?? [],
          Created: field(image, 'Created') ?? null,
          Config: {
            Env: field(image, 'Config', 'Env') ?? null,
            Labels: field(image, 'Config', 'Labels') ?? null,
            Entrypoint: field(image, 'Config', 'Entrypoint') ?? null,
          },
        }
      : null,
    engine,
  };
  return {
    name: `docker://${name}`,
    form: 'docker-inspect',
    text: `${JSON.stringify({ ...one.answer, droneAudit }, null, 2)}\n`,
  };
}

/** How many bytes a file of the docker client may have; larger files are not its files. */
const maxFileLength = 1024 * 1024;

function readSmall(path: string): string | undefined {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= maxFileLength ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value below some keys of an answer; undefined if the answer has another shape. */
function field(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}
