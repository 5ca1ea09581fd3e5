import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An object storage that speaks as much of S3 as rclone asks, to whoever shows this key. It is gone after the test. */
export async function objectStorage(keyId: string) {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const content = Buffer.concat(await request.toArray());
    const shown = `${request.headers.authorization} ${searchParams.get('X-Amz-Credential')}`;
    const path = decodeURIComponent(pathname).slice(1);
    const object = objects.get(path);
    if (!shown.includes(`${keyId}/`)) response.writeHead(403).end();
    else if (request.method === 'PUT') {
      objects.set(path, content);
      response.writeHead(200, { etag: etagOf(content) }).end();
    } else if (searchParams.has('prefix')) response.end(listed(objects, path, searchParams.get('prefix') ?? ''));
    else if (object === undefined) response.writeHead(404).end();
    else {
      const headers = { etag: etagOf(object), 'content-length': object.length, 'last-modified': modified };
      response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : object);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { objects, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const modified = new Date(1_700_000_000_000).toUTCString();
const etagOf = (content: Buffer): string => `"${createHash('md5').update(content).digest('hex')}"`;

function listed(objects: ReadonlyMap<string, Buffer>, bucket: string, prefix: string): string {
  const start = `${bucket.replace(/\/$/, '')}/`;
  const entries = [...objects]
    .filter(([path]) => path.startsWith(start + prefix))
    .map(
      ([path, content]) =>
        `<Contents><Key>${path.slice(start.length)}</Key><Size>${content.length}</Size><ETag>${etagOf(content)}</ETag>` +
        `<LastModified>${new Date(1_700_000_000_000).toISOString()}</LastModified></Contents>`,
    );
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`;
}
