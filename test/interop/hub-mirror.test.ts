import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { serveAreas } from '#hub/http/index.ts';
import { Mirror } from '#hub/mirror/index.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import type { Digest } from '#oci/digest.ts';
import { type CuttingProxy, startProxy } from '../fixtures/cutting-proxy.ts';
import { type MadeImage, madeImage, noise } from '../fixtures/images.ts';
import { linesOf, openTestImages } from '../fixtures/open-images.ts';
import { publish, skipWithoutRegistry, startRegistry } from '../fixtures/registry.ts';

interface Mirrored extends AsyncDisposable {
  readonly url: string;
  readonly upstream: CuttingProxy;
  readonly publish: (name: string, tag: string, image: MadeImage) => Promise<void>;
  /** Upstream requests since the last time this was asked. */
  readonly asked: () => readonly string[];
  readonly clock: { time: number };
  reopen(): Promise<void>;
}

const alice = { username: 'alice', password: 'secret' };
const minute = 60_000;

/** docker-registry with a password, a proxy that tells what was asked of it, and a mirror of that. */
async function startMirror(limits: { maxBytes?: number; maxAge?: number } = {}): Promise<Mirrored> {
  const registry = await startRegistry({ basic: true });
  const upstream = await startProxy(registry.host);
  const directory = mkdtempSync(join(tmpdir(), 'hub-mirror-'));
  const clock = { time: Date.parse('2026-01-01T00:00:00Z') };
  const now = () => new Date(clock.time);
  const records = openSqliteRecords(join(directory, 'hub.db'), { now });
  const open = () =>
    Mirror.open({
      ...{
        records: records.mirror,
        directory: join(directory, 'mirror'),
        upstream: `http://${upstream.host}`,
        credentials: alice,
      },
      limits: { maxBytes: limits.maxBytes ?? 1 << 30, maxAge: limits.maxAge ?? 1000 * minute },
      tagAge: 5 * minute,
      registries: { retry: { attempts: 2, delayMilliseconds: 5 } },
      log: silentLog,
      now,
    });
  let mirror = await open();
  let serve = serveAreas([mirror.area], { log: silentLog, addressOf: () => '127.0.0.1' });
  const server = createServer((request, response) => serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ upstream, clock },
    publish: (name, tag, image) =>
      publish(`http://${registry.host}`, name, tag, image, {
        authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}`,
      }),
    asked: () => {
      const lines = upstream.passed
        .map(({ method, path }) => `${method} ${path}`)
        .filter((line) => line !== 'GET /v2/');
      upstream.forget();
      return lines;
    },
    reopen: async () => {
      await mirror[Symbol.asyncDispose]();
      mirror = await open();
      serve = serveAreas([mirror.area], { log: silentLog, addressOf: () => '127.0.0.1' });
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await mirror[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const layersOf = (image: MadeImage): readonly Digest[] =>
  image.layers.map(({ descriptor }) => descriptor.digest);
const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

suite('a mirror of docker-registry', { skip: skipWithoutRegistry }, () => {
  test('an engine pulls through it, and a second engine needs nothing from upstream', async () => {
    await using mirrored = await startMirror();
    const image = madeImage({ layers: [{ 'bin/sh': 'shell' }, { data: noise(3_000_000) }] });
    await mirrored.publish('library/app', 'v1', image);
    for (const turn of [1, 2]) {
      await using engine = await openTestImages({
        registry: { mirrors: [mirrored.url], defaultRegistry: 'http://127.0.0.1:1' },
      });
      await linesOf(engine.images.pull({ name: 'app:v1' }));
      assert.equal(engine.images.get('app:v1').id, image.id);
      const asked = mirrored.asked();
      if (turn === 2) assert.deepEqual(asked, []);
      else assert.ok(asked.some((line) => line.startsWith('GET /v2/library/app/blobs/')));
    }
    await mirrored.reopen();
    await using engine = await openTestImages({
      registry: { mirrors: [mirrored.url], defaultRegistry: 'http://127.0.0.1:1' },
    });
    await linesOf(engine.images.pull({ name: 'app:v1' }));
    assert.deepEqual(mirrored.asked(), []);
  });

  test('a tag is asked for again once it is old, and served as it was while upstream is away', async () => {
    await using mirrored = await startMirror();
    const [one, two] = [madeImage({ layers: [{ a: '1' }] }), madeImage({ layers: [{ a: '2' }] })];
    const digestNow = async () =>
      (await fetch(`${mirrored.url}/v2/team/app/manifests/latest`)).headers.get('docker-content-digest');
    await mirrored.publish('team/app', 'latest', one);
    assert.equal(await digestNow(), one.digest);
    await mirrored.publish('team/app', 'latest', two);
    assert.equal(await digestNow(), one.digest);
    mirrored.clock.time += 6 * minute;
    assert.equal(await digestNow(), two.digest);
    mirrored.asked();
    mirrored.clock.time += 6 * minute;
    assert.equal(await digestNow(), two.digest);
    assert.deepEqual(mirrored.asked(), ['HEAD /v2/team/app/manifests/latest']);
    mirrored.clock.time += 6 * minute;
    mirrored.upstream.fault = () => ({ status: 503 });
    assert.equal(await digestNow(), two.digest);
    assert.equal((await fetch(`${mirrored.url}/v2/team/app/manifests/other`)).status, 502);
  });

  test('many clients of one blob share one fetch, parts of it too', async () => {
    await using mirrored = await startMirror();
    const image = madeImage({ layers: [{ data: noise(6_000_000) }] });
    await mirrored.publish('team/app', 'v1', image);
    const [layer] = image.layers;
    const url = `${mirrored.url}/v2/team/app/blobs/${layer!.descriptor.digest}`;
    const parts = [undefined, 'bytes=0-9', 'bytes=5000000-5000999', 'bytes=-7', undefined];
    const answers = await Promise.all(
      parts.map(async (range) => {
        const response = await fetch(url, range === undefined ? {} : { headers: { range } });
        return { status: response.status, body: await bodyOf(response) };
      }),
    );
    const { blob } = layer!;
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 206, 206, 206, 200],
    );
    const wanted = [blob, blob.subarray(0, 10), blob.subarray(5_000_000, 5_001_000), blob.subarray(-7), blob];
    for (const [i, { body }] of answers.entries()) assert.ok(body.equals(wanted[i]!), String(parts[i]));
    assert.equal(mirrored.asked().filter((line) => line.startsWith('GET')).length, 1);
    const beyond = await fetch(url, { headers: { range: `bytes=${blob.length}-` } });
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${blob.length}`]);
  });

  test('what comes wrong or cut is not kept, and its reader is not told that it is whole', async () => {
    await using mirrored = await startMirror();
    const image = madeImage({ layers: [{ data: noise(3_000_000) }] });
    await mirrored.publish('team/app', 'v1', image);
    const url = `${mirrored.url}/v2/team/app/blobs/${layersOf(image)[0]}`;
    mirrored.upstream.fault = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? { corruptAt: 1_000_000 } : undefined;
    await assert.rejects(fetch(url).then(bodyOf));
    mirrored.upstream.fault = ({ method, path }, earlier) =>
      method === 'GET' && path.includes('/blobs/') && earlier === 0 ? { cutAfter: 1_500_000 } : undefined;
    mirrored.upstream.forget();
    assert.ok((await fetch(url).then(bodyOf)).equals(image.layers[0]!.blob));
  });

  test('its limits hold: the least recently used goes first, and what is old', async () => {
    await using mirrored = await startMirror({ maxBytes: 2_500_000, maxAge: 100 * minute });
    const images = [1, 2, 3].map((seed) => madeImage({ layers: [{ data: noise(1_000_000, seed) }] }));
    const get = async (n: number) => {
      const url = `${mirrored.url}/v2/team/app/blobs/${layersOf(images[n]!)[0]}`;
      await bodyOf(await fetch(url));
      // what a fetch began goes on after its answer
      await new Promise((resolve) => setTimeout(resolve, 50));
      return mirrored.asked().length > 0;
    };
    for (const [n, image] of images.entries()) await mirrored.publish('team/app', `v${n}`, image);
    for (const n of [0, 1]) {
      assert.equal(await get(n), true);
      mirrored.clock.time += 2 * minute;
    }
    assert.equal(await get(0), false);
    mirrored.clock.time += 2 * minute;
    assert.equal(await get(2), true);
    assert.deepEqual([await get(0), await get(2)], [false, false]);
    assert.equal(await get(1), true);
    mirrored.clock.time += 101 * minute;
    await fetch(`${mirrored.url}/v2/team/app/manifests/v0`);
    await mirrored.reopen();
    mirrored.asked();
    assert.equal(await get(1), false);
  });

  test('refusals, and what a mirror does not do', async () => {
    await using mirrored = await startMirror();
    const digest = `sha256:${'0'.repeat(64)}`;
    const cases: readonly (readonly [string, string, number, string])[] = [
      ['GET', 'team/none/manifests/latest', 404, 'MANIFEST_UNKNOWN'],
      ['GET', `team/none/blobs/${digest}`, 404, 'BLOB_UNKNOWN'],
      ['GET', 'team/none/blobs/sha256:x', 400, 'DIGEST_INVALID'],
      ['GET', 'Team/none/manifests/latest', 400, 'NAME_INVALID'],
      ['GET', 'team/..%2f..%2fx/manifests/latest', 400, 'NAME_INVALID'],
      ['PUT', 'team/app/manifests/latest', 405, 'UNSUPPORTED'],
      ['POST', 'team/app/blobs/uploads/', 405, 'UNSUPPORTED'],
      ['DELETE', `team/app/manifests/${digest}`, 405, 'UNSUPPORTED'],
    ];
    for (const [method, path, status, code] of cases) {
      const response = await fetch(`${mirrored.url}/v2/${path}`, { method });
      const { errors } = (await response.json()) as { errors: { code: string }[] };
      assert.deepEqual([response.status, errors[0]?.code], [status, code], path);
    }
    mirrored.upstream.fault = () => ({ status: 429, headers: { 'Retry-After': '60' } });
    const limited = await fetch(`${mirrored.url}/v2/team/app/manifests/latest`);
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '60']);
  });
});
