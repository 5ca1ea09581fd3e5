import http from 'node:http';
import https from 'node:https';
import { isLoopback, isPublicHost } from '../model/hosts.ts';
import { say, type Text } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';

/**
 * The address of a server without what no address needs: user information, query, a slash at the end. Drone cannot live
 * below a path, so a path is refused. Throws UserError.
 */
export function normalAddress(text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new UserError('the address of --server cannot be understood', 'such as https://ci.example.com');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UserError('the address of --server begins with https:// or http://', 'such as https://ci.example.com');
  if (/[^/]/.test(url.pathname))
    throw new UserError(
      'the address of --server has a path, and a Drone server has none',
      `name the host alone: --server ${url.origin}`,
    );
  return url.origin;
}

/** What came back. */
export interface Received {
  readonly status: number;
  /** By their names in lower case; several of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  readonly body: string;
  /** Who answered, as far as the address tells. */
  readonly network: Network;
}

/** Where an address that answered is: a name may lead to another place from inside a network than from outside. */
export type Network = 'loopback' | 'private' | 'public';

/** Why nothing came back. */
export interface Lost {
  readonly lost: Text;
  /** Of the system (`ECONNREFUSED`), or `INTERRUPTED`, `TIMEOUT`, `TOO-LARGE`. */
  readonly code: string;
}

export interface Question {
  /** Path and query, beginning with a slash. */
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** How many bytes the answer may have. */
  readonly limit?: number;
}

/** Asks one address. Never rejects. */
export type Ask = (question: Question) => Promise<Received | Lost>;

/** Waits until the next request may be sent; false if the audit was interrupted. */
export type Pace = () => Promise<boolean>;

/** Lets through so many requests a second at most, however many addresses they go to. */
export function paceOf(rate: number, signal: AbortSignal): Pace {
  let next = 0;
  return async () => {
    const now = Date.now();
    const start = Math.max(now, next);
    next = start + 1000 / rate;
    if (start > now) await pause(start - now, signal);
    return !signal.aborted;
  };
}

/** Waits, or less if the audit is interrupted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

export interface Connection {
  /** Scheme, host and port. */
  readonly address: string;
  readonly pace: Pace;
  /** For one answer, from the request to its last byte. */
  readonly timeoutMs: number;
  /** Whether an answer counts only with a certificate that is trusted. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
}

const usualLimit = 1024 * 1024;
const maxSockets = 4;
/** Before a request is sent a second time. */
const retryAfter = 500;

/**
 * Requests to one address over connections that stay open. No redirect is followed, so that nothing that is sent goes to
 * another host. What fails by a connection that broke, or by 503, is asked once more, unless it is a POST.
 */
export function connectionTo(connection: Connection): { readonly ask: Ask; readonly close: () => void } {
  const url = new URL(connection.address);
  const isSecure = url.protocol === 'https:';
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, maxSockets, rejectUnauthorized: connection.verify })
    : new http.Agent({ keepAlive: true, maxSockets });
  const once = async (question: Question): Promise<Received | Lost> => {
    if (!(await connection.pace())) return interrupted;
    return send(question, url, isSecure, agent, connection);
  };
  const ask: Ask = async (question) => {
    const first = await once(question);
    if (question.method === 'POST' || !mayPass(first)) return first;
    await pause(retryAfter, connection.signal);
    return once(question);
  };
  return { ask, close: () => agent.destroy() };
}

function mayPass(answer: Received | Lost): boolean {
  return 'lost' in answer ? answer.code === 'ECONNRESET' || answer.code === 'EPIPE' : answer.status === 503;
}

const interrupted: Lost = { lost: say`was not asked any more, because the audit was interrupted`, code: 'INTERRUPTED' };

function send(
  { path, method = 'GET', headers = {}, limit = usualLimit }: Question,
  url: URL,
  isSecure: boolean,
  agent: http.Agent,
  { timeoutMs, signal }: Connection,
): Promise<Received | Lost> {
  return new Promise((resolve) => {
    let network: Network = 'public';
    const end = (result: Received | Lost): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(result);
    };
    const lose = (lost: Lost): void => {
      end(lost);
      request.destroy();
    };
    const stop = (): void => lose(interrupted);
    const request = (isSecure ? https : http).request({
      agent,
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port || (isSecure ? 443 : 80),
      path,
      method,
      headers: { Accept: 'application/json, */*', 'User-Agent': 'drone-audit', ...headers },
    });
    const timer = setTimeout(
      () => lose({ lost: say`did not answer within ${timeoutMs / 1000} seconds`, code: 'TIMEOUT' }),
      timeoutMs,
    );
    signal.addEventListener('abort', stop);
    request.on('socket', (socket) => {
      const know = (): void => {
        network = networkOf(socket.remoteAddress ?? '');
      };
      if (socket.connecting) socket.once('connect', know);
      else know();
    });
    request.on('error', (error) => end(lostBy(error)));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit)
          lose({ lost: say`gave an answer of more than ${Math.round(limit / 1024)} KiB`, code: 'TOO-LARGE' });
        else chunks.push(chunk);
      });
      response.on('error', (error) => end(lostBy(error)));
      response.on('aborted', () => end({ lost: say`broke off its answer`, code: 'ECONNRESET' }));
      response.on('end', () =>
        end({
          status: response.statusCode ?? 0,
          headers: headersOf(response),
          cookies: response.headers['set-cookie'] ?? [],
          body: Buffer.concat(chunks).toString('utf8'),
          network,
        }),
      );
    });
    request.end();
  });
}

function headersOf({ headers }: http.IncomingMessage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name === 'set-cookie' ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** In our words, because messages of the library may quote what was sent. */
const reasons: Readonly<Record<string, Text>> = {
  ECONNREFUSED: say`refuses the connection`,
  ENOTFOUND: say`is a host that is not known`,
  EAI_AGAIN: say`is a host that is not known`,
  EHOSTUNREACH: say`cannot be reached`,
  ENETUNREACH: say`cannot be reached`,
  ETIMEDOUT: say`cannot be reached`,
  ECONNRESET: say`closes the connection`,
  EPIPE: say`closes the connection`,
  EPROTO: say`does not speak TLS`,
  ERR_SSL_WRONG_VERSION_NUMBER: say`does not speak TLS`,
  HPE_INVALID_CONSTANT: say`does not speak HTTP`,
  HPE_HEADER_OVERFLOW: say`sends headers without end`,
};

function lostBy(error: Error): Lost {
  const code = codeOf(error);
  return { lost: reasons[code] ?? say`could not be asked (${/^\w{1,60}$/.test(code) ? code : 'unknown'})`, code };
}

/** The code of an error of the system or of the TLS library; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function networkOf(address: string): Network {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isLoopback(plain)) return 'loopback';
  if (plain.includes(':')) return /^(?:f[cd]|fe[89ab])/i.test(plain) ? 'private' : 'public';
  return isPublicHost(plain) ? 'public' : 'private';
}

/** Whether the user owns a host: one of this machine, or one that was named, alone or with its port. */
export function isOwned(address: string, owned: readonly string[]): boolean {
  const { hostname, protocol, port } = new URL(address);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(host)) return true;
  const withPort = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  return owned.some((each) => [host, hostname, withPort].includes(each.trim().toLowerCase()));
}
