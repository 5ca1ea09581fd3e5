import { createHash, createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { codeOf } from '../model/error-code.ts';
import { bareHost, isLoopback } from '../model/hosts.ts';
import type { Verdict } from '../model/probe.ts';
import { type Problem, unreadable } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { connectionFailure } from './connection-error.ts';
import {
  type Answer,
  answerOf,
  type Baselines,
  isBlanket,
  isSameAnswer,
  secretVerdict,
  verdictOf,
} from './extension-answers.ts';
import { pause } from './http.ts';

/** A secret that the operator made for the probe, and for pushes only. */
export interface Canary {
  readonly path: string;
  readonly name: string;
}

/** Which secret extension to probe, and how far. */
export interface ExtensionTarget {
  /** As a runner has it, with the login and the query that it may have. */
  readonly endpoint: URL;
  /** The token that callers share with it, and the variable that it was read from. */
  readonly token?: { readonly value: string; readonly variable: string };
  /** Documented tokens to try; at most `maxSamples` are. */
  readonly samples: readonly string[];
  readonly canaries: readonly Canary[];
  /** Of this tool, for the User-Agent. */
  readonly version: string;
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
  /** Ends the probe; what was learnt until then is kept. */
  readonly signal?: AbortSignal;
}

export interface ExtensionEvidence {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

export const maxSamples = 8;
export const maxCanaries = 3;
/** What all requests of a probe together never exceed. */
const maxRequests = 40;
/** Between two requests. */
const usualPauseMs = 200;
/** drone-vault takes 4 seconds to give up on a store that is down. */
const usualTimeoutMs = 10_000;
/** What is read of a body: more than a secret has. */
const maxBody = 64 * 1024;
/** After so many requests in a row without an answer no more are sent. */
const maxFailures = 3;

/**
 * Tests whether a secret extension refuses what it must. Sends what a runner sends (runner-go secret/external.go, drone-go
 * plugin/internal/client/client.go:78-132), asks only for names that do not exist and for the canaries, and keeps no body.
 * The caller has made sure that the host is the user's. Never throws.
 */
export async function probeExtension(target: ExtensionTarget): Promise<ExtensionEvidence> {
  const address = addressOf(target.endpoint);
  const session = new Session(target);
  const asked = await ask(target, session);
  const problems = [...plainHttp(target.endpoint)];
  if ('problem' in asked) return { sources: [], problems: [...problems, unreadable(address, asked.problem)] };
  for (const problem of asked.problems) problems.push(unreadable(address, problem));
  const record = {
    address,
    signed: target.token !== undefined,
    body: asked.body,
    requests: Object.fromEntries(asked.entries),
  };
  const text = `${JSON.stringify(record, null, 2)}\n`;
  return { sources: [{ name: address, form: 'extension-probe', text }], problems };
}

/** An endpoint without who logs in and what the query may hold. */
function addressOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function plainHttp(endpoint: URL): readonly Problem[] {
  if (endpoint.protocol === 'https:' || isLoopback(bareHost(endpoint))) return [];
  const message = say`the extension was asked over plain http: anyone on the way can record a signed request and send it again`;
  return [{ kind: 'unsupported', source: addressOf(endpoint), message, incomplete: false }];
}

/** One request, and what became of it, as the evidence tells it. */
interface Entry {
  readonly verdict: Verdict;
  readonly answer: string;
  readonly status?: number;
  readonly type?: string;
  readonly length?: string;
  /** The canary, by path and name. */
  readonly asked?: string;
}

interface Asked {
  readonly entries: readonly (readonly [string, Entry])[];
  /** The kind of body that told right keys from wrong ones. */
  readonly body: BodyKind;
  readonly problems: readonly Text[];
}

type BodyKind = 'text' | 'json';

/** The answers to the requests that everything else is read by. */
interface First extends Baselines {
  readonly signed?: Sent;
  readonly results: { readonly right?: Result; readonly wrong: Result; readonly unsigned: Result };
  readonly unsigned?: Answer;
}

async function ask(target: ExtensionTarget, session: Session): Promise<Asked | { problem: Text }> {
  const { token } = target;
  const key = token?.value;
  const inText = await baselines('text');
  const lost = target.signal?.aborted ? say`the probe was interrupted before anything was learnt` : lostOf(inText);
  if (lost) return { problem: lost };
  let body: BodyKind = 'text';
  let base = inText;
  // A body that is no JSON tells keys apart without a plugin or its store being asked, unless all errors look the same. That
  // may be one refusal for everything that fails, the body that a runner never sends included.
  const isOneRefusal = isBlanket(inText.right, inText.wrong, inText.unsigned);
  if (!isDecided(inText) || isOneRefusal) {
    const inJson = await baselines('json');
    const tellsNothing = Object.values(verdictsOf(inJson, inText)).every((verdict) => verdict === 'unknown');
    if (tellsNothing && !isOneRefusal)
      return {
        problem: inJson.wrong ? notAnExtension(inJson.wrong) : (lostOf(inJson) ?? say`the extension stopped answering`),
      };
    if (!tellsNothing) {
      base = inJson;
      body = 'json';
    }
  }
  const isTurnedAway = isBlanket(base.right, base.wrong, base.unsigned);
  /** What equals the refusal that all get tells nothing of its request. */
  const told = (verdict: Verdict, answer: Answer | undefined): Verdict =>
    isTurnedAway && isSameAnswer(answer, base.wrong) ? 'unknown' : verdict;
  const own = verdictsOf(base, body === 'json' ? inText : undefined);
  const verdicts = {
    right: own.right && told(own.right, base.right),
    wrong: told(own.wrong, base.wrong),
    unsigned: told(own.unsigned, base.unsigned),
  };
  const entries = new Map<string, Entry>();
  const problems: Text[] = [];
  if (base.results.right) entries.set('right-key', entryOf(verdicts.right ?? 'unknown', base.results.right));
  entries.set('unsigned', entryOf(verdicts.unsigned, base.results.unsigned));
  await judged('garbage', { signature: 'garbage' });
  await judged('bearer', { authorization: 'Bearer x' });
  entries.set('wrong-key', entryOf(verdicts.wrong, base.results.wrong));
  await judged('empty-key', { key: '' });

  const got = await session.send({ method: 'GET', headers: { Accept: 'application/json' }, body: '' });
  const isGiven = got.answer?.kind === 'data';
  entries.set('get', entryOf(told(isGiven ? 'data' : got.answer ? 'refused' : 'unknown', got.answer), got));

  const isChecked = verdicts.wrong === 'refused';
  if (isChecked || isTurnedAway)
    for (const [index, sample] of target.samples.slice(0, maxSamples).entries())
      await judged(`sample-${index + 1}`, { key: sample });

  if (token && isTurnedAway)
    problems.push(
      say`the extension gives one refusal to everything, the token of ${token.variable} included: it has another token, its clock is off, or a proxy before it refuses all; which of its refusals count cannot be told`,
    );
  else if (token && verdicts.right === 'refused')
    problems.push(
      say`the extension refuses what is signed with the token of ${token.variable}: it has another one, or its clock is off, and what only the right token shows was not tested`,
    );
  else if (token && verdicts.right === 'unknown')
    problems.push(
      say`the extension answers so that it cannot be told whether it accepts the token of ${token.variable}`,
    );
  else if (key !== undefined) {
    if (isChecked) await alter(key);
    await askForSecrets(key);
  }
  if (target.signal?.aborted) problems.push(say`the probe was interrupted; everything learnt until then is reported`);
  else if (session.isStopped) problems.push(say`the extension stopped answering, so that not all of it was tested`);
  return { entries: [...entries], body, problems };

  /** A name that nobody has, and the canaries: with the right key, as a runner asks. */
  async function askForSecrets(key: string): Promise<void> {
    const asked = async (canary: Canary, event: 'push' | 'pull_request'): Promise<Entry> => {
      const result = await session.send(signed({ body: secretBody(canary, event), key }));
      return entryOf(secretVerdict(result.answer), result);
    };
    const made = `drone-audit-probe-${nonce()}`;
    entries.set('unknown-secret', await asked({ path: made, name: made }, 'pull_request'));
    for (const [index, canary] of target.canaries.slice(0, maxCanaries).entries()) {
      const name = `${canary.path}/${canary.name}`;
      entries.set(`canary-push-${index + 1}`, { ...(await asked(canary, 'push')), asked: name });
      entries.set(`canary-fork-${index + 1}`, { ...(await asked(canary, 'pull_request')), asked: name });
    }
  }

  async function baselines(kind: BodyKind): Promise<First> {
    const sent = key === undefined ? undefined : signed({ body: bodyOf(kind), key });
    const right = sent && (await session.send(sent));
    const wrong = await session.send(signed({ body: bodyOf(kind), key: randomBytes(32).toString('hex') }));
    const unsigned = await session.send(signed({ body: bodyOf(kind) }));
    const results = { right, wrong, unsigned };
    return { signed: sent, results, right: right?.answer, wrong: wrong.answer, unsigned: unsigned.answer };
  }

  /** Sends a request with other credentials; an error that may come from the body is looked into with the other one. */
  async function judged(name: string, request: Omit<Unsigned, 'body'>): Promise<void> {
    let result = await session.send(signed({ body: bodyOf(body), ...request }));
    let verdict = verdictOf(result.answer, base, true);
    const isKey = request.key !== undefined;
    if (isKey && body === 'text' && verdict === 'unknown' && result.answer) {
      const again = await session.send(signed({ body: bodyOf('json'), ...request }));
      verdict = verdictOf(again.answer, {}, true, result.answer);
      result = again;
    }
    entries.set(name, entryOf(told(verdict, result.answer), result));
  }

  /** What the right key signs, and the reference library accepts all the same. */
  async function alter(key: string): Promise<void> {
    const old = (hours: number): Sent => signed({ body: bodyOf(body), key, age: hours * 3_600_000 });
    const altered: readonly (readonly [string, Sent | undefined])[] = [
      ['altered-body', { ...signed({ body: bodyOf(body), key }), body: bodyOf(body) }],
      ['hour-old', old(1)],
      ['year-old', old(365 * 24)],
      ['repeated', base.signed],
      ['date-only', signed({ body: bodyOf(body), key, lines: ['date'] })],
      ['hmac-sha1', signed({ body: bodyOf(body), key, algorithm: 'sha1' })],
    ];
    for (const [name, sent] of altered) {
      const result: Result = sent ? await session.send(sent) : { failure: 'not sent' };
      entries.set(name, entryOf(verdictOf(result.answer, base, false), result));
    }
  }
}

function verdictsOf(base: First, other?: First): { right?: Verdict; wrong: Verdict; unsigned: Verdict } {
  return {
    ...(base.results.right && { right: verdictOf(base.right, base, false, other?.right) }),
    wrong: verdictOf(base.wrong, base, true, other?.wrong),
    unsigned: verdictOf(base.unsigned, base, true, other?.unsigned),
  };
}

function isDecided(base: First): boolean {
  return Object.values(verdictsOf(base)).every((verdict) => verdict !== 'unknown');
}

/** Why nothing can be told, if none of the first requests was answered. */
function lostOf({ results }: First): Text | undefined {
  const all = [results.right, results.wrong, results.unsigned].filter((result) => result !== undefined);
  const failures = all.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (first === undefined || failures.length < all.length) return undefined;
  const isDistrusted = failures.some((failure) => distrust.test(failure));
  return isDistrusted
    ? say`the extension has a certificate that is not trusted (${first}), so nothing was sent`
    : say`the extension was not probed: ${/^[A-Z][A-Z0-9_]+$/.test(first) ? say`it ${connectionFailure(first)}` : say`${first}`}`;
}

/** The codes of Node for certificates that it does not trust. */
const distrust = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER/;

/** What is said where right keys, wrong ones and none get one answer that no extension gives. */
function notAnExtension({ status, kind }: Answer): Text {
  const why =
    kind === 'html'
      ? say`a web page (${status})`
      : status >= 300 && status < 400
        ? say`a redirect (${status}), which Drone does not follow`
        : kind === 'endless'
          ? say`a body that has no end`
          : say`status ${status}`;
  return say`the extension answers ${why} whatever the signature: a wrong path, a proxy, or an extension that fails; nothing can be told`;
}

function entryOf(verdict: Verdict, { answer, failure }: Result): Entry {
  if (!answer) return { verdict, answer: `none (${failure ?? 'not sent'})` };
  const { status, type, length, kind } = answer;
  return { verdict, answer: kind, status, type, length };
}

function nonce(): string {
  return randomBytes(8).toString('hex');
}

/** A body that is not like any before, so that only the very same request is a repetition. */
function bodyOf(kind: BodyKind): string {
  if (kind === 'text') return `drone-audit probe ${nonce()}`;
  const name = `drone-audit-probe-${nonce()}`;
  return secretBody({ path: name, name }, 'pull_request');
}

/** What a runner sends to get a secret; of a repository that does not exist, and if it is a pull request, of a fork. */
function secretBody({ path, name }: Canary, event: 'push' | 'pull_request'): string {
  const isPush = event === 'push';
  return JSON.stringify({
    path,
    name,
    repo: {
      id: 1,
      uid: '1',
      namespace: 'drone-audit',
      name: 'probe',
      slug: 'drone-audit/probe',
      default_branch: 'main',
      active: true,
    },
    build: {
      id: 1,
      number: 1,
      event,
      ref: isPush ? 'refs/heads/main' : 'refs/pull/1/head',
      source_repo: isPush ? '' : 'drone-audit-fork/probe',
      source: isPush ? 'main' : 'probe',
      target: 'main',
    },
  });
}

/** A request for a secret before it is signed. */
interface Unsigned {
  readonly body: string;
  /** Without one it is not signed. */
  readonly key?: string;
  readonly algorithm?: 'sha1' | 'sha256';
  /** The headers that the signature covers. */
  readonly lines?: readonly string[];
  /** By how many milliseconds its date lies in the past. */
  readonly age?: number;
  readonly authorization?: string;
  /** In place of a signature. */
  readonly signature?: string;
}

/** A request as it is sent. */
interface Sent {
  readonly method: 'POST' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const signedLines = ['accept', 'accept-encoding', 'content-type', 'date', 'digest'];

/** The headers of a runner, in its order (drone-go plugin/internal/client/client.go:94-132, httpsignatures-go signature.go:91-183). */
function signed(request: Unsigned): Sent {
  const { body, key, algorithm = 'sha256', lines = signedLines, age = 0, authorization, signature } = request;
  const headers: Record<string, string> = {
    Accept: 'application/vnd.drone.secret.v1+json',
    'Accept-Encoding': 'identity',
    'Content-Type': 'application/json',
    Date: new Date(Date.now() - age).toUTCString(),
    Digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
  };
  if (key !== undefined) {
    const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const text = lines.map((name) => `${name}: ${values.get(name) ?? ''}`).join('\n');
    const made = createHmac(algorithm, key).update(text).digest('base64');
    headers.Signature = `keyId="hmac-key",algorithm="hmac-${algorithm}",signature="${made}",headers="${lines.join(' ')}"`;
  }
  if (signature !== undefined) headers.Signature = signature;
  if (authorization !== undefined) headers.Authorization = authorization;
  return { method: 'POST', headers, body };
}

/** What became of a request: an answer, or a code of Node or words of ours that say why there is none. */
interface Result {
  readonly answer?: Answer;
  readonly failure?: string;
}

/** Sends requests one after another, with pauses, and not more than it may. */
class Session {
  private readonly target: ExtensionTarget;
  private requests = 0;
  private failures = 0;

  constructor(target: ExtensionTarget) {
    this.target = target;
  }

  /** Whether nothing is sent any more. */
  get isStopped(): boolean {
    const isOver = this.failures >= maxFailures || this.requests >= maxRequests;
    return isOver || this.target.signal?.aborted === true;
  }

  async send(sent: Sent): Promise<Result> {
    if (this.isStopped) return { failure: 'not sent' };
    const { pauseMs = usualPauseMs, timeoutMs = usualTimeoutMs } = this.target;
    const { signal = new AbortController().signal } = this.target;
    if (this.requests++ > 0) await pause(pauseMs, signal);
    if (signal.aborted) return { failure: 'not sent' };
    const result = await exchange(this.target, sent, timeoutMs);
    this.failures = result.answer ? 0 : this.failures + 1;
    if (this.requests === 1 && unconnected.test(result.failure ?? '')) this.failures = maxFailures;
    return result;
  }
}

const noAnswer = 'no answer came in time';
/** What has no name, no way to it or no certificate that is trusted is not tried again. */
const unconnected = /^(?:ECONNREFUSED|ENOTFOUND|EAI_|E(?:HOST|NET)UNREACH)|CERT|SELF_SIGNED|UNABLE_TO|ISSUER/;

/** `localhost` and names below it are this machine, whatever a resolver says of them. */
const loopbackOnly: LookupFunction = (_host, { all }, done) => {
  if (all)
    done(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  else done(null, '127.0.0.1', 4);
};

/** One request over a connection of its own. Redirects are an answer, no proxy is used, certificates are verified always. */
function exchange({ endpoint, version, signal }: ExtensionTarget, sent: Sent, timeoutMs: number): Promise<Result> {
  const { protocol, port, pathname, search, username, password } = endpoint;
  const host = bareHost(endpoint);
  const isTls = protocol === 'https:';
  const { request, Agent } = isTls ? https : http;
  const login = `${decoded(username)}:${decoded(password)}`;
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let begun: { status: number; type?: string } | undefined;
    let isSettled = false;
    const agent = new Agent();
    const finish = (result: Result): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      asking.destroy();
      agent.destroy();
      settle(result);
    };
    /** What came so far, where no more of it is waited for. */
    const cut = (failure: string): void => {
      if (begun) finish({ answer: answerOf(begun.status, begun.type, Buffer.concat(chunks), false) });
      else finish({ failure });
    };
    const stop = (): void => finish({ failure: 'interrupted' });
    signal?.addEventListener('abort', stop);
    const timer = setTimeout(() => cut(noAnswer), timeoutMs);
    const asking = request({
      agent,
      host,
      port: port === '' ? undefined : Number(port),
      path: `${pathname}${search}`,
      method: sent.method,
      headers: {
        Host: endpoint.host,
        'User-Agent': `drone-audit/${version} (+probe)`,
        ...(sent.method === 'POST' ? { 'Content-Length': Buffer.byteLength(sent.body) } : {}),
        ...(login === ':' ? {} : { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
        ...sent.headers,
      },
      ...(/(?:^|\.)localhost$/i.test(host) ? { lookup: loopbackOnly } : {}),
      ...(isTls ? { rejectUnauthorized: true } : {}),
    });
    asking.on('response', (response) => {
      begun = { status: response.statusCode ?? 0, type: response.headers['content-type'] };
      const { status, type } = begun;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBody) cut(noAnswer);
        else chunks.push(chunk);
      });
      response.on('end', () => finish({ answer: answerOf(status, type, Buffer.concat(chunks), true) }));
      response.on('error', (error) => cut(brokenBy(error)));
      response.on('close', () => cut('the connection was closed'));
    });
    asking.on('upgrade', () => finish({ failure: 'an answer that is not HTTP' }));
    asking.on('error', (error) => cut(brokenBy(error)));
    asking.on('close', () => cut('the connection was closed'));
    // A runner's client names no connection header.
    asking.removeHeader('Connection');
    asking.end(sent.body);
  });
}

/** Go takes the login of a URL decoded; what cannot be is left as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What broke a connection, by its code; the message may quote what was sent or answered. */
function brokenBy(error: Error): string {
  const code = codeOf(error);
  if (!/^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return 'the connection failed';
  return code.startsWith('HPE_') ? 'an answer that is not HTTP' : code;
}
