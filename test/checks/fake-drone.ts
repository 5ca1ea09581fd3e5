import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/*
 * A server that answers as Drone 2.x does, as far as the audit asks: a wrong token is a guest, the prefix "Bearer " is only
 * stripped, what a guest may not see is 401 and what an account may not see is 404, lists come without order and total.
 */

export interface FakeRepository {
  readonly slug: string;
  readonly active?: boolean;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly object[];
  readonly cron?: readonly object[];
  readonly builds?: readonly { readonly number: number; readonly stages?: readonly object[] }[];
  /** Lines by `STAGE/STEP`, the same for all builds. */
  readonly logs?: Readonly<Record<string, readonly string[]>>;
}

export interface FakeDroneOptions {
  readonly edition?: 'full' | 'community';
  readonly users?: readonly object[];
  readonly repositories?: readonly FakeRepository[];
  readonly organizationSecrets?: readonly object[];
  readonly templates?: readonly object[];
  readonly rpcSecret?: string;
  readonly version?: string;
  /** In which order the list is given, each time a page is asked for. */
  readonly order?: (all: readonly object[], page: number, asked: number) => readonly object[];
  /** Answers in place of the server; false leaves it to the server. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly tls?: ServerOptions;
  /** Headers of pages beside those that are sent by default. */
  readonly pageHeaders?: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization?: string;
  readonly rpcToken?: string;
}

export interface FakeDrone {
  readonly port: number;
  /** At 127.0.0.1. */
  readonly address: string;
  readonly requests: readonly Seen[];
  close(): Promise<void>;
}

export const adminToken = 'c4na7yAdminTokenOfTheAudit0000000';
export const memberToken = 'c4na7yMemberTokenOfTheAudit000000';

const page = '<!doctype html><html lang="en"><head><title>Drone</title></head><body></body></html>';

export async function fakeDrone(options: FakeDroneOptions = {}): Promise<FakeDrone> {
  const requests: Seen[] = [];
  const answer = answering(options);
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    const rpcToken = headers['x-drone-token'];
    requests.push({
      method,
      url,
      authorization: headers.authorization,
      rpcToken: typeof rpcToken === 'string' ? rpcToken : undefined,
    });
    if (options.instead?.(request, response)) return;
    answer(request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answering(options: FakeDroneOptions): RequestListener {
  const { edition = 'full', repositories = [], rpcSecret = 'own-secret-of-this-server' } = options;
  const isCommunity = edition === 'community';
  const accounts = new Map([
    [
      adminToken,
      { id: 1, login: 'octocat', admin: true, machine: true, active: true, email: '', created: 1, last_login: 0 },
    ],
    [
      memberToken,
      { id: 2, login: 'hubot', admin: false, machine: false, active: true, email: '', created: 1, last_login: 5 },
    ],
  ]);
  const all = repositories.map((each, index) => rowOf(each, index + 1));
  let listed = 0;

  return (request, response) => {
    const url = new URL(request.url ?? '', 'http://drone');
    const path = url.pathname;
    const json = (status: number, body: unknown): void => {
      const origin = request.headers.origin;
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-cache',
        ...(origin ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' } : {}),
      });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const refuse = (status: number, message: string): void => json(status, { message });
    const web = (status: number, body: string, headers: Record<string, string> = {}): void => {
      const usual = { 'x-frame-options': 'DENY', 'x-xss-protection': '1; mode=block' };
      response.writeHead(status, {
        'content-type': 'text/html; charset=UTF-8',
        ...usual,
        ...options.pageHeaders,
        ...headers,
      });
      response.end(body);
    };
    const plain = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(body);
    };
    const user = accounts.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));

    if (path === '/rpc/v1/ping') return isCommunity ? plain(200, '') : plain(401, '');
    if (path === '/rpc/v2/ping') {
      if (isCommunity) return plain(404, '404 page not found\n');
      if (rpcSecret === '') return plain(403, '');
      if (request.headers['x-drone-token'] !== rpcSecret) return plain(401, '');
      return plain(request.method === 'POST' ? 200 : 405, '');
    }
    if (path === '/healthz') return plain(200, 'OK');
    if (path === '/metrics') return isCommunity ? plain(200, '') : plain(401, 'Invalid or missing prometheus token\n');
    if (path.startsWith('/debug/')) return plain(404, '404 page not found\n');
    if (path === '/') return web(303, '<a href="/welcome">See Other</a>.', { location: '/welcome' });
    if (path === '/login') {
      const state = Math.random().toString(16).slice(2);
      const location = `https://git.example.com/login/oauth/authorize?client_id=11&state=${state}`;
      return web(303, '', { location, 'set-cookie': `_oauth_state_=${state}; Max-Age=1800` });
    }
    if (path === '/version') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(`{"version":"${options.version ?? '2.28.1'}"}\n`);
    }
    if (path === '/varz') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const license = { kind: isCommunity ? 'foss' : 'trial', seats: 0 };
      const scm = {
        url: 'https://git.example.com/',
        rate: { limit: 5000, remaining: Math.floor(Math.random() * 5000) },
      };
      return void response.end(`${JSON.stringify({ scm, license })}\n`);
    }
    if (!path.startsWith('/api/')) return web(200, page);
    if (!user) return refuse(401, 'Unauthorized');
    if (path === '/api/user') return json(200, user);
    if (path === '/api/user/repos') return json(200, all.slice(0, 1));
    if (/^\/api\/(?:users|repos|secrets|templates)$/.test(path) && !user.admin) return refuse(403, 'Forbidden');
    if (path === '/api/users') return json(200, options.users ?? [...accounts.values()]);
    if (path === '/api/secrets')
      return isCommunity ? refuse(501, 'Not Implemented') : json(200, options.organizationSecrets ?? null);
    if (path === '/api/templates')
      return isCommunity ? refuse(501, 'Not Implemented') : json(200, options.templates ?? null);
    if (path === '/api/repos') {
      const size = Number(url.searchParams.get('per_page') ?? 25);
      const number = Number(url.searchParams.get('page') ?? 1);
      const rows = options.order?.(all, number, ++listed) ?? all;
      return json(200, rows.slice((number - 1) * size, number * size));
    }
    const log = /^\/api\/repos\/([^/]+\/[^/]+)\/builds\/\d+\/logs\/(\d+\/\d+)$/.exec(path);
    if (log) {
      const lines = repositories.find((each) => each.slug === decodeURIComponent(log[1] ?? ''))?.logs?.[log[2] ?? ''];
      return lines
        ? json(
            200,
            lines.map((out, pos) => ({ pos, out, time: pos })),
          )
        : refuse(404, 'Not Found');
    }
    const [, slug = '', part = '', number] = /^\/api\/repos\/([^/]+\/[^/]+)(?:\/(\w+))?(?:\/(\d+))?$/.exec(path) ?? [];
    const found = repositories.find((each) => each.slug === decodeURIComponent(slug));
    if (!found || (!user.admin && found !== repositories[0])) return refuse(404, 'Not Found');
    if (part === 'builds') {
      const { builds = [] } = found;
      if (number === undefined)
        return json(
          200,
          builds.map(({ stages, ...build }) => build),
        );
      const build = builds.find((each) => String(each.number) === number);
      return build ? json(200, build) : refuse(404, 'Not Found');
    }
    if (isCommunity) return refuse(501, 'Not Implemented');
    if (part === 'secrets') return json(200, found.secrets ?? []);
    if (part === 'cron') return json(200, found.cron ?? []);
    return refuse(404, 'Not Found');
  };
}

function rowOf({ slug, active = true, fields = {} }: FakeRepository, id: number): object {
  const [namespace, name] = slug.split('/');
  return {
    ...{ id, uid: String(id), user_id: 1, namespace, name, slug, scm: '', link: `https://git.example.com/${slug}` },
    ...{ default_branch: 'main', private: false, visibility: 'public', active, config_path: '.drone.yml' },
    ...{ trusted: false, protected: false, ignore_forks: false, ignore_pull_requests: false, timeout: 60, counter: 7 },
    ...fields,
  };
}
