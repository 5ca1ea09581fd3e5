import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { say, type Text } from '../model/text.ts';
import { field } from './answer-fields.ts';

/** Which engine is meant, and the surroundings in which to find it. Nothing here is read from the process itself. */
export interface EngineSurroundings {
  /** An address that the user gave; if absent, the engine is found as the docker client does. */
  readonly host?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid?: number;
}

/** An address where an engine may be. */
export interface EngineCandidate {
  /** As shown in messages: without user information, the home folder as `~`. */
  readonly name: string;
  /** Where it comes from: `--docker`, `DOCKER_HOST`, `context "build"`, `default`. */
  readonly from: string;
  readonly way: Way | { readonly refused: Text };
}

/** How to reach an engine. */
export type Way =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https'; readonly tls?: Tls };

/** PEM texts for a connection with TLS and a client certificate. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * The addresses to try, in order. As with the docker client, an address that somebody chose is the only one; the
 * sockets of rootless Docker, Docker Desktop and Podman are tried only if nothing is chosen (docker/cli
 * cli/command/cli.go resolveContextName).
 */
export function findCandidates(target: EngineSurroundings): readonly EngineCandidate[] {
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

function configFolder({ environment, home }: EngineSurroundings): string {
  return environment.DOCKER_CONFIG || join(home, '.docker');
}

function defaultSockets(target: EngineSurroundings): readonly EngineCandidate[] {
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
function candidateOfContext(
  context: string,
  from: string,
  folder: string,
  target: EngineSurroundings,
): EngineCandidate {
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
function tlsOfEnvironment(target: EngineSurroundings): Tls | undefined {
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
function candidateAt(address: string, from: string, target: EngineSurroundings, tls: Tls | undefined): EngineCandidate {
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
function shownAddress(address: string, { home, environment }: EngineSurroundings): string {
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
