import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import test from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { noise } from '../fixtures/images.ts';
import { exchange, type Sent } from '../fixtures/registry-conformance.ts';
import { basicOf, startHubRegistry } from '../fixtures/registry-conformance-hub.ts';

const skip = getuid?.() === 0 ? false : 'needs root';

test('on a full disk a push is refused, nothing is lost, and it goes on when there is room', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'hub-full', folder]);
  try {
    await using hub = await startHubRegistry({ directory: folder, users: ['alice'] });
    const ask = (sent: Sent) => exchange({ host: hub.host, authorization: basicOf('alice') }, sent);
    const put = (bytes: Buffer) =>
      ask({ method: 'POST', path: `/v2/alice/app/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes });
    const [small, large] = [noise(500_000, 1), noise(3_000_000, 2)];
    assert.equal((await put(small)).status, 201);
    const ballast = join(folder, 'ballast');
    await writeFile(ballast, Buffer.alloc(2_500_000));

    const begun = await ask({ method: 'POST', path: '/v2/alice/app/blobs/uploads/', body: '' });
    const path = begun.headers.location ?? '';
    const refused = await ask({ method: 'PATCH', path, body: large });
    assert.equal(refused.status, 503, refused.body.toString());
    assert.match(refused.body.toString(), /"code":"UNAVAILABLE","message":"the registry has no space left"/);
    const kept = await ask({ method: 'GET', path: `/v2/alice/app/blobs/${digestOf(small)}` });
    assert.ok(kept.body.equals(small));

    await rm(ballast);
    const { range } = (await ask({ method: 'GET', path })).headers;
    const received = Number(/^0-(\d+)$/.exec(range ?? '')?.[1]) + 1;
    assert.ok(received > 0 && received < large.length, `${received}`);
    const end = await ask({
      method: 'PUT',
      path: `${path}?digest=${digestOf(large)}`,
      headers: { 'content-range': `${received}-${large.length - 1}` },
      body: large.subarray(received),
    });
    assert.equal(end.status, 201, end.body.toString());
    const pulled = await ask({ method: 'GET', path: `/v2/alice/app/blobs/${digestOf(large)}` });
    assert.ok(pulled.body.equals(large));
    assert.deepEqual(hub.errors, []);
  } finally {
    execFileSync('umount', ['-l', folder]);
    await rmdir(folder);
  }
});
