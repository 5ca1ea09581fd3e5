import { setMaxListeners } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { codeOf } from '../model/error-code.ts';
import { say, type Text } from '../model/text.ts';
import { field } from './answer-fields.ts';
import { connectionFailure, isAbsence } from './connection-error.ts';
import type { Way } from './engine-address.ts';

/** What an engine can be asked. */
export type Request =
  | 'version'
  | 'info'
  | 'containers'
  | 'networks'
  | 'volumes'
  | 'services'
  | { readonly container: string }
  | { readonly image: string }
  /** The newest lines of the log of a container; answered by its bytes. */
  | { readonly log: string; readonly tail: number };

/** A connection to an engine. Makes only GET requests, follows no redirect, and ends each within its time. */
export interface Connection {
  /** The parsed JSON of the answer, or the bytes of a log. Rejects with what went wrong; `failureOf` says it in words. */
  readonly get: (request: Request) => Promise<unknown>;
  readonly close: () => void;
}

/** Why there is no answer. */
export interface Failure {
  readonly reason: Text;
  readonly status?: number;
  /** Whether something is there, even though it gave no answer. */
  readonly closed: boolean;
  /** Whether the answer was larger than we take. */
  readonly large?: true;
  /** Whether the audit was interrupted, which says nothing of the engine. */
  readonly interrupted?: true;
}

/** How many requests may be under way at a time. */
export const inParallel = 8;

const mebibyte = 1024 * 1024;
/** How many bytes an answer may have. What a host has many of is listed in one answer. */
const limits: readonly (readonly [path: RegExp, bytes: number])[] = [
  [/^\/(?:containers\/json|networks|volumes|services)(?:\?|$)/, 64 * mebibyte],
  [/^\/containers\/[0-9a-f]+\/logs\?/, 8 * mebibyte],
  [/^/, 4 * mebibyte],
];

class TooSlow extends Error {}
class TooLarge extends Error {}
/** An answer other than 200. */
class Refused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number) {
    super();
    this.statusCode = statusCode;
  }
}

/**
 * The one place that knows dockerode, which knows the paths of the API. Answers are fetched here in its place: it
 * follows redirects, keeps whatever an engine sends, and waits for ever for an answer that breaks off. `timeout` is in
 * milliseconds, for one answer; `signal` ends what is under way. Throws if the library cannot be used.
 */
export async function connect(way: Way, timeout: number, signal: AbortSignal): Promise<Connection> {
  const { default: Docker } = await import('dockerode');
  // Each request listens until it is answered, and one signal ends the looks at several engines: many listeners are no leak.
  setMaxListeners(0, signal);
  const isSocket = 'socketPath' in way;
  const tls = isSocket ? undefined : way.tls;
  // All options are passed, even undefined ones, because the library would fill them in from the environment.
  const docker = new Docker({
    ...(isSocket
      ? { socketPath: way.socketPath, host: undefined, port: undefined, protocol: 'http' as const }
      : { socketPath: undefined, host: way.host, port: way.port, protocol: way.protocol }),
    ...{ ca: tls?.ca, cert: tls?.cert, key: tls?.key, timeout },
  });
  if (typeof Reflect.get(docker.modem, 'buildRequest') !== 'function') throw new Error('the library has changed');
  const options = { keepAlive: true, maxSockets: inParallel };
  const agent = isSocket || way.protocol === 'http' ? new Agent(options) : new TlsAgent(options);
  const place = isSocket
    ? { socketPath: way.socketPath }
    : {
        host: way.host.replace(/^\[(.*)\]$/, '$1'),
        port: way.port,
        ...(way.protocol === 'https' ? { ...tls, rejectUnauthorized: true } : {}),
      };
  const open: Open = (path) =>
    (agent instanceof TlsAgent ? requestHttps : requestHttp)({ ...place, agent, path, signal, method: 'GET' });
  // The library hands over what it would send, and takes an error or the value of an answer.
  const fetchHere = (
    sent: object,
    _context: object,
    data: unknown,
    done: (error: unknown, value?: unknown) => void,
  ): void => {
    const path = field(sent, 'path');
    if (field(sent, 'method') !== 'GET' || data !== undefined || typeof path !== 'string') done(new Error('only GET'));
    else
      fetchPath(path.replace(/^https?:\/\/[^/]*/, ''), open, timeout).then(
        (value) => done(null, value),
        (error) => done(error),
      );
  };
  Reflect.set(docker.modem, 'buildRequest', fetchHere);
  return {
    get: (request) => {
      if (request === 'version') return docker.version();
      if (request === 'info') return docker.info();
      if (request === 'containers') return docker.listContainers({ all: true });
      if (request === 'networks') return docker.listNetworks();
      if (request === 'volumes') return docker.listVolumes();
      if (request === 'services') return docker.listServices();
      if ('container' in request) return docker.getContainer(request.container).inspect();
      if ('image' in request) return docker.getImage(request.image).inspect();
      return docker.getContainer(request.log).logs({ follow: false, stdout: true, stderr: true, tail: request.tail });
    },
    close: () => agent.destroy(),
  };
}

/** Begins a request. */
type Open = (path: string) => ClientRequest;

/** An engine may close a connection that was kept just when it is used again: that says nothing, so it is asked anew. */
async function fetchPath(path: string, open: Open, timeout: number): Promise<unknown> {
  const isLog = /^\/containers\/[0-9a-f]+\/logs\?/.test(path);
  const once = () => fetchOnce(open(path), limits.find(([like]) => like.test(path))?.[1] ?? 0, timeout);
  const bytes = await once().catch((error: unknown) => {
    if (error instanceof Stale) return once();
    throw error;
  });
  return isLog ? bytes : parsed(bytes);
}

class Stale extends Error {
  readonly code = 'ECONNRESET';
}

function fetchOnce(request: ClientRequest, limit: number, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    const timer = setTimeout(() => fail(new TooSlow()), timeout);
    request.on('error', (error) => {
      const code = codeOf(error);
      fail(request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE') ? new Stale() : error);
    });
    request.on('response', (response: IncomingMessage) => {
      // What stands beside another status may quote anything, and is not used.
      if (response.statusCode !== 200) return fail(new Refused(response.statusCode ?? 0));
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit) fail(new TooLarge());
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks, length));
      });
    });
    request.end();
  });
}

/** Undefined if it is not JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Why nothing is asked any more. */
export const interruption: Failure = {
  reason: say`was not asked any more, because the audit was interrupted`,
  closed: false,
  interrupted: true,
};

/** In our words, because messages may quote what the engine sent. `timeout` is in milliseconds. */
export function failureOf(error: unknown, timeout: number): Failure {
  if (error instanceof Refused) {
    const { statusCode: status } = error;
    if (status === 403 || status === 401) return { reason: say`does not permit it (${status})`, status, closed: true };
    if (status >= 300 && status < 400)
      return { reason: say`answers with a redirect (${status}), which is not followed`, status, closed: true };
    return { reason: say`answers with status ${status}`, status, closed: true };
  }
  if (error instanceof TooLarge) return { reason: say`answers more than is read`, closed: true, large: true };
  const code = codeOf(error);
  if (error instanceof TooSlow || code === 'ETIMEDOUT')
    return { reason: say`did not answer within ${timeout / 1000} s`, closed: true };
  return { reason: connectionFailure(code), closed: !isAbsence(code) };
}
