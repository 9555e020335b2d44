import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { JSONMessage } from '#api/image.ts';
import { type CuttingProxy, type Fault, type Passed, startProxy } from '../fixtures/cutting-proxy.ts';
import { until } from '../fixtures/docker-client.ts';
import { type MadeImage, madeImage, noise } from '../fixtures/images.ts';
import { linesOf, openTestImages, type TestImages } from '../fixtures/open-images.ts';
import {
  publish,
  putBlob,
  putManifest,
  skipWithoutRegistry,
  startRegistry,
  type TestRegistry,
} from '../fixtures/registry.ts';

const layerBytes = 3_000_000;

/** Reads a pull's lines to its end. `joined`: it has asked for its layers, or waits for another's. */
function follow(lines: AsyncIterable<JSONMessage>): { joined: Promise<void>; ended: Promise<void> } {
  const { promise: joined, resolve } = Promise.withResolvers<void>();
  const read = async () => {
    for await (const { status } of lines) if (status === 'Pulling fs layer') resolve();
  };
  return { joined, ended: read() };
}

suite('pull through a bad connection', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  let proxy: CuttingProxy;
  const image = madeImage({
    layers: [{ a: noise(layerBytes, 1) }, { b: noise(layerBytes, 2) }, { c: noise(layerBytes, 3) }],
  });
  const [, second] = image.layers;
  before(async () => {
    registry = await startRegistry();
    proxy = await startProxy(registry.host);
    await publish(`http://${registry.host}`, 'app', 'latest', image);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  afterEach(() => {
    proxy.fault = () => undefined;
    proxy.forget();
  });

  const blobs = () => proxy.passed.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
  const of = (made: MadeImage, index: number) =>
    blobs().filter(({ path }) => path.endsWith(made.layers[index]!.descriptor.digest));
  const pull = (engine: { images: Awaited<ReturnType<typeof openTestImages>>['images'] }, name = 'app') =>
    linesOf(engine.images.pull({ name: `${proxy.host}/${name}` }));
  /** The bad layer fails only then. */
  const othersAreIn = ({ snapshotter }: TestImages) =>
    until('the other layers', () => snapshotter.listLayers().length === 2);
  const onLayer =
    (fault: (passed: Passed, earlier: number) => Fault | undefined) => (passed: Passed, earlier: number) =>
      passed.path.endsWith(second!.descriptor.digest) ? fault(passed, earlier) : undefined;

  test('a layer that is cut again and again goes on where it broke', async () => {
    await using engine = await openTestImages();
    proxy.fault = onLayer((_, earlier) => (earlier < 7 ? { cutAfter: 400_000 } : undefined));
    await pull(engine);
    assert.equal(engine.images.get(`${proxy.host}/app`).id, image.id);
    assert.equal(of(image, 1).length, 8);
    const sent = of(image, 1).reduce((sum, passed) => sum + passed.sent, 0);
    assert.ok(sent < layerBytes * 1.1, `${sent} bytes for a layer of ${layerBytes}`);
    assert.deepEqual([of(image, 0).length, of(image, 2).length], [1, 1], 'the others are fetched once');
  });

  test('a server that knows no ranges sends all again, and what is known is passed over', async () => {
    await using engine = await openTestImages();
    proxy.fault = onLayer((_, earlier) => ({
      ...(earlier === 0 ? { cutAfter: 400_000 } : {}),
      dropRange: true,
    }));
    await pull(engine);
    assert.equal(engine.images.get(`${proxy.host}/app`).id, image.id);
  });

  test('a layer that cannot be had fails the pull, and the next fetches only what is missing', async () => {
    await using engine = await openTestImages();
    const after = othersAreIn(engine);
    proxy.fault = onLayer(() => ({ cutAfter: 0, after }));
    await assert.rejects(pull(engine), { kind: 'unavailable', message: /unexpected EOF|EOF/ });
    assert.equal(of(image, 1).length, 5, 'tried as often as it should');
    assert.equal(engine.images.count(), 0);
    assert.equal(engine.snapshotter.listLayers().length, 2);
    proxy.fault = () => undefined;
    proxy.forget();
    const lines = await pull(engine);
    assert.equal(lines.filter((line) => line.endsWith('Already exists')).length, 2);
    assert.deepEqual([of(image, 0).length, of(image, 1).length, of(image, 2).length], [0, 1, 0]);
  });

  test('finished layers are kept over a restart, for a day', async () => {
    await using engine = await openTestImages();
    const after = othersAreIn(engine);
    proxy.fault = onLayer(() => ({ cutAfter: 0, after }));
    await assert.rejects(pull(engine));
    {
      await using again = await openTestImages({ root: engine.root });
      assert.equal(again.snapshotter.listLayers().length, 2);
    }
    engine.database.run("UPDATE kept_layer SET until = '2020'");
    await using later = await openTestImages({ root: engine.root });
    assert.equal(later.snapshotter.listLayers().length, 0);
  });

  test('two pulls of one image fetch each layer once; the image is whole though one leaves', async () => {
    await using engine = await openTestImages();
    const [leaving, left] = [new AbortController(), Promise.withResolvers<void>()];
    proxy.fault = onLayer(() => ({ after: left.promise }));
    const name = `${proxy.host}/app`;
    const first = follow(engine.images.pull({ name, signal: leaving.signal }));
    const other = follow(engine.images.pull({ name }));
    await Promise.all([first.joined, other.joined]);
    leaving.abort();
    await assert.rejects(first.ended, { name: 'AbortError' });
    left.resolve();
    await other.ended;
    for (const index of [0, 1, 2]) assert.equal(of(image, index).length, 1);
    assert.equal(engine.images.get(name).id, image.id);
  });

  test('a pull that nobody waits for ends', async () => {
    await using engine = await openTestImages();
    proxy.fault = onLayer(() => ({ delayMilliseconds: 60_000 }));
    const started = performance.now();
    for await (const { status } of engine.images.pull({ name: `${proxy.host}/app` }))
      if (status === 'Downloading') break;
    assert.ok(performance.now() - started < 5000);
    assert.equal(engine.images.count(), 0);
  });

  test('closing ends a pull under way', async () => {
    await using engine = await openTestImages();
    proxy.fault = onLayer(() => ({ delayMilliseconds: 60_000 }));
    const pulled = assert.rejects(pull(engine), { kind: 'cancelled' });
    await until('the request for the layer', () => of(image, 1).length === 1);
    const started = performance.now();
    await engine.images.close();
    assert.ok(performance.now() - started < 5000);
    await pulled;
  });

  test('bytes that changed on the way are refused, and nothing of them stays', async () => {
    await using engine = await openTestImages();
    proxy.fault = onLayer(() => ({ corruptAt: 1_000_000 }));
    await assert.rejects(pull(engine), { kind: 'invalid' });
    assert.equal(engine.images.count(), 0);
    assert.ok(!engine.snapshotter.has(second!.diffId));
  });

  test('a plain layer that changed on the way is refused by its digest', async () => {
    const plain = madeImage({ layers: [{ p: noise(2_000_000, 9) }], form: 'plain' });
    await publish(`http://${registry.host}`, 'plain', 'latest', plain);
    await using engine = await openTestImages();
    proxy.fault = ({ path }) =>
      path.endsWith(plain.layers[0]!.descriptor.digest) ? { corruptAt: 1_000_000 } : undefined;
    await assert.rejects(pull(engine, 'plain'), {
      message: `filesystem layer verification failed for digest ${plain.layers[0]!.descriptor.digest}`,
    });
    assert.deepEqual(engine.snapshotter.listLayers(), []);
  });

  test('a manifest that changed on the way is refused when asked for by digest', async () => {
    await using engine = await openTestImages();
    proxy.fault = ({ path }) => (path.includes('/manifests/') ? { corruptAt: 30 } : undefined);
    await assert.rejects(pull(engine, `app@${image.digest}`), {
      message: `manifest verification failed for digest ${image.digest}`,
    });
  });

  test('a config that changed on the way is refused', async () => {
    await using engine = await openTestImages();
    proxy.fault = ({ path }) => (path.endsWith(image.id) ? { corruptAt: 30 } : undefined);
    await assert.rejects(pull(engine), { kind: 'invalid' });
  });

  for (const [claim, message] of [
    [7, /is \d+ bytes long, not \d+ as announced/],
    [-7, /is \d+ bytes long, not \d+ as announced|is longer than/],
  ] as const) {
    test(`a layer whose manifest claims ${claim} bytes more is refused`, async () => {
      const document = JSON.parse(image.manifest.toString()) as { layers: { size: number }[] };
      document.layers[1]!.size += claim;
      await publish(`http://${registry.host}`, 'liar', 'latest', image);
      const bytes = Buffer.from(JSON.stringify(document));
      proxy.fault = ({ path }) =>
        path.includes('/manifests/latest')
          ? { status: 200, headers: { 'content-type': image.mediaType }, body: bytes.toString() }
          : undefined;
      await using engine = await openTestImages();
      await assert.rejects(pull(engine, 'liar'), { kind: 'invalid', message });
      assert.equal(engine.images.count(), 0);
    });
  }

  test('a layer that is not what the config says is refused', async () => {
    const wrong = JSON.parse(image.config.toString()) as { rootfs: { diff_ids: string[] } };
    wrong.rootfs.diff_ids.reverse();
    const config = Buffer.from(JSON.stringify(wrong));
    const manifest = JSON.parse(image.manifest.toString()) as { config: { digest: string; size: number } };
    await publish(`http://${registry.host}`, 'mixed', 'latest', image);
    manifest.config = {
      ...manifest.config,
      digest: await putBlob(`http://${registry.host}`, 'mixed', config),
      size: config.length,
    };
    await putManifest(`http://${registry.host}`, 'mixed', 'latest', Buffer.from(JSON.stringify(manifest)));
    await using engine = await openTestImages();
    await assert.rejects(pull(engine, 'mixed'), { kind: 'invalid' });
    assert.equal(engine.images.count(), 0);
  });

  const refusals: [name: string, fault: Fault, expected: { kind: string; message: RegExp }, tries: number][] =
    [
      [
        '401',
        { status: 401, body: '' },
        { kind: 'unauthorized', message: /^unauthorized: authentication required$/ },
        1,
      ],
      [
        '401 of a token that is not enough',
        {
          status: 401,
          headers: { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/t",error="insufficient_scope"' },
        },
        { kind: 'unavailable', message: /Get "http:\/\/127.0.0.1:1\/t\?.*connection refused$/ },
        1,
      ],
      [
        '403',
        {
          status: 403,
          body: '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}',
        },
        {
          kind: 'notFound',
          message:
            /^pull access denied for .*\/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied$/,
        },
        1,
      ],
      [
        '404',
        {
          status: 404,
          body: '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
        },
        {
          kind: 'notFound',
          message: /^repository .*\/app not found: name unknown: repository name not known to registry$/,
        },
        1,
      ],
      [
        '429',
        {
          status: 429,
          headers: { 'retry-after': '0' },
          body: '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}',
        },
        { kind: 'unavailable', message: /^toomanyrequests: You have reached your pull rate limit\.$/ },
        5,
      ],
      [
        '429 for an hour',
        { status: 429, headers: { 'retry-after': '3600' } },
        { kind: 'unavailable', message: /^toomanyrequests: too many requests$/ },
        1,
      ],
      [
        '500',
        { status: 500 },
        { kind: 'unavailable', message: /^received unexpected HTTP status: 500 Internal Server Error$/ },
        5,
      ],
      [
        '503 as a page',
        { status: 503, body: '<html>' },
        { kind: 'unavailable', message: /503 Service Unavailable/ },
        5,
      ],
      [
        '418',
        { status: 418, body: 'a teapot' },
        { kind: 'invalid', message: /error parsing HTTP 418 response body: "a teapot"/ },
        1,
      ],
    ];
  for (const [name, fault, expected, tries] of refusals) {
    test(`a registry that answers ${name}`, async () => {
      await using engine = await openTestImages();
      proxy.fault = ({ path }) => (path.includes('/manifests/') ? fault : undefined);
      await assert.rejects(pull(engine), expected);
      assert.equal(proxy.passed.filter(({ path }) => path.includes('/manifests/')).length, tries);
    });
  }

  test('a registry that is busy for a moment is waited for', async () => {
    await using engine = await openTestImages();
    proxy.fault = (_, earlier) => (earlier < 2 ? { status: earlier === 0 ? 503 : 429 } : undefined);
    await pull(engine);
    assert.equal(engine.images.count(), 1);
  });
});
