import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { type ProbeOptions, probeSecret } from '../../src/commands/probe.ts';
import { ownedHost } from '../../src/model/owned-hosts.ts';
import { droneAudit, temporaryFolder } from '../support/cli.ts';
import {
  answer,
  fakeExtension,
  type Handler,
  likePython,
  likeTheLibrary,
  open,
  type Store,
  strict,
} from './fake-extension.ts';

// Over real sockets, against extensions with known weaknesses.

const token = '6b1f0c9d2e7a48b3915c7d60e8f2a4b7';
const documented = 'bea26a2221fd8090ea38720fc445eca6';
const nothing: Store = () => undefined;

interface Run {
  readonly status: number;
  readonly out: string;
  /** Ids of the findings with their severities, ids of what is undecided, and messages of problems. */
  readonly found: readonly string[];
  readonly undecided: readonly string[];
  readonly problems: readonly string[];
}

interface Finding {
  readonly rule: string;
  readonly severity: string;
}

interface JsonReport {
  readonly findings: readonly Finding[];
  readonly problems: readonly { readonly message: string }[];
  readonly coverage: { readonly inconclusive: readonly { readonly rule: string }[] };
}

/** Runs the command without pauses, once: the report is JSON unless `options` says otherwise. */
async function probe(
  endpoint: string,
  options: Partial<ProbeOptions> = {},
  environment: Record<string, string> = { TOKEN: token },
  timeoutMs = 10_000,
  signal = new AbortController().signal,
): Promise<Run> {
  const pieces: string[] = [];
  const io: Io = {
    version: '0.0.0',
    cwd: '/',
    environment,
    home: '/',
    today: '2026-11-21',
    width: 100,
    outIsTerminal: false,
    readStandardInput: () => Buffer.alloc(0),
    readPage: () => undefined,
    out: (text) => pieces.push(typeof text === 'string' ? text : [...text].join('')),
    error: (text) => pieces.push(text),
    whileInterruptible: (work) => work(signal),
  };
  const usual: ProbeOptions = {
    endpoint,
    tokenEnv: 'TOKEN',
    iOwnThis: [],
    sampleTokens: false,
    canary: [],
    format: 'json',
    output: [],
    failOn: 'high',
    color: 'never',
    verbose: true,
  };
  const status = await probeSecret({ ...usual, ...options }, io, { pauseMs: 0, timeoutMs });
  const out = pieces.join('');
  const { findings, problems, coverage }: JsonReport =
    (options.format ?? 'json') === 'json'
      ? JSON.parse(out)
      : { findings: [], problems: [], coverage: { inconclusive: [] } };
  return {
    status,
    out,
    found: findings.map(({ rule, severity }) => `${rule} ${severity}`).sort(),
    undecided: coverage.inconclusive.map(({ rule }) => rule).sort(),
    problems: problems.map(({ message }) => message),
  };
}

async function probed(handle: Handler, options: Partial<ProbeOptions> = {}, environment?: Record<string, string>) {
  const { url, received } = await fakeExtension(handle);
  return { ...(await probe(url, options, environment)), url, received };
}

/** A response that gives one answer in place of those with a status. */
function refusingAs(to: ServerResponse, status: number, instead: () => void): ServerResponse {
  let isRefused = false;
  return new Proxy(to, {
    get(_, name) {
      if (name === 'writeHead')
        return (given: number, ...rest: [object]) => {
          isRefused = given === status;
          if (!isRefused) to.writeHead(given, { ...rest[0] });
        };
      if (name === 'end') return (body: string) => (isRefused ? instead() : to.end(body));
      return Reflect.get(to, name);
    },
  });
}

describe('probe secret', () => {
  it('says once of an extension on the reference library what that cannot refuse', async () => {
    const { found, undecided, problems, status } = await probed(likeTheLibrary(token, nothing));
    expect({ found, undecided, problems, status }).toEqual({
      found: ['replayable-extension-requests low'],
      undecided: [],
      problems: [],
      status: 0,
    });
  });

  it('finds nothing in one that refuses all it must, and says what was tested', async () => {
    const { found, undecided, problems, status } = await probed(strict(token, nothing));
    expect({ found, undecided, problems, status }).toEqual({ found: [], undecided: [], problems: [], status: 0 });
    const { out } = await probed(strict(token, nothing), { format: 'text' });
    expect(out.replace(/\s+/g, ' ')).toContain('a body that does not match its digest, a date one hour old');
    expect(out).toContain('nothing found');
    expect(out).not.toContain('must not be');
    expect(out).not.toContain('cannot be told');
  });

  it('accepts what the config accepts', async () => {
    const config = join(temporaryFolder(), 'drone-audit.yml');
    const ignores = ['replayable-extension-requests', 'weak-rpc-secret'];
    writeFileSync(config, `ignore:\n${ignores.map((id) => `  - rule: ${id}\n    reason: behind TLS\n`).join('')}`);
    const { status, problems } = await probed(likeTheLibrary(token, nothing), { config });
    expect({ status, problems }).toEqual({ status: 0, problems: [] });
  });

  it('finds nothing without a token in one on the reference library, and says what was not asked', async () => {
    const { found, undecided, status, out } = await probed(likeTheLibrary(token, nothing), { tokenEnv: undefined });
    expect({ found, undecided, status }).toEqual({ found: [], undecided: [], status: 0 });
    expect(out).toContain('what only the right token shows (--token-env)');
  });

  it.each([
    ['with a token', 'TOKEN'],
    ['without one', undefined],
  ])('finds that one is open, %s', async (_, tokenEnv) => {
    const { found, undecided, status } = await probed(open(nothing), { tokenEnv, sampleTokens: true });
    expect({ found, undecided, status }).toEqual({
      found: ['unauthenticated-extension high'],
      undecided: [],
      status: 1,
    });
  });

  it.each([
    ['answers 200 to whatever it cannot read', (): Handler => (_, to) => answer(to, 200, '{}', 'application/json')],
    ['does not read the body at all', (): Handler => (_, to) => answer(to, 404, 'secret not found\n')],
    [
      'fails where the body is no JSON',
      (): Handler => (request, to) =>
        request.body.startsWith('{') ? answer(to, 404, '{"error":"unknown"}', 'application/json') : answer(to, 500, ''),
    ],
  ])('finds that one is open which %s', async (_, make) => {
    for (const tokenEnv of ['TOKEN', undefined])
      expect((await probed(make(), { tokenEnv })).found).toEqual(['unauthenticated-extension high']);
  });

  it('finds an empty key, which the right one does not show', async () => {
    const { found, problems, out } = await probed(likeTheLibrary('', nothing));
    expect(found).toEqual(['unauthenticated-extension high']);
    expect(out).toContain('accepts an empty key');
    expect(problems).toEqual([expect.stringContaining('refuses what is signed with the token of TOKEN')]);
    expect((await probed(likePython('', nothing), { tokenEnv: undefined })).found).toEqual([
      'unauthenticated-extension high',
    ]);
  });

  it.each([401, 403])('takes %i for everything, the right key included, for no proof of a check', async (status) => {
    const proxy: Handler = (_, to) => answer(to, status, '{"message":"Forbidden"}', 'application/json');
    const run = await probed(proxy, { sampleTokens: true });
    expect(run.problems).toEqual([
      'the extension gives one refusal to everything, the token of TOKEN included: it has another token, its clock is off, or a proxy before it refuses all; which of its refusals count cannot be told',
    ]);
    expect({ found: run.found, status: run.status }).toEqual({ found: [], status: 3 });
    expect(run.undecided).toEqual(['accepted-sample-extension-token', 'unauthenticated-extension']);
    const { out } = await probed(proxy, { format: 'text' });
    expect(out).not.toContain('as it should be');
    expect(out).toContain('cannot be told: ');
  });

  it.each([401, 403])(
    'asks in JSON where %i is the answer to everything that fails, another body too',
    async (status) => {
      const alike: Handler = (request, to) =>
        likeTheLibrary(token, nothing)(
          request,
          refusingAs(to, 400, () => answer(to, status, 'Unauthorized')),
        );
      const run = await probed(alike, { sampleTokens: true });
      expect({ found: run.found, problems: run.problems }).toEqual({
        found: ['replayable-extension-requests low'],
        problems: [],
      });
    },
  );

  it('finds what is let in by one that refuses the rest alike', async () => {
    const check = likePython(documented, nothing);
    const refuse: Handler = (_, to) => answer(to, 401, '401: Unauthorized');
    const { found } = await probed((request, to) => (request.headers.signature ? check : refuse)(request, to), {
      sampleTokens: true,
    });
    expect(found).toEqual(['accepted-sample-extension-token critical']);
  });

  it('says to close one that is open before its filters are mended', async () => {
    const canary = ['a/b', 'c/d'];
    const { out } = await probed(
      open(({ path }) => (/^[ac]$/.test(path) ? 'canary' : undefined)),
      { canary, format: 'text' },
    );
    const first = out.slice(out.indexOf('do first'));
    expect(first.indexOf('unauthenticated-extension')).toBeGreaterThan(0);
    expect(first.indexOf('unauthenticated-extension')).toBeLessThan(first.indexOf('secret-served-to-pull-requests'));
  });

  it('ends with what it learnt when it is interrupted', async () => {
    const controller = new AbortController();
    const check = likeTheLibrary(token, nothing);
    let asked = 0;
    const { url, received } = await fakeExtension((request, to) => {
      if (++asked === 8) controller.abort();
      else check(request, to);
    });
    const run = await probe(url, {}, undefined, 10_000, controller.signal);
    expect(run.problems).toEqual(['the probe was interrupted; everything learnt until then is reported']);
    expect(run.status).toBe(3);
    expect(received).toHaveLength(8);
    expect(run.undecided).toContain('replayable-extension-requests');
    const early = await probe(url, {}, undefined, 10_000, AbortSignal.abort());
    expect(early.problems).toEqual(['the probe was interrupted before anything was learnt']);
  });

  it('finds one that gives a secret for any name', async () => {
    const { found } = await probed(likeTheLibrary(token, () => 'fallback-value'));
    expect(found).toEqual(['answer-for-unknown-secret medium', 'replayable-extension-requests low']);
  });

  it('finds secrets behind a plain GET', async () => {
    const closed = strict(token, nothing);
    const { found } = await probed((request, to) =>
      request.method === 'GET'
        ? answer(to, 200, '[{"name":"password","data":"x"}]', 'application/json')
        : closed(request, to),
    );
    expect(found).toEqual(['unauthenticated-extension high']);
  });

  it('finds a documented token, if asked to look for one', async () => {
    for (const make of [likeTheLibrary, likePython]) {
      const { found } = await probed(make(documented, nothing), { tokenEnv: undefined, sampleTokens: true });
      expect(found).toEqual(['accepted-sample-extension-token critical']);
    }
    expect((await probed(likeTheLibrary(documented, nothing), { tokenEnv: undefined })).found).toEqual([]);
  });

  it('cannot tell of one that fails without a signature', async () => {
    const { found, undecided, status } = await probed(likePython(token, nothing), { failOn: 'critical' });
    expect({ found, undecided, status }).toEqual({
      found: ['replayable-extension-requests low'],
      undecided: ['unauthenticated-extension'],
      status: 0,
    });
  });

  it('says that another token is the right one', async () => {
    const { found, problems, status, received } = await probed(likeTheLibrary('another', nothing), { canary: ['a/b'] });
    expect(found).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(status).toBe(3);
    expect(received.some(({ body }) => body.includes('"a"'))).toBe(false);
  });

  const canary: Store = ({ path, name }) => (`${path}/${name}` === 'secret/data/canary/value' ? 'c' : undefined);

  it('finds a canary that a fork gets, and a push too', async () => {
    const asked = { canary: ['secret/data/canary/value'] };
    const free = await probed(likeTheLibrary(token, canary), asked);
    expect(free.found).toContain('secret-served-to-pull-requests high');
    const filtered: Store = (one) => (one.build.event === 'push' ? canary(one) : undefined);
    const { found, undecided } = await probed(likeTheLibrary(token, filtered), asked);
    expect(found).not.toContain('secret-served-to-pull-requests high');
    expect(undecided).toEqual([]);
  });

  it('cannot tell of a canary that nobody gets', async () => {
    const { found, undecided } = await probed(strict(token, nothing), { canary: ['secret/data/canary/value'] });
    expect(found).toEqual([]);
    expect(undecided).toEqual(['secret-served-to-pull-requests']);
  });
});

describe('an answer that tells nothing', () => {
  it.each([
    ['a wrong path', 404, '404 page not found\n', 'text/plain', 'status 404'],
    ['a path that another router does not know', 404, '{"detail":"Not Found"}', 'application/json', 'status 404'],
    ['an empty one', 404, '', 'text/plain', 'status 404'],
    ['a web page', 200, '<!doctype html><title>Sign in</title>', 'text/html', 'a web page (200)'],
    ['a login page', 401, '<html>', 'text/html', 'a web page (401)'],
    ['some other program', 200, 'ok', 'text/plain', 'status 200'],
    ['a proxy without an extension behind it', 502, 'Bad Gateway', 'text/plain', 'status 502'],
  ])('is %s', async (_, status, body, type, said) => {
    for (const tokenEnv of ['TOKEN', undefined]) {
      const run = await probed((_request, to) => answer(to, status, body, type), { tokenEnv });
      expect(run.found).toEqual([]);
      expect(run.problems).toEqual([expect.stringContaining(said)]);
      expect(run.status).toBe(3);
    }
  });

  it('is a redirect, which is not followed', async () => {
    const elsewhere = await fakeExtension(open(nothing));
    const run = await probed((_, to) => {
      to.writeHead(307, { Location: elsewhere.url });
      to.end();
    });
    expect(run.found).toEqual([]);
    expect(run.problems).toEqual([expect.stringContaining('a redirect (307)')]);
    expect(elsewhere.received).toEqual([]);
  });

  it('is none, and few requests are spent on it', async () => {
    const { url, received } = await fakeExtension(() => {});
    const run = await probe(url, {}, undefined, 30);
    expect(run.problems).toEqual(['the extension was not probed: no answer came in time']);
    expect(run.status).toBe(3);
    expect(received).toHaveLength(3);
  });

  it('is a body without an end', async () => {
    const run = await probed((_, to) => {
      to.writeHead(200, { 'Content-Type': 'application/json' });
      const more = (): void => {
        while (!to.destroyed && to.write('['.repeat(10_000)));
      };
      to.on('drain', more);
      more();
    });
    expect(run.found).toEqual([]);
    expect(run.problems).toEqual([expect.stringContaining('a body that has no end')]);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'an answer that is not HTTP'],
    ['a connection that is closed', '', 'it closes the connection'],
  ])('is %s', async (_, text, why) => {
    const server = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const run = await probe(`http://127.0.0.1:${port}/`);
    expect(run.found).toEqual([]);
    expect(run.problems).toEqual([`the extension was not probed: ${why}`]);
    expect(run.status).toBe(3);
  });

  it('is a port that nobody listens on', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const run = await probe(`http://127.0.0.1:${port}/`);
    expect(run.problems).toEqual(['the extension was not probed: it refuses the connection']);
    expect(run.status).toBe(3);
  });
});

describe('what is sent', () => {
  it('has the headers of a runner, in their order', async () => {
    const { received } = await probed(likeTheLibrary(token, nothing));
    const [first] = received;
    expect(first?.method).toBe('POST');
    expect(first?.rawHeaders.filter((_, index) => index % 2 === 0)).toEqual([
      'Host',
      'User-Agent',
      'Content-Length',
      'Accept',
      'Accept-Encoding',
      'Content-Type',
      'Date',
      'Digest',
      'Signature',
    ]);
    expect(first?.headers['user-agent']).toBe('drone-audit/0.0.0 (+probe)');
    expect(first?.headers.signature).toMatch(
      /^keyId="hmac-key",algorithm="hmac-sha256",signature="[^"]+",headers="accept accept-encoding content-type date digest"$/,
    );
  });

  it('is at most 40 requests, and a store is asked by made-up names and canaries only', async () => {
    const asked: string[] = [];
    const store: Store = ({ path, name, repo }) => {
      asked.push(`${path} ${name} ${repo.slug}`);
      return undefined;
    };
    const most = { sampleTokens: true, canary: ['a/b', 'c/d', 'e/f'] };
    for (const make of [likeTheLibrary, likePython, strict]) {
      asked.length = 0;
      const { received } = await probed(make(token, store), most);
      expect(received.length).toBeGreaterThan(20);
      expect(received.length).toBeLessThanOrEqual(40);
      const canaries = asked.filter((one) => !/^(drone-audit-probe-[0-9a-f]{16}) \1 drone-audit\/probe$/.test(one));
      expect(canaries).toEqual(
        ['a b', 'c d', 'e f'].flatMap((one) => [`${one} drone-audit/probe`, `${one} drone-audit/probe`]),
      );
    }
    // With the library, keys are told apart without the store.
    asked.length = 0;
    await probed(likeTheLibrary(token, store));
    expect(asked).toHaveLength(1);
  });

  it('goes to the path, the query and the login of the endpoint, and none of the last two is told', async () => {
    const { url, received } = await fakeExtension(likeTheLibrary(token, nothing));
    const endpoint = `${url.replace('http://', 'http://runner:letme%40in@')}vault?key=query-key`;
    for (const format of ['text', 'json', 'sarif']) {
      const { out } = await probe(endpoint, { format });
      expect(out).toContain(format === 'sarif' ? '/vault.json' : `${url}vault`);
      for (const kept of ['runner:', 'letme', 'query-key']) expect(out).not.toContain(kept);
    }
    expect(new Set(received.map((one) => one.url))).toEqual(new Set(['/vault?key=query-key']));
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('runner:letme@in').toString('base64')}`);
  });

  it('never has the token in it, and no report has a token, a signature or a body', async () => {
    const echo: Handler = (request, to) => {
      // Whatever an extension may answer with what it was sent.
      to.writeHead(200, { 'Content-Type': `text/${String(request.headers.signature).replace(/[^\w=+/]/g, '')}` });
      to.end(`${request.body} ${JSON.stringify(request.headers)} ${token}`);
    };
    for (const handle of [echo, likeTheLibrary(token, () => 'value-of-a-secret'), open(() => 'value-of-a-secret')]) {
      const { url, received } = await fakeExtension(handle);
      for (const format of ['text', 'json', 'sarif']) {
        const { out } = await probe(url, { format, sampleTokens: true, canary: ['a/b'] });
        const signatures = received.flatMap(
          ({ headers }) => /signature="([^"]+)"/.exec(String(headers.signature))?.[1] ?? [],
        );
        expect(signatures.length).toBeGreaterThan(3);
        for (const kept of [token, documented, 'value-of-a-secret', 'drone-audit-probe-', ...signatures])
          expect(out).not.toContain(kept);
      }
      for (const { rawHeaders, body } of received) expect(`${rawHeaders.join('\n')}${body}`).not.toContain(token);
    }
  });

  it('gives the same report twice', async () => {
    const { url } = await fakeExtension(likePython(token, () => 'value'));
    for (const format of ['text', 'json', 'sarif']) {
      const options = { format, sampleTokens: true, canary: ['a/b'] };
      expect((await probe(url, options)).out).toBe((await probe(url, options)).out);
    }
  });
});

describe('whose the extension is', () => {
  it.each([
    ['http://secrets.example.com/', []],
    ['https://10.0.0.7:3000/', ['10.0.0.8', '10.0.0.7:3001', 'https://10.0.0.7']],
    ['http://[::ffff:127.0.0.1]:1/', []],
    ['http://0.0.0.0:1/', []],
    ['http://localhost.example.com:1/', ['localhost']],
    ['http://127.0.0.1@secrets.example.com/', ['127.0.0.1']],
  ])('nothing is sent to %s', async (endpoint, owned) => {
    await expect(probe(endpoint, { iOwnThis: owned.map(ownedHost) })).rejects.toThrow('is not this machine');
  });

  it('what the user calls theirs is asked, and plain http is said', async () => {
    const { received, url } = await fakeExtension(strict(token, nothing));
    // An address of this machine that is not loopback by its name.
    const endpoint = url.replace('127.0.0.1', '[::ffff:127.0.0.1]');
    const { found, problems } = await probe(endpoint, { iOwnThis: [ownedHost('::ffff:7f00:1')] });
    expect(found).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('plain http')]);
    expect(received.length).toBeGreaterThan(10);
  });

  it('localhost is this machine, whatever a resolver says', async () => {
    const { received, url } = await fakeExtension(strict(token, nothing));
    await probe(url.replace('127.0.0.1', 'secrets.localhost'));
    expect(received.length).toBeGreaterThan(10);
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  it.skipIf(!hasOpenssl)('nothing is sent where the certificate is not trusted (openssl)', async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-keyout', key, '-out', cert],
    ]);
    expect(made.status).toBe(0);
    let requests = 0;
    const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, to) => {
      requests++;
      to.end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { problems, status } = await probe(`https://localhost:${port}/`);
    expect(problems).toEqual([expect.stringMatching(/certificate that is not trusted .*nothing was sent/)]);
    expect(status).toBe(3);
    expect(requests).toBe(0);
  });
});

describe('what is asked for wrongly', () => {
  const local = 'http://127.0.0.1:9/';
  it.each([
    ['no address', 'secrets:3000', {}, 'not an address'],
    ['no host', 'http://', {}, 'not an address'],
    ['another scheme', 'ftp://127.0.0.1/', {}, 'not an address'],
    ['a variable that is not set', local, { tokenEnv: 'OTHER' }, 'not set'],
    ['a token in place of its variable', local, { tokenEnv: '6b1f0c9d-token' }, 'the name of a variable'],
    ['a canary without a path', local, { canary: ['value'] }, 'PATH/NAME'],
    ['a canary without a token', local, { canary: ['a/b'], tokenEnv: undefined }, 'takes the token'],
    ['too many canaries', local, { canary: ['a/b', 'a/c', 'a/d', 'a/e'] }, '3 times at most'],
    ['a config that is not there', local, { config: 'none.yml' }, 'none.yml'],
    ['an unknown format', local, { format: 'yaml' }, 'unknown format'],
  ])('is %s', async (_, endpoint, options, message) => {
    await expect(probe(endpoint, options)).rejects.toThrow(message);
  });
});

describe('the command line', () => {
  it("asks nothing that is not the user's, and nothing without an endpoint", () => {
    const foreign = droneAudit(['probe', 'secret', '--endpoint', 'https://secrets.example.com/?key=query-key']);
    expect(foreign).toMatchObject({ status: 2, stdout: '' });
    expect(foreign.stderr).toContain('--i-own-this secrets.example.com');
    expect(foreign.stderr).not.toContain('query-key');
    expect(droneAudit(['probe', 'secret']).status).toBe(2);
    expect(droneAudit(['probe']).status).toBe(2);
  });

  it('says that nobody answers', () => {
    // Port 9 is that of a service that no machine of today has.
    const { status, stdout } = droneAudit(['probe', 'secret', '--endpoint', 'http://127.0.0.1:9/', '--no-config']);
    expect(status).toBe(3);
    expect(stdout.replace(/\s+/g, ' ')).toContain('the extension was not probed: it refuses the connection');
  });
});
