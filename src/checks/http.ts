import http from 'node:http';
import https from 'node:https';
import { codeOf } from '../model/error-code.ts';
import { bareHost, isLoopback, isPublicHost } from '../model/hosts.ts';
import { say, type Text } from '../model/text.ts';
import { connectionFailure } from './connection-error.ts';

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

/** When requests may be sent, however many addresses they go to. */
export interface Pace {
  /** Waits until the next request may be sent; false if the audit was interrupted. */
  readonly next: () => Promise<boolean>;
  /** Sends nothing for so many milliseconds, and more slowly from then on; false if too much was waited for already. */
  readonly hold: (milliseconds: number) => boolean;
}

/** What a server may make an audit wait at once, and in all. */
const longestHold = 30_000;
const longestHolds = 120_000;
/** The pause between two requests grows up to this. */
const longestGap = 2000;

/** Lets through so many requests a second at most, and fewer each time the server says that these were too many. */
export function paceOf(rate: number, signal: AbortSignal): Pace {
  let next = 0;
  let gap = 1000 / rate;
  let quietUntil = 0;
  let held = 0;
  return {
    next: async () => {
      const now = Date.now();
      const start = Math.max(now, next);
      next = start + gap;
      if (start > now) await pause(start - now, signal);
      // What waited its turn when the server asked for quiet waits for that, too.
      while (Date.now() < quietUntil && !signal.aborted) await pause(quietUntil - Date.now(), signal);
      return !signal.aborted;
    },
    hold: (milliseconds) => {
      const now = Date.now();
      const until = now + Math.min(milliseconds, longestHold);
      const further = Math.max(0, until - Math.max(now, quietUntil));
      if (held + further > longestHolds) return false;
      // Requests that were under way together are refused together, and slow the audit down once.
      if (now >= quietUntil) gap = Math.min(Math.max(2 * gap, 50), longestGap);
      held += further;
      quietUntil = Math.max(quietUntil, until);
      next = Math.max(next, quietUntil);
      return true;
    },
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
 * another host. What fails by a connection that broke, or by 503, is asked once more, and what is refused by 429 when the
 * server is ready again, unless it is a POST.
 */
export function connectionTo(connection: Connection): { readonly ask: Ask; readonly close: () => void } {
  const url = new URL(connection.address);
  const isSecure = url.protocol === 'https:';
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, maxSockets, rejectUnauthorized: connection.verify })
    : new http.Agent({ keepAlive: true, maxSockets });
  const once = async (question: Question): Promise<Received | Lost> => {
    if (!(await connection.pace.next())) return interrupted;
    return send(question, url, isSecure, agent, connection);
  };
  /** Each round takes some of what may be waited for in all, so that a server that never is ready ends it. */
  const whenReady = async (question: Question): Promise<Received | Lost> => {
    for (;;) {
      const answer = await once(question);
      if ('lost' in answer || answer.status !== 429 || question.method === 'POST') return answer;
      if (!connection.pace.hold(readyAfter(answer))) return answer;
    }
  };
  const ask: Ask = async (question) => {
    const first = await whenReady(question);
    if (question.method === 'POST' || !mayPass(first)) return first;
    await pause(retryAfter, connection.signal);
    return whenReady(question);
  };
  return { ask, close: () => agent.destroy() };
}

function mayPass(answer: Received | Lost): boolean {
  return 'lost' in answer ? answer.code === 'ECONNRESET' || answer.code === 'EPIPE' : answer.status === 503;
}

/** By `Retry-After`, in seconds or as a date; without one, and at least, a second. */
function readyAfter({ headers }: Received): number {
  const written = headers.get('retry-after') ?? '';
  const wait = /^\d{1,9}$/.test(written) ? Number(written) * 1000 : Date.parse(written) - Date.now();
  return Math.max(Number.isNaN(wait) ? 0 : wait, retryAfter * 2);
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
      host: bareHost(url),
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

function lostBy(error: Error): Lost {
  const code = codeOf(error);
  return { lost: connectionFailure(code), code };
}

/** Where the address of a peer lies. */
export function networkOf(address: string): Network {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isLoopback(plain)) return 'loopback';
  if (plain.includes(':')) return /^(?:f[cd]|fe[89ab])/i.test(plain) ? 'private' : 'public';
  return isPublicHost(plain) ? 'public' : 'private';
}
