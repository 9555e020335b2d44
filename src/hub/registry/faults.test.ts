import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { noise } from '../../../test/fixtures/images.ts';
import type { Received } from '../../../test/fixtures/registry-conformance.ts';
import { basicOf } from '../../../test/fixtures/registry-conformance-hub.ts';
import { blob, codeOf, image, peopledHub } from '../../../test/fixtures/registry-conformance-people.ts';

const at = peopledHub();
const { as } = at;

suite('clients that go, come back, or come twice', () => {
  const begun = async () =>
    (await as({ name: 'alice' }, { method: 'POST', path: '/v2/alice/secret/blobs/uploads/', body: '' }))
      .headers.location!;

  /** Sends the head of a PATCH and a part of its body, and no more. */
  async function half(path: string, part: Buffer) {
    const socket = connect(at.hub.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const head = `PATCH ${path} HTTP/1.1\r\nHost: ${at.hub.host}\r\nAuthorization: ${basicOf('alice')}\r\nContent-Length: ${blob.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), part]));
    return socket;
  }
  const received = async (path: string) =>
    (await as({ name: 'alice' }, { method: 'GET', path })).headers.range ?? '';

  test('what came is kept, and the rest is added', async () => {
    const path = await begun();
    const socket = await half(path, blob.subarray(0, 400_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await received(path), '0-399999');
    const end = await as(
      { name: 'alice' },
      {
        method: 'PUT',
        path: `${path}?digest=${digestOf(blob)}`,
        headers: { 'content-range': `400000-${blob.length - 1}` },
        body: blob.subarray(400_000),
      },
    );
    assert.equal(end.status, 201);
  });

  test('who comes back before its first connection is known to be gone takes over', async () => {
    const path = await begun();
    const socket = await half(path, blob.subarray(0, 300_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = once(socket, 'close');
    const chunk = { method: 'PATCH', path, headers: { 'content-range': `300000-${blob.length - 1}` } };
    const second = await as({ name: 'alice' }, { ...chunk, body: blob.subarray(300_000) });
    assert.deepEqual([second.status, second.headers.range], [202, `0-${blob.length - 1}`]);
    await closed;
    const end = await as(
      { name: 'alice' },
      { method: 'PUT', path: `${path}?digest=${digestOf(blob)}`, body: '' },
    );
    assert.equal(end.status, 201);
  });

  test('one blob by many at once', async () => {
    const bytes = noise(700_000, 77);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        as(
          { name: 'alice' },
          { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
        ),
      ),
    );
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([201]));
    const { body } = await as(
      { name: 'alice' },
      { method: 'GET', path: `/v2/alice/secret/blobs/${digestOf(bytes)}` },
    );
    assert.ok(body.equals(bytes));
  });

  test('an upload is of its repository alone', async () => {
    const path = await begun();
    const { status } = await as({ name: 'alice' }, { method: 'GET', path: path.replace('secret', 'shared') });
    assert.equal(status, 404);
  });

  test('a manifest of 100 MB is refused before it has come', async () => {
    for (const said of ['Content-Length: 104857600', 'Transfer-Encoding: chunked']) {
      const socket = connect(at.hub.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      socket.write(
        `PUT /v2/alice/secret/manifests/big HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicOf('alice')}\r\n${said}\r\n\r\n`,
      );
      const chunk = Buffer.alloc(1 << 20, ' ');
      if (said.startsWith('Transfer'))
        for (let sent = 0; sent < 6; sent += 1)
          socket.write(Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1\.1 413 /, said);
      socket.destroy();
    }
  });

  test('a pull goes on to its end while what it pulls is deleted', async () => {
    const bytes = noise(20_000_000, 88);
    await as(
      { name: 'alice' },
      { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
    );
    const path = `/v2/alice/secret/blobs/${digestOf(bytes)}`;
    const reply = await fetch(`http://${at.hub.host}${path}`, {
      headers: { authorization: basicOf('alice') },
    });
    const reader = reply.body!.getReader();
    const pieces = [(await reader.read()).value!];
    assert.equal((await as({ name: 'alice' }, { method: 'DELETE', path })).status, 202);
    at.hub.database.run('DELETE FROM blob WHERE digest = ?', digestOf(bytes));
    await at.hub.store.delete(digestOf(bytes));
    for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
    assert.equal(digestOf(Buffer.concat(pieces)), digestOf(bytes));
    assert.equal((await as({ name: 'alice' }, { method: 'GET', path })).status, 404);
  });

  test('a single POST that breaks off leaves nothing', async () => {
    const uploads = () =>
      at.hub.database.get<{ count: number }>('SELECT count(*) AS count FROM upload')!.count;
    const before = uploads();
    const socket = connect(at.hub.port, '127.0.0.1');
    await once(socket, 'connect');
    const path = `/v2/alice/secret/blobs/uploads/?digest=${digestOf('x')}`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicOf('alice')}\r\nContent-Length: 100\r\n\r\nhalf`,
    );
    while (uploads() === before) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (uploads() > before) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('what goes wrong inside is told as the specification tells errors, and logged', async () => {
    const { database } = at.hub;
    database.run('ALTER TABLE tag RENAME TO tag_away');
    const reply = await as({ name: 'alice' }, { method: 'GET', path: '/v2/alice/secret/tags/list?n=1' });
    database.run('ALTER TABLE tag_away RENAME TO tag');
    assert.deepEqual([reply.status, codeOf(reply)], [500, 'UNKNOWN']);
    assert.doesNotMatch(reply.body.toString(), /table/);
    assert.match((at.hub.errors as string[]).splice(0).join(''), /request failed.*no such table/);
  });

  test('long annotations come in pages', async () => {
    const config = image.config;
    for (let index = 0; index < 3; index += 1) {
      const document = {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
        layers: [],
        subject: { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.manifest.length },
        annotations: { index: `${index}`, long: 'x'.repeat(1_500_000) },
      };
      const body = JSON.stringify(document);
      const path = `/v2/alice/secret/manifests/${digestOf(body)}`;
      const put = await as(
        { name: 'alice' },
        { method: 'PUT', path, headers: { 'content-type': mediaTypes.ociManifest }, body },
      );
      assert.equal(put.status, 201, put.body.toString());
    }
    const seen: string[] = [];
    let path: string | undefined = `/v2/alice/secret/referrers/${image.digest}`;
    for (let pages = 0; path !== undefined; pages += 1) {
      assert.ok(pages < 4);
      const reply: Received = await as({ name: 'alice' }, { method: 'GET', path });
      assert.ok(reply.body.length < 4 << 20);
      const { manifests } = JSON.parse(reply.body.toString()) as {
        manifests: { annotations: { index: string } }[];
      };
      seen.push(...manifests.map(({ annotations }) => annotations.index));
      path = /^<([^>]+)>; rel="next"$/.exec(String(reply.headers.link ?? ''))?.[1];
    }
    assert.deepEqual(seen.sort(), ['0', '1', '2']);
  });

  test('a blob whose file is gone is not there, until it is pushed again', async () => {
    const bytes = Buffer.from('lost and found');
    const push = () =>
      as(
        { name: 'alice' },
        { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
      );
    const path = `/v2/alice/secret/blobs/${digestOf(bytes)}`;
    await push();
    await at.hub.store.delete(digestOf(bytes));
    assert.equal((await as({ name: 'alice' }, { method: 'GET', path })).status, 404);
    assert.equal((await as({ name: 'alice' }, { method: 'HEAD', path })).status, 404);
    assert.match((at.hub.errors as string[]).splice(0).join(''), /blob is not as it was written/);
    assert.equal((await push()).status, 201);
    assert.ok((await as({ name: 'alice' }, { method: 'GET', path })).body.equals(bytes));
  });
});
