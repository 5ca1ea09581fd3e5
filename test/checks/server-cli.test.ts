import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { lookAtTls } from '../../src/checks/tls.ts';
import { temporaryFolder, tool } from '../support/cli.ts';
import { makeCertificates } from './certificates.ts';
import { adminToken, type FakeDroneOptions, fakeDrone } from './fake-drone.ts';

// The built command line, over real sockets: what the user runs.

const [program, ...first] = tool;

async function serverWith(options: FakeDroneOptions = {}) {
  const server = await fakeDrone(options);
  onTestFinished(() => server.close());
  return server;
}

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Not `spawnSync`: the server answers in this process. */
function run(args: readonly string[], env: Record<string, string> = {}, interruptOn?: Promise<void>): Promise<Run> {
  const cwd = temporaryFolder();
  const child = spawn(program, [...first, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
  });
  const pieces = { out: '', error: '' };
  child.stdout.on('data', (data) => {
    pieces.out += data;
  });
  child.stderr.on('data', (data) => {
    pieces.error += data;
  });
  void interruptOn?.then(() => child.kill('SIGINT'));
  return new Promise((done) => child.on('close', (status) => done({ status, ...pieces })));
}

const repositories = [{ slug: 'octocat/hello' }, { slug: 'octocat/world', active: false }];

describe('drone-audit --server', () => {
  test('asks the server of DRONE_SERVER with DRONE_TOKEN, which is in no output', async () => {
    const server = await serverWith({ repositories });
    const evidence = join(temporaryFolder(), 'evidence');
    const { status, out, error } = await run(
      ['--server', '--format', 'json', '--pedantic', '--min-severity', 'info', '--save-evidence', evidence],
      { DRONE_SERVER: `${server.address}/`, DRONE_TOKEN: adminToken },
    );
    expect(error).toBe('');
    const { sources, findings, problems, coverage } = JSON.parse(out);
    expect(problems).toEqual([]);
    expect(sources.map(({ file }: { file: string }) => file)).toContain(`${server.address}/api/repos/octocat/hello`);
    expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(
      expect.arrayContaining(['credentialed-cors', 'plain-http-address', 'public-server-details']),
    );
    expect(coverage.notAsked).toEqual([
      'the Docker Engine (--docker)',
      'logs of builds (--build-logs)',
      'the RPC endpoint of the server (--probe-rpc)',
    ]);
    expect(status).toBe(0);
    expect(out).not.toContain(adminToken);
  });

  test.each([
    ['changeme', 'critical', '6 documented secrets refused, a documented secret accepted'],
    ['an-rpc-secret-of-its-own', undefined, '7 documented secrets refused'],
  ])('--probe-rpc tries "%s" or leaves a trace of what it tried', async (rpcSecret, severity, outcome) => {
    const server = await serverWith({ rpcSecret });
    const args = ['--server', server.address, '--probe-rpc'];
    const { findings, coverage } = JSON.parse((await run([...args, '--format', 'json'])).out);
    const accepted = findings.find(({ rule }: { rule: string }) => rule === 'accepted-sample-rpc-secret');
    expect(accepted?.severity).toBe(severity);
    expect(coverage.probed).toEqual([`the RPC endpoint of server "${server.address}" answers with 401; ${outcome}`]);
    const { out } = await run(args);
    expect(out.replace(/\s+/g, ' ')).toContain(` probed: ${coverage.probed[0]}`);
  });

  test('says what was not asked without a token', async () => {
    const server = await serverWith();
    const { out } = await run(['--server', server.address, '--format', 'json']);
    expect(JSON.parse(out).coverage.notAsked).toContain('what the server tells an administrator (DRONE_TOKEN)');
  });

  test.each([
    [['--server', 'https://ci.example.com/drone'], 'the address of --server has a path, and a Drone server has none'],
    [['--server'], '--server has no address'],
    [['--probe-rpc', '.'], '--probe-rpc asks a server'],
  ])('refuses %j', async (args, why) => {
    const { status, error } = await run(args);
    expect(error).toContain(why);
    expect(status).toBe(2);
  });

  test('ends with what it saw when it is interrupted', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ slug: `octocat/r${index}` }));
    let tell = (): void => {};
    const reached = new Promise<void>((done) => {
      tell = done;
    });
    const server = await serverWith({
      repositories: many,
      instead: ({ url = '' }) => {
        if (url.includes('/r20/')) tell();
        return false;
      },
    });
    const { status, out } = await run(
      ['--server', server.address, '--rate', '200', '--format', 'json'],
      { DRONE_TOKEN: adminToken },
      reached,
    );
    const { problems, sources } = JSON.parse(out);
    expect(status).toBe(3);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringMatching(
        /^the audit was interrupted; everything seen until then is reported; not looked at: secrets/,
      ),
    ]);
    expect(sources).toHaveLength(303);
    expect(server.requests.length).toBeLessThan(300);
  });
});

describe('the runners that settings reveal', () => {
  const compose = (port: number, more = ''): string => `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    ports: ["127.0.0.2:${port}:3000"${more}]
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_RPC_PROTO: https
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET}
      DRONE_UI_USERNAME: root
      DRONE_UI_PASSWORD: \${DRONE_UI_PASSWORD}
`;
  const dashboard: FakeDroneOptions = {
    instead: ({ url, headers }, response) => {
      if (url === '/healthz') response.writeHead(200);
      else if (headers.authorization === `Basic ${Buffer.from('root:root').toString('base64')}`)
        response.writeHead(200);
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="MyRealm"' });
      response.end();
      return true;
    },
  };
  const audit = async (text: string, args: readonly string[]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'docker-compose.yml'), text);
    const { out } = await run([folder, '--format', 'json', ...args]);
    return JSON.parse(out);
  };

  test('are counted, and not asked, without --probe-runners', async () => {
    const server = await serverWith(dashboard);
    const text = compose(server.port).replace('127.0.0.2:', '');
    const { coverage } = await audit(text, []);
    expect(coverage.notAsked).toContain('the web pages of a runner or autoscaler (--probe-runners)');
    expect(server.requests).toEqual([]);
  });

  test('are asked on hosts that are named as the own', async () => {
    const server = await serverWith(dashboard);
    const text = compose(server.port).replace('127.0.0.2:', '');
    const unnamed = await audit(text, ['--probe-runners']);
    expect(unnamed.problems.map(({ message }: { message: string }) => message)).toEqual([
      `service "runner" has web pages on port ${server.port} of a host that the settings do not name, so it was not asked; name it with --i-own-this`,
    ]);
    expect(server.requests).toEqual([]);
    const { sources, problems } = await audit(text, ['--probe-runners', '--i-own-this', '127.0.0.1']);
    expect(problems).toEqual([]);
    expect(sources.map(({ file }: { file: string }) => file)).toContain(`http://127.0.0.1:${server.port}/`);
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(server.requests.map(({ url }) => url)).toEqual(['/healthz', '/', '/']);
  });

  test.each([
    ['127.0.0.2', true],
    ['127.0.0.1', true],
    ['127.0.0.1', false],
  ])('tell of a documented login on %s, and of nothing else there (accepted: %s)', async (host, isAccepted) => {
    const server = await serverWith({
      instead: (request, response) => {
        const { headers } = request;
        if (isAccepted) return dashboard.instead?.(request, response) ?? false;
        response.writeHead(headers.authorization ? 403 : 401, { 'www-authenticate': 'Basic realm="MyRealm"' });
        response.end();
        return true;
      },
    });
    const text = compose(server.port).replace('127.0.0.2', host);
    const { findings, coverage } = await audit(text, ['--probe-runners']);
    const told = findings.filter(({ rule }: { rule: string }) => rule === 'reachable-dashboard');
    const address = `http://${host}:${server.port}`;
    expect(told.map(({ severity, message }: { severity: string; message: string }) => [severity, message])).toEqual(
      isAccepted
        ? [
            [
              'high',
              `the dashboard of runner "${address}" accepts a documented login (Drone documentation, drone/docs d89a395)`,
            ],
          ]
        : [],
    );
    expect(coverage.probed).toEqual([
      isAccepted
        ? `runner "${address}" answers / with 401, /healthz with 200; a documented login accepted`
        : `runner "${address}" answers / with 401, /healthz with 401; 2 documented logins refused`,
    ]);
  });

  test('without a password are asked for their health', async () => {
    const server = await serverWith({
      instead: ({ url }, response) => {
        response.writeHead(url === '/healthz' ? 200 : 404);
        response.end();
        return true;
      },
    });
    const text = compose(server.port).replace(/ {6}DRONE_UI.*\n/g, '');
    expect((await audit(text, [])).coverage.notAsked).not.toContain(expect.stringMatching(/probe-runners/));
    const { problems, coverage } = await audit(text, ['--probe-runners']);
    expect(problems).toEqual([]);
    expect(coverage.probed).toEqual([`runner "http://127.0.0.2:${server.port}" answers / with 404, /healthz with 200`]);
  });

  test('of which none has a port are none, which is said', async () => {
    const text = compose(3000).replace(/ {4}ports.*\n/, '');
    const { problems } = await audit(text, ['--probe-runners']);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      '--probe-runners asked nothing: no settings reveal a port of a runner or autoscaler',
    ]);
  });

  test('may be autoscalers, whose metrics need no password', async () => {
    const server = await serverWith({
      instead: ({ url }, response) => {
        response.writeHead(url === '/metrics' ? 200 : 404, {
          'content-type': 'text/plain',
        });
        response.end(url === '/metrics' ? '# HELP drone_servers_created Total\n' : '404 page not found');
        return true;
      },
    });
    const text = `services:
  autoscaler:
    image: drone/autoscaler:1.14.0
    ports: ["${server.port}:8080"]
    environment:
      DRONE_SERVER_HOST: ci.example.com
      DRONE_SERVER_TOKEN: \${DRONE_SERVER_TOKEN}
`;
    const { findings } = await audit(text, ['--probe-runners', '--i-own-this', '127.0.0.1']);
    expect(server.requests.map(({ url }) => url)).toEqual(['/healthz', '/ui', '/metrics', '/version']);
    const live = findings.filter(({ rule }: { rule: string }) => rule === 'readable-metrics');
    expect(live.map(({ severity }: { severity: string }) => severity)).toEqual(['low']);
  });

  test('at an address that no URL can name cost that address alone', async () => {
    const server = await serverWith(dashboard);
    const text = compose(server.port, ', "fe80::1%eth0:7701:3000", "127.0.0.3:0:3000"');
    const { problems, sources, coverage } = await audit(text, ['--probe-runners', '--i-own-this', 'vm']);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      'a runner has its pages at "http://[fe80::1%eth0]:7701", which is no address that can be asked',
    ]);
    expect(sources.map(({ file }: { file: string }) => file)).toContain(`http://127.0.0.2:${server.port}/`);
    expect(coverage.probed).toHaveLength(1);
  });

  test('at an address that nothing fills in are asked on the hosts that are named as the own', async () => {
    const server = await serverWith(dashboard);
    const text = compose(server.port).replace('127.0.0.2', '$${IP}');
    const unnamed = await audit(text, ['--probe-runners']);
    expect(unnamed.problems.map(({ message }: { message: string }) => message)).toEqual([
      `service "runner" has web pages on port ${server.port} of a host that the settings do not name, so it was not asked; name it with --i-own-this`,
    ]);
    const { sources } = await audit(text, ['--probe-runners', '--i-own-this', '127.0.0.1']);
    expect(sources.map(({ file }: { file: string }) => file)).toContain(`http://127.0.0.1:${server.port}/`);
  });

  test('and publish on the address of another are not asked without its name', async () => {
    const { problems } = await audit(compose(3000).replace('127.0.0.2', '192.0.2.7'), ['--probe-runners']);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      '--probe-runners did not address this host: only this machine and hosts that are named as yours are probed (--i-own-this 192.0.2.7)',
    ]);
  });
});

const certificates = makeCertificates();
afterAll(() => certificates?.remove());

describe.skipIf(!certificates)('TLS (needs openssl)', () => {
  if (!certificates) return;
  const { valid, soon, expired, otherName, selfSigned, authority } = certificates;

  test.each([
    [
      'valid, but of an authority that is not trusted',
      valid,
      /^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER)/,
    ],
    ['signed by itself', selfSigned, /^DEPTH_ZERO_SELF_SIGNED_CERT$/],
  ])('a certificate that is %s is not trusted', async (_, tls, why) => {
    const server = await serverWith({ tls });
    const found = await lookAtTls(server.address, 5000);
    expect(found?.seen.protocol).toMatch(/^TLSv1\.[23]$/);
    expect(found?.seen.distrust).toMatch(why);
    expect(found?.seen.validTo).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(found?.seen.oldProtocols).toEqual([]);
  });

  test('that is too old is found', async () => {
    const old = { ...valid, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = await serverWith({ tls: old });
    const found = await lookAtTls(server.address, 5000);
    // A library without them says so.
    expect([...(found?.seen.oldProtocols ?? []), ...(found?.unasked ?? [])].sort()).toEqual(['TLSv1', 'TLSv1.1']);
  });

  test('that is nothing but too old is found, and told', async () => {
    const old = { ...valid, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = await serverWith({ tls: old });
    const found = await lookAtTls(server.address, 5000);
    if (found === undefined) return; // A library without these protocols cannot tell.
    expect(found.seen).toMatchObject({ protocol: 'TLSv1.1', oldProtocols: ['TLSv1', 'TLSv1.1'] });
    const args = ['--server', server.address.replace('127.0.0.1', 'localhost'), '--format', 'json'];
    const { out } = await run(args, { NODE_EXTRA_CA_CERTS: authority });
    const { findings, problems } = JSON.parse(out);
    expect(findings.map(({ rule, severity }: { rule: string; severity: string }) => `${rule} ${severity}`)).toEqual([
      'weak-tls high',
    ]);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      'the server speaks nothing newer than TLSv1.1, which is not spoken here: nothing else was asked',
    ]);
  });

  test('that is not there is nothing', async () => {
    const { port } = await serverWith();
    expect(await lookAtTls(`https://127.0.0.1:${port}`, 5000)).toBeUndefined();
  });

  const weaknessOf = async (tls: typeof valid) => {
    const server = await serverWith({ tls, repositories });
    const { out } = await run(['--server', server.address.replace('127.0.0.1', 'localhost'), '--format', 'json'], {
      ...{ DRONE_TOKEN: adminToken, NODE_EXTRA_CA_CERTS: authority },
    });
    const { findings } = JSON.parse(out);
    return findings.flatMap((each: { rule: string; severity: string; message: string }) =>
      each.rule === 'weak-tls' ? [`${each.severity} ${each.message.replace(/ of server "[^"]*"/, '')}`] : [],
    );
  };

  test('with a trusted certificate is sound', async () => {
    expect(await weaknessOf(valid)).toEqual([]);
  });

  test.each([
    ['expired', expired, /^high the certificate has expired, on \d{4}-\d\d-\d\d: clients fail/],
    ['for another name', otherName, /^high the certificate is for another name: clients fail/],
    ['about to expire', soon, /^low the certificate expires on \d{4}-\d\d-\d\d, and has not been renewed yet$/],
  ])('with a certificate %s is not', async (_, tls, expected) => {
    const found = await weaknessOf(tls);
    expect(found).toEqual([expect.stringMatching(expected)]);
  });

  test('gets the token where it is trusted, and elsewhere only on this machine', async () => {
    const server = await serverWith({ tls: valid, repositories });
    const args = ['--server', `https://0.0.0.0:${server.port}`, '--format', 'json'];
    const { out } = await run(args, { DRONE_TOKEN: adminToken, NODE_EXTRA_CA_CERTS: authority });
    expect(JSON.parse(out).problems.map(({ message }: { message: string }) => message)).toEqual([
      'DRONE_TOKEN was not sent, because the certificate is not trusted; only public things were asked (NODE_EXTRA_CA_CERTS names the certificate of your own CA)',
    ]);
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(readFileSync(authority, 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});
