import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { shortId } from '#base/id.ts';
import { mediaTypes } from '#oci/media-types.ts';
import type { CuttingProxy } from '../fixtures/cutting-proxy.ts';
import { startProxy } from '../fixtures/cutting-proxy.ts';
import { madeImage, noise, tarOf } from '../fixtures/images.ts';
import { linesOf, openTestImages, type TestImages } from '../fixtures/open-images.ts';
import { publish, skipWithoutRegistry, startRegistry, type TestRegistry } from '../fixtures/registry.ts';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Bytes of blobs that went up. */
const sentBytes = ({ passed }: CuttingProxy): number =>
  passed
    .filter(({ path }) => path.includes('/blobs/uploads/'))
    .reduce((sum, { received }) => sum + received, 0);

const imported = async ({ images }: TestImages, name: string, files: Record<string, Uint8Array | string>) =>
  linesOf(images.import({ tar: once(tarOf(files)), name }));

suite('push to docker-registry', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  let proxy: CuttingProxy;
  before(async () => {
    registry = await startRegistry();
    proxy = await startProxy(registry.host);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  test('an image goes up and comes back the same; again, nothing goes', async () => {
    await using engine = await openTestImages();
    const name = `${proxy.host}/made:one`;
    await imported(engine, name, { a: noise(300_000) });
    const image = engine.images.get(name);
    const [layer] = image.layers;
    const lines = await linesOf(engine.images.push({ name }));
    assert.equal(lines[0], `The push refers to repository [${proxy.host}/made]`);
    for (const status of ['Preparing', 'Pushing', 'Pushed'])
      assert.ok(lines.includes(`${shortId(layer!)}: ${status}`), status);
    assert.match(lines.at(-2) ?? '', /^one: digest: sha256:[0-9a-f]{64} size: \d+$/);

    proxy.forget();
    const again = await linesOf(engine.images.push({ name }));
    assert.ok(again.includes(`${shortId(layer!)}: Layer already exists`));
    assert.equal(sentBytes(proxy), 0);

    await using other = await openTestImages();
    await linesOf(other.images.pull({ name }));
    assert.equal(other.images.get(name).id, image.id);
    assert.deepEqual(other.images.inspect(name).RepoDigests, engine.images.inspect(name).RepoDigests);
  });

  test('after a one-line change only the changed blobs go over the wire', async () => {
    await using engine = await openTestImages();
    const { images } = engine;
    const name = `${proxy.host}/change`;
    await imported(engine, 'base', { big: noise(5_000_000, 2) });
    const base = images.get('base');
    const commit = (text: string) =>
      images.commit({ parent: base.id, tar: once(tarOf({ 'app.txt': text })), config: {}, name });
    await commit('hello\n');
    await linesOf(images.push({ name }));
    assert.ok(sentBytes(proxy) > 5_000_000);
    await commit('hello, world\n');
    proxy.forget();
    const lines = await linesOf(images.push({ name }));
    assert.ok(lines.includes(`${shortId(base.layers[0]!)}: Layer already exists`));
    assert.ok(sentBytes(proxy) < 2000, `${sentBytes(proxy)} bytes`);
    assert.equal(proxy.passed.filter(({ method }) => method === 'PUT').length, 3, 'layer, config, manifest');
  });

  test('a layer of another repository is mounted, and a pulled image keeps its manifest', async () => {
    const image = madeImage({ layers: [{ big: noise(400_000, 3) }] });
    await publish(`http://${registry.host}`, 'origin', 'latest', image);
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${proxy.host}/origin` }));
    engine.images.tag(`${proxy.host}/origin`, `${proxy.host}/copy:v1`);
    proxy.forget();
    const lines = await linesOf(engine.images.push({ name: `${proxy.host}/copy`, tag: 'v1' }));
    assert.ok(lines.includes(`${shortId(image.layers[0]!.diffId)}: Mounted from origin`), lines.join('\n'));
    assert.ok(lines.includes(`v1: digest: ${image.digest} size: ${image.manifest.length}`));
    assert.equal(sentBytes(proxy), image.config.length);
  });

  test('a zstd layer that is mounted goes under an OCI manifest', async () => {
    const image = madeImage({ layers: [{ z: noise(100_000, 4) }], form: 'zstd' });
    await publish(`http://${registry.host}`, 'zorigin', 'latest', image);
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${proxy.host}/zorigin` }));
    const base = engine.images.get(`${proxy.host}/zorigin`);
    const name = `${proxy.host}/zcopy`;
    await engine.images.commit({ parent: base.id, tar: once(tarOf({ x: 'y' })), config: {}, name });
    await linesOf(engine.images.push({ name }));
    const answer = await fetch(`http://${registry.host}/v2/zcopy/manifests/latest`, {
      headers: { accept: mediaTypes.ociManifest },
    });
    const manifest = (await answer.json()) as { layers: { mediaType: string }[] };
    assert.deepEqual(
      manifest.layers.map(({ mediaType }) => mediaType),
      [mediaTypes.ociLayerZstd, mediaTypes.ociLayerGzip],
    );
  });

  test('an upload that is cut goes on where the registry has it', async () => {
    await using engine = await openTestImages();
    const name = `${proxy.host}/cut`;
    await imported(engine, name, { big: noise(20_000_000, 5) });
    proxy.forget();
    let cuts = 1;
    proxy.fault = ({ method }) =>
      method === 'PATCH' && cuts-- > 0 ? { cutRequestAfter: 3_000_000 } : undefined;
    await linesOf(engine.images.push({ name }));
    proxy.fault = () => undefined;
    assert.ok(
      proxy.passed.some(({ method, path }) => method === 'GET' && path.includes('/uploads/')),
      'asked how far it got',
    );
    await using other = await openTestImages();
    await linesOf(other.images.pull({ name }));
    assert.equal(other.images.get(name).id, engine.images.get(name).id);
  });

  test('every tag of a repository', async () => {
    await using engine = await openTestImages();
    await imported(engine, `${proxy.host}/all:one`, { a: '1' });
    await imported(engine, `${proxy.host}/all:two`, { a: '2' });
    const lines = await linesOf(engine.images.push({ name: `${proxy.host}/all` }));
    assert.deepEqual(
      lines.filter((line) => line.includes(' digest: ')).map((line) => line.slice(0, 3)),
      ['one', 'two'],
    );
  });

  test('what cannot be pushed is told in the words of Docker', async () => {
    await using engine = await openTestImages();
    await assert.rejects(linesOf(engine.images.push({ name: `${proxy.host}/none:x` })), {
      message: `An image does not exist locally with the tag: ${proxy.host}/none`,
    });
    await imported(engine, `${proxy.host}/some:x`, { a: '1' });
    await assert.rejects(linesOf(engine.images.push({ name: `${proxy.host}/some:y` })), {
      message: `tag does not exist: ${proxy.host}/some:y`,
    });
    proxy.fault = ({ method }) => (method === 'POST' ? { status: 403 } : undefined);
    await assert.rejects(linesOf(engine.images.push({ name: `${proxy.host}/some:x` })), {
      kind: 'forbidden',
      message: 'denied: requested access to the resource is denied',
    });
    proxy.fault = () => undefined;
  });
});
