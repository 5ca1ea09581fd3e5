import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the tests that need a Docker Engine are to run; scripts/start-engine.sh has one answer. */
export const isEngineAsked = process.env.DRONE_AUDIT_TEST_DOCKER === '1';

/** Where it answers. */
export const engineSocket = process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') || '/var/run/docker.sock';

/** What one test makes on a real engine. Others may use it at the same time, so all has a label and a name of its own. */
export interface RealEngine {
  /** Random; part of all names. */
  readonly id: string;
  /** `--label …`, for whatever is made without an image of `image`. */
  readonly labels: readonly string[];
  /** A folder of this test on the host. */
  readonly folder: string;
  /** Makes an image of that name with busybox in it, and an entrypoint that writes lines and waits; returns its name. */
  image(name: string, program?: Program): string;
  /** Removes everything that carries the label. */
  remove(): void;
}

export interface Program {
  /** The file name of the entrypoint in `/bin`; without one the entrypoint is busybox. */
  readonly name?: string;
  /** What it writes to its standard output. */
  readonly lines?: readonly string[];
  /** Instructions of a Dockerfile: `ENV DRONE_SERVER_PORT=:80`. */
  readonly changes?: readonly string[];
}

/** Ends what hangs, in milliseconds; nothing is measured by it. */
const patience = 120_000;

/** Runs the docker client, and returns what it wrote. */
export function docker(...words: string[]): string {
  return execFileSync('docker', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: patience });
}

/** Runs the docker client where it may fail. */
export function tryDocker(...words: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('docker', words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, output: `${stdout}${stderr}` };
}

export function realEngine(): RealEngine {
  const id = randomBytes(5).toString('hex');
  const label = `drone-audit.test=${id}`;
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-live-'));
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  const listed = (...words: string[]): string[] =>
    docker(...words, '--quiet', '--filter', `label=${label}`)
      .split('\n')
      .filter(Boolean);
  let made = 0;
  return {
    id,
    folder,
    labels: ['--label', label],
    image(name, { name: program, lines = [], changes = [] } = {}) {
      const root = join(folder, `image-${++made}`);
      mkdirSync(join(root, 'bin'), { recursive: true });
      copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
      for (const applet of applets)
        if (!existsSync(join(root, 'bin', applet))) symlinkSync('busybox', join(root, 'bin', applet));
      if (program !== undefined) {
        writeFileSync(join(root, 'lines'), lines.map((line) => `${line}\n`).join(''));
        writeFileSync(join(root, 'bin', program), '#!/bin/sh\ncat /lines\nexec sleep 3600\n');
        chmodSync(join(root, 'bin', program), 0o755);
      }
      const archive = `${root}.tar`;
      execFileSync('tar', ['-cf', archive, '-C', root, '.']);
      const all = [`LABEL ${label}`, `ENTRYPOINT ["/bin/${program ?? 'busybox'}"]`, ...changes];
      docker('import', ...all.flatMap((change) => ['--change', change]), archive, name);
      return name;
    },
    remove() {
      const containers = listed('ps', '--all');
      if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers);
      const networks = listed('network', 'ls');
      if (networks.length > 0) docker('network', 'rm', ...networks);
      const volumes = listed('volume', 'ls');
      if (volumes.length > 0) docker('volume', 'rm', '--force', ...volumes);
      const images = [...new Set(listed('images', '--all', '--no-trunc'))];
      if (images.length > 0) docker('rmi', '--force', ...images);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A socket in front of the engine's that records what is asked, and shows only what carries one label. */
export interface Window {
  readonly socket: string;
  /** `GET /v1.41/info`, and so on, in the order of arrival; with the length of its body where it has one. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Lists, by the key under which they stand in their answer. */
const lists: readonly (readonly [RegExp, string?])[] = [
  [/\/containers\/json$/],
  [/\/networks$/],
  [/\/services$/],
  [/\/volumes$/, 'Volumes'],
];

/**
 * Opens a window onto what a test has made; `shows` chooses among it. The bridge of the engine is always there. Nothing but
 * GET gets through.
 */
export async function windowOnto(
  { id, folder }: RealEngine,
  shows: (entry: Record<string, unknown>) => boolean = () => true,
): Promise<Window> {
  const socket = join(folder, `window-${randomBytes(4).toString('hex')}.sock`);
  const requests: string[] = [];
  const isShown = (entry: Record<string, unknown>): boolean =>
    entry.Name === 'bridge' || (Object(entry.Labels)['drone-audit.test'] === id && shows(entry));
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    const body = headers['content-length'] ?? headers['transfer-encoding'];
    requests.push(`${method} ${url}${body === undefined ? '' : ` with a body (${body})`}`);
    if (method !== 'GET') return void response.writeHead(405).end();
    const list = lists.find(([path]) => path.test(url.replace(/\?.*$/, '')));
    const forwarded = get({ socketPath: engineSocket, path: url, headers, agent: false }, async (answer) => {
      if (!list || answer.statusCode !== 200) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        return void answer.pipe(response);
      }
      const whole: unknown = JSON.parse(await textOf(answer));
      const [, key] = list;
      const entries: unknown = key === undefined ? whole : Object(whole)[key];
      const kept = Array.isArray(entries) ? entries.filter((entry) => isShown(Object(entry))) : entries;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(key === undefined ? kept : { ...Object(whole), [key]: kept }));
    });
    forwarded.on('error', () => response.destroy());
  });
  for (const event of ['upgrade', 'connect'] as const)
    server.on(event, ({ method, url }: IncomingMessage, connection: { destroy(): void }) => {
      requests.push(`${event} ${method} ${url}`);
      connection.destroy();
    });
  await new Promise<void>((done) => server.listen(socket, done));
  return {
    socket,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
