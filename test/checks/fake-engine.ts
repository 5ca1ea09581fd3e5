import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a fake engine answers to a path: an object as JSON, a number as a status, a function as it likes. */
export type Answer = object | number | ((request: IncomingMessage, response: ServerResponse) => void);

/** An engine on a real unix socket that answers what it is told. */
export interface FakeEngine {
  readonly socket: string;
  /** `GET /version` and so on, in the order of arrival. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function fakeEngine(answers: Readonly<Record<string, Answer>>): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-engine-'));
  const socket = join(folder, 'docker.sock');
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const answer = answers[(request.url ?? '').replace(/\?.*$/, '')] ?? 404;
    if (typeof answer === 'function') return answer(request, response);
    response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(typeof answer === 'number' ? { message: 'secret-message' } : answer));
  });
  await new Promise<void>((done) => server.listen(socket, done));
  return {
    socket,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
