import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { RegistryClient } from './client.ts';
import { defaultRegistryConfig } from './registry-config.ts';

/** A registry that keeps what of a cut upload it got, and tells. docker-registry forgets the whole. */
class Uploads {
  bytes = Buffer.alloc(0);
  readonly seen: string[] = [];
  committed: string | null = null;
  /** Cut the nth PATCH after so many bytes. */
  cut: { patch: number; after: number } | undefined;
  /** Answer the nth PATCH with 503 once it was taken. */
  lose: number | undefined;
  #patches = 0;

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    this.seen.push(`${method} ${request.headers['content-range'] ?? ''}`.trim());
    if (url === '/v2/') return void response.end();
    if (method === 'POST') return void response.writeHead(202, { location: '/v2/x/blobs/uploads/1' }).end();
    if (method === 'GET') return void response.writeHead(204, this.#where()).end();
    const number = method === 'PATCH' ? ++this.#patches : 0;
    if (method === 'PATCH' && !request.headers['content-range']?.startsWith(`${this.bytes.length}-`))
      return void response.writeHead(416, this.#where()).end();
    let taken = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      taken += chunk.length;
      if (this.cut?.patch === number && taken >= this.cut.after) return void request.socket.destroy();
    }
    if (this.lose === number) return void response.writeHead(503).end();
    if (method === 'PATCH') return void response.writeHead(202, this.#where()).end();
    this.committed = new URL(url, 'http://x').searchParams.get('digest');
    response.writeHead(201).end();
  };

  #where = () => ({ location: '/v2/x/blobs/uploads/1', range: `0-${Math.max(0, this.bytes.length - 1)}` });
}

const big = Buffer.alloc(20_000_000, 'abcdefg');
const cases: [name: string, bytes: Buffer, faults: Partial<Uploads>, patches: number][] = [
  ['small in one request', big.subarray(0, 1000), {}, 0],
  ['nothing at all', Buffer.alloc(0), {}, 0],
  ['big in chunks', big, {}, 3],
  ['a chunk that was cut goes on in its middle', big, { cut: { patch: 2, after: 3_000_000 } }, 4],
  ['an answer that was lost is asked for', big, { lose: 2 }, 3],
];
for (const [name, bytes, faults, patches] of cases) {
  test(`upload: ${name}`, async () => {
    const uploads = Object.assign(new Uploads(), faults);
    const server = createServer(
      (request, response) => void uploads.handle(request, response).catch(() => response.destroy()),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    using client = new RegistryClient({ ...defaultRegistryConfig, retry: { delayMilliseconds: 1 } });
    const repository = await client.repository(
      { domain: `127.0.0.1:${port}`, path: 'x' },
      { access: 'pull,push' },
    );
    let opened = 0;
    const open = async function* () {
      opened += 1;
      for (let at = 0; at < bytes.length; at += 700_000) yield bytes.subarray(at, at + 700_000);
    };
    const sent = await repository.uploadBlob({ open });
    server.closeAllConnections();
    server.close();
    assert.deepEqual(sent, { digest: digestOf(bytes), size: bytes.length });
    assert.equal(uploads.committed, digestOf(bytes));
    assert.ok(uploads.bytes.equals(bytes));
    assert.equal(opened, 1);
    assert.equal(
      uploads.seen.filter((line) => line.startsWith('PATCH')).length,
      patches,
      uploads.seen.join('\n'),
    );
  });
}
