import { createHash, createHmac } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as an extension got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What becomes of a request. */
export type Handler = (request: Received, response: ServerResponse) => void;

/** An extension over a real socket, gone after the test. */
export async function fakeExtension(handle: Handler): Promise<{ url: string; received: readonly Received[] }> {
  const received: Received[] = [];
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', rawHeaders, headers } = incoming;
      const request = { method, url, rawHeaders, headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(request);
      handle(request, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, received };
}

export function answer(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8') {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
}

/** What a store has under a path and a name; the request decides whether it is given. */
export type Store = (asked: Asked) => string | undefined;

export interface Asked {
  readonly path: string;
  readonly name: string;
  readonly repo: { readonly slug: string };
  readonly build: { readonly event: string; readonly source_repo: string };
}

interface Parameters {
  readonly algorithm: string;
  readonly signature: string;
  readonly headers: readonly string[];
}

function parametersOf({ headers }: Received): Parameters | undefined {
  const text = headers.signature;
  if (typeof text !== 'string') return undefined;
  const values = new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map((found) => [found[1], found[2] ?? '']));
  const [algorithm, signature, lines] = ['algorithm', 'signature', 'headers'].map((name) => values.get(name));
  if (!values.get('keyId') || !algorithm || !signature || lines === undefined) return undefined;
  return { algorithm, signature, headers: lines.split(' ') };
}

function isSignedBy(key: string, request: Received, { algorithm, signature, headers }: Parameters): boolean {
  const lines = headers.map((name) => `${name}: ${String(request.headers[name] ?? '')}`);
  const hash = algorithm === 'hmac-sha1' ? 'sha1' : 'sha256';
  return createHmac(hash, key).update(lines.join('\n')).digest('base64') === signature;
}

function giveFrom(store: Store, request: Received, response: ServerResponse): void {
  let asked: Asked;
  try {
    asked = JSON.parse(request.body);
  } catch {
    answer(response, 400, 'Invalid Input\n');
    return;
  }
  const data = store(asked);
  if (data === undefined) answer(response, 404, 'secret not found\n');
  else answer(response, 200, JSON.stringify({ name: asked.name, data, pull: true, fork: true }));
}

/** As drone-go f9e4fe3 does it (plugin/secret/handler.go:57-93): any digest, any date, repetitions, sha1, `date` alone. */
export function likeTheLibrary(key: string, store: Store): Handler {
  return (request, response) => {
    const parameters = parametersOf(request);
    if (!parameters || !/^hmac-sha(?:1|256)$/.test(parameters.algorithm))
      answer(response, 400, 'Invalid or Missing Signature\n');
    else if (!parameters.headers.includes('date') || !isSignedBy(key, request, parameters))
      answer(response, 400, 'Invalid Signature\n');
    else giveFrom(store, request, response);
  };
}

/** One that refuses all that the library lets pass. */
export function strict(key: string, store: Store): Handler {
  const seen = new Set<string>();
  const needed = ['accept', 'accept-encoding', 'content-type', 'date', 'digest'];
  return (request, response) => {
    const parameters = parametersOf(request);
    const digest = `SHA-256=${createHash('sha256').update(request.body).digest('base64')}`;
    const age = Math.abs(Date.now() - Date.parse(String(request.headers.date)));
    if (parameters?.algorithm !== 'hmac-sha256') answer(response, 401, 'no signature');
    else if (!needed.every((name) => parameters.headers.includes(name))) answer(response, 401, 'not enough is signed');
    else if (!isSignedBy(key, request, parameters)) answer(response, 401, 'wrong signature');
    else if (request.headers.digest !== digest) answer(response, 400, 'the digest does not match');
    else if (!(age < 5 * 60_000)) answer(response, 400, 'the date is off');
    else if (seen.has(parameters.signature)) answer(response, 409, 'seen before');
    else {
      seen.add(parameters.signature);
      giveFrom(store, request, response);
    }
  };
}

/** As a public verifier in Python does it: what it does not expect ends in an error 500, before or behind the check. */
export function likePython(key: string, store: Store): Handler {
  return (request, response) => {
    const parameters = parametersOf(request);
    const crash = (): void => answer(response, 500, '500 Internal Server Error\n\nServer got itself in trouble');
    if (!parameters) crash();
    else if (!isSignedBy(key, request, { ...parameters, algorithm: 'hmac-sha256' }))
      answer(response, 401, '401: Unauthorized');
    else if (!request.body.startsWith('{')) crash();
    else giveFrom(store, request, response);
  };
}

/** One that checks nothing. */
export function open(store: Store): Handler {
  return (request, response) => {
    if (request.method === 'POST') giveFrom(store, request, response);
    else answer(response, 405, 'Method Not Allowed');
  };
}
