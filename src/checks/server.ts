import { compare } from '../model/compare.ts';
import { hostOf, isLoopback } from '../model/hosts.ts';
import { isOwned, type OwnedHost } from '../model/owned-hosts.ts';
import type { Problem } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { say, type Text, textKey } from '../model/text.ts';
import { flagIn, jsonOf, textIn } from './answer-fields.ts';
import { clockIn, endpointSource, type KeptAnswer, keep } from './endpoint.ts';
import { type Ask, connectionTo, type Pace, paceOf, type Received } from './http.ts';
import { type FormsInLog, lookAsAccount } from './repositories.ts';
import { isOnlyOld, lookAtTls } from './tls.ts';

/** Which server to ask, and how. */
export interface ServerTarget {
  /** Scheme, host and port, as `normalAddress` makes it. */
  readonly address: string;
  /** The token of the account to ask with; without one, only what is public is asked. */
  readonly token?: string;
  /** How many requests a second at most. */
  readonly rate: number;
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Whether to ask if the RPC endpoint answers, and accepts a documented secret. */
  readonly probeRpc: boolean;
  /** What documentation prints as RPC secret, and where. */
  readonly samples?: readonly { readonly value: string; readonly where: string }[];
  /** Hosts that the user says are theirs; loopback always is. */
  readonly owned: readonly OwnedHost[];
  /** Names the credentials that a log holds; undefined if no logs of builds are asked for. */
  readonly formsInLog?: FormsInLog;
  /** Says how far long work has come, on standard error. */
  readonly progress: (done: number, of: number) => void;
  /** Ends the look; what was seen until then is kept. */
  readonly signal?: AbortSignal;
}

/** What was seen of a server, and what could not be seen. */
export interface ServerEvidence {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

const defaultTimeout = 10_000;
const maxSamples = 8;
/** A host that does not exist: nobody may be allowed by name. */
const strangeOrigin = 'https://drone-audit.invalid';
/** What anyone may ask. `/login` is asked for the flags of its cookie; `/logout` would end a session and never is. */
const publicPaths = ['/version', '/varz', '/healthz', '/metrics', '/debug/pprof/', '/', '/welcome', '/login'] as const;

/** Asks a Drone server what it tells to anyone, and with a token what it tells to its account. Never throws. */
export async function lookAtServer(target: ServerTarget): Promise<ServerEvidence> {
  const signal = target.signal ?? new AbortController().signal;
  const timeoutMs = target.timeoutMs ?? defaultTimeout;
  const { address } = target;
  const pace = paceOf(target.rate, signal);
  const isHttps = address.startsWith('https://');
  const tls = isHttps ? await lookAtTls(address, timeoutMs) : undefined;
  const isTrusted = tls !== undefined && tls.seen.distrust === null;
  const connection = connectionTo({ address, pace, timeoutMs, verify: isTrusted, signal });
  try {
    return withoutToken(
      await lookWith(connection.ask, tls, { target, pace, timeoutMs, signal, isTrusted }),
      target.token,
    );
  } finally {
    connection.close();
  }
}

interface Surroundings {
  readonly target: ServerTarget;
  readonly pace: Pace;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly isTrusted: boolean;
}

async function lookWith(
  ask: Ask,
  tls: Awaited<ReturnType<typeof lookAtTls>>,
  around: Surroundings,
): Promise<ServerEvidence> {
  const { target, signal, isTrusted } = around;
  const { address } = target;
  const problems: Problem[] = [];
  const note = (message: Text, incomplete = true, path = '/'): void => {
    problems.push({ kind: 'unreadable', source: `${address}${path}`, message, incomplete });
  };
  const answers = new Map<string, KeptAnswer>();
  const interrupted = (left: Text = say``): void => {
    note(say`the audit was interrupted; everything seen until then is reported${left}`);
  };
  if (tls && isOnlyOld(tls.seen)) {
    note(
      say`the server speaks nothing newer than ${tls.seen.protocol}, which is not spoken here: nothing else was asked`,
    );
    const endpoint = { address, role: 'server', network: tls.network, answers, tls: tls.seen, accepted: [] } as const;
    return { sources: [endpointSource(endpoint, undefined)], problems };
  }
  const first = await ask({ path: '/api/user', headers: { Origin: strangeOrigin } });
  if ('lost' in first) {
    if (signal.aborted) interrupted();
    else note(say`the server was not looked at: it ${first.lost}`);
    return { sources: [], problems };
  }
  answers.set('/api/user', keep(first));
  const failed: { readonly path: string; readonly answer: Received }[] = [];
  for (const path of publicPaths) {
    const answer = await ask({ path });
    if (!('lost' in answer)) {
      answers.set(path, keep(answer));
      if (answer.status >= 500) failed.push({ path, answer });
    } else if (!signal.aborted) note(say`what the server tells here is not known: it ${answer.lost}`, true, path);
  }
  if (!isDrone(first, answers.get('/version'))) {
    if (signal.aborted) interrupted();
    else note(say`what runs here does not answer like a Drone server, so nothing is said of it, and no token was sent`);
    return { sources: [], problems };
  }
  const faults = faultsOf(failed);
  if (faults) note(faults);
  if (address.startsWith('https://')) {
    const plain = await askPlain(around);
    if (plain) answers.set('http /api/user', plain);
  }
  if (tls && tls.unasked.length > 0)
    note(
      say`whether it accepts ${tls.unasked.join(' and ')} was not asked: the TLS library here cannot offer that`,
      false,
    );

  const accepted: string[] = [];
  let tried: number | undefined;
  if (target.probeRpc && !isOwned(new URL(address), target.owned)) note(notOwned('--probe-rpc', address));
  else if (target.probeRpc) {
    const probed = await probeRpc(ask, target.samples ?? []);
    const path = '/rpc/v2/ping';
    if (probed.answer) {
      answers.set('POST /rpc/v2/ping', probed.answer);
      accepted.push(...probed.accepted);
      tried = probed.tried;
    }
    if (probed.stopped && !signal.aborted)
      note(
        probed.answer
          ? say`after ${probed.tried} documented secrets no more were tried: the server ${probed.stopped}`
          : say`whether the RPC endpoint answers is not known: the server ${probed.stopped}`,
        true,
        path,
      );
  }

  const seenAt = clockIn(first);
  const sources: Source[] = [];
  const permitted = target.token === undefined ? undefined : tokenProblem(target.token, address, isTrusted);
  let left: Text | undefined;
  if (permitted) note(permitted);
  else if (target.token !== undefined && !signal.aborted) {
    const { token } = target;
    const askAs: Ask = (question) => ask({ ...question, headers: { Authorization: `Bearer ${token}` } });
    const account = await accountOf(askAs);
    if ('why' in account) {
      if (!signal.aborted) note(account.why, true, '/api/user');
    } else {
      if (!account.isAdmin)
        note(
          say`the account "${account.login}" is no administrator, so the accounts, the secrets of organisations, the templates and the repositories of others were not seen`,
          true,
          '/api/user',
        );
      const { progress } = target;
      const { isAdmin, login } = account;
      const { formsInLog } = target;
      const told = await lookAsAccount({ address, ask: askAs, isAdmin, login, seenAt, signal, progress, formsInLog });
      left = told.left;
      for (const one of told.sources) sources.push(one);
      for (const one of told.problems) problems.push(one);
      if (told.isCommunity) answers.set('/api/secrets', { status: 501, headers: {}, body: 'json', facts: {} });
    }
  }
  if (signal.aborted) interrupted(left && say`; not looked at: ${left}`);
  const { network } = first;
  const endpoint = { address, role: 'server', network, answers, tls: tls?.seen ?? null, accepted, tried } as const;
  sources.push(endpointSource(endpoint, seenAt));
  return { sources: sources.sort((a, b) => compare(a.name, b.name)), problems };
}

/** A page that answers 200 to everything is no server of Drone; nor is a login page in front of one. */
function isDrone({ status, body }: Received, version: KeptAnswer | undefined): boolean {
  const refusal = jsonOf(body);
  if (version?.status === 200 && version.facts.version !== undefined) return true;
  return (status === 401 || status === 403) && textIn(refusal, 'message') !== '';
}

/** What is said of public paths that answer with a fault of the server or of a proxy, which is no sign that all is well there. */
function faultsOf(failed: readonly { readonly path: string; readonly answer: Received }[]): Text | undefined {
  const [first] = failed;
  if (!first) return undefined;
  const statuses = [...new Set(failed.map(({ answer }) => answer.status))].join(' and ');
  const paths = failed.map(({ path }) => path).join(', ');
  const told = say`the server answers with status ${statuses} to ${paths}, so what it tells there is not known`;
  // With DRONE_HTTP_ALLOWED_HOSTS: unrolled/secure, measured with 2.25.0 and 2.28.2.
  const isBadHost = failed.some(({ answer }) => answer.status === 500 && answer.body.trim() === 'Bad Host');
  return isBadHost ? say`${told}: it answers to other host names only ("Bad Host"); name it by its own host` : told;
}

/** The same host over plain http. Nothing that listens there is as good as a redirect. */
async function askPlain({ target, pace, timeoutMs, signal }: Surroundings): Promise<KeptAnswer | undefined> {
  const { host } = new URL(target.address);
  const { ask, close } = connectionTo({ address: `http://${host}`, pace, timeoutMs, verify: true, signal });
  try {
    // Not a page: those are moved by DRONE_HTTP_SSL_REDIRECT, while the API goes on to answer.
    const answer = await ask({ path: '/api/user' });
    return 'lost' in answer ? undefined : keep(answer);
  } finally {
    close();
  }
}

/** What came of the probe of the RPC endpoint. */
interface Probed {
  /** To a request without a secret; absent where none came. */
  readonly answer?: KeptAnswer;
  readonly accepted: readonly string[];
  /** How many documented secrets the server took or refused. */
  readonly tried: number;
  /** Why not all were tried, after the name of the server. */
  readonly stopped?: Text;
}

/**
 * Asks for the no-op of the RPC protocol (operator/manager/rpc2/server.go:27-59), first without a secret, then with documented
 * ones until one is accepted. Version 1 of the protocol is never asked: community builds answer it with 200 to anybody.
 */
async function probeRpc(
  ask: Ask,
  samples: readonly { readonly value: string; readonly where: string }[],
): Promise<Probed> {
  const path = '/rpc/v2/ping';
  const plain = await ask({ path, method: 'POST', headers: { 'Content-Length': '0' } });
  if ('lost' in plain) return { accepted: [], tried: 0, stopped: plain.lost };
  const answer = keep(plain);
  let tried = 0;
  // 403: no secret is set, so none is accepted. Anything else is not the server's own answer.
  if (plain.status !== 401 || answer.body !== 'empty') return { answer, accepted: [], tried };
  for (const { value, where } of samples.slice(0, maxSamples)) {
    const got = await ask({ path, method: 'POST', headers: { 'Content-Length': '0', 'X-Drone-Token': value } });
    if ('lost' in got) return { answer, accepted: [], tried, stopped: got.lost };
    if (got.status === 200 && keep(got).body !== 'html')
      return { answer, accepted: [`a documented RPC secret (${where})`], tried: tried + 1 };
    // A proxy that has had enough says nothing of the secret.
    if (got.status !== 401) return { answer, accepted: [], tried, stopped: say`answers with status ${got.status}` };
    tried++;
  }
  return { answer, accepted: [], tried };
}

/** Why a probe does not address a host. */
export function notOwned(option: '--probe-rpc' | '--probe-runners', address: string): Text {
  const { hostname } = new URL(address);
  return say`${option} did not address this host: only this machine and hosts that are named as yours are probed (--i-own-this ${hostname})`;
}

/** Why the token may not be sent to an address; undefined if it may. */
function tokenProblem(token: string, address: string, isTrusted: boolean): Text | undefined {
  if (!/^[\x21-\x7e]+$/.test(token)) return say`DRONE_TOKEN holds characters that no token has, and was not sent`;
  if (isTrusted || isLoopback(hostOf(address) ?? '')) return undefined;
  return address.startsWith('https://')
    ? say`DRONE_TOKEN was not sent, because the certificate is not trusted; only public things were asked (NODE_EXTRA_CA_CERTS names the certificate of your own CA)`
    : say`DRONE_TOKEN was not sent over plain http; only public things were asked`;
}

/** A wrong token makes a guest, to whom public things are shown: /api/user alone tells (handler/api/auth/auth.go:35-43). */
async function accountOf(
  ask: Ask,
): Promise<{ readonly login: string; readonly isAdmin: boolean } | { readonly why: Text }> {
  const answer = await ask({ path: '/api/user' });
  if ('lost' in answer) return { why: say`the token was not tried: it ${answer.lost}` };
  const user = jsonOf(answer.body);
  const login = textIn(user, 'login');
  if (answer.status === 200 && login !== '') return { login, isAdmin: flagIn(user, 'admin') };
  if (answer.status === 401)
    return { why: say`the server does not know the token of DRONE_TOKEN; only public things were asked` };
  if (answer.status >= 300 && answer.status < 400)
    return { why: say`the API redirects, which is not followed with a token; name the address that it leads to` };
  return { why: say`the token could not be tried: the server answers with status ${answer.status}` };
}

/** A server that repeats what it was sent must not bring the token into the evidence. */
function withoutToken({ sources, problems }: ServerEvidence, token: string | undefined): ServerEvidence {
  if (token === undefined || token.length < 6) return { sources, problems };
  const cleaned = sources.map((source) =>
    source.text.includes(token) || source.name.includes(token)
      ? { ...source, name: source.name.replaceAll(token, '…'), text: source.text.replaceAll(token, '…') }
      : source,
  );
  const said = problems.map((problem) =>
    textKey(problem.message).includes(token) || problem.source.includes(token)
      ? {
          ...problem,
          source: '…',
          message: say`what is wrong here cannot be told, because the server put the token into it`,
        }
      : problem,
  );
  return { sources: cleaned, problems: said };
}
