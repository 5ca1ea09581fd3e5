import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lookAtServer } from '../../src/checks/server.ts';
import { read } from '../../src/read.ts';

// Answers of real servers, where the reference material lies beside the repository.
const root = '../shared/samples/server';
const folders = existsSync(root)
  ? readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];

interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly headers: Record<string, string> };
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const token = 'token-of-the-admin-who-was-recorded';

/** Replays a folder; what was not recorded is 404. */
async function replay(folder: string) {
  const recordings = readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.json'))
    .map((file): Recording => JSON.parse(readFileSync(join(root, folder, file), 'utf8')));
  const asked: string[] = [];
  const server = createServer(({ method = '', url = '', headers }, response) => {
    asked.push(`${method} ${url}`);
    const login = headers.authorization === undefined ? undefined : 'Bearer <token of admin>';
    const path = url.replace(/\?page=1&per_page=100$|\?per_page=25$/, '');
    const fits = (each: Recording): boolean =>
      each.request.method === method &&
      each.request.path === path &&
      each.request.headers.Authorization === login &&
      (headers.origin === undefined || each.request.headers.Origin !== undefined);
    // Of a list that was recorded whole, there is no second page.
    if (path === '/api/repos?page=2&per_page=100' && login !== undefined) return void response.end('null\n');
    const found =
      recordings.find(fits) ??
      recordings.find((each) => each.request.path === path && each.request.headers.Authorization === login);
    const kept = (found?.headers ?? []).filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
    response.writeHead(found?.status ?? 404, kept.flat());
    response.end(found?.body ?? '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, asked };
}

describe.skipIf(folders.length === 0)('recordings of real servers (need the reference material)', () => {
  const servers = folders.filter((folder) => !folder.startsWith('runner-'));

  test.each(servers)('%s is understood', async (folder) => {
    const { address, asked } = await replay(folder);
    const look = () =>
      lookAtServer({ address, token, rate: 1e6, probeRpc: true, samples: [], owned: [], progress: () => {} });
    const { sources } = await look();
    expect(asked.filter((each) => !/^GET |^POST \/rpc\/v2\/ping$/.test(each))).toEqual([]);
    expect(JSON.stringify(sources)).not.toContain(token);
    const endpoint = sources.find(({ form }) => form === 'drone-endpoint');
    if (endpoint === undefined) {
      expect(folder).toBe('tls-cert-port80-2.25.0');
      return;
    }
    const understood = read(sources, () => {
      throw new Error('nothing is looked up');
    });
    expect(understood.problems).toEqual([]);
    expect(understood.installation.endpoints).toHaveLength(1);
    expect((await look()).sources.map(({ text }) => text)).toEqual(sources.map(({ text }) => text));
  });

  const endpointOf = async (folder: string): Promise<unknown> => {
    const { address } = await replay(folder);
    const { sources } = await lookAtServer({
      ...{ address, token, rate: 1e6, probeRpc: true, samples: [], owned: [], progress: () => {} },
    });
    return JSON.parse(sources.find(({ form }) => form === 'drone-endpoint')?.text ?? 'null');
  };

  test.each([
    ['2.25.0', { '/version': { facts: { version: '2.25.0' } }, 'POST /rpc/v2/ping': { status: 401, body: 'empty' } }],
    ['2.28.2', { '/version': { facts: { version: '2.28.1' } } }],
    ['oss-2.25.0', { '/api/secrets': { status: 501 }, '/varz': { facts: { 'license.kind': 'foss' } } }],
    [
      'careless-2.25.0',
      {
        '/metrics': { status: 200, body: 'metrics' },
        '/debug/pprof/': { status: 200, body: 'profiler' },
        'POST /rpc/v2/ping': { status: 403, body: 'empty' },
      },
    ],
    ['hardened-2.25.0', { '/welcome': { status: 301 }, '/api/user': { status: 401 } }],
  ])('%s has these facts', async (folder, answers) => {
    expect(await endpointOf(folder)).toMatchObject({ answers });
  });
});
