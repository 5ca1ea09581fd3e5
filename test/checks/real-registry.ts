import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { docker, type RealEngine } from './real-engine.ts';

/** Whether Debian's package docker-registry is there; scripts/start-engine.sh installs it where it can. */
export const hasRegistry = spawnSync('docker-registry', ['--version']).status === 0;

/** A registry on loopback, which engines use without TLS. */
export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Pushes an image of the engine that is named with the address, and pulls it by its digest; returns `NAME:TAG@sha256:…`. */
  pinned(image: string): string;
  close(): Promise<void>;
}

export async function realRegistry({ folder }: RealEngine): Promise<Registry> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const root = join(folder, 'registry');
  mkdirSync(root);
  const config = join(folder, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${root} } }\nhttp: { addr: ${address} }\n`,
  );
  const server = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  await answers(`http://${address}/v2/`, server);
  return {
    address,
    pinned(image) {
      docker('push', '--quiet', image);
      const digest = /@(sha256:[0-9a-f]{64})/.exec(docker('inspect', '--format', '{{json .RepoDigests}}', image))?.[1];
      const name = `${image}@${digest}`;
      docker('pull', '--quiet', name);
      return name;
    },
    close: () =>
      new Promise((done) => {
        server.on('exit', () => done());
        if (!server.kill()) done();
      }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the registry ended with ${server.exitCode}`);
}
